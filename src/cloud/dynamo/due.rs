//! The index of what is due: open sessions by the moment when a sweep must look at them.
//!
//! It lies ahead of the leases and may lag behind the rows, so its entries are candidates; the rows decide.

use super::item::{Item, number_of, text_of};
use super::keys::session_key;
use super::row::{ROW, due_shard, row_of};
use super::table::{Index, Table, TableError, keys};
use crate::config::limits::{DYNAMO_BATCH_KEYS, DYNAMO_DUE_SHARDS};
use crate::ports::clock::UnixMs;
use crate::ports::ids::SessionKey;
use crate::ports::journal::{SessionRow, SessionState};

/// Sessions that a sweep must start, oldest first.
pub(super) async fn sessions(table: &Table, now: UnixMs, limit: usize) -> Result<Vec<SessionKey>, TableError> {
    let mut candidates = Vec::new();
    for shard in 0..DYNAMO_DUE_SHARDS {
        candidates.extend(in_shard(table, shard, now, limit).await?);
    }
    candidates.sort_unstable();
    let mut due = Vec::new();
    for chunk in candidates.chunks(DYNAMO_BATCH_KEYS) {
        let rows = table.get_all(chunk.iter().map(|(_, pk)| keys(pk, ROW)).collect()).await?;
        for item in &rows {
            let row = row_of(item)?;
            if let Some(since) = due_since(&row, now) {
                let pk = text_of(item, "pk")?;
                let key = session_key(pk).ok_or_else(|| TableError::Failed("a row is no session's".into()))?;
                due.push((since, key));
            }
        }
        if due.len() >= limit {
            break;
        }
    }
    due.sort_unstable();
    due.truncate(limit);
    Ok(due.into_iter().map(|(_, key)| key).collect())
}

async fn in_shard(table: &Table, shard: u64, now: UnixMs, limit: usize) -> Result<Vec<(u64, String)>, TableError> {
    let hash = due_shard(shard);
    let index = Index { name: "due", hash_name: "duePk", hash: &hash, range_name: "dueAt" };
    let (mut candidates, mut start): (Vec<_>, Option<Item>) = (Vec::new(), None);
    loop {
        let page = table.indexed(index, now.0, start.take()).await?;
        for item in &page.items {
            candidates.push((number_of(item, "dueAt")?, text_of(item, "pk")?.to_owned()));
        }
        start = page.next;
        // Some of them may turn out not to be due any more; the next sweep comes in a minute.
        if start.is_none() || candidates.len() >= limit.saturating_mul(2) {
            return Ok(candidates);
        }
    }
}

/// Since when nobody looks after the session although someone must.
fn due_since(row: &SessionRow, now: UnixMs) -> Option<UnixMs> {
    match (row.state, row.due_at) {
        (SessionState::Open, Some(at)) => (at <= now).then_some(at),
        (SessionState::Open, None) => (row.lease_until <= now).then_some(row.lease_until.max(row.created)),
        (SessionState::Finished | SessionState::Abandoned | SessionState::Deleted, _) => None,
    }
}
