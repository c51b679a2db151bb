// Past interviews: find, open, go on, delete.

import { explain, Problem, type SessionSummary } from "@viva/client";
import { useSessions } from "@viva/react";
import { useDeferredValue, useRef, useState } from "react";
import type { Site } from "./app.tsx";
import { ConnectionNotice } from "./connection-notice.tsx";
import { useCourses } from "./courses.ts";
import { Confirm, Notice } from "./parts.tsx";
import { go, hrefOf } from "./route.ts";
import { day, minutes } from "./words.ts";

export function InterviewsScreen({ site, course }: { site: Site; course: string | undefined }) {
  const [query, setQuery] = useState("");
  const list = useSessions(site.connection, useDeferredValue(query.trim()), course);
  const { taught } = useCourses(site.files);
  const [leaving, setLeaving] = useState<SessionSummary>();
  const [problem, setProblem] = useState<Problem>();
  const shown = problem ?? list.problem;
  // Where there was something to find, the field stays.
  const isSearchable = useRef(false);
  isSearchable.current ||= list.sessions.length > 0 || query !== "";
  return (
    <main id="main" className="page">
      <h1 tabIndex={-1}>Past interviews</h1>
      {taught.length > 0 && (
        <label className="field inline">
          <span>Whose</span>
          <select
            value={course ?? ""}
            onChange={({ target }) => go({ screen: "interviews", ...(target.value && { course: target.value }) })}
          >
            <option value="">My own</option>
            {taught.map((name) => (
              <option key={name} value={name}>
                Everybody's in {name}
              </option>
            ))}
          </select>
        </label>
      )}
      {isSearchable.current && (
        <search>
          <label className="field">
            <span>Search</span>
            <input
              type="search"
              maxLength={200}
              placeholder="A topic or a word from it"
              value={query}
              onChange={(event) => setQuery(event.target.value)}
            />
          </label>
        </search>
      )}
      <ConnectionNotice connection={site.connection} advice="The page reconnects by itself." />
      {shown && <Notice kind="bad" {...explain(shown)} />}
      <p className="visually-hidden" role="status">
        {list.isLoading ? "Loading" : `${list.sessions.length} interviews`}
      </p>
      {!list.isLoading && list.sessions.length === 0 && !shown && (
        <p className="empty">
          {query === "" ? "None yet. " : "Nothing matches. "}
          {course === undefined && <a href="#/">Begin one</a>}
        </p>
      )}
      <ul className="sessions">
        {list.sessions.map((summary) => (
          <li key={`${summary.user} ${summary.session}`}>
            <Summary summary={summary} isTaught={course !== undefined} onDelete={() => setLeaving(summary)} />
          </li>
        ))}
      </ul>
      {list.hasMore && (
        <button type="button" onClick={list.loadMore}>
          Show more
        </button>
      )}
      {leaving && (
        <Confirm
          title={`Delete “${leaving.title}”?`}
          action="Delete for good"
          onCancel={() => setLeaving(undefined)}
          onConfirm={() => {
            setLeaving(undefined);
            list.remove(leaving.session).catch((cause) => setProblem(Problem.from(cause)));
          }}
        >
          <p>Its transcript, its report and its recording are removed. This cannot be undone.</p>
        </Confirm>
      )}
    </main>
  );
}

function Summary({
  summary,
  isTaught,
  onDelete,
}: {
  summary: SessionSummary;
  /** In a teacher's list. */
  isTaught: boolean;
  onDelete: () => void;
}) {
  const { session, state, title, createdUnixMs, questions, durationMs, user, course } = summary;
  const isOpen = state === "open";
  const report = hrefOf({ screen: "report", session, ...(isTaught && user !== undefined && { user }) });
  return (
    <article className="summary">
      <h2>
        <a href={isOpen && !isTaught ? hrefOf({ screen: "interview", session }) : report}>{title}</a>
      </h2>
      <p>
        {isTaught ? `${user} · ` : course !== undefined && `${course} · `}
        {day(createdUnixMs)} · {questions} {questions === 1 ? "question" : "questions"} · {minutes(durationMs)}
      </p>
      <p className={`state ${state}`}>
        {isOpen ? (isTaught ? "Open" : "Open: go on") : state === "abandoned" ? "Left early" : "Finished"}
      </p>
      {!isTaught && (
        <button type="button" className="quiet" onClick={onDelete}>
          Delete<span className="visually-hidden"> {title}</span>
        </button>
      )}
    </article>
  );
}
