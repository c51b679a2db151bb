// What a teacher does with a quiz as a whole: publish, try, export, archive, delete.

import { type ExportedQuiz, type ExportFormat, explain, Problem, type QuizView } from "@viva/client";
import type { UseQuiz } from "@viva/react";
import { useState } from "react";
import type { Site } from "./app.tsx";
import { Confirm, Notice } from "./parts.tsx";
import { counted } from "./quiz-words.ts";
import { go, hrefOf } from "./route.ts";

const FORMATS: { format: ExportFormat; name: string }[] = [
  { format: "moodle", name: "Moodle XML" },
  { format: "gift", name: "GIFT" },
  { format: "qti", name: "QTI 2.1" },
];

/** The id of what says whether a quiz is published. */
export const QUIZ_STATE = "quiz-state";

export function QuizActions({ site, held, quiz }: { site: Site; held: UseQuiz; quiz: QuizView }) {
  const [asking, setAsking] = useState<"archive" | "delete">();
  const isAtWork = quiz.making?.state === "queued" || quiz.making?.state === "running";
  const mayPublish = quiz.hasUnpublishedChanges || quiz.state !== "published";
  const refused = held.problem?.code === "not_publishable" ? held.problem : undefined;
  const publish = async () => {
    // The button is gone then: what has come of it is read, and the keyboard goes on from there.
    if (await held.publish()) document.getElementById(QUIZ_STATE)?.focus();
  };
  return (
    <>
      <div className="row quiz-actions">
        {mayPublish && (
          <button
            type="button"
            className="primary"
            disabled={isAtWork || held.isBusy || quiz.items.length === 0}
            onClick={() => void publish()}
          >
            {quiz.edition === undefined
              ? "Publish"
              : quiz.state === "archived"
                ? "Publish again"
                : "Publish the changes"}
          </button>
        )}
        {quiz.edition !== undefined && (
          <a className="button" href={hrefOf({ screen: "take", quiz: quiz.id })}>
            Try it
          </a>
        )}
        <Export site={site} quiz={quiz} />
        {quiz.state === "published" && (
          <button type="button" className="quiet" onClick={() => setAsking("archive")}>
            Archive
          </button>
        )}
        <button type="button" className="quiet" onClick={() => setAsking("delete")}>
          Delete
        </button>
      </div>
      {refused && <Refused held={held} quiz={quiz} detail={refused.message} />}
      {asking === "archive" && (
        <Confirm
          title={`Archive “${quiz.title}”?`}
          action="Archive"
          onCancel={() => setAsking(undefined)}
          onConfirm={() => {
            setAsking(undefined);
            void held.archive();
          }}
        >
          <p>Nobody can start it any more. Results stay, and you can publish it again.</p>
        </Confirm>
      )}
      {asking === "delete" && (
        <Confirm
          title={`Delete “${quiz.title}”?`}
          action="Delete for good"
          onCancel={() => setAsking(undefined)}
          onConfirm={async () => {
            setAsking(undefined);
            if (await held.remove()) go({ screen: "quizzes", course: quiz.course });
          }}
        >
          <p>Its questions and all attempts are removed. What students have learned stays in their progress.</p>
        </Confirm>
      )}
    </>
  );
}

/** Why it cannot be published, with the way to each question that stands against it. */
function Refused({ held, quiz, detail }: { held: UseQuiz; quiz: QuizView; detail: string }) {
  const bad = quiz.items.flatMap(({ item, findings }, at) => {
    const reasons = findings.filter(({ severity }) => severity === "reject");
    return reasons.length === 0 ? [] : [{ id: item.id, at, reasons }];
  });
  return (
    <div className="notice bad refused" role="alert">
      <div>
        <p>
          <strong>It cannot be published yet.</strong> {bad.length === 0 ? detail : "Mend or remove these questions:"}
        </p>
        <ul>
          {bad.map(({ id, at, reasons }) => (
            <li key={id}>
              <a
                href={`#item-${id}`}
                onClick={(event) => {
                  event.preventDefault();
                  const heading = document.getElementById(`item-${id}`);
                  heading?.scrollIntoView({ block: "start" });
                  heading?.focus();
                }}
              >
                Question {at + 1}
              </a>
              : {reasons.map(({ reason }) => reason).join("; ")}
            </li>
          ))}
        </ul>
      </div>
      <button type="button" className="quiet" onClick={held.dismissProblem}>
        Dismiss
      </button>
    </div>
  );
}

function Export({ site, quiz }: { site: Site; quiz: QuizView }) {
  const [problem, setProblem] = useState<Problem>();
  const [leftOut, setLeftOut] = useState<ExportedQuiz["leftOut"]>([]);
  const run = async (format: ExportFormat) => {
    setProblem(undefined);
    setLeftOut([]);
    try {
      const file = await site.quizzes.export(quiz.id, format);
      setLeftOut(file.leftOut);
      download(file);
    } catch (cause) {
      setProblem(Problem.from(cause));
    }
  };
  const placeOf = (id: string) => quiz.items.findIndex(({ item }) => item.id === id) + 1;
  return (
    <details className="export">
      <summary>Export</summary>
      <div className="row">
        {FORMATS.map(({ format, name }) => (
          <button key={format} type="button" onClick={() => void run(format)}>
            {name}
          </button>
        ))}
      </div>
      {problem && <Notice kind="bad" {...explain(problem)} onDismiss={() => setProblem(undefined)} />}
      {leftOut.length > 0 && (
        <div role="status">
          <p>{counted(leftOut.length, "question")} could not be told in this format:</p>
          <ul>
            {leftOut.map(({ item, reason }) => (
              <li key={item}>
                Question {placeOf(item)}: {reason}
              </li>
            ))}
          </ul>
        </div>
      )}
    </details>
  );
}

function download({ blob, name }: ExportedQuiz): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads it after this turn.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
