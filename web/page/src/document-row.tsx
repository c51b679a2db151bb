// One document: what it is, how far it has come, or why it cannot be read and what to do about that.

import { type DocumentState, type DocumentSummary, explain, type Files, isSettled, Problem } from "@viva/client";
import { useState } from "react";
import { FilePicker } from "./file-picker.tsx";
import { Notice } from "./parts.tsx";
import { hrefOf } from "./route.ts";
import { day, size } from "./words.ts";

const STEPS: Partial<Record<DocumentState, [number, string]>> = {
  uploaded: [1, "Waits to be read"],
  checking: [2, "Being checked"],
  extracting: [3, "Its text is being read"],
  chunking: [4, "Being cut into passages"],
  embedding: [5, "Being made searchable"],
};
const STEPS_MAX = 6;

const ADVICE: Record<string, string> = {
  encrypted: "Save it without a password, then replace it.",
  needs_ocr: "It is made of pictures of text. Run a text recognition (OCR) over it, then replace it.",
  too_large: "Split it into parts, and upload those.",
  bomb: "Save it anew with the program that made it, then replace it.",
  timeout: "Split it into parts, or save it in a simpler format, then replace it.",
  wrong_type: "Save it in the right format, then replace it.",
  broken: "Open it with the program that made it, save it again, then replace it.",
  empty: "Check that it holds text, then replace it.",
  gone: "Upload it again.",
  guide_invalid: "Mend that line, then replace it.",
};

export function DocumentRow({
  document,
  courses,
  mayChange,
  files,
  onReplace,
  onDelete,
}: {
  document: DocumentSummary;
  courses: string[];
  mayChange: boolean;
  files: Files;
  onReplace: (files: File[]) => void;
  onDelete: () => void;
}) {
  const { name, title, state, failure, course, purpose } = document;
  const isGuide = purpose === "guide";
  const [problem, setProblem] = useState<Problem>();
  const step = STEPS[state];
  const isOfCourse = courses.includes(course);
  const download = () =>
    files.fileUrl(document.document).then(
      (url) => location.assign(url),
      (cause) => setProblem(Problem.from(cause)),
    );
  return (
    <article className="document" data-state={state}>
      <h2>
        {name}
        {title && title !== name && <small>{title}</small>}
      </h2>
      <p className="facts-line">
        {isOfCourse && <span className="course">{course}</span>}
        {isGuide && <span className="course">Guide for interviews</span>}
        {factsOf(document)}
      </p>
      {step ? (
        <div className="coming">
          <progress max={STEPS_MAX} value={step[0]} aria-label={`Reading ${name}`} />
          <small>
            {step[1]}
            {document.percent !== undefined && `, ${document.percent} %`}
          </small>
        </div>
      ) : (
        <p className={`state ${state}`}>
          {state === "ready" ? "Ready" : state === "needs_ocr" ? "A scan" : "Not read"}
        </p>
      )}
      {failure && (
        <p className="reason">
          <strong>{sentence(failure.reason)}</strong> {ADVICE[failure.code] ?? "Save it anew, then replace it."}
        </p>
      )}
      {problem && <Notice kind="bad" {...explain(problem)} onDismiss={() => setProblem(undefined)} />}
      <div className="row actions">
        {state === "ready" && (
          <a
            className="button"
            href={hrefOf(
              isGuide ? { screen: "start", guide: document.document } : { screen: "chat", about: document.document },
            )}
          >
            {isGuide ? "Be interviewed by it" : "Ask about it"}
            <span className="visually-hidden">: {name}</span>
          </a>
        )}
        {(mayChange || !isGuide) && (
          <button type="button" className="quiet" onClick={() => void download()}>
            Download<span className="visually-hidden"> {name}</span>
          </button>
        )}
        {mayChange && isSettled(state) && (
          <FilePicker name="Replace" of={name} className="quiet" isSingle onFiles={onReplace} />
        )}
        {mayChange && (
          <button type="button" className="quiet" onClick={onDelete}>
            Delete<span className="visually-hidden"> {name}</span>
          </button>
        )}
      </div>
    </article>
  );
}

function factsOf({ bytes, pages, updatedUnixMs, name }: DocumentSummary): string {
  const extension = name.toLowerCase().split(".").at(-1);
  const unit = extension === "pptx" ? "slide" : extension === "xlsx" ? "sheet" : "page";
  const counted = pages === undefined ? [] : [`${pages} ${unit}${pages === 1 ? "" : "s"}`];
  return [...counted, size(bytes), day(updatedUnixMs)].join(" · ");
}

function sentence(reason: string): string {
  const said = reason.charAt(0).toUpperCase() + reason.slice(1);
  return /[.!?]$/.test(said) ? said : `${said}.`;
}
