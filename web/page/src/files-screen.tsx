// Files: sent, watched while they are read, asked about, replaced, deleted.

import { type DocumentSummary, explain, isSettled, Problem } from "@viva/client";
import { type UseDocuments, useDocuments } from "@viva/react";
import { useEffect, useRef, useState } from "react";
import type { Site } from "./app.tsx";
import { ConnectionNotice } from "./connection-notice.tsx";
import { useCourses } from "./courses.ts";
import { DocumentRow } from "./document-row.tsx";
import { FilePicker, useFileDrop } from "./file-picker.tsx";
import { Confirm, Notice } from "./parts.tsx";
import { hrefOf } from "./route.ts";
import { UploadRow } from "./upload-row.tsx";

/** Beside courses: the files that belong to nobody else. */
const OWN = "";

export function FilesScreen({ site }: { site: Site }) {
  const shelf = useDocuments(site.shelf);
  const { courses, taught } = useCourses(site.files);
  const [course, setCourse] = useState(OWN);
  const [query, setQuery] = useState("");
  const [leaving, setLeaving] = useState<DocumentSummary>();
  const [problem, setProblem] = useState<Problem>();
  const upload = (files: File[]) => shelf.upload(files, { course: course === OWN ? undefined : course });
  const isOver = useFileDrop(upload);
  const shown = problem ?? shelf.problem;
  const { documents, uploads } = shelf;
  const found = documents.filter((document) => matches(document, query));
  return (
    <main id="main" className="page files">
      <h1 tabIndex={-1}>Files</h1>
      <section className={isOver ? "drop over" : "drop"} aria-label="Upload">
        {taught.length > 0 && (
          <label className="field inline">
            <span>For</span>
            <select value={course} onChange={(event) => setCourse(event.target.value)}>
              <option value={OWN}>Me alone</option>
              {taught.map((name) => (
                <option key={name} value={name}>
                  The course {name}
                </option>
              ))}
            </select>
          </label>
        )}
        <p className="lead-in">Drop files here, or</p>
        <FilePicker name="Choose files" onFiles={upload} />
        <p className="hint">PDF, Word, PowerPoint, Excel, EPUB, web pages, Markdown, text; up to 64 MB each.</p>
        {taught.length > 0 && <p className="hint">A file whose name ends in .guide.md guides interviews.</p>}
      </section>
      <ConnectionNotice connection={site.connection} advice="The page reconnects by itself and goes on then." />
      {shown && <Notice kind="bad" {...explain(shown)} onDismiss={() => setProblem(undefined)} />}
      {uploads.length > 0 && (
        <ul className="documents" aria-label="On their way">
          {uploads.map((uploading) => (
            <li key={uploading.id}>
              <UploadRow
                upload={uploading}
                onTryAgain={() => shelf.tryAgain(uploading.id)}
                onGiveUp={() => shelf.giveUp(uploading.id)}
              />
            </li>
          ))}
        </ul>
      )}
      {documents.length > SEARCH_FROM && (
        <search>
          <label className="field">
            <span>Search</span>
            <input type="search" maxLength={200} value={query} onChange={(event) => setQuery(event.target.value)} />
          </label>
        </search>
      )}
      {shelf.isLoading && <p className="waiting">Loading …</p>}
      {!shelf.isLoading && documents.length === 0 && uploads.length === 0 && !shown && (
        <p className="empty">
          No files yet. Upload one; when it is ready, <a href={hrefOf({ screen: "chat" })}>ask about it</a>, or be
          interviewed about it.
        </p>
      )}
      {found.length > 0 && (
        <ul className="documents" aria-label="Files">
          {found.map((document) => (
            <li key={document.document}>
              <DocumentRow
                document={document}
                courses={courses}
                mayChange={!courses.includes(document.course) || taught.includes(document.course)}
                files={site.files}
                onReplace={([file]) => file && shelf.upload([file], { replaces: document.document })}
                onDelete={() => setLeaving(document)}
              />
            </li>
          ))}
        </ul>
      )}
      {leaving && (
        <Confirm
          title={`Delete “${leaving.name}”?`}
          action="Delete for good"
          onCancel={() => setLeaving(undefined)}
          onConfirm={() => {
            setLeaving(undefined);
            shelf.remove(leaving.document).catch((cause) => setProblem(Problem.from(cause)));
          }}
        >
          <p>No answer will use it any more. Answers that quote it stay as they are. This cannot be undone.</p>
        </Confirm>
      )}
      <FilesAnnouncer shelf={shelf} />
    </main>
  );
}

/** What a screen reader is told: each file once, when it is done. */
function FilesAnnouncer({ shelf }: { shelf: UseDocuments }) {
  const [message, setMessage] = useState("");
  const unsettled = useRef(new Set<string>());
  useEffect(() => {
    const done = shelf.documents.filter(({ document, state }) => isSettled(state) && unsettled.current.has(document));
    for (const { document } of done) unsettled.current.delete(document);
    for (const { document, state } of shelf.documents) if (!isSettled(state)) unsettled.current.add(document);
    if (done.length === 0) return;
    const said = done.map(({ name, state }) => `${name} ${state === "ready" ? "is ready." : "could not be read."}`);
    setMessage(said.join(" "));
  }, [shelf.documents]);
  return (
    <div className="visually-hidden" aria-live="polite">
      {message}
    </div>
  );
}

function matches({ name, title, course }: DocumentSummary, query: string): boolean {
  const wanted = query.trim().toLowerCase();
  return [name, title ?? "", course].some((text) => text.toLowerCase().includes(wanted));
}

const SEARCH_FROM = 8;
