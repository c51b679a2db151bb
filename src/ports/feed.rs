//! The inbox: what a client said in a session, numbered by the client. It is the durable audio log.

use crate::ports::ids::SessionKey;
use async_trait::async_trait;
use bytes::Bytes;
use std::time::Duration;

/// One numbered client message as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Audio; `data` is decoded from base64: Opus packets, each with a u16 big-endian length before it, or PCM samples (s16le).
    Audio { media_ms: u64, data: Bytes },
    /// Any other message: its wire JSON, as received.
    Control { json: String },
    /// A message that was refused for good; it keeps its number, so that the line goes on.
    Refused { code: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    New,
    /// The same number with the same content is stored already.
    Same,
    /// The same number with other content is stored already; nothing was changed.
    Conflict,
}

/// An inclusive range of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeqRange {
    pub from_seq: u64,
    pub through_seq: u64,
}

/// How far the inbox goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedHead {
    /// 1 to n are all stored; 0: nothing is.
    pub through_seq: u64,
    /// The highest number stored.
    pub head_seq: u64,
    /// Holes below `head_seq`, oldest first, at most 32.
    pub missing: Vec<SeqRange>,
    /// End of the audio stored as far as `through_seq`, in media time. The adapter takes the largest `media_ms` stored; its
    /// length is not known here.
    pub media_ms: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedPage {
    /// Contiguous: the first is `after + 1`.
    pub entries: Vec<(u64, Entry)>,
    pub head: FeedHead,
    /// Someone called [`Feed::nudge`] since the last read: the row is worth reading again.
    pub nudged: bool,
}

/// The inbox of every session.
///
/// Contract: `append` refuses numbers more than `INBOX_AHEAD_SEQS_MAX` beyond the contiguous prefix, so that no client can open a hole
/// that takes for ever to fill, and, where it knows the size without a read, what goes beyond `INBOX_BYTES_MAX` or, of other entries than
/// audio, `INBOX_CONTROL_BYTES_MAX` (a short `Refused` is always taken); it is idempotent and durable when it returns (a killed process loses
/// nothing that was appended); entries may come in any order and are read in order; `read_after` returns the contiguous prefix after
/// `after`, at once when there is something (or a nudge, or a hole that was not there before), else empty after `wait`. Without a wait
/// it sees every append that has returned. One reader at a time per session.
///
/// A store whose `append` is one write and no read cannot tell how far the inbox goes, what was given up as a range, or that the session was
/// deleted. It may take such an entry as `New`; then nobody ever reads it, and it expires.
#[async_trait]
pub trait Feed: Send + Sync {
    async fn append(&self, key: &SessionKey, seq: u64, entry: Entry) -> Result<Appended, FeedError>;

    /// At most `limit` entries after `after`; waits up to `wait` for the first of them.
    async fn read_after(
        &self,
        key: &SessionKey,
        after: u64,
        limit: usize,
        wait: Duration,
    ) -> Result<FeedPage, FeedError>;

    async fn head(&self, key: &SessionKey) -> Result<FeedHead, FeedError>;

    /// Wakes the session's reader early, because the row changed (bound, unbound, deleted). Lost when nobody reads.
    async fn nudge(&self, key: &SessionKey) -> Result<(), FeedError>;

    /// Declares `seqs` lost: they are stored as `Refused{code: "input_lost"}` where nothing is stored; what comes later is `Same`, or
    /// `New` and never read.
    async fn fill_lost(&self, key: &SessionKey, seqs: SeqRange) -> Result<(), FeedError>;

    /// Removes everything of the session. Reading afterwards is an error `Deleted`, and so is appending where the store can tell.
    async fn delete(&self, key: &SessionKey) -> Result<(), FeedError>;
}

#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// No space is left; nothing was stored, the client keeps what it has and tries again.
    #[error("storage is full")]
    Full,
    #[error("the session was deleted")]
    Deleted,
    /// The session has stored as much as one session may; nothing was stored, and nothing of that kind will be.
    #[error("the session has stored as much as it may")]
    Exceeded,
    /// The number lies too far beyond what is stored in order; nothing was stored.
    #[error("the number lies too far beyond {through_seq}, the last one stored in order")]
    TooFarAhead { through_seq: u64 },
    #[error("the inbox could not be read or written: {0}")]
    Failed(String),
}
