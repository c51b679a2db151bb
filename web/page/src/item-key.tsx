// A question's options with its key, as its teacher sees them.

import type { ClozeGapKind, ClozePart, ItemBody, NumericKey, QuizChoice, TextKey } from "@viva/client";
import { Fragment, type ReactNode } from "react";
import { percent, points } from "./quiz-words.ts";

export function ItemKey({ body }: { body: ItemBody }) {
  switch (body.type) {
    case "single_choice":
    case "multiple_choice":
      return <Options options={body.options} keys={body.keys} />;
    case "true_false":
      return <Line>{body.key ? "True" : "False"}</Line>;
    case "short_text":
      return <Line>{textKey(body.key)}</Line>;
    case "numeric":
      return (
        <Line>
          {body.keys.map(numberKey).join(", or ")} {body.unit}
        </Line>
      );
    case "ordering":
      return (
        <ol className="key-lines">
          {body.key.map((id) => (
            <li key={id}>{textOf(body.options, id)}</li>
          ))}
        </ol>
      );
    case "matching":
      return <Pairs body={body} />;
    case "cloze":
      return <ClozeKey parts={body.parts} />;
    case "free_text":
      return (
        <div className="key-lines">
          <ul>
            {body.rubric.map(({ id, text, weight }) => (
              <li key={id}>
                {text} <small>weight {points(weight)}</small>
              </li>
            ))}
          </ul>
          {body.sample && <p className="hint">A good answer: {body.sample}</p>}
        </div>
      );
  }
}

function Line({ children }: { children: ReactNode }) {
  return (
    <p className="key-line">
      <span className="sign" aria-hidden="true">
        ✓
      </span>
      <span className="visually-hidden">Right: </span>
      {children}
    </p>
  );
}

function Options({ options, keys }: { options: QuizChoice[]; keys: string[] }) {
  return (
    <ul className="key-options">
      {options.map(({ id, text }) => {
        const isKey = keys.includes(id);
        return (
          <li key={id} data-key={isKey}>
            <span className="sign" aria-hidden="true">
              {isKey ? "✓" : ""}
            </span>
            <span>
              {text}
              {isKey && <span className="visually-hidden"> (right)</span>}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function Pairs({ body }: { body: Extract<ItemBody, { type: "matching" }> }) {
  const decoys = body.targets.filter(({ id }) => !Object.values(body.key).includes(id));
  return (
    <ul className="key-lines">
      {body.prompts.map(({ id, text }) => (
        <li key={id}>
          {text} → <strong>{textOf(body.targets, body.key[id] ?? "")}</strong>
        </li>
      ))}
      {decoys.length > 0 && <li className="hint">Decoys: {decoys.map(({ text }) => text).join(", ")}</li>}
    </ul>
  );
}

function ClozeKey({ parts }: { parts: ClozePart[] }) {
  return (
    <p className="key-cloze">
      {parts.map((part, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts keep their places.
        <Fragment key={at}>{"text" in part ? part.text : <mark>{gapKey(part.gap.kind)}</mark>}</Fragment>
      ))}
    </p>
  );
}

function gapKey(kind: ClozeGapKind): string {
  switch (kind.type) {
    case "text":
      return textKey(kind.key);
    case "choice": {
      const others = kind.options.filter(({ id }) => id !== kind.key).map(({ text }) => text);
      return `${textOf(kind.options, kind.key)} (not: ${others.join(", ")})`;
    }
    case "numeric":
      return kind.keys.map(numberKey).join(", or ");
  }
}

function textKey({ accepted }: TextKey): string {
  return accepted.map(({ text, share }) => (share < 1 ? `${text} (${percent(share)})` : text)).join(", or ");
}

function numberKey({ value, tolerance, share }: NumericKey): string {
  const within =
    "relative" in tolerance
      ? ` ± ${percent(tolerance.relative)}`
      : tolerance.absolute > 0
        ? ` ± ${tolerance.absolute}`
        : "";
  return `${value}${within}${share < 1 ? ` (${percent(share)})` : ""}`;
}

function textOf(choices: QuizChoice[], id: string): string {
  return choices.find((choice) => choice.id === id)?.text ?? "–";
}
