// A quiz as its teacher sees it: its questions, how it is taken, who has taken it, and what that says about it.

import { explain, type QuizView } from "@viva/client";
import { type UseQuiz, useQuiz } from "@viva/react";
import type { Site } from "./app.tsx";
import { AttemptsPanel } from "./attempts-panel.tsx";
import { ConnectionNotice } from "./connection-notice.tsx";
import { useCourses } from "./courses.ts";
import { FiguresPanel } from "./figures-panel.tsx";
import { ItemReview } from "./item-review.tsx";
import { Notice } from "./parts.tsx";
import { QUIZ_STATE, QuizActions } from "./quiz-actions.tsx";
import { MakingPanel } from "./quiz-making.tsx";
import { QuizSettingsForm } from "./quiz-settings.tsx";
import { counted, languageSaid, stateName } from "./quiz-words.ts";
import { hrefOf, type QuizSide } from "./route.ts";

const SIDES: { view: QuizSide | undefined; name: string }[] = [
  { view: undefined, name: "Questions" },
  { view: "settings", name: "Settings" },
  { view: "attempts", name: "Attempts" },
  { view: "figures", name: "Analysis" },
];

export function QuizScreen({ site, quiz: id, view }: { site: Site; quiz: string; view: QuizSide | undefined }) {
  const held = useQuiz(site.quizzes, site.connection, id);
  const { quiz, problem } = held;
  const isMissing = quiz === undefined && problem?.code === "not_found";
  return (
    <main id="main" className="page quiz">
      <p className="way-back">
        <a href={hrefOf({ screen: "quizzes", ...(quiz && { course: quiz.course }) })}>Quizzes</a>
      </p>
      <h1 tabIndex={-1}>{quiz?.title ?? "Quiz"}</h1>
      <ConnectionNotice connection={site.connection} advice="The page reconnects by itself." />
      {isMissing ? (
        <p>
          There is no such quiz that you may change.{" "}
          <a href={hrefOf({ screen: "take", quiz: id })}>Look for it as one to take</a>
        </p>
      ) : (
        problem && problem.code !== "not_publishable" && <QuizProblem held={held} />
      )}
      {!quiz && !problem && <p className="waiting">Loading …</p>}
      {quiz && <Sides site={site} held={held} quiz={quiz} view={view} />}
    </main>
  );
}

function QuizProblem({ held: { problem, dismissProblem } }: { held: UseQuiz }) {
  if (!problem) return null;
  const { title, advice } = explain(problem);
  // What is wrong with a field is said by the server, in words for whoever filled it in.
  const said = problem.code === "invalid_field" ? `${problem.message}.` : advice;
  return <Notice kind="bad" title={title} advice={said} onDismiss={dismissProblem} />;
}

function Sides({ site, held, quiz, view }: { site: Site; held: UseQuiz; quiz: QuizView; view: QuizSide | undefined }) {
  const { user } = useCourses(site.files);
  return (
    <>
      <p className="quiz-facts">
        <span className="course">{quiz.course === user ? "My own" : quiz.course}</span>
        <span id={QUIZ_STATE} className={`state ${quiz.state}`} tabIndex={-1}>
          {stateName(quiz.state)}
        </span>
        {quiz.state === "published" && quiz.hasUnpublishedChanges && (
          <span className="state open">Students do not have the changes yet</span>
        )}
        {counted(quiz.items.length, "question")} · {languageSaid(quiz)}
      </p>
      <QuizActions site={site} held={held} quiz={quiz} />
      <nav className="sides" aria-label="Sides of this quiz">
        {SIDES.map(({ view: side, name }) => (
          <a
            key={name}
            href={hrefOf({ screen: "quiz", quiz: quiz.id, ...(side && { view: side }) })}
            aria-current={side === view ? "page" : undefined}
          >
            {name}
          </a>
        ))}
      </nav>
      {view === undefined && (
        <>
          <MakingPanel site={site} held={held} quiz={quiz} />
          <ItemReview site={site} held={held} quiz={quiz} />
        </>
      )}
      {view === "settings" && <QuizSettingsForm key={quiz.id} held={held} />}
      {view === "attempts" && <AttemptsPanel site={site} quiz={quiz} />}
      {view === "figures" && <FiguresPanel site={site} quiz={quiz} />}
    </>
  );
}
