// What answers may draw on: everything, a course, or some files.

import { type ChatScope, type DocumentSummary, limits } from "@viva/client";
import { useState } from "react";
import { Sheet } from "./parts.tsx";
import { hrefOf } from "./route.ts";

export function scopeText({ course, documents: chosen }: ChatScope, documents: DocumentSummary[]): string {
  const inCourse = course === undefined ? "" : ` of ${course}`;
  if (!chosen) return course === undefined ? "All files" : `All files${inCourse}`;
  const [first] = chosen;
  const name = documents.find(({ document }) => document === first)?.name;
  if (chosen.length === 1) return name ?? "1 file";
  return `${chosen.length} files${inCourse}`;
}

export function ScopeButton({
  scope,
  documents,
  courses,
  onScope,
}: {
  scope: ChatScope;
  documents: DocumentSummary[];
  courses: string[];
  onScope: (scope: ChatScope) => void;
}) {
  const [isOpen, setOpen] = useState(false);
  const name = scopeText(scope, documents);
  return (
    <>
      <button type="button" className="quiet scope" onClick={() => setOpen(true)}>
        <span className="visually-hidden">Answers come from: </span>
        <span className="name">{name}</span>
      </button>
      {isOpen && (
        <Sheet title="Where answers come from" className="bottom" onClose={() => setOpen(false)}>
          <ScopeForm
            scope={scope}
            documents={documents}
            courses={courses}
            onScope={onScope}
            onDone={() => setOpen(false)}
          />
        </Sheet>
      )}
    </>
  );
}

function ScopeForm({
  scope,
  documents,
  courses,
  onScope,
  onDone,
}: {
  scope: ChatScope;
  documents: DocumentSummary[];
  courses: string[];
  onScope: (scope: ChatScope) => void;
  onDone: () => void;
}) {
  const chosen = scope.documents;
  const where = chosen ? "files" : (scope.course ?? "");
  return (
    <div className="scope-form">
      <h2>Where should answers come from?</h2>
      <fieldset className="choices">
        <legend className="visually-hidden">Answers come from</legend>
        <Where name="All my files and courses" isChosen={where === ""} onChoose={() => onScope({})} />
        {courses.map((course) => (
          <Where
            key={course}
            name={`The course ${course}`}
            isChosen={where === course}
            onChoose={() => onScope({ course })}
          />
        ))}
        <Where name="Only these files" isChosen={where === "files"} onChoose={() => onScope({ documents: [] })} />
      </fieldset>
      {chosen && (
        <DocumentChoice
          documents={documents}
          courses={courses}
          chosen={chosen}
          onChoose={(ids) => onScope({ documents: ids })}
        />
      )}
      <div className="row">
        <button type="button" className="primary" onClick={onDone}>
          Done
        </button>
        {chosen?.length === 0 && <small>Choose at least one file; with none, nothing is found.</small>}
      </div>
    </div>
  );
}

function Where({ name, isChosen, onChoose }: { name: string; isChosen: boolean; onChoose: () => void }) {
  return (
    <label className="choice">
      <input type="radio" name="where" checked={isChosen} onChange={onChoose} />
      <span>
        <strong>{name}</strong>
      </span>
    </label>
  );
}

/** Files to choose from: those that are ready, and those chosen before. */
export function DocumentChoice({
  documents,
  courses,
  chosen,
  onChoose,
}: {
  documents: DocumentSummary[];
  courses: string[];
  chosen: string[];
  onChoose: (chosen: string[]) => void;
}) {
  const [query, setQuery] = useState("");
  const ready = documents.filter(
    ({ document, state, purpose }) => (state === "ready" && purpose === undefined) || chosen.includes(document),
  );
  const shown = ready.filter(({ name }) => name.toLowerCase().includes(query.trim().toLowerCase()));
  if (ready.length === 0) {
    return (
      <p className="empty">
        No file is ready yet. <a href={hrefOf({ screen: "files" })}>Upload one</a>
      </p>
    );
  }
  const toggle = (id: string, isOn: boolean) =>
    onChoose(isOn ? [...chosen, id] : chosen.filter((other) => other !== id));
  return (
    <fieldset className="document-choice">
      <legend>Files</legend>
      {ready.length > FILTER_FROM && (
        <input
          type="search"
          aria-label="Find a file"
          placeholder="Find a file"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
        />
      )}
      <ul>
        {shown.map(({ document, name, course }) => (
          <li key={document}>
            <label className="switch">
              <input
                type="checkbox"
                checked={chosen.includes(document)}
                disabled={!chosen.includes(document) && chosen.length >= limits.documentsMax}
                onChange={(event) => toggle(document, event.target.checked)}
              />
              <span>
                {name} {courses.includes(course) && <small>{course}</small>}
              </span>
            </label>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}

const FILTER_FROM = 8;
