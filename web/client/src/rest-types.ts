// Made from docs/openapi.json by `npm run rest-types`; not to be edited.

/** A file that is to be sent. */
export interface CreateUpload {
  bytes: number;
  /** The course that it is for, where one teaches it; absent: one's own files. */
  course?: string;
  /** The file's name; its extension tells its kind. */
  name: string;
  /** The document whose content it replaces. */
  replaces?: string;
  /** SHA-256 of the content, in lower-case hexadecimal. */
  sha256: string;
}

/** Why there is no text. */
export interface DocumentFailure {
  code: string;
  /** For whoever uploaded the file. */
  reason: string;
}

export interface DocumentFile {
  expiresUnixMs: number;
  /** Where the file can be fetched without a token, until it expires. */
  url: string;
}

export interface DocumentList {
  cursor?: string;
  /** Newest first. */
  documents: DocumentView[];
}

export interface DocumentView {
  bytes: number;
  /** One's own files have the user's id here. */
  course: string;
  createdUnixMs: number;
  failure?: DocumentFailure;
  id: string;
  mediaType: string;
  name: string;
  pages?: number;
  /** Searchable pieces. */
  passages?: number;
  /** `guide`: it guides interviews, its name ends in `.guide.md`. Absent: it is for reading. */
  purpose?: string;
  sha256: string;
  /** `uploaded`, `checking`, `extracting`, `chunking`, `embedding`, then `ready`, `failed` or `needs_ocr`; `deleted`. */
  state: string;
  /** As the file names itself. */
  title?: string;
  updatedUnixMs: number;
  /** 1, and one more whenever the file is replaced. */
  version: number;
}

export interface FoundPassages {
  /** The best first. */
  passages: PassageView[];
}

export interface PassageView {
  course: string;
  document: string;
  id: string;
  /** The same for programs. */
  locator: object;
  /** The document's name. */
  name: string;
  /** Its place in the document, from 1. */
  ordinal: number;
  score?: number;
  text: string;
  /** Where it stands, for people: `p. 12`. */
  where: string;
}

/** The body of every refusal, as `application/problem+json`. */
export interface Problem {
  code: ProblemCode;
  /** What was wrong this time. */
  detail: string;
  /** How long to wait before the same is asked again. */
  retryAfterMs?: number;
  status: number;
  /** What the code means, the same each time. */
  title: string;
  /** `urn:viva:problem:` and the code. */
  type: string;
}

/** What went wrong, for programs. */
export type ProblemCode =
  | "unauthorized"
  | "forbidden"
  | "not_found"
  | "malformed_request"
  | "invalid_field"
  | "body_too_large"
  | "file_too_large"
  | "unsupported_kind"
  | "quota_exceeded"
  | "idempotency_conflict"
  | "upload_incomplete"
  | "upload_aborted"
  | "upload_expired"
  | "document_deleted"
  | "conflict"
  | "link_invalid"
  | "link_expired"
  | "length_required"
  | "length_mismatch"
  | "checksum_mismatch"
  | "too_slow"
  | "storage_full"
  | "unavailable";

/** The one request that carries the file, of exactly the promised length; it needs no token. */
export interface SendFile {
  expiresUnixMs: number;
  /** To be sent as they are. */
  headers: Record<string, string>;
  method: string;
  /** Absolute, or a path on this server. */
  url: string;
}

export interface UploadList {
  cursor?: string;
  /** Those on their way, newest first. */
  uploads: UploadView[];
}

/** The parts of a large file: ask for the address of each. */
export interface UploadParts {
  /** Of each part but the last, which is what is left. */
  bytes: number;
  /** Parts are numbered from 1 to this. */
  count: number;
  /** Those that have come. */
  received: number[];
}

/** An upload, and how to send its bytes. */
export interface UploadTicket {
  parts?: UploadParts;
  send?: SendFile;
  upload: UploadView;
}

export interface UploadView {
  bytes: number;
  course: string;
  createdUnixMs: number;
  /** The document that it will be, or whose content it replaces. */
  document: string;
  expiresUnixMs: number;
  id: string;
  mediaType: string;
  name: string;
  replaces: boolean;
  sha256: string;
  /** `pending`, `completed` or `aborted`. */
  state: string;
}
