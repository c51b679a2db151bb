// The fields in which a question is answered, one kind beside the other; all of them work with the keyboard alone.

import type { PublicBody, PublicItem, PublicPart, QuizAnswer, QuizChoice } from "@viva/client";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { Icon } from "./icons.tsx";
import { moved } from "./item-draft.ts";

interface FieldProps<Kind extends PublicBody["type"]> {
  item: PublicItem;
  body: Extract<PublicBody, { type: Kind }>;
  answer: QuizAnswer | undefined;
  onAnswer: (answer: QuizAnswer | undefined) => void;
}

/** `labelledBy`: the element with the question's words. */
export function AnswerFields({
  item,
  answer,
  labelledBy,
  onAnswer,
}: {
  item: PublicItem;
  answer: QuizAnswer | undefined;
  labelledBy: string;
  onAnswer: (answer: QuizAnswer | undefined) => void;
}) {
  const { body } = item;
  const given = { item, answer, onAnswer };
  switch (body.type) {
    case "single_choice":
      return <SingleChoice {...given} body={body} labelledBy={labelledBy} />;
    case "multiple_choice":
      return <MultipleChoice {...given} body={body} labelledBy={labelledBy} />;
    case "true_false":
      return <TrueFalse {...given} body={body} labelledBy={labelledBy} />;
    case "short_text":
    case "numeric":
      return <Typed {...given} unit={body.type === "numeric" ? body.unit : undefined} labelledBy={labelledBy} />;
    case "free_text":
      return <FreeText {...given} body={body} labelledBy={labelledBy} />;
    case "ordering":
      return <Ordering {...given} body={body} labelledBy={labelledBy} />;
    case "matching":
      return <Matching {...given} body={body} labelledBy={labelledBy} />;
    case "cloze":
      return <Cloze {...given} body={body} labelledBy={labelledBy} />;
  }
}

function SingleChoice({
  item,
  body,
  answer,
  labelledBy,
  onAnswer,
}: FieldProps<"single_choice"> & { labelledBy: string }) {
  const chosen = answer?.type === "choice" ? answer.value : undefined;
  return (
    <div className="answer-choices" role="radiogroup" aria-labelledby={labelledBy}>
      {body.options.map(({ id, text }) => (
        <label key={id} className="choice">
          <input
            type="radio"
            name={item.id}
            checked={chosen === id}
            onChange={() => onAnswer({ type: "choice", value: id })}
          />
          <span className="option-words">{text}</span>
        </label>
      ))}
      <ClearChoice isShown={chosen !== undefined} onClear={() => onAnswer(undefined)} />
    </div>
  );
}

function TrueFalse({ item, answer, labelledBy, onAnswer }: FieldProps<"true_false"> & { labelledBy: string }) {
  const chosen = answer?.type === "true_false" ? answer.value : undefined;
  return (
    <div className="answer-choices" role="radiogroup" aria-labelledby={labelledBy}>
      {[true, false].map((value) => (
        <label key={String(value)} className="choice">
          <input
            type="radio"
            name={item.id}
            checked={chosen === value}
            onChange={() => onAnswer({ type: "true_false", value })}
          />
          <span className="option-words">{value ? "True" : "False"}</span>
        </label>
      ))}
      <ClearChoice isShown={chosen !== undefined} onClear={() => onAnswer(undefined)} />
    </div>
  );
}

/** It keeps its place while there is nothing to clear, so that nothing jumps. */
function ClearChoice({ isShown, onClear }: { isShown: boolean; onClear: () => void }) {
  return (
    <button type="button" className="quiet small clear" disabled={!isShown} onClick={onClear}>
      Clear my choice
    </button>
  );
}

function MultipleChoice({
  body,
  answer,
  labelledBy,
  onAnswer,
}: FieldProps<"multiple_choice"> & { labelledBy: string }) {
  const chosen = answer?.type === "choices" ? answer.value : [];
  const toggle = (id: string, isOn: boolean) => {
    const value = isOn ? [...chosen, id] : chosen.filter((other) => other !== id);
    onAnswer(value.length === 0 ? undefined : { type: "choices", value: value.sort() });
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: its name stands outside of it.
    <div className="answer-choices" role="group" aria-labelledby={labelledBy}>
      {body.options.map(({ id, text }) => (
        <label key={id} className="choice">
          <input type="checkbox" checked={chosen.includes(id)} onChange={({ target }) => toggle(id, target.checked)} />
          <span className="option-words">{text}</span>
        </label>
      ))}
      <p className="hint">Any number may be right.</p>
    </div>
  );
}

function Typed({
  answer,
  unit,
  labelledBy,
  item,
  onAnswer,
}: Omit<FieldProps<"numeric">, "body"> & { unit?: string | null | undefined; labelledBy: string }) {
  const value = answer?.type === "text" ? answer.value : "";
  const isNumber = item.body.type === "numeric";
  return (
    <div className="typed-answer">
      <input
        aria-labelledby={labelledBy}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        maxLength={isNumber ? 100 : TYPED_CHARS_MAX}
        {...(isNumber && { inputMode: "decimal", className: "number" })}
        value={value}
        onChange={({ target }) => onAnswer({ type: "text", value: target.value })}
      />
      {unit && <span className="unit">{unit}</span>}
    </div>
  );
}

function FreeText({ body, item, answer, labelledBy, onAnswer }: FieldProps<"free_text"> & { labelledBy: string }) {
  const value = answer?.type === "text" ? answer.value : "";
  const criteria = `criteria-${item.id}`;
  return (
    <div className="free-answer">
      <textarea
        rows={8}
        aria-labelledby={labelledBy}
        {...(body.criteria.length > 0 && { "aria-describedby": criteria })}
        maxLength={FREE_TEXT_CHARS_MAX}
        value={value}
        onChange={({ target }) => onAnswer({ type: "text", value: target.value })}
      />
      {body.criteria.length > 0 && (
        <div id={criteria} className="criteria hint">
          <p>Your teacher looks at:</p>
          <ul>
            {body.criteria.map((criterion) => (
              <li key={criterion}>{criterion}</li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

function Ordering({ body, answer, labelledBy, onAnswer }: FieldProps<"ordering"> & { labelledBy: string }) {
  const order = answer?.type === "order" ? answer.value : body.options.map(({ id }) => id);
  const isAnswered = answer?.type === "order";
  const list = useRef<HTMLOListElement>(null);
  const [toFocus, setToFocus] = useState<{ id: string; by: number }>();
  const [said, setSaid] = useState("");
  const textOf = textIn(body.options);
  // After a move the focus stays on the line, and on the button that moved it, where there still is one.
  useEffect(() => {
    if (!toFocus) return;
    const line = list.current?.querySelector(`[data-line="${CSS.escape(toFocus.id)}"]`);
    const buttons = [...(line?.querySelectorAll<HTMLButtonElement>("button:not(:disabled)") ?? [])];
    const wanted = buttons.find((button) => button.dataset.by === String(toFocus.by)) ?? buttons[0];
    wanted?.focus();
  }, [toFocus]);
  const move = (at: number, by: number) => {
    const id = order[at];
    const changed = moved(order, at, by);
    if (id === undefined || changed === order) return;
    onAnswer({ type: "order", value: changed });
    setToFocus({ id, by });
    setSaid(`${textOf(id)}: now ${at + by + 1} of ${order.length}.`);
  };
  const press = (event: KeyboardEvent, at: number) => {
    const by = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    if (by === 0) return;
    event.preventDefault();
    move(at, by);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: its name stands outside of it.
    <div className="ordering" role="group" aria-labelledby={labelledBy}>
      <p className="hint">Put the lines in order with the buttons, or with the arrow keys on one of them.</p>
      <ol ref={list}>
        {order.map((id, at) => (
          <li key={id} data-line={id}>
            <span className="place" aria-hidden="true">
              {at + 1}
            </span>
            <span className="option-words">{textOf(id)}</span>
            <span className="moves">
              {MOVES.map(({ by, icon, name }) => (
                <button
                  key={by}
                  type="button"
                  className="quiet icon-button"
                  data-by={by}
                  disabled={at + by < 0 || at + by >= order.length}
                  onClick={() => move(at, by)}
                  onKeyDown={(event) => press(event, at)}
                >
                  <Icon name={icon} />
                  <span className="visually-hidden">
                    {name}: {textOf(id)}, {at + 1} of {order.length}
                  </span>
                </button>
              ))}
            </span>
          </li>
        ))}
      </ol>
      <button
        type="button"
        className="small"
        disabled={isAnswered}
        onClick={() => onAnswer({ type: "order", value: order })}
      >
        {isAnswered ? "This is my order" : "The order is right as it stands"}
      </button>
      <span className="visually-hidden" aria-live="polite">
        {said}
      </span>
    </div>
  );
}

const MOVES = [
  { by: -1, icon: "raise", name: "Move up" },
  { by: 1, icon: "lower", name: "Move down" },
] as const;

function Matching({ body, answer, labelledBy, onAnswer }: FieldProps<"matching"> & { labelledBy: string }) {
  const pairs = answer?.type === "pairs" ? answer.value : {};
  const choose = (prompt: string, target: string) => {
    const { [prompt]: _, ...rest } = pairs;
    onAnswer({ type: "pairs", value: target === "" ? rest : { ...rest, [prompt]: target } });
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: its name stands outside of it.
    <div className="matching" role="group" aria-labelledby={labelledBy}>
      {body.prompts.map(({ id, text }) => (
        <label key={id}>
          <span className="option-words">{text}</span>
          <select value={pairs[id] ?? ""} onChange={({ target }) => choose(id, target.value)}>
            <option value="">Choose …</option>
            {body.targets.map((target) => (
              <option key={target.id} value={target.id}>
                {target.text}
              </option>
            ))}
          </select>
        </label>
      ))}
    </div>
  );
}

function Cloze({ body, answer, labelledBy, onAnswer }: FieldProps<"cloze"> & { labelledBy: string }) {
  const gaps = answer?.type === "gaps" ? answer.value : {};
  const fill = (gap: string, text: string) => {
    const { [gap]: _, ...rest } = gaps;
    onAnswer({ type: "gaps", value: text === "" ? rest : { ...rest, [gap]: text } });
  };
  const numbers = gapNumbers(body.parts);
  return (
    // biome-ignore lint/a11y/useSemanticElements: its name stands outside of it.
    <div className="cloze" role="group" aria-labelledby={labelledBy}>
      {body.parts.map((part) =>
        "text" in part ? (
          part.text
        ) : (
          <GapField
            key={part.gap.id}
            gap={part.gap}
            name={`Gap ${numbers.get(part.gap.id)} of ${numbers.size}`}
            value={gaps[part.gap.id] ?? ""}
            onFill={(text) => fill(part.gap.id, text)}
          />
        ),
      )}
    </div>
  );
}

function GapField({
  gap: { options },
  name,
  value,
  onFill,
}: {
  gap: { id: string; options: QuizChoice[] };
  name: string;
  value: string;
  onFill: (text: string) => void;
}) {
  if (options.length === 0) {
    return (
      <input
        className="gap"
        aria-label={name}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        size={GAP_CHARS}
        maxLength={TYPED_CHARS_MAX}
        value={value}
        onChange={({ target }) => onFill(target.value)}
      />
    );
  }
  return (
    <select className="gap" aria-label={name} value={value} onChange={({ target }) => onFill(target.value)}>
      <option value="">…</option>
      {options.map(({ id, text }) => (
        <option key={id} value={id}>
          {text}
        </option>
      ))}
    </select>
  );
}

function gapNumbers(parts: PublicPart[]): Map<string, number> {
  const ids = parts.flatMap((part) => ("gap" in part ? [part.gap.id] : []));
  return new Map(ids.map((id, at) => [id, at + 1]));
}

function textIn(choices: QuizChoice[]): (id: string) => string {
  return (id) => choices.find((choice) => choice.id === id)?.text ?? id;
}

/** The words of everything in an item that has an id. */
export function textsOf(body: PublicBody): (id: string) => string {
  switch (body.type) {
    case "single_choice":
    case "multiple_choice":
    case "ordering":
      return textIn(body.options);
    case "matching":
      return textIn([...body.prompts, ...body.targets]);
    case "cloze":
      return textIn(body.parts.flatMap((part) => ("gap" in part ? part.gap.options : [])));
    case "true_false":
    case "short_text":
    case "numeric":
    case "free_text":
      return (id) => id;
  }
}

/** As the server looks at typed answers. */
const TYPED_CHARS_MAX = 1_000;
const FREE_TEXT_CHARS_MAX = 10_000;
const GAP_CHARS = 14;
