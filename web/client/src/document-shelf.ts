// The documents that a person may read, as they stand: listed once, then kept up to date by what the server tells, together with
// the files that are on their way. What is told may be lost, so that the list is asked for again where news stays out.

import type { Connection } from "./connection.ts";
import { Emitter } from "./emitter.ts";
import type { Files, UploadProgress } from "./files.ts";
import { DOCUMENT_NEWS_MS_MAX, UPLOADS_AT_ONCE_MAX } from "./limits.ts";
import { Problem } from "./problem.ts";
import { newSessionId } from "./sessions.ts";
import type { DocumentState, DocumentSummary, ServerMessage } from "./wire.ts";

/** A file on its way, or one that did not get there. */
export interface Uploading {
  id: string;
  name: string;
  bytes: number;
  course: string | undefined;
  replaces: string | undefined;
  state: "waiting" | UploadProgress["phase"] | "failed";
  sentBytes: number;
  /** What the server keeps of a large file: another try, or the same file chosen again, goes on from there. */
  keptBytes: number;
  /** More than 0 where it goes on from there. */
  resumedBytes: number;
  problem: Problem | undefined;
}

export interface Shelf {
  /** Latest first. */
  documents: DocumentSummary[];
  uploads: Uploading[];
  isLoading: boolean;
  /** Why the list could not be had. */
  problem: Problem | undefined;
}

interface Job {
  file: File;
  giveUp: AbortController;
}

/** Whether nothing more happens to it by itself. */
export function isSettled(state: DocumentState): boolean {
  return state === "ready" || state === "failed" || state === "needs_ocr" || state === "deleted";
}

export class DocumentShelf extends Emitter<{ change: Shelf }> {
  readonly #connection: Connection;
  readonly #files: Files;
  readonly #jobs = new Map<string, Job>();
  readonly #stops: (() => void)[] = [];
  /** Gone for good, however late news of them comes. */
  readonly #gone = new Set<string>();
  #shelf: Shelf = { documents: [], uploads: [], isLoading: true, problem: undefined };
  #newsAt = Date.now();
  #listedAt = 0;
  #isListing = false;

  constructor(connection: Connection, files: Files) {
    super();
    this.#connection = connection;
    this.#files = files;
    const ticks = setInterval(() => this.#tick(), TICK_MS);
    this.#stops.push(
      () => clearInterval(ticks),
      connection.on("open", () => this.#goOn()),
      connection.on("message", (message) => this.#receive(message)),
    );
    if (connection.state === "open") void this.#list();
  }

  get shelf(): Shelf {
    return this.#shelf;
  }

  /** Sends files, a few at a time. */
  upload(files: Iterable<File>, wishes: { course?: string | undefined; replaces?: string | undefined } = {}): void {
    const fresh = [...files].map((file): Uploading => {
      const id = newSessionId();
      this.#jobs.set(id, { file, giveUp: new AbortController() });
      const { course, replaces } = wishes;
      const { name, size: bytes } = file;
      return { id, name, bytes, course, replaces, ...UNSENT };
    });
    this.#change({ uploads: [...this.#shelf.uploads, ...fresh] });
    this.#startNext();
  }

  /** Tries one again that failed. */
  tryAgain(id: string): void {
    const job = this.#jobs.get(id);
    if (!job) return;
    job.giveUp = new AbortController();
    this.#update(id, UNSENT);
    this.#startNext();
  }

  /** Gives an upload up, or forgets one that failed. */
  giveUp(id: string): void {
    this.#jobs.get(id)?.giveUp.abort(new Problem("upload_given_up", "given up"));
    this.#drop(id);
    this.#startNext();
  }

  async remove(document: string): Promise<void> {
    await this.#files.remove(document);
    this.#gone.add(document);
    this.#put((before) => before.filter((other) => other.document !== document));
  }

  /** Asks for the list again, unless that was just done: others may have changed what is in a course. */
  refresh(): void {
    if (this.#connection.state === "open" && Date.now() - this.#listedAt > DOCUMENT_NEWS_MS_MAX) void this.#list();
  }

  /** Files on their way are given up. */
  close(): void {
    for (const stop of this.#stops.splice(0)) stop();
    for (const { giveUp } of this.#jobs.values()) giveUp.abort(new Problem("upload_given_up", "closed"));
  }

  #startNext(): void {
    const running = this.#shelf.uploads.filter(({ state }) => state !== "waiting" && state !== "failed").length;
    const waiting = this.#shelf.uploads.filter(({ state }) => state === "waiting");
    for (const upload of waiting.slice(0, Math.max(0, UPLOADS_AT_ONCE_MAX - running))) void this.#run(upload);
  }

  async #run({ id, course, replaces }: Uploading): Promise<void> {
    const job = this.#jobs.get(id);
    if (!job) return;
    this.#update(id, { state: "hashing" });
    const onProgress = ({ phase: state, sentBytes, keptBytes, resumedBytes }: UploadProgress) =>
      this.#update(id, { state, sentBytes, keptBytes, resumedBytes });
    const { signal } = job.giveUp;
    try {
      const { id: document } = await this.#files.upload(job.file, { course, replaces, onProgress, signal });
      // Mostly the server has told of it by now.
      if (!this.#shelf.documents.some((known) => known.document === document)) await this.#list();
      this.#drop(id);
    } catch (cause) {
      if (!signal.aborted) this.#update(id, { state: "failed", problem: Problem.from(cause) });
    }
    this.#startNext();
  }

  /** What was lost with the line comes with it. */
  #goOn(): void {
    void this.#list();
    for (const { id, problem } of this.#shelf.uploads) if (problem?.code === "not_reachable") this.tryAgain(id);
  }

  async #list(): Promise<void> {
    if (this.#isListing) return;
    this.#isListing = true;
    this.#newsAt = Date.now();
    this.#listedAt = this.#newsAt;
    try {
      const found: DocumentSummary[] = [];
      let cursor: string | undefined;
      do {
        const paging = cursor === undefined ? {} : { cursor };
        const page = await this.#connection.request({ type: "documents.list", ...paging });
        found.push(...page.documents);
        cursor = page.cursor;
      } while (cursor !== undefined);
      this.#put((before) => found.map((fresh) => newer(before.find(is(fresh)), fresh)));
      this.#change({ isLoading: false, problem: undefined });
    } catch (cause) {
      this.#change({ isLoading: false, problem: Problem.from(cause) });
    } finally {
      this.#isListing = false;
    }
  }

  #receive(message: ServerMessage): void {
    if (message.type !== "document.status") return;
    this.#newsAt = Date.now();
    const { document } = message;
    this.#put((before) => {
      const known = before.find(is(document));
      return known
        ? before.map((other) => (is(document)(other) ? newer(other, document) : other))
        : [document, ...before];
    });
  }

  #tick(): void {
    const isWaiting = this.#shelf.documents.some(({ state }) => !isSettled(state));
    if (isWaiting && this.#connection.state === "open" && Date.now() - this.#newsAt > DOCUMENT_NEWS_MS_MAX) {
      void this.#list();
    }
  }

  #put(change: (before: DocumentSummary[]) => DocumentSummary[]): void {
    const changed = change(this.#shelf.documents);
    for (const { document, state } of changed) if (state === "deleted") this.#gone.add(document);
    this.#change({ documents: changed.filter(({ document }) => !this.#gone.has(document)) });
  }

  #update(id: string, change: Partial<Uploading>): void {
    const uploads = this.#shelf.uploads.map((upload) => (upload.id === id ? { ...upload, ...change } : upload));
    this.#change({ uploads });
  }

  #drop(id: string): void {
    this.#jobs.delete(id);
    this.#change({ uploads: this.#shelf.uploads.filter((upload) => upload.id !== id) });
  }

  #change(change: Partial<Shelf>): void {
    this.#shelf = { ...this.#shelf, ...change };
    this.emit("change", this.#shelf);
  }
}

const is = (one: DocumentSummary) => (other: DocumentSummary) => one.document === other.document;

/** News may come out of order. */
function newer(known: DocumentSummary | undefined, fresh: DocumentSummary): DocumentSummary {
  if (!known) return fresh;
  if (fresh.version !== known.version) return fresh.version > known.version ? fresh : known;
  if (fresh.updatedUnixMs !== known.updatedUnixMs) return fresh.updatedUnixMs > known.updatedUnixMs ? fresh : known;
  return isSettled(known.state) ? known : fresh;
}

const UNSENT = { state: "waiting", sentBytes: 0, keptBytes: 0, resumedBytes: 0, problem: undefined } as const;
const TICK_MS = 1_000;
