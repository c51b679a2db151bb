// How far the making of questions has come, what could not be made, and the way to more. What was rejected is shown with its
// reasons, and can be mended and taken in.

import { type MakingView, newSessionId, type QuizView } from "@viva/client";
import { type UseQuiz, useDocuments } from "@viva/react";
import { type FormEvent, useState } from "react";
import type { Site } from "./app.tsx";
import { useCourses } from "./courses.ts";
import { Findings } from "./findings.tsx";
import { draftOf } from "./item-draft.ts";
import { ItemForm } from "./item-form.tsx";
import { ItemKey } from "./item-key.tsx";
import { FIRST_WANTED, MakeFields, makeOf, totalOf } from "./make-form.tsx";
import { Notice } from "./parts.tsx";
import { counted, countsSaid, kindName } from "./quiz-words.ts";

export function MakingPanel({ site, held, quiz }: { site: Site; held: UseQuiz; quiz: QuizView }) {
  const { making } = quiz;
  const missing = making ? countsSaid(making.missing) : "";
  const isAtWork = making?.state === "queued" || making?.state === "running";
  return (
    <>
      {making && isAtWork && <AtWork held={held} making={making} />}
      {making?.state === "failed" && (
        <Notice
          kind="bad"
          title="The questions could not be made."
          advice={
            making.failure ? `${sentence(making.failure.reason)} Try other files or another topic.` : "Try again."
          }
        />
      )}
      {making?.state === "cancelled" && (
        <Notice
          kind="calm"
          title="Stopped."
          advice={`${counted(making.made, "question")} were ready and are below.${missing === "" ? "" : ` Not made: ${missing}.`}`}
        />
      )}
      {making && !isAtWork && making.state !== "cancelled" && missing !== "" && (
        <Notice
          kind="warn"
          title={`Could not be made: ${missing}.`}
          advice={`${making.failure ? `${sentence(making.failure.reason)} ` : ""}Add files, ask for other kinds, or write them yourself.`}
        />
      )}
      {making && making.rejected.length > 0 && <RejectedItems held={held} quiz={quiz} making={making} />}
      {!isAtWork && <MakeMore site={site} held={held} quiz={quiz} />}
      <p className="visually-hidden" role="status">
        {isAtWork ? "Questions are being made." : making?.state === "done" ? doneSaid(missing) : ""}
      </p>
    </>
  );
}

function AtWork({ held, making }: { held: UseQuiz; making: MakingView }) {
  const made = Math.max(making.made, held.progress?.made ?? 0);
  const rejected = Math.max(making.rejected.length, held.progress?.rejected ?? 0);
  return (
    <section className="at-work card" aria-label="Being made">
      <p>
        <strong>
          {making.state === "queued" && made === 0
            ? "Waiting to begin …"
            : `${made} of ${counted(making.total, "question")} made`}
        </strong>
        {rejected > 0 && <span className="soft"> · {rejected} did not hold and are replaced</span>}
      </p>
      <progress max={making.total} value={made} aria-label="Questions made" />
      <p className="hint">You can leave this page; it goes on.</p>
      <button type="button" disabled={held.isBusy} onClick={() => void held.cancel()}>
        Stop and keep what is made
      </button>
    </section>
  );
}

function RejectedItems({ held, quiz, making }: { held: UseQuiz; quiz: QuizView; making: MakingView }) {
  const [mending, setMending] = useState<string>();
  // What was mended and taken in stands among the questions now.
  const [taken, setTaken] = useState<string[]>([]);
  const left = making.rejected.filter(({ item }) => !taken.includes(item.id));
  if (left.length === 0) return null;
  return (
    <details className="rejected-items">
      <summary>{counted(left.length, "question")} rejected, with the reasons</summary>
      <ul>
        {left.map(({ item, findings }) => (
          <li key={item.id} className="card">
            <p className="stem">{item.stem}</p>
            <p className="hint">{kindName(item.body.type)}</p>
            <ItemKey body={item.body} />
            <Findings findings={findings} ids={quiz.items.map(({ item }) => item.id)} />
            {mending === item.id ? (
              <ItemForm
                name="Mend this question"
                draft={draftOf(item)}
                language={quiz.language}
                isBusy={held.isBusy}
                action="Take it in"
                onCancel={() => setMending(undefined)}
                onSave={async (draft) => {
                  if (!(await held.addItem(draft))) return;
                  setTaken((before) => [...before, item.id]);
                  setMending(undefined);
                }}
              />
            ) : (
              <button type="button" onClick={() => setMending(item.id)}>
                Mend and take in<span className="visually-hidden">: {item.stem}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}

function MakeMore({ site, held, quiz }: { site: Site; held: UseQuiz; quiz: QuizView }) {
  const { documents } = useDocuments(site.shelf);
  const { courses } = useCourses(site.files);
  const [id] = useState(() => newSessionId());
  const [isOpen, setOpen] = useState(false);
  const [wanted, setWanted] = useState(() => ({
    ...FIRST_WANTED,
    documents: quiz.making?.wanted.documents ?? [],
    topic: quiz.making?.wanted.topic ?? "",
  }));
  const make = makeOf(wanted);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (make && (await held.make(make))) setOpen(false);
  };
  return (
    <details className="more" open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Have {quiz.items.length === 0 ? "questions" : "more questions"} made</summary>
      <form className="card make-more" aria-labelledby={id} onSubmit={submit}>
        <h2 id={id} className="visually-hidden">
          More questions
        </h2>
        <MakeFields
          wanted={wanted}
          documents={documents.filter(({ course }) => course === quiz.course)}
          courses={courses}
          onChange={setWanted}
        />
        <button type="submit" className="primary" disabled={!make || held.isBusy}>
          Make {counted(totalOf(wanted), "question")}
        </button>
      </form>
    </details>
  );
}

function sentence(reason: string): string {
  const said = reason.charAt(0).toUpperCase() + reason.slice(1);
  return /[.!?]$/.test(said) ? said : `${said}.`;
}

function doneSaid(missing: string): string {
  return missing === "" ? "All questions are made." : `Could not be made: ${missing}.`;
}
