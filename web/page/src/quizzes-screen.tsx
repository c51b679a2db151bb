// Quizzes: those to take, and for whoever makes some, those in the making.

import { explain, type QuizSummary } from "@viva/client";
import { useQuizzes } from "@viva/react";
import { useState } from "react";
import type { Site } from "./app.tsx";
import { ConnectionNotice } from "./connection-notice.tsx";
import { type Courses, useCourses } from "./courses.ts";
import { Notice, Sheet } from "./parts.tsx";
import { QuizImport } from "./quiz-import.tsx";
import { counted, stateName } from "./quiz-words.ts";
import { go, hrefOf } from "./route.ts";
import { day } from "./words.ts";

export function QuizzesScreen({ site, course }: { site: Site; course: string | undefined }) {
  const list = useQuizzes(site.quizzes, site.connection, course);
  const known = useCourses(site.files);
  const [isImporting, setImporting] = useState(false);
  const { courses, user } = known;
  const named = course === undefined ? {} : { course };
  return (
    <main id="main" className="page quizzes">
      <h1 tabIndex={-1}>Quizzes</h1>
      <div className="row">
        <a className="button primary" href={hrefOf({ screen: "new-quiz", ...named })}>
          Make a quiz
        </a>
        <button type="button" onClick={() => setImporting(true)}>
          Import a file
        </button>
        {courses.length > 0 && (
          <label className="field inline which">
            <span className="visually-hidden">Quizzes of</span>
            <select
              value={course ?? ""}
              onChange={({ target }) => go({ screen: "quizzes", ...(target.value && { course: target.value }) })}
            >
              <option value="">All quizzes</option>
              <option value={user}>My own</option>
              {courses.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        )}
      </div>
      <ConnectionNotice connection={site.connection} advice="The page reconnects by itself." />
      {list.problem && <Notice kind="bad" {...explain(list.problem)} />}
      {list.isLoading && list.quizzes.length === 0 && <p className="waiting">Loading …</p>}
      {!list.isLoading && list.quizzes.length === 0 && !list.problem && (
        <p className="empty">
          No quizzes yet. <a href={hrefOf({ screen: "new-quiz", ...named })}>Make one</a> from your files or a topic, to
          see what you know.
        </p>
      )}
      {list.quizzes.length > 0 && (
        <ul className="quiz-list" aria-label="Quizzes">
          {list.quizzes.map((quiz) => (
            <li key={quiz.id}>
              <QuizRow quiz={quiz} known={known} />
            </li>
          ))}
        </ul>
      )}
      {list.hasMore && (
        <button type="button" onClick={list.loadMore}>
          Show more
        </button>
      )}
      {isImporting && (
        <Sheet title="Import a file of questions" className="bottom" onClose={() => setImporting(false)}>
          <QuizImport site={site} course={course} onClose={() => setImporting(false)} />
        </Sheet>
      )}
    </main>
  );
}

function QuizRow({ quiz, known: { courses, user } }: { quiz: QuizSummary; known: Courses }) {
  const { id, title, course, state, items, mayEdit, isAtWork, isStale, edition, updatedUnixMs } = quiz;
  const where = course === user ? "My own" : course;
  const mayTake = edition !== undefined;
  return (
    <article className="quiz-row">
      <h2>
        <a href={hrefOf(mayEdit ? { screen: "quiz", quiz: id } : { screen: "take", quiz: id })}>{title}</a>
      </h2>
      <p className="facts-line">
        {(courses.length > 0 || course !== user) && <span className="course">{where}</span>}
        {counted(items, "question")} · <span className="whole">{day(updatedUnixMs)}</span>
      </p>
      <p className={`state ${state}`}>
        {isAtWork ? "Being made …" : mayEdit ? stateName(state) : state === "archived" ? "Closed" : ""}
        {isStale && <span className="stale">Its files have changed</span>}
      </p>
      {mayTake && (
        <a className="button" href={hrefOf({ screen: "take", quiz: id })}>
          {state === "archived" ? "Results" : mayEdit && course !== user ? "Try it" : "Take it"}
          <span className="visually-hidden">: {title}</span>
        </a>
      )}
    </article>
  );
}
