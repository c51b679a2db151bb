// One question after submission: what was answered, what was right, why, and where it stands.

import type { ItemResult } from "@viva/client";
import { Fragment, type ReactNode } from "react";
import { textsOf } from "./answer-fields.tsx";
import type { Site } from "./app.tsx";
import { answerLines, outcomeName, points } from "./quiz-words.ts";
import { type ResultLine, resultLines } from "./result-lines.ts";
import { SourceLink } from "./source-link.tsx";

export function ResultItem({
  site,
  result: { item, answer, result, right = [], sample },
  number,
  children,
}: {
  site: Site;
  result: ItemResult;
  number: number;
  children?: ReactNode;
}) {
  const { outcome, max, notes, explanation, source } = result;
  const { type } = item.body;
  const textOf = textsOf(item.body);
  const lines = resultLines(item, answer, notes, textOf);
  const isSaidApart = answer !== undefined && (lines.length === 0 || type === "free_text");
  return (
    <article className="result-item card" data-outcome={outcome}>
      <header>
        <h2>Question {number}</h2>
        <p className="outcome">
          <span className={`badge ${outcome}`}>{outcomeName(outcome)}</span>
          <span>
            {result.points === undefined ? `of ${points(max)}` : `${points(result.points)} of ${points(max)}`}
            <span className="visually-hidden"> points</span>
          </span>
        </p>
      </header>
      <p className="stem" lang={item.language}>
        {item.stem}
      </p>
      {item.body.type === "cloze" && <ClozeText parts={item.body.parts} language={item.language} />}
      {isSaidApart && (
        <div className="said">
          <h3>Answer</h3>
          {answerLines(answer, textOf).map((line) => (
            <p key={line} className={type === "free_text" ? "free" : undefined}>
              {line}
            </p>
          ))}
        </div>
      )}
      {lines.length > 0 && (
        <ul className="notes">
          {lines.map((line, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines keep their places.
            <Line key={at} line={line} />
          ))}
        </ul>
      )}
      {right.length > 0 && (
        <div className="said">
          <h3>Right would have been</h3>
          {right.map((line) => (
            <p key={line}>{line}</p>
          ))}
        </div>
      )}
      {sample && (
        <div className="said">
          <h3>A good answer</h3>
          <p className="free">{sample}</p>
        </div>
      )}
      {explanation && (
        <div className="explanation">
          <h3>Why</h3>
          <p>{explanation}</p>
        </div>
      )}
      {source && <SourceLink site={site} source={source} />}
      {children}
    </article>
  );
}

function ClozeText({
  parts,
  language,
}: {
  parts: Extract<ItemResult["item"]["body"], { type: "cloze" }>["parts"];
  language: string;
}) {
  let gap = 0;
  return (
    <p className="cloze-text" lang={language}>
      {parts.map((part, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts keep their places.
        <Fragment key={at}>{"text" in part ? part.text : <mark>{++gap}</mark>}</Fragment>
      ))}
    </p>
  );
}

const SIGNS = { right: "✓", wrong: "✗", missed: "–" };
const SAID = { right: "Right", wrong: "Wrong", missed: "Left out" };

function Line({ line: { sign, part, said, right, remark } }: { line: ResultLine }) {
  return (
    <li data-sign={sign}>
      <span className="sign" aria-hidden="true">
        {SIGNS[sign]}
      </span>
      <span>
        <span className="visually-hidden">{SAID[sign]}: </span>
        {part !== undefined && `${part}${part.endsWith(".") ? "" : ":"} `}
        {said !== undefined && <strong className={sign === "wrong" ? "struck" : undefined}>{said}</strong>}
        {remark !== undefined && <> {remark}</>}
        {right !== undefined && (
          <span className="right-is">
            {said !== undefined || part !== undefined ? " – right is " : "Also right: "}
            <strong>{right}</strong>
          </span>
        )}
      </span>
    </li>
  );
}
