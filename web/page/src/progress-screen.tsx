// Progress: what to do next, and how each skill stands and has come there.

import { explain, type ProgressView, type SkillProgress } from "@viva/client";
import { useProgress } from "@viva/react";
import type { Site } from "./app.tsx";
import { ShareBar, TimeLine } from "./charts.tsx";
import { useCourses } from "./courses.ts";
import { Notice } from "./parts.tsx";
import { counted, percent } from "./quiz-words.ts";
import { go, hrefOf } from "./route.ts";
import { day, dayAlone } from "./words.ts";

/** From here on a skill counts as mastered, as the server sees it. */
const MASTERED = 0.95;

export function ProgressScreen({
  site,
  course,
  user: student,
}: {
  site: Site;
  course: string | undefined;
  /** Whose, where a teacher looks. */
  user: string | undefined;
}) {
  const { courses, taught, user } = useCourses(site.files);
  const { value: view, problem, isLoading } = useProgress(site.quizzes, course, student);
  const isOwn = student === undefined;
  return (
    <main id="main" className="page progress-page">
      {!isOwn && course !== undefined && (
        <p className="way-back">
          <a href={hrefOf({ screen: "class", course })}>The class of {course}</a>
        </p>
      )}
      <h1 tabIndex={-1}>{isOwn ? "Your progress" : `Progress of ${student}`}</h1>
      {isOwn && (courses.length > 0 || taught.length > 0) && (
        <div className="row">
          <label className="field inline">
            <span>In</span>
            <select
              value={course ?? user}
              onChange={({ target }) =>
                go({ screen: "progress", ...(target.value !== user && { course: target.value }) })
              }
            >
              <option value={user}>My own quizzes</option>
              {courses.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
          {taught.map((name) => (
            <a key={name} className="button" href={hrefOf({ screen: "class", course: name })}>
              The class of {name}
            </a>
          ))}
        </div>
      )}
      {problem && <Notice kind="bad" {...explain(problem)} />}
      {isLoading && !view && <p className="waiting">Loading …</p>}
      {view && view.progress.skills.length === 0 && (
        <p className="empty">
          {isOwn
            ? "Nothing is known yet. Take a quiz, or have an interview rated, and it shows here what you know and what to repeat."
            : "Nothing is known yet of this student."}{" "}
          {isOwn && <a href={hrefOf({ screen: "quizzes", ...(course && { course }) })}>To the quizzes</a>}
        </p>
      )}
      {view && view.progress.skills.length > 0 && <Progress view={view} isOwn={isOwn} />}
    </main>
  );
}

function Progress({ view, isOwn }: { view: ProgressView; isOwn: boolean }) {
  const { due, progress, nowUnixMs, course, truncated } = view;
  const skills = [...progress.skills].sort((one, other) => one.mastery - other.mastery);
  const next = skills.filter(({ dueMs }) => dueMs > nowUnixMs).sort((one, other) => one.dueMs - other.dueMs)[0];
  return (
    <>
      <section className="due card" aria-labelledby="due">
        <h2 id="due">{isOwn ? "Do next" : "Due"}</h2>
        {due.length === 0 ? (
          <p>
            Nothing is due now.{" "}
            {next && (
              <>
                {next.skill} comes first, {dayAlone(next.dueMs)}.
              </>
            )}
          </p>
        ) : (
          <ol>
            {due.map(({ skill, recall, mastery }) => (
              <li key={skill}>
                <strong>{skill}</strong>
                <small>
                  {mastery < MASTERED ? "not mastered yet" : "mastered, but fading"}; the chance that it is remembered
                  today is {percent(recall)}
                </small>
              </li>
            ))}
          </ol>
        )}
        {isOwn && due.length > 0 && (
          <a className="button" href={hrefOf({ screen: "quizzes", course })}>
            Choose a quiz
          </a>
        )}
      </section>
      <section aria-labelledby="skills">
        <h2 id="skills">
          {counted(skills.length, "skill")}, {skills.filter(({ mastered }) => mastered).length} mastered
        </h2>
        {truncated && <p className="hint">Only the newest answers are counted: there are very many.</p>}
        <ul className="skills">
          {skills.map((skill) => (
            <li key={skill.skill}>
              <Skill skill={skill} />
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

function Skill({
  skill: { skill, mastery, mastered, observations, lastMs, dueMs, history },
}: {
  skill: SkillProgress;
}) {
  const points = history.map(([atMs, share]) => ({ atMs, share }));
  return (
    <article className="skill card">
      <h3>{skill}</h3>
      <p className="skill-state">
        <strong>{percent(mastery)}</strong> {mastered ? "mastered" : "on the way"}
        <ShareBar share={mastery} kind={mastered ? "good" : "warn"} />
      </p>
      <p className="hint">
        {counted(observations, "answer")}, the last on {dayAlone(lastMs)}; to be repeated on {dayAlone(dueMs)}
      </p>
      {points.length > 1 && (
        <figure>
          <TimeLine
            points={points}
            goal={MASTERED}
            goalName={`mastered from ${percent(MASTERED)}`}
            name={`Mastery of ${skill} over time`}
          />
          <details>
            <summary>
              As a table<span className="visually-hidden">: {skill}</span>
            </summary>
            <table>
              <thead>
                <tr>
                  <th scope="col">When</th>
                  <th scope="col">Mastery</th>
                </tr>
              </thead>
              <tbody>
                {points.map(({ atMs, share }, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: points keep their places.
                  <tr key={at}>
                    <th scope="row">{day(atMs)}</th>
                    <td>{percent(share)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </details>
        </figure>
      )}
    </article>
  );
}
