//! Limits of uploads, documents, and what is searched in them.

/// One file: what is larger would not be read.
pub const UPLOAD_BYTES_MAX: u64 = super::EXTRACT_FILE_BYTES_MAX;
/// A file that is larger may come in parts of this size, of which the last may be smaller.
pub const UPLOAD_PART_BYTES: u64 = 8 * 1024 * 1024;
/// How often a multipart upload to S3 is begun because others begin one for the same file at the same moment.
pub const PART_UPLOADS_BEGUN_MAX: u32 = 8;
/// Bytes of a part that are read at once when parts are joined.
pub const PART_READ_BYTES: u64 = 1024 * 1024;
/// A file's name as people know it.
pub const DOCUMENT_NAME_CHARS_MAX: usize = 200;
/// How long the address of an upload works, and how long an upload is remembered; so long its idempotency key is known.
pub const UPLOAD_TTL_MS: u64 = 24 * 3_600_000;
/// How long a file may take to come, however steadily: less than an upload outlives its address.
pub const UPLOAD_MS_MAX: u64 = 30 * 60_000;
/// How long the address of an upload's file works. A function signs with a role's passing credentials, and its addresses end with them.
pub const UPLOAD_LINK_MS: u64 = 3_600_000;
/// How long after its end an upload is forgotten: one that began in time may still be coming.
pub const UPLOAD_SWEEP_SLACK_MS: u64 = 3_600_000;
/// An upload that sends nothing for so long is given up.
pub const UPLOAD_SILENT_MS_MAX: u64 = 30_000;
/// How long the address of a document's file works.
pub const DOCUMENT_URL_TTL_MS: u64 = 3_600_000;
/// Documents of one user.
pub const USER_DOCUMENTS_MAX: u64 = 500;
/// All of one user's documents.
pub const USER_DOCUMENT_BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;
/// Uploads of one user that are on their way.
pub const USER_UPLOADS_PENDING_MAX: u64 = 20;
/// An idempotency key, in bytes.
pub const IDEMPOTENCY_KEY_BYTES_MAX: usize = 128;
/// The JSON of a REST request.
pub const REST_BODY_BYTES_MAX: usize = 16 * 1024;
/// Entries of one page of a REST list, where the request names no number, and at most.
/// A question or words to look for.
pub const REST_QUERY_CHARS_MAX: usize = 1_000;
/// Documents that one search is held to.
pub const REST_SCOPE_DOCUMENTS_MAX: usize = 100;
pub const REST_PAGE: usize = 50;
pub const REST_PAGE_MAX: usize = 200;
/// Expired uploads that one look removes.
pub const UPLOADS_SWEPT_MAX: usize = 100;

/// Documents that are ingested at once on one machine.
pub const INGESTIONS_AT_ONCE: usize = 2;
/// How often ingestion of one version is begun; a file that breaks the server each time is not tried for ever.
pub const INGEST_ATTEMPTS_MAX: u32 = 3;
/// How often one machine looks for documents that nobody told it of.
pub const INGEST_LOOK_MS: u64 = 30_000;
/// How long a document rests after its ingestion could not go on for a reason that is not its own.
pub const INGEST_RETRY_MS: u64 = 5_000;
/// How much further a document must be, of 100, to be told of.
pub const INGEST_PROGRESS_STEP: u32 = 10;
/// How often a step is tried again because the document had changed meanwhile.
pub const INGEST_STALE_MAX: u32 = 8;

/// Passages that one write stores: others' writes wait for it.
pub const PASSAGES_PUT_MAX: usize = 64;
/// Passages that one write removes.
pub const PASSAGES_DELETED_AT_ONCE: usize = 128;
/// Passages of one answer.
pub const PASSAGES_PAGE_MAX: usize = 200;
/// Words of a text that are searched for, and characters of each.
pub const SEARCH_TERMS_MAX: usize = 48;
pub const SEARCH_TERM_CHARS_MAX: usize = 64;

/// How long a function may work on a document: its time limit, and some slack. Whoever has not taken a step for longer is gone.
pub const INGEST_LIVE_MS: u64 = 630_000;
/// How long a document may wait for whoever was asked before a sweep asks again.
pub const INGEST_WAITING_MS: u64 = 120_000;
/// Documents that one sweep asks for.
pub const INGESTIONS_SWEPT_MAX: usize = 100;
/// How long before a function's end ingestion is given up, so that there is time left to tell.
pub const INGEST_FAREWELL_MS: u64 = 10_000;
/// What one answer of the REST API may hold, less than Lambda passes on.
pub const REST_ANSWER_BYTES_MAX: usize = 5 * 1024 * 1024;
