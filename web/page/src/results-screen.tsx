// What came of an attempt: points, what was right and why, with the source; for a teacher also the marking of free texts.

import { type AttemptSummary, explain, type ItemResult, type QuizCover, type ResultsView } from "@viva/client";
import { useCover, useResults } from "@viva/react";
import type { Site } from "./app.tsx";
import { useCourses } from "./courses.ts";
import { ErrorBoundary } from "./error-boundary.tsx";
import { Marking } from "./marking.tsx";
import { Notice } from "./parts.tsx";
import { counted, outcomeName, percent, points, pointsSaid } from "./quiz-words.ts";
import { ResultItem } from "./result-item.tsx";
import { hrefOf } from "./route.ts";
import { day } from "./words.ts";

export function ResultsScreen({ site, attempt: id }: { site: Site; attempt: string }) {
  const { value: results, problem, put } = useResults(site.quizzes, id);
  const isOpen = problem?.code === "attempt_open";
  return (
    <main id="main" className="page results">
      <h1 tabIndex={-1}>Results</h1>
      {isOpen && (
        <p>
          This attempt is not submitted yet. <a href={hrefOf({ screen: "attempt", attempt: id })}>Go on with it</a>
        </p>
      )}
      {problem && !isOpen && <Notice kind="bad" {...explain(problem)} />}
      {!results && !problem && <p className="waiting">Loading …</p>}
      {results && <Results site={site} results={results} onMarked={put} />}
    </main>
  );
}

function Results({
  site,
  results,
  onMarked,
}: {
  site: Site;
  results: ResultsView;
  onMarked: (results: ResultsView) => void;
}) {
  const { attempt, shown, items } = results;
  const { user } = useCourses(site.files);
  const isOwn = user === "" || attempt.user === user;
  const { value: cover } = useCover(site.quizzes, attempt.quiz);
  return (
    <>
      {cover && <p className="of-quiz">{cover.title}</p>}
      <Summary attempt={attempt} items={items} />
      <Ways cover={cover} attempt={attempt} isOwn={isOwn} />
      {shown === "points" && (
        <Notice
          kind="calm"
          title="Only the points are shown."
          advice="Whoever made this quiz decides when the rest is. Look again later, or ask your teacher."
        />
      )}
      {items && (
        <ol className="result-items">
          {items.map((result, at) => (
            <li key={result.item.id}>
              <ErrorBoundary what={`Question ${at + 1}`} of={result}>
                <ResultItem site={site} result={result} number={at + 1}>
                  {!isOwn && result.item.body.type === "free_text" && (
                    <Marking site={site} attempt={attempt} result={result} onMarked={onMarked} />
                  )}
                </ResultItem>
              </ErrorBoundary>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}

function Summary({ attempt, items }: { attempt: AttemptSummary; items: ItemResult[] | undefined }) {
  const { number, submittedUnixMs, points: reached, max, pending = 0, preview, user } = attempt;
  return (
    <section className="result-summary card" aria-label="Summary">
      {reached !== undefined && max !== undefined && (
        <p className="score">
          <strong>
            {points(reached)} of {pointsSaid(max)}
          </strong>
          {max > 0 && pending === 0 && <span>{percent(reached / max)}</span>}
        </p>
      )}
      {items && max !== undefined && max > 0 && <OutcomeBar items={items} />}
      {pending > 0 && (
        <p className="soft">
          {counted(pending, "answer")} {pending === 1 ? "waits" : "wait"} for a teacher; the points above are without{" "}
          {pending === 1 ? "it" : "them"}.
        </p>
      )}
      <p className="hint">
        {preview ? "Tried out by its teacher" : `${user}, attempt ${number}`}
        {submittedUnixMs !== undefined && ` · ${day(submittedUnixMs)}`}
      </p>
    </section>
  );
}

/** The shares of right, partly right and the rest, with their counts in words. */
function OutcomeBar({ items }: { items: ItemResult[] }) {
  const outcomes = ["right", "partial", "pending", "wrong", "unanswered"] as const;
  const count = (outcome: string) => items.filter(({ result }) => result.outcome === outcome).length;
  const parts = outcomes.map((outcome) => ({ outcome, count: count(outcome) })).filter((part) => part.count > 0);
  return (
    <div className="outcomes">
      <div className="outcome-bar" aria-hidden="true">
        {parts.map((part) => (
          <span key={part.outcome} data-outcome={part.outcome} style={{ flexGrow: part.count }} />
        ))}
      </div>
      <ul className="outcome-counts" aria-label="Questions">
        {parts.map((part) => (
          <li key={part.outcome} data-outcome={part.outcome}>
            {part.count} {outcomeName(part.outcome).toLowerCase()}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Ways({ cover, attempt, isOwn }: { cover: QuizCover | undefined; attempt: AttemptSummary; isOwn: boolean }) {
  if (isOwn) return <OwnWays cover={cover} quiz={attempt.quiz} />;
  return (
    <div className="row">
      <a className="button" href={hrefOf({ screen: "quiz", quiz: attempt.quiz, view: "attempts" })}>
        All attempts
      </a>
    </div>
  );
}

function OwnWays({ cover, quiz }: { cover: QuizCover | undefined; quiz: string }) {
  const mayTryAgain = cover && cover.state !== "archived" && cover.attemptsLeft !== 0;
  return (
    <div className="row">
      <a className="button" href={hrefOf({ screen: "take", quiz })}>
        {mayTryAgain ? "Try again" : "To the quiz"}
      </a>
      <a
        className="button"
        href={hrefOf({ screen: "progress", ...(cover?.course !== undefined && { course: cover.course }) })}
      >
        See what to do next
      </a>
    </div>
  );
}
