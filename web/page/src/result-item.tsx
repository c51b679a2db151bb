// One question after submission: what was answered, what was right, why, and where it stands.

import type { ItemResult, ScoreNote } from "@viva/client";
import type { ReactNode } from "react";
import { textsOf } from "./answer-fields.tsx";
import type { Site } from "./app.tsx";
import { answerLines, outcomeName, points } from "./quiz-words.ts";
import { SourceLink } from "./source-link.tsx";

export function ResultItem({
  site,
  result: { item, answer, result, right = [] },
  number,
  children,
}: {
  site: Site;
  result: ItemResult;
  number: number;
  children?: ReactNode;
}) {
  const { outcome, max, notes, explanation, source } = result;
  const isOrdered = item.body.type === "ordering";
  const lines = answer ? answerLines(answer, textsOf(item.body)) : [];
  return (
    <article className="result-item card" data-outcome={outcome}>
      <header>
        <h2>Question {number}</h2>
        <p className="outcome">
          <span className={`badge ${outcome}`}>{outcomeName(outcome)}</span>
          <span>
            {result.points == null ? `of ${points(max)}` : `${points(result.points)} of ${points(max)}`}
            <span className="visually-hidden"> points</span>
          </span>
        </p>
      </header>
      <p className="stem" lang={item.language}>
        {item.stem}
      </p>
      {item.body.type === "cloze" && (
        <p className="cloze-text" lang={item.language}>
          {item.body.parts.map((part) => ("text" in part ? part.text : "____")).join("")}
        </p>
      )}
      {saysTheAnswer(notes)
        ? null
        : lines.length > 0 && (
            <div className="said">
              <h3>Your answer</h3>
              {isOrdered ? (
                <ol>
                  {lines.map((line) => (
                    <li key={line}>{line}</li>
                  ))}
                </ol>
              ) : (
                lines.map((line) => (
                  <p key={line} className={item.body.type === "free_text" ? "free" : undefined}>
                    {line}
                  </p>
                ))
              )}
            </div>
          )}
      {notes.length > 0 && (
        <ul className="notes">
          {notes.map((note, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: notes keep their places.
            <NoteLine key={at} note={note} isFreeText={item.body.type === "free_text"} />
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

/** Whether the notes repeat everything that was answered, so that it need not stand there twice. */
function saysTheAnswer(notes: ScoreNote[]): boolean {
  return notes.length > 0 && notes.every(({ note }) => note === "hit" || note === "wrong" || note === "missed");
}

const SIGNS = { hit: "✓", met: "✓", wrong: "✗", missed: "–", misfit: "✗" };

function NoteLine({ note, isFreeText }: { note: ScoreNote; isFreeText: boolean }) {
  return (
    <li data-note={note.note}>
      <span className="sign" aria-hidden="true">
        {SIGNS[note.note]}
      </span>
      <span>{isFreeText ? criterionText(note) : noteText(note)}</span>
    </li>
  );
}

function noteText(note: ScoreNote): ReactNode {
  switch (note.note) {
    case "hit":
      return (
        <>
          <strong>{truth(note.part)}</strong> is right.
        </>
      );
    case "met":
      return note.with_slip ? (
        <>
          Right: <strong>{note.accepted}</strong> was meant; a slip of the pen is forgiven.
        </>
      ) : (
        <>
          Right: <strong>{note.accepted}</strong>
        </>
      );
    case "wrong":
      return (
        <>
          <strong>{truth(note.part)}</strong> is wrong.
          {note.expected && (
            <>
              {" "}
              Right: <strong>{truth(note.expected)}</strong>
            </>
          )}
        </>
      );
    case "missed":
      return (
        <>
          <strong>{truth(note.part)}</strong> was left out.
          {note.expected && (
            <>
              {" "}
              Right: <strong>{truth(note.expected)}</strong>
            </>
          )}
        </>
      );
    case "misfit":
      return "This answer does not fit the question.";
  }
}

/** What a teacher gave for a criterion. */
function criterionText(note: ScoreNote): ReactNode {
  const part = "part" in note ? note.part : note.accepted;
  const reached = { hit: "reached", wrong: "partly reached", missed: "not reached", met: "reached", misfit: "" };
  return (
    <>
      <strong>{part}</strong>: {reached[note.note]}
    </>
  );
}

function truth(part: string): string {
  return part === "true" ? "True" : part === "false" ? "False" : part;
}
