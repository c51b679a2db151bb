// Files over REST: sent, listed, looked at, deleted; and the passages that citations name. How far a document has come is told
// over the WebSocket: see `document-shelf`.

import { Lanes } from "./lanes.ts";
import { FILE_BYTES_MAX, FILE_EXTENSIONS, PARTS_AT_ONCE_MAX, PARTS_ROUNDS_MAX, UPLOADS_ALIKE_MAX } from "./limits.ts";
import { Problem } from "./problem.ts";
import { queryOf, Rest, type RestOptions, retrying } from "./rest.ts";
import type {
  CreateUpload,
  DocumentFile,
  DocumentList,
  DocumentView,
  FoundPassages,
  PassageView,
  SendFile,
  UploadParts,
  UploadTicket,
} from "./rest-types.ts";
import { assertReadable, type SendBytes, sendBytes } from "./send-file.ts";
import { bytesOf, sendParts } from "./send-parts.ts";
import { newSessionId } from "./sessions.ts";
import { sha256Of } from "./sha256.ts";

export interface FilesOptions extends RestOptions {
  send?: SendBytes;
}

/** Hashing: before anything is sent. Completing: all has gone out, the server looks at it. */
export interface UploadProgress {
  phase: "hashing" | "sending" | "completing";
  sentBytes: number;
  bytes: number;
  /** What the server keeps of it: another try does not send that again. */
  keptBytes: number;
  /** What the server had of it before this try: more than 0 where it goes on. */
  resumedBytes: number;
}

type Tell = (change: Partial<UploadProgress>) => void;

export interface UploadWishes {
  /** The course that it is for, where one teaches it; absent: one's own files. */
  course?: string | undefined;
  /** The document whose content it replaces. */
  replaces?: string | undefined;
  onProgress?: (progress: UploadProgress) => void;
  /** Gives the upload up. */
  signal?: AbortSignal;
}

/** What the token says of whoever holds it. */
export interface Me {
  tenant: string;
  user: string;
  role?: string;
  courses: Record<string, "student" | "teacher">;
  expiresUnixMs: number;
}

export class Files {
  readonly #rest: Rest;
  readonly #options: FilesOptions;
  readonly #lanes = new Lanes(PARTS_AT_ONCE_MAX);
  /** Ids of the uploads that are being sent: the same file chosen twice at once is two. */
  readonly #inHand = new Set<string>();

  constructor(options: FilesOptions) {
    this.#options = options;
    this.#rest = new Rest(options);
  }

  me(): Promise<Me> {
    return this.#rest.ask("GET", "/api/me");
  }

  /** Sends a file. It is a document when this answers, and is read from then on. A large one goes on where it broke off before. */
  async upload(file: File, wishes: UploadWishes = {}): Promise<DocumentView> {
    const { course, replaces, onProgress, signal } = wishes;
    let progress: UploadProgress = { phase: "hashing", sentBytes: 0, bytes: file.size, keptBytes: 0, resumedBytes: 0 };
    const tell: Tell = (change) => {
      progress = { ...progress, ...change };
      onProgress?.(progress);
    };
    checkFile(file);
    tell({ phase: "hashing" });
    await assertReadable(file);
    const asked: CreateUpload = {
      name: file.name.normalize("NFC"),
      bytes: file.size,
      sha256: await sha256Of(file, signal),
      ...(course !== undefined && { course }),
      ...(replaces !== undefined && { replaces }),
    };
    const ticket = await this.#begin(asked, signal);
    const { id } = ticket.upload;
    try {
      return await this.#deliver(file, ticket, tell, signal);
    } finally {
      // Nobody waits for it: what is not given up here, the server forgets by itself.
      const givenUp = signal?.aborted ? this.#rest.ask("DELETE", `/api/uploads/${id}`) : Promise.resolve();
      givenUp.catch(() => undefined).then(() => this.#inHand.delete(id));
    }
  }

  list(wishes: { course?: string; query?: string; cursor?: string; limit?: number } = {}): Promise<DocumentList> {
    return this.#rest.ask("GET", `/api/documents${queryOf(wishes)}`);
  }

  get(document: string): Promise<DocumentView> {
    return this.#rest.ask("GET", `/api/documents/${encodeURIComponent(document)}`);
  }

  /** Nothing of it is found any more when this answers. One that is gone already is no failure. */
  async remove(document: string): Promise<void> {
    try {
      await this.#rest.ask("DELETE", `/api/documents/${encodeURIComponent(document)}`);
    } catch (cause) {
      if (!(cause instanceof Problem) || !["not_found", "document_deleted"].includes(cause.code)) throw cause;
    }
  }

  /** Where the file can be fetched without a token, for a while. */
  async fileUrl(document: string): Promise<string> {
    const { url } = await this.#rest.ask<DocumentFile>("GET", `/api/documents/${encodeURIComponent(document)}/file`);
    return this.#rest.resolve(url);
  }

  passage(passage: string): Promise<PassageView> {
    return this.#rest.ask("GET", `/api/passages/${encodeURIComponent(passage)}`);
  }

  async search(query: string, wishes: { course?: string; documents?: string[]; limit?: number } = {}) {
    const { documents, ...rest } = wishes;
    const asked = { query, ...rest, ...(documents && { documents: documents.join(",") }) };
    return (await this.#rest.ask<FoundPassages>("GET", `/api/passages${queryOf(asked)}`)).passages;
  }

  /** The same file for the same place finds its upload again while that waits for it, after a reload, too: the key says which it is. */
  async #begin(asked: CreateUpload, signal: AbortSignal | undefined): Promise<UploadTicket> {
    for (let before = 0; ; before += 1) {
      const known = await sha256Of(new Blob([JSON.stringify([asked, before])]));
      const idempotencyKey = before < UPLOADS_ALIKE_MAX ? known : newSessionId();
      const asking = { body: asked, idempotencyKey, signal };
      const ticket = await this.#rest.ask<UploadTicket>("POST", "/api/uploads", asking);
      const { id } = ticket.upload;
      // Without an address, it is a document, or was given up, or its time is over.
      const isOpen = ticket.send !== undefined && !this.#inHand.has(id);
      if (!isOpen && before < UPLOADS_ALIKE_MAX) continue;
      this.#inHand.add(id);
      return ticket;
    }
  }

  /** Sends what is missing, and completes. */
  async #deliver(file: File, first: UploadTicket, tell: Tell, signal: AbortSignal | undefined): Promise<DocumentView> {
    const path = `/api/uploads/${first.upload.id}`;
    let ticket = first;
    if (first.parts) tell({ resumedBytes: bytesOf(first.parts.received, first.parts, file) });
    for (let round = 1; ; round += 1) {
      if (ticket.parts) await this.#sendParts(file, path, ticket.parts, tell, signal);
      else await this.#sendWhole(file, path, ticket, tell, signal);
      tell({ phase: "completing", sentBytes: file.size });
      try {
        return await this.#rest.ask<DocumentView>("POST", `${path}/complete`, { signal });
      } catch (cause) {
        const isIncomplete = cause instanceof Problem && cause.code === "upload_incomplete";
        if (!isIncomplete || !ticket.parts || round >= PARTS_ROUNDS_MAX) throw cause;
        // A part that had come is lost.
        ticket = await this.#rest.ask<UploadTicket>("GET", path, { signal });
      }
    }
  }

  #sendWhole(
    file: File,
    path: string,
    { send }: UploadTicket,
    tell: Tell,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const fresh = async () => (await this.#rest.ask<UploadTicket>("GET", path, { signal, attempts: 1 })).send;
    return this.#send(file, send, fresh, (sentBytes) => tell({ phase: "sending", sentBytes }), signal);
  }

  #sendParts(file: File, path: string, parts: UploadParts, tell: Tell, signal: AbortSignal | undefined): Promise<void> {
    return sendParts({
      file,
      parts,
      lanes: this.#lanes,
      signal,
      onSent: (sentBytes, keptBytes) => tell({ phase: "sending", sentBytes, keptBytes }),
      send: (part, number, onSent, ended) => {
        const fresh = () => this.#addressOf(path, number, ended);
        return this.#send(part, undefined, fresh, onSent, ended);
      },
    });
  }

  /** None where the upload is complete: then its parts have come. */
  async #addressOf(path: string, number: number, signal: AbortSignal): Promise<SendFile | undefined> {
    try {
      return await this.#rest.ask<SendFile>("POST", `${path}/parts/${number}`, { signal, attempts: 1 });
    } catch (cause) {
      if (cause instanceof Problem && cause.code === "conflict") return undefined;
      throw cause;
    }
  }

  /** As often as it takes; an address whose time is over is asked for anew. */
  #send(
    bytes: Blob,
    first: SendFile | undefined,
    fresh: () => Promise<SendFile | undefined>,
    onSent: (bytes: number) => void,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    let send = first;
    let refused = false;
    return retrying(this.#options.random, signal, async () => {
      send ??= await fresh();
      // It had come already, and its answer was lost.
      if (!send) return;
      onSent(0);
      try {
        const to = { ...send, url: this.#rest.resolve(send.url) };
        await (this.#options.send ?? sendBytes)(bytes, to, onSent, signal);
      } catch (cause) {
        if (!(cause instanceof Problem)) throw cause;
        // S3 says no more than that of an address whose time is over.
        const ended = cause.code === "forbidden" && !refused;
        if (!ended && !["link_expired", "length_mismatch"].includes(cause.code)) throw cause;
        refused ||= ended;
        send = undefined;
        throw new Problem(cause.code, cause.message, true);
      }
    });
  }
}

/** Tells before anything is sent what the server would refuse. */
function checkFile(file: File): void {
  const extension = file.name.toLowerCase().split(".").at(-1) ?? "";
  if (!file.name.includes(".") || !FILE_EXTENSIONS.some((known) => known === extension)) {
    throw new Problem("unsupported_kind", `Files like “${file.name}” are not read.`);
  }
  if (file.size === 0) throw new Problem("file_empty", "The file is empty.");
  if (file.size > FILE_BYTES_MAX) throw new Problem("file_too_large", "The file is too large.");
}
