// The passage behind a citation: where it stands, its words, and the quote marked in them.

import { type Citation, explain, type Locator, type PassageView, Problem } from "@viva/client";
import { type RefObject, useEffect, useRef, useState } from "react";
import type { Site } from "./app.tsx";
import { Icon } from "./icons.tsx";
import { Notice } from "./parts.tsx";

/** What a passage is shown for: a citation, or the source of something else, which has no number. */
export type Cited = Omit<Citation, "number"> & { number?: number };

export function PassagePanel({ site, citation, onClose }: { site: Site; citation: Cited; onClose: () => void }) {
  const { passage: id, quote, name, locator, number, document } = citation;
  const [passage, setPassage] = useState<PassageView>();
  const [problem, setProblem] = useState<Problem>();
  const heading = useRef<HTMLHeadingElement>(null);
  const mark = useRef<HTMLElement>(null);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
  }, []);
  useEffect(() => {
    let isCurrent = true;
    site.files.passage(id).then(
      (found) => isCurrent && setPassage(found),
      (cause) => isCurrent && setProblem(Problem.from(cause)),
    );
    return () => {
      isCurrent = false;
    };
  }, [site, id]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once the passage is drawn.
  useEffect(() => {
    mark.current?.scrollIntoView({ block: "center" });
  }, [passage]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes what a button closes, too.
    <div className="source" onKeyDown={(event) => event.key === "Escape" && onClose()}>
      <header>
        <h2 ref={heading} tabIndex={-1}>
          {number !== undefined && (
            <span className="cite" aria-hidden="true">
              {number}
            </span>
          )}
          {passage?.name ?? name}
        </h2>
        <button type="button" className="quiet icon-button" onClick={onClose}>
          <Icon name="close" />
          <span className="visually-hidden">Close the source</span>
        </button>
      </header>
      <Places locator={locator} />
      {problem ? (
        <>
          <Notice
            kind="warn"
            title={isGone(problem) ? "This passage is not there any more." : explain(problem).title}
            advice={
              isGone(problem)
                ? "Its file was deleted or replaced since. This is what was quoted:"
                : `${explain(problem).advice} This is what was quoted:`
            }
          />
          <blockquote>{quote}</blockquote>
        </>
      ) : passage ? (
        <>
          <Quoted text={passage.text} quote={quote} isPrinted={locator.page !== undefined} mark={mark} />
          <Download site={site} document={document} />
        </>
      ) : (
        <blockquote className="waiting">{quote}</blockquote>
      )}
    </div>
  );
}

function Places({ locator }: { locator: Locator }) {
  const { page, pageLast, slide, sheet, row, path, paragraph, label } = locator;
  const places: [string, string][] = [];
  if (page !== undefined) places.push(["Page", pageLast && pageLast > page ? `${page} to ${pageLast}` : `${page}`]);
  if (slide !== undefined) places.push(["Slide", `${slide}`]);
  if (sheet !== undefined) places.push(["Sheet", row === undefined ? sheet : `${sheet}, row ${row}`]);
  if (path && path.length > 0) places.push(["Heading", path.join(" › ")]);
  if (paragraph !== undefined) places.push(["Paragraph", `${paragraph}`]);
  if (places.length === 0 && label !== "") places.push(["Where", label]);
  return (
    <dl className="places">
      {places.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Quoted({
  text,
  quote,
  isPrinted,
  mark,
}: {
  text: string;
  quote: string;
  /** Its lines end where the paper ended, not where a thought does. */
  isPrinted: boolean;
  mark: RefObject<HTMLElement | null>;
}) {
  const shown = isPrinted ? flowing(text) : text;
  const at = quote === "" ? -1 : text.indexOf(quote);
  const end = at + quote.length;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
    <section className="passage-text" aria-label="The passage" tabIndex={0}>
      {at < 0 ? (
        shown
      ) : (
        <>
          {shown.slice(0, at)}
          <mark ref={mark}>{shown.slice(at, end)}</mark>
          {shown.slice(end)}
        </>
      )}
    </section>
  );
}

/** Joins the lines of a paragraph; short ones, like headings, stay alone. Every character keeps its place. */
export function flowing(text: string): string {
  return text.replace(/([^\n]{45,})\n(?=[^\n])/g, "$1 ");
}

function Download({ site, document }: { site: Site; document: string }) {
  const [problem, setProblem] = useState<Problem>();
  const download = () => {
    setProblem(undefined);
    site.files.fileUrl(document).then(
      (url) => location.assign(url),
      (cause) => setProblem(Problem.from(cause)),
    );
  };
  return (
    <>
      {problem && <Notice kind="bad" {...explain(problem)} />}
      <button type="button" onClick={download}>
        Download the file
      </button>
    </>
  );
}

function isGone({ code }: Problem): boolean {
  return code === "not_found" || code === "document_deleted";
}
