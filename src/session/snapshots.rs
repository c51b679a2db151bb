//! Snapshots: a cache of the fold over the log, written at quiet points after the record they stand for.
//!
//! One that is missing, unreadable, of another schema or ahead of the log is as good as none: the state is rebuilt from the events.

use crate::ports::ids::SessionKey;
use crate::ports::journal::{Cursor, Journal, JournalError, Record, Snapshot};
use crate::session::log;
use serde::de::DeserializeOwned;

/// What a session is restored from: a state that stands at `outbox_seq`, or none, and the records after it.
#[derive(Debug)]
pub struct Stored<S> {
    pub state: Option<S>,
    pub records: Vec<Record>,
    /// The last event stored.
    pub head_seq: u64,
    /// What the last record, or the snapshot, rests on.
    pub cursor: Cursor,
}

/// Reads the snapshot, where it can be used, and the records that come after it.
pub async fn load<S: DeserializeOwned>(
    journal: &dyn Journal,
    key: &SessionKey,
    schema: u32,
) -> Result<Stored<S>, JournalError> {
    let readable = journal.snapshot(key).await?.filter(|snapshot| snapshot.schema == schema);
    let usable = readable.and_then(|snapshot| match serde_json::from_str::<S>(&snapshot.state) {
        Ok(state) => Some((state, snapshot.outbox_seq, snapshot.cursor)),
        Err(error) => {
            tracing::warn!(%error, "a snapshot could not be read; the session is rebuilt from its events");
            None
        }
    });
    let head_seq = journal.head_seq(key).await?;
    let (state, after, cursor) = match usable {
        Some((state, outbox_seq, cursor)) if outbox_seq <= head_seq => (Some(state), outbox_seq, cursor),
        _ => (None, 0, Cursor::default()),
    };
    let records = log::read(journal, key, after).await?;
    let head_seq = records.last().map_or(after, |record| record.last_seq);
    let cursor = records.last().map_or(cursor, |record| record.cursor);
    Ok(Stored { state, records, head_seq, cursor })
}

/// Writes the state that stands after event `outbox_seq`.
pub async fn save(
    journal: &dyn Journal,
    key: &SessionKey,
    schema: u32,
    outbox_seq: u64,
    cursor: Cursor,
    state: String,
) -> Result<(), JournalError> {
    journal.save_snapshot(key, Snapshot { schema, outbox_seq, cursor, state }).await
}
