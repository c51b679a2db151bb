//! What a stream to Amazon Transcribe is held to, beside the limits of every recognizer. What AWS itself allows is AWS's to change.

/// Audio that is sent to Transcribe at once; it takes no more than 1 s, and less is more overhead.
pub const TRANSCRIBE_CHUNK_MS_MAX: u64 = 200;
/// Chunks that wait for the connection to Transcribe, e.g. while it is made.
pub const TRANSCRIBE_CHUNKS_MAX: usize = 32;
/// Transcribe has failed when it owes an answer and says nothing for so long. Less than
/// [`RECOGNIZER_STALLED_MS`](super::RECOGNIZER_STALLED_MS), which takes silence for the answer to noise.
pub const TRANSCRIBE_SILENT_MS_MAX: u64 = 8_000;
