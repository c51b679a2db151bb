//! Limits of chat over course files.

/// Requests of one conversation in all.
pub const CHAT_REQUESTS_MAX: u64 = 2_000;
/// Replies of one conversation that are due at once.
pub const CHAT_REPLIES_DUE_MAX: usize = 4;
/// Conversations of one user.
pub const CHAT_CONVERSATIONS_MAX: u64 = 2_000;
/// Replies that are due to one user at once, in all conversations: so many workers are the user's.
pub const CHAT_USER_REPLIES_DUE_MAX: u64 = 8;
/// Passages that a reply may draw on.
pub const CHAT_PASSAGES_MAX: usize = 8;
/// Passages of one document that a reply may draw on, so that one long file does not drown the others.
pub const CHAT_PASSAGES_PER_DOCUMENT_MAX: usize = 4;
/// Passages that are asked for, to choose from.
pub const CHAT_SEARCH_HITS_MAX: usize = 24;
/// Words that a question takes along from the talk before.
pub const CHAT_QUERY_CARRIED_WORDS_MAX: usize = 8;
/// The share of the words searched for that a passage must hold to be about them.
pub const CHAT_RELEVANT_SHARE_MIN: f64 = 0.3;
/// The share of a sentence's words that the passage it cites must hold; below, the citation is dropped.
pub const CHAT_CITATION_SUPPORT_MIN: f64 = 0.5;
/// All that a model is told for a reply, but for the instructions: the question, then the passages, then the talk before.
pub const CHAT_CONTEXT_TOKENS_MAX: usize = 9_000;
/// The talk before that a model is told.
pub const CHAT_HISTORY_TOKENS_MAX: usize = 3_000;
/// Exchanges of the talk before that are looked at.
pub const CHAT_HISTORY_EXCHANGES_MAX: usize = 40;
/// Tokens of a reply that a model is asked for.
pub const MODEL_ANSWER_TOKENS_MAX: u32 = 1_500;
/// A reply's text in bytes as a model gives it.
pub const MODEL_ANSWER_BYTES_MAX: usize = 16_000;
/// Wait for the first word of a reply; a model may think about passages.
pub const MODEL_ANSWER_FIRST_TOKEN_MS_MAX: u64 = 30_000;
/// A reply as a whole.
pub const MODEL_ANSWER_MS_MAX: u64 = 120_000;
/// Tokens and bytes of a title.
pub const MODEL_TITLE_TOKENS_MAX: u32 = 40;
pub const MODEL_TITLE_BYTES_MAX: usize = 400;
/// Words of a question that serve as a title where a model gives none.
pub const CHAT_TITLE_WORDS_MAX: usize = 10;
/// How long a search may take.
pub const CHAT_SEARCH_MS_MAX: u64 = 5_000;
/// A reply's search and writing, whatever adapters do.
pub const CHAT_REPLY_MS_MAX: u64 = 150_000;
/// Requests that a worker reads at once.
pub const CHAT_REQUESTS_PAGE: usize = 16;
/// How long a worker stays when nothing is due.
pub const CHAT_IDLE_MS: u64 = 5_000;
/// Events of a conversation stay in its log for so long, and the newest record in any case; its history stays elsewhere.
pub const CHAT_LOG_KEPT_MS: u64 = 24 * 3_600_000;
/// A conversation at rest is looked at again after so long: an open session without a date would be swept up each minute, and stores let what
/// was not written for 30 days expire, the log's newest record too.
pub const CHAT_REST_MS: u64 = 20 * 24 * 3_600_000;
/// A reply that has been due for so long is given a worker by the sweep, whatever became of the one that was asked for.
pub const CHAT_OVERDUE_MS: u64 = 30_000;
/// How long a worker that leaves waits for clients to take what was said.
pub const CHAT_FAREWELL_MS: u64 = 2_000;
/// Bytes of a page of history, whatever number of entries was asked for.
pub const CHAT_HISTORY_BYTES_MAX: usize = 80_000;
