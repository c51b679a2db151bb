// Who has taken a quiz, and what waits to be marked.

import { explain, type QuizView } from "@viva/client";
import { useAttempts } from "@viva/react";
import type { Site } from "./app.tsx";
import { Notice } from "./parts.tsx";
import { counted } from "./quiz-words.ts";
import { hrefOf } from "./route.ts";
import { attemptResult } from "./take-screen.tsx";
import { day } from "./words.ts";

export function AttemptsPanel({ site, quiz }: { site: Site; quiz: QuizView }) {
  const { items: attempts, isLoading, problem, hasMore, loadMore } = useAttempts(site.quizzes, quiz.id);
  const waiting = attempts.filter(({ state }) => state === "pending").length;
  return (
    <section className="attempts-panel" aria-labelledby="attempts">
      <h2 id="attempts">Attempts</h2>
      {problem && <Notice kind="bad" {...explain(problem)} />}
      {isLoading && attempts.length === 0 && <p className="waiting">Loading …</p>}
      {!isLoading && attempts.length === 0 && !problem && (
        <p className="empty">
          {quiz.edition === undefined ? "Nobody can take it before it is published." : "Nobody has taken it yet."}
        </p>
      )}
      {waiting > 0 && <p>{counted(waiting, "attempt")} with free texts to be marked.</p>}
      {attempts.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
        <section className="table" aria-label="Attempts and points" tabIndex={0}>
          <table className="stacking">
            <thead>
              <tr>
                <th scope="col">Student</th>
                <th scope="col">Attempt</th>
                <th scope="col">Submitted</th>
                <th scope="col">Points</th>
              </tr>
            </thead>
            <tbody>
              {attempts.map((attempt) => {
                const { id, user, number, preview, state, submittedUnixMs } = attempt;
                return (
                  <tr key={id}>
                    <th scope="row">
                      {state === "open" ? (
                        user
                      ) : (
                        <a href={hrefOf({ screen: "results", attempt: id })}>
                          {user}
                          <span className="visually-hidden">, attempt {number}</span>
                        </a>
                      )}
                    </th>
                    <td data-label="Attempt">{preview ? "Tried out" : number}</td>
                    <td data-label="Submitted">{submittedUnixMs === undefined ? "–" : day(submittedUnixMs)}</td>
                    <td className="figure" data-label="Points">
                      {attemptResult(attempt)}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </section>
      )}
      {hasMore && (
        <button type="button" onClick={loadMore}>
          Show more
        </button>
      )}
    </section>
  );
}
