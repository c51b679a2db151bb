//! Limits of embeddings, vectors and their fusion with full text.

/// Texts that are embedded at one call of the port.
pub const EMBEDDING_TEXTS_MAX: usize = 64;
/// Texts that one request to a server brings.
pub const EMBEDDING_REQUEST_TEXTS_MAX: usize = 16;
/// Characters of a text that are embedded; Titan takes 50,000, small models about 8,000 tokens.
pub const EMBEDDING_TEXT_CHARS_MAX: usize = 8_000;
/// The answer of an embeddings server, in bytes.
pub const EMBEDDING_ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Dimensions of a vector.
pub const EMBEDDING_DIMENSIONS_MAX: usize = 4_096;
/// Attempts to embed passages, and the waits between them, before the document is put off.
pub const EMBEDDING_ATTEMPTS_MAX: u32 = 5;
pub const EMBEDDING_WAIT_MS: u64 = 500;
pub const EMBEDDING_WAIT_MS_MAX: u64 = 15_000;
/// One request to embed passages.
pub const EMBEDDING_ATTEMPT_MS_MAX: u64 = 30_000;
/// One request to embed a question.
pub const EMBEDDING_QUERY_MS_MAX: u64 = 1_500;
/// Titan takes one text at a request: so many requests are under way at once.
pub const TITAN_REQUESTS_AT_ONCE: usize = 8;
/// What the index of meanings has to answer a search; after that the words alone do.
pub const SEMANTIC_SEARCH_MS_MAX: u64 = 3_000;
/// How far down each ranking is looked at before they are fused.
pub const FUSION_DEPTH: usize = 40;
/// A store of vectors that shows them late is asked again after so long, and no longer than so long.
pub const PROBE_WAIT_MS: u64 = 500;
pub const PROBE_MS_MAX: u64 = 60_000;
/// Cosine from which a passage has something to do with a question.
pub const SIMILARITY_MIN: f32 = 0.25;
/// Documents whose vectors another model made, found at one look.
pub const REEMBEDDED_AT_ONCE: usize = 16;

/// One request to Pinecone.
pub const PINECONE_ATTEMPT_MS_MAX: u64 = 10_000;
pub const PINECONE_ATTEMPTS_MAX: u32 = 5;
pub const PINECONE_WAIT_MS: u64 = 300;
pub const PINECONE_WAIT_MS_MAX: u64 = 10_000;
/// What Pinecone takes at one request: bytes (2 MB, some of it left free), vectors to upsert, ids to delete, ids of a list, matches.
pub const PINECONE_UPSERT_BYTES_MAX: usize = 1_900_000;
pub const PINECONE_UPSERT_VECTORS_MAX: usize = 1_000;
pub const PINECONE_DELETE_IDS_MAX: usize = 1_000;
pub const PINECONE_LIST_IDS_MAX: usize = 100;
/// An answer of Pinecone, in bytes.
pub const PINECONE_ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// What a knowledge base takes at one request: documents, characters of a question, results.
pub const KNOWLEDGE_BASE_DOCUMENTS_MAX: usize = 10;
pub const KNOWLEDGE_BASE_QUERY_CHARS_MAX: usize = 1_000;
pub const KNOWLEDGE_BASE_RESULTS_MAX: usize = 100;
/// An answer of a knowledge base, in bytes: it repeats the passages' texts.
pub const KNOWLEDGE_BASE_ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;
