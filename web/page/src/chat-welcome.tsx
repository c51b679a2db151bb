// Before the first question: what to do, step by step, as far as one has come.

import { type ChatScope, isSettled } from "@viva/client";
import { useDocuments } from "@viva/react";
import type { Site } from "./app.tsx";
import { FilePicker } from "./file-picker.tsx";
import { hrefOf } from "./route.ts";
import { scopeText } from "./scope.tsx";

const SHOWN_MAX = 6;

export function ChatWelcome({
  site,
  scope,
  onScope,
}: {
  site: Site;
  scope: ChatScope;
  onScope: (scope: ChatScope) => void;
}) {
  const { documents, uploads, upload, isLoading } = useDocuments(site.shelf);
  if (isLoading) return <p className="waiting">Loading …</p>;
  const ready = documents.filter(({ state, purpose }) => state === "ready" && purpose === undefined);
  const coming = documents.some(({ state }) => !isSettled(state)) || uploads.length > 0;
  if (ready.length > 0) {
    const isChosen = (id: string) => scope.documents?.includes(id) ?? false;
    return (
      <div className="welcome">
        <p className="lead-in">
          Ask in your own words. Answers come from your files alone, and every mark opens the place that says it.
        </p>
        <p>Looking in: {scopeText(scope, documents)}</p>
        <ul className="chips" aria-label="Files to ask about">
          {ready.slice(0, SHOWN_MAX).map(({ document, name }) => (
            <li key={document}>
              <button
                type="button"
                aria-pressed={isChosen(document)}
                onClick={() => onScope(isChosen(document) ? {} : { documents: [document] })}
              >
                {name}
              </button>
            </li>
          ))}
        </ul>
      </div>
    );
  }
  return (
    <div className="welcome">
      <p className="lead-in">Answers with sources, from your own course files.</p>
      <ol className="steps">
        <li data-state={coming ? "done" : "now"}>
          <strong>Upload a file</strong>
          <span>PDF, Word, PowerPoint, Excel, EPUB, web pages, Markdown or text.</span>
          {!coming && <FilePicker name="Upload a file" onFiles={upload} />}
        </li>
        <li data-state={coming ? "now" : "later"}>
          <strong>Wait until it is ready</strong>
          <span>
            {coming ? (
              <>
                It is being read. <a href={hrefOf({ screen: "files" })}>See how far it is</a>
              </>
            ) : (
              "It is read once; that takes seconds."
            )}
          </span>
        </li>
        <li data-state="later">
          <strong>Ask</strong>
          <span>Each answer shows its sources, down to the page.</span>
        </li>
      </ol>
    </div>
  );
}
