// A class for its teacher: which skills it lacks, who needs help, and the way to each student.

import { type ClassView, explain } from "@viva/client";
import { type UseClass, useClassProgress } from "@viva/react";
import type { Site } from "./app.tsx";
import { ShareBar } from "./charts.tsx";
import { Notice } from "./parts.tsx";
import { counted, percent } from "./quiz-words.ts";
import { hrefOf } from "./route.ts";

export function ClassScreen({ site, course }: { site: Site; course: string }) {
  const view = useClassProgress(site.quizzes, course);
  const { whole, problem, isLoading } = view;
  return (
    <main id="main" className="page class-page">
      <p className="way-back">
        <a href={hrefOf({ screen: "progress", course })}>Progress</a>
      </p>
      <h1 tabIndex={-1}>The class of {course}</h1>
      {problem && <Notice kind="bad" {...explain(problem)} />}
      {isLoading && !whole && <p className="waiting">Loading …</p>}
      {whole?.students === 0 && <p className="empty">Nobody has answered anything yet.</p>}
      {whole && whole.students > 0 && <Class view={view} whole={whole} course={course} />}
    </main>
  );
}

function Class({
  view: { students, hasMore, loadMore },
  whole,
  course,
}: {
  view: UseClass;
  whole: ClassView;
  course: string;
}) {
  const person = (user: string) => hrefOf({ screen: "progress", course, user });
  return (
    <>
      {whole.truncated && (
        <p className="hint">
          The class is larger than what is worked out at once: not all students or skills are counted.
        </p>
      )}
      <section aria-labelledby="class-skills">
        <h2 id="class-skills">Skills, the least known first</h2>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard. */}
        <section className="table" aria-label="Skills of the class" tabIndex={0}>
          <table className="stacking">
            <thead>
              <tr>
                <th scope="col">Skill</th>
                <th scope="col">Need help</th>
                <th scope="col">Mean mastery</th>
                <th scope="col">Mastered by</th>
                <th scope="col">Due for</th>
              </tr>
            </thead>
            <tbody>
              {whole.skills.map(({ skill, meanMastery, mastered, observed, due, struggling, strugglingCount }) => (
                <tr key={skill}>
                  <th scope="row">{skill}</th>
                  <td className="names" data-label="Need help">
                    {strugglingCount === 0 && "Nobody"}
                    {struggling.map((user, at) => (
                      <span key={user}>
                        {at > 0 && ", "}
                        <a href={person(user)}>{user}</a>
                      </span>
                    ))}
                    {strugglingCount > struggling.length && ` and ${strugglingCount - struggling.length} more`}
                  </td>
                  <td data-label="Mean mastery">
                    {percent(meanMastery)}
                    <ShareBar
                      share={meanMastery}
                      kind={meanMastery >= 0.7 ? "good" : meanMastery < 0.4 ? "bad" : "warn"}
                    />
                  </td>
                  <td data-label="Mastered by">
                    {mastered} of {observed}
                  </td>
                  <td data-label="Due for">{due}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </section>
      <section aria-labelledby="students">
        <h2 id="students">{counted(whole.students, "student")}</h2>
        <ul className="students">
          {students.map(({ user, skills }) => (
            <li key={user}>
              <a href={person(user)}>{user}</a>
              <small>
                {skills.filter(({ mastered }) => mastered).length} of {counted(skills.length, "skill")} mastered
              </small>
            </li>
          ))}
        </ul>
        {hasMore && (
          <button type="button" onClick={loadMore}>
            Show more
          </button>
        )}
      </section>
    </>
  );
}
