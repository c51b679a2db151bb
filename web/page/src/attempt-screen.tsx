// Taking a quiz: one question at a time, in any order, saved as one goes; a look over all before it is submitted.

import { type AttemptSnapshot, explain, isAnswered, isPartial, type PublicItem, type QuizAnswer } from "@viva/client";
import { type UseAttempt, useAttempt } from "@viva/react";
import { useEffect, useRef, useState } from "react";
import { AnswerFields } from "./answer-fields.tsx";
import type { Site } from "./app.tsx";
import { ErrorBoundary } from "./error-boundary.tsx";
import { Confirm, Notice } from "./parts.tsx";
import { clockWarning, counted, pointsSaid, timeLeft } from "./quiz-words.ts";
import { go, hrefOf } from "./route.ts";

/** Behind the last question: the look over all. */
const CHECK = -1;

export function AttemptScreen({ site, attempt: id }: { site: Site; attempt: string }) {
  const taking = useAttempt(site.quizzes, id);
  const { snapshot, problem } = taking;
  const isOver = snapshot?.state === "submitted";
  useEffect(() => {
    if (isOver) go({ screen: "results", attempt: id });
  }, [isOver, id]);
  if (!snapshot || isOver) {
    return (
      <main id="main" className="page taking">
        <h1 tabIndex={-1}>Quiz</h1>
        {problem ? (
          <>
            <Notice kind="bad" {...explain(problem)} />
            <p>
              <a href={hrefOf({ screen: "quizzes" })}>To the quizzes</a>
            </p>
          </>
        ) : (
          <p className="waiting">{isOver ? "Submitted. Your results are coming …" : "Loading …"}</p>
        )}
      </main>
    );
  }
  return <Taking taking={taking} snapshot={snapshot} />;
}

function Taking({ taking, snapshot }: { taking: UseAttempt; snapshot: AttemptSnapshot }) {
  const { attempt, answers, state } = snapshot;
  const { items } = attempt;
  const [at, setAt] = useState(() => firstOpen(items, answers));
  const [isSure, setSure] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const hasMoved = useRef(false);
  const item = items[at];
  const { look } = taking;
  useEffect(() => {
    look(item?.id);
    return () => look(undefined);
  }, [look, item?.id]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the focus follows the change of question.
  useEffect(() => {
    if (hasMoved.current) {
      scrollTo(0, 0);
      heading.current?.focus();
    }
  }, [at]);
  const show = (place: number) => {
    hasMoved.current = true;
    setAt(place);
    taking.save();
  };
  const open = items.filter((one) => !isAnswered(answers[one.id]));
  const submit = () => {
    setSure(false);
    taking.submit();
  };
  return (
    <main id="main" className="page taking">
      <header className="taking-head">
        <h1 tabIndex={-1}>{attempt.title}</h1>
        {attempt.preview && <p className="hint">You try it as its teacher: this counts for nothing.</p>}
        <div className="taking-state">
          <SavingState snapshot={snapshot} />
          {snapshot.secondsLeft !== undefined && <Clock seconds={snapshot.secondsLeft} />}
        </div>
      </header>
      <Places items={items} answers={answers} at={at} onShow={show} />
      {snapshot.problem && <AttemptProblem snapshot={snapshot} />}
      {item ? (
        <section className="question-card card" aria-labelledby="question">
          <h2 id="question-number" ref={heading} tabIndex={-1}>
            Question {at + 1} of {items.length}
            <small>{pointsSaid(item.points)}</small>
          </h2>
          <p id="question" className="stem" lang={item.language}>
            {item.stem}
          </p>
          <ErrorBoundary what="This question" of={item}>
            <AnswerFields
              key={item.id}
              item={item}
              answer={answers[item.id]}
              labelledBy="question"
              onAnswer={(answer) => taking.answer(item.id, answer)}
            />
          </ErrorBoundary>
          <div className="row taking-steps">
            <button type="button" disabled={at === 0} onClick={() => show(at - 1)}>
              Back
            </button>
            {at + 1 < items.length ? (
              <button type="button" className="primary" onClick={() => show(at + 1)}>
                Next
              </button>
            ) : (
              <button type="button" className="primary" onClick={() => show(CHECK)}>
                Check and submit
              </button>
            )}
          </div>
        </section>
      ) : (
        <section className="question-card card" aria-labelledby="check">
          <h2 id="check" ref={heading} tabIndex={-1}>
            Before you submit
          </h2>
          <p>
            {open.length === 0
              ? "You have answered every question."
              : `${counted(open.length, "question")} ${open.length === 1 ? "is" : "are"} not answered. An empty answer earns nothing; a guess costs nothing where one option is right.`}
          </p>
          <CheckList items={items} answers={answers} onShow={show} />
          <div className="row taking-steps">
            <button type="button" onClick={() => show(items.length - 1)}>
              Back
            </button>
            <button
              type="button"
              className="primary"
              disabled={state !== "open"}
              onClick={() => (open.length === 0 ? submit() : setSure(true))}
            >
              {state === "open" ? "Submit" : "Submitting …"}
            </button>
          </div>
        </section>
      )}
      {isSure && (
        <Confirm
          title={`Submit with ${counted(open.length, "question")} unanswered?`}
          action="Submit"
          onCancel={() => setSure(false)}
          onConfirm={submit}
        >
          <p>After that, nothing can be changed any more.</p>
        </Confirm>
      )}
    </main>
  );
}

function firstOpen(items: PublicItem[], answers: Record<string, QuizAnswer>): number {
  const at = items.findIndex(({ id }) => !isAnswered(answers[id]));
  return at < 0 ? CHECK : at;
}

function SavingState({ snapshot: { saving } }: { snapshot: AttemptSnapshot }) {
  const said = {
    saved: "All is saved",
    waiting: "Not saved yet …",
    saving: "Saving …",
    failing: "Not saved: trying again",
  }[saving];
  return (
    <p className="saving" data-saving={saving}>
      {/* Told to a screen reader only when it matters: not at every pause in typing. */}
      <span aria-hidden={saving !== "failing"}>{said}</span>
      <span className="visually-hidden" role="status">
        {saving === "failing" ? "Your answers are not saved at the server yet. They are kept here." : ""}
      </span>
    </p>
  );
}

function AttemptProblem({ snapshot: { problem, state } }: { snapshot: AttemptSnapshot }) {
  if (!problem || state === "submitting") return null;
  if (problem.retryable || problem.code === "not_reachable") {
    return (
      <Notice
        kind="warn"
        title="The server cannot be reached just now."
        advice="Go on: your answers are kept in this browser, and go out as soon as it is back."
      />
    );
  }
  return <Notice kind="bad" {...explain(problem)} />;
}

function Clock({ seconds }: { seconds: number }) {
  const before = useRef(seconds);
  const [said, setSaid] = useState("");
  useEffect(() => {
    const warning = clockWarning(before.current, seconds);
    before.current = seconds;
    if (warning) setSaid(warning);
  }, [seconds]);
  return (
    <div className="clock" data-short={seconds <= SHORT_SECONDS}>
      <span role="timer" aria-label="Time left">
        {timeLeft(seconds)}
      </span>
      <span className="visually-hidden" aria-live="polite">
        {said}
      </span>
    </div>
  );
}

const SHORT_SECONDS = 60;

function stateOf(item: PublicItem, answers: Record<string, QuizAnswer>): "open" | "partial" | "answered" {
  const answer = answers[item.id];
  if (!isAnswered(answer)) return "open";
  return isPartial(item, answer) ? "partial" : "answered";
}

const STATE_NAMES = { open: "not answered", partial: "partly answered", answered: "answered" };

function Places({
  items,
  answers,
  at,
  onShow,
}: {
  items: PublicItem[];
  answers: Record<string, QuizAnswer>;
  at: number;
  onShow: (at: number) => void;
}) {
  const done = items.filter(({ id }) => isAnswered(answers[id])).length;
  return (
    <nav className="question-places" aria-label="Questions">
      <ol>
        {items.map((item, place) => {
          const state = stateOf(item, answers);
          return (
            <li key={item.id}>
              <button
                type="button"
                data-state={state}
                {...(place === at && { "aria-current": "step" })}
                onClick={() => onShow(place)}
              >
                <span className="visually-hidden">Question </span>
                {place + 1}
                <span className="visually-hidden">, {STATE_NAMES[state]}</span>
              </button>
            </li>
          );
        })}
        <li>
          <button
            type="button"
            className="check"
            {...(at === CHECK && { "aria-current": "step" })}
            onClick={() => onShow(CHECK)}
          >
            Check
          </button>
        </li>
      </ol>
      <p className="hint">
        {done} of {items.length} answered
      </p>
    </nav>
  );
}

function CheckList({
  items,
  answers,
  onShow,
}: {
  items: PublicItem[];
  answers: Record<string, QuizAnswer>;
  onShow: (at: number) => void;
}) {
  const wanting = items.flatMap((item, at) => {
    const state = stateOf(item, answers);
    return state === "answered" ? [] : [{ item, at, state }];
  });
  if (wanting.length === 0) return null;
  return (
    <ul className="check-list">
      {wanting.map(({ item, at, state }) => (
        <li key={item.id}>
          <button type="button" onClick={() => onShow(at)}>
            <strong>
              Question {at + 1}: {STATE_NAMES[state]}
            </strong>
            <span className="stem-line">{item.stem}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
