//! Every limit of the product by name, with its unit last. Limits of the wire itself live in `protocol::v1::limits`.

/// Events that one record of the outbox log holds at most.
pub const RECORD_EVENTS_MAX: usize = 32;

/// Wait for the first word of a question from a model. A reasoning model that thinks longer is of no use in a conversation.
pub const MODEL_FIRST_TOKEN_MS_MAX: u64 = 20_000;
/// Wait between two pieces from a model.
pub const MODEL_TOKEN_GAP_MS_MAX: u64 = 8_000;
/// A question as a whole, from the request to its last word, retries included.
pub const MODEL_QUESTION_MS_MAX: u64 = 60_000;
/// Wait for the first piece of a debrief: its prompt is long.
pub const MODEL_DEBRIEF_FIRST_TOKEN_MS_MAX: u64 = 60_000;
/// A debrief as a whole, retries and the attempt at repair included.
pub const MODEL_DEBRIEF_MS_MAX: u64 = 180_000;
/// A question's text in bytes; a model that goes on is cut off there.
pub const MODEL_QUESTION_CHARS_MAX: usize = 1_200;
/// A debrief's JSON in bytes; one that is longer is refused.
pub const MODEL_DEBRIEF_CHARS_MAX: usize = 64_000;
