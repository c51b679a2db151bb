// A quiz before it is taken: what it is like, how often and how long, and what came of earlier attempts.

import { type AttemptSummary, explain, Problem, type QuizCover } from "@viva/client";
import { useCover } from "@viva/react";
import { type ReactNode, useState } from "react";
import type { Site } from "./app.tsx";
import { Notice } from "./parts.tsx";
import { COUNTINGS, DEFAULT_SETTINGS, FEEDBACKS, percent, points, pointsSaid, span } from "./quiz-words.ts";
import { go, hrefOf } from "./route.ts";
import { day } from "./words.ts";

export function TakeScreen({ site, quiz: id }: { site: Site; quiz: string }) {
  const { value: cover, problem } = useCover(site.quizzes, id);
  return (
    <main id="main" className="page narrow cover">
      <p className="way-back">
        <a href={hrefOf({ screen: "quizzes" })}>Quizzes</a>
      </p>
      <h1 tabIndex={-1}>{cover?.title ?? "Quiz"}</h1>
      {problem && <Notice kind="bad" {...explain(problem)} />}
      {!cover && !problem && <p className="waiting">Loading …</p>}
      {cover && <Cover site={site} cover={cover} />}
    </main>
  );
}

function Cover({ site, cover }: { site: Site; cover: QuizCover }) {
  const { openAttempt, attemptsLeft, attempts, state } = cover;
  const settings = { ...DEFAULT_SETTINGS, ...cover.settings };
  const [isStarting, setStarting] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const start = async () => {
    setStarting(true);
    setProblem(undefined);
    try {
      const { id } = await site.quizzes.start(cover.id);
      go({ screen: "attempt", attempt: id });
    } catch (cause) {
      setProblem(Problem.from(cause));
      setStarting(false);
    }
  };
  const feedback = FEEDBACKS[settings.feedback];
  const mayStart = openAttempt !== undefined || (attemptsLeft !== 0 && state !== "archived");
  return (
    <>
      {cover.description && <p className="description">{cover.description}</p>}
      <dl className="cover-facts card">
        <Fact name="Questions">
          {cover.items}, {pointsSaid(cover.points)} in all
        </Fact>
        <Fact name="Time">
          {settings.timeLimitMs === undefined
            ? "No limit. You can stop and go on later."
            : `${span(settings.timeLimitMs)} from the start, also while you are away.`}
        </Fact>
        <Fact name="Attempts">
          {settings.attemptsMax === undefined ? "As many as you like" : `${settings.attemptsMax} at most`}
          {settings.attemptsMax !== 1 && `; ${COUNTINGS[settings.counting].toLowerCase()} counts`}
          {attemptsLeft !== undefined && settings.attemptsMax !== undefined && ` (${attemptsLeft} left)`}
        </Fact>
        <Fact name="You will see">
          {feedback.name} <small>{feedback.meaning}</small>
        </Fact>
      </dl>
      {problem && <Notice kind="bad" {...explain(problem)} />}
      {mayStart ? (
        <button type="button" className="primary big" disabled={isStarting} onClick={() => void start()}>
          {isStarting
            ? "Opening …"
            : openAttempt !== undefined
              ? "Go on with your attempt"
              : attempts.length > 0
                ? "Try again"
                : "Start the quiz"}
        </button>
      ) : (
        <Notice
          kind="calm"
          title={state === "archived" ? "This quiz is closed." : "You have no attempt left."}
          advice={attempts.length > 0 ? "You can look at your results below." : "Ask your teacher if you need one."}
        />
      )}
      {attempts.length > 0 && <History attempts={attempts} />}
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function History({ attempts }: { attempts: AttemptSummary[] }) {
  return (
    <section aria-labelledby="history">
      <h2 id="history">Your attempts</h2>
      <ul className="attempt-history">
        {attempts.map((attempt) => {
          const { id, number, state, startedUnixMs, submittedUnixMs } = attempt;
          const isOpen = state === "open";
          return (
            <li key={id}>
              <a href={hrefOf(isOpen ? { screen: "attempt", attempt: id } : { screen: "results", attempt: id })}>
                Attempt {number}
              </a>
              <span>{day(submittedUnixMs ?? startedUnixMs)}</span>
              <strong>{attemptResult(attempt)}</strong>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

export function attemptResult({ state, points: reached, max, pending }: AttemptSummary): string {
  if (state === "open") return "Open";
  const soFar = reached === undefined || max === undefined ? "" : `${points(reached)} of ${points(max)}`;
  if (state === "pending") return `${soFar === "" ? "" : `${soFar} so far; `}${pending ?? ""} to be marked`;
  return max ? `${soFar} (${percent((reached ?? 0) / max)})` : soFar || "Marked";
}
