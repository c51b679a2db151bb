// Files over REST: sent, listed, looked at, deleted; and the passages that citations name. How far a document has come is told
// over the WebSocket: see `document-shelf`.

import { FILE_BYTES_MAX, FILE_EXTENSIONS } from "./limits.ts";
import { Problem } from "./problem.ts";
import { queryOf, Rest, type RestOptions, retrying } from "./rest.ts";
import type {
  CreateUpload,
  DocumentFile,
  DocumentList,
  DocumentView,
  FoundPassages,
  PassageView,
  UploadTicket,
} from "./rest-types.ts";
import { assertReadable, type SendBytes, sendBytes } from "./send-file.ts";
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
}

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

  constructor(options: FilesOptions) {
    this.#options = options;
    this.#rest = new Rest(options);
  }

  me(): Promise<Me> {
    return this.#rest.ask("GET", "/api/me");
  }

  /** Sends a file. It is a document when this answers, and is read from then on. */
  async upload(file: File, wishes: UploadWishes = {}): Promise<DocumentView> {
    const { course, replaces, onProgress, signal } = wishes;
    const tell = (phase: UploadProgress["phase"], sentBytes = 0) =>
      onProgress?.({ phase, sentBytes, bytes: file.size });
    checkFile(file);
    tell("hashing");
    await assertReadable(file);
    const asked: CreateUpload = {
      name: file.name.normalize("NFC"),
      bytes: file.size,
      sha256: await sha256Of(file, signal),
      ...(course !== undefined && { course }),
      ...(replaces !== undefined && { replaces }),
    };
    const asking = { body: asked, idempotencyKey: newSessionId(), signal };
    const ticket = await this.#rest.ask<UploadTicket>("POST", "/api/uploads", asking);
    const path = `/api/uploads/${ticket.upload.id}`;
    try {
      await this.#send(file, path, ticket, (sent) => tell("sending", sent), signal);
      tell("completing", file.size);
      return await this.#rest.ask<DocumentView>("POST", `${path}/complete`, { signal });
    } catch (cause) {
      // Nobody waits for it: what is not given up here, the server forgets by itself.
      if (signal?.aborted) this.#rest.ask("DELETE", path).catch(() => undefined);
      throw cause;
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

  /** As often as it takes; an address whose time is over is asked for anew. */
  #send(
    file: Blob,
    path: string,
    ticket: UploadTicket,
    onSent: (bytes: number) => void,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    let { send } = ticket;
    let refused = false;
    return retrying(this.#options.random, signal, async () => {
      send ??= (await this.#rest.ask<UploadTicket>("GET", path, { signal })).send;
      // It had come already, and its answer was lost.
      if (!send) return;
      onSent(0);
      try {
        const to = { ...send, url: this.#rest.resolve(send.url) };
        await (this.#options.send ?? sendBytes)(file, to, onSent, signal);
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
