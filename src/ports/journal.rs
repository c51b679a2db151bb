//! The journal of a session: its row (lease, connection), its outbox log fenced by its own keys, its snapshot, its due date.

use crate::ports::clock::UnixMs;
use crate::ports::ids::{ConnectionId, SessionKey, WorkerId};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// The version of rows, records and inbox entries that this program writes; `session::versions` says which it reads.
pub const STORED_VERSION: u32 = 1;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SessionKind {
    Interview,
    Chat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SessionState {
    Open,
    Finished,
    Abandoned,
    /// A tombstone: everything else is gone, and stays gone.
    Deleted,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    pub kind: SessionKind,
    pub state: SessionState,
    /// 0 until a worker takes the session for the first time.
    pub epoch: u64,
    pub owner: Option<WorkerId>,
    pub lease_until: UnixMs,
    pub connection: Option<ConnectionId>,
    /// Counts bindings, so that a late unbind of an older connection changes nothing.
    pub bind_no: u64,
    /// The outbox head that the binding client was replayed through: the worker pushes what follows.
    pub bound_head_seq: u64,
    /// Since when no connection is bound.
    pub unbound_since: Option<UnixMs>,
    /// When the sweep must start a worker although nobody speaks.
    pub due_at: Option<UnixMs>,
    pub created: UnixMs,
    /// Version of what is stored under this row; see [`STORED_VERSION`].
    pub stored_version: u32,
}

/// What the events of a record rest on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cursor {
    /// Control messages up to here have had their effect.
    pub inbox_through_seq: u64,
    pub audio_from: AudioFrom,
}

/// Where a successor starts to feed audio again: that entry, and the media time within it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AudioFrom {
    pub seq: u64,
    pub media_ms: u64,
}

/// One commit: up to 32 events under one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The key: number of the first event.
    pub first_seq: u64,
    pub last_seq: u64,
    pub epoch: u64,
    pub writer: WorkerId,
    pub cursor: Cursor,
    pub committed: UnixMs,
    /// Stored events as JSON, one for each number from `first_seq` to `last_seq`.
    pub events: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    pub schema: u32,
    pub outbox_seq: u64,
    pub cursor: Cursor,
    /// The core's state as JSON.
    pub state: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Created {
    New(SessionRow),
    Existing(SessionRow),
}

/// Rows, logs and snapshots of every session.
///
/// Contract: `append` is a conditional put: it succeeds only when nothing is stored at `first_seq` and `first_seq` is head + 1.
/// Reads after a write see it (consistent). `take` succeeds only when the epoch is `epoch_seen` and the lease is over (or free), and adds
/// 1 to the epoch. The lease serves liveness only; correctness comes from `append`.
#[async_trait]
pub trait Journal: Send + Sync {
    /// The row of a new session is unbound since `now`. A deleted session is an error `Deleted`.
    async fn create(&self, key: &SessionKey, kind: SessionKind, now: UnixMs) -> Result<Created, JournalError>;

    /// `None`: never heard of. A deleted one has a row in state `Deleted`.
    async fn row(&self, key: &SessionKey) -> Result<Option<SessionRow>, JournalError>;

    /// Clears `due_at` too: while a worker holds the session, its lease says when another must look.
    async fn take(
        &self,
        key: &SessionKey,
        worker: &WorkerId,
        epoch_seen: u64,
        now: UnixMs,
        lease_until: UnixMs,
    ) -> Result<SessionRow, TakeError>;

    /// Prolongs the lease; the row as it is now. `TakeError::Held` when another worker has taken it.
    async fn renew(
        &self,
        key: &SessionKey,
        worker: &WorkerId,
        epoch: u64,
        lease_until: UnixMs,
    ) -> Result<SessionRow, TakeError>;

    /// Gives the lease back and sets `due_at` and `state`. A no-op when another worker has taken it.
    async fn release(
        &self,
        key: &SessionKey,
        worker: &WorkerId,
        epoch: u64,
        state: SessionState,
        due_at: Option<UnixMs>,
    ) -> Result<(), JournalError>;

    /// Binds a connection; the previous one comes back within the row before the change.
    async fn bind(
        &self,
        key: &SessionKey,
        connection: &ConnectionId,
        bound_head_seq: u64,
    ) -> Result<Option<SessionRow>, JournalError>;

    /// A no-op unless `connection` is the one bound. Sets `unbound_since`; the worker that holds the session, or the sweep where none
    /// does, decides what follows.
    async fn unbind(&self, key: &SessionKey, connection: &ConnectionId, now: UnixMs) -> Result<(), JournalError>;

    async fn append(&self, key: &SessionKey, record: Record) -> Result<(), AppendError>;

    /// Records that hold events after `after`, in order; at most `limit` records.
    async fn records_after(&self, key: &SessionKey, after: u64, limit: usize) -> Result<Vec<Record>, JournalError>;

    /// Removes records that were committed before `before` and hold nothing after event `through_seq`, but never the newest: the head stays
    /// where it is. Idempotent.
    async fn trim(&self, key: &SessionKey, before: UnixMs, through_seq: u64) -> Result<(), JournalError>;

    /// Number of the last event stored; 0: none.
    async fn head_seq(&self, key: &SessionKey) -> Result<u64, JournalError>;

    async fn save_snapshot(&self, key: &SessionKey, snapshot: Snapshot) -> Result<(), JournalError>;

    async fn snapshot(&self, key: &SessionKey) -> Result<Option<Snapshot>, JournalError>;

    /// Open sessions whose `due_at` has come, and open sessions with no live lease (`lease_until` before `now`) and no due date,
    /// about oldest first. One whose lease was renewed may come up to `DYNAMO_DUE_AHEAD_MS` after the lease's end.
    async fn due(&self, now: UnixMs, limit: usize) -> Result<Vec<SessionKey>, JournalError>;

    /// Leaves a tombstone, removes log and snapshot.
    async fn delete(&self, key: &SessionKey) -> Result<(), JournalError>;
}

#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error("storage is full")]
    Full,
    #[error("the session was deleted")]
    Deleted,
    #[error("the session is unknown")]
    Unknown,
    #[error("the journal could not be read or written: {0}")]
    Failed(String),
}

#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// Another worker holds it, or took it first.
    #[error("another worker holds the session (epoch {epoch})")]
    Held { epoch: u64 },
    #[error(transparent)]
    Journal(#[from] JournalError),
}

#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Something is stored at that key already; whose and how far it goes.
    #[error("the log goes on at {head_seq} by {writer}")]
    Taken { writer: WorkerId, head_seq: u64 },
    #[error(transparent)]
    Journal(#[from] JournalError),
}
