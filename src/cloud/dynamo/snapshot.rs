//! A session's snapshot in its partition. A conversation's state may be larger than an item, so what is too large lies in parts beside it,
//! which are never written again: whoever reads a snapshot reads the parts of that one, whatever a later one is being written.

use super::item::{Item, has, item, number, number_of, optional_number_of, text, text_of, values};
use super::request::{Consistency, Order, Range};
use super::table::{Table, TableError};
use crate::config::limits::{
    DYNAMO_SNAPSHOT_PART_BYTES_MAX, DYNAMO_SNAPSHOT_PARTS_MAX, SESSION_ITEMS_KEPT_MS, TOMBSTONE_KEPT_MS,
};
use crate::ports::journal::{JournalError, Snapshot};

/// One that is older than what is there is left out: a worker that was replaced may still come with it.
pub(super) async fn save(table: &Table, pk: &str, snapshot: &Snapshot) -> Result<(), JournalError> {
    let Snapshot { schema, outbox_seq, cursor, state } = snapshot;
    let cursor = serde_json::to_string(cursor).map_err(|error| JournalError::Failed(error.to_string()))?;
    let parts = parts_of(state, DYNAMO_SNAPSHOT_PART_BYTES_MAX);
    if parts.len() > DYNAMO_SNAPSHOT_PARTS_MAX {
        let message = format!("a snapshot of {} bytes is larger than one may be", state.len());
        return Err(JournalError::Failed(message));
    }
    let is_whole = parts.len() <= 1;
    if !is_whole {
        for (at, part) in parts.iter().enumerate() {
            let part = item([
                ("pk", Some(text(pk))),
                ("sk", Some(text(part_sk(*outbox_seq, at)))),
                ("core", Some(text(*part))),
                ("ttl", Some(table.ttl(SESSION_ITEMS_KEPT_MS))),
            ]);
            table.put(part, None, None).await?;
        }
    }
    let head = item([
        ("pk", Some(text(pk))),
        ("sk", Some(text(SNAPSHOT))),
        ("schema", Some(number(u64::from(*schema)))),
        ("outboxSeq", Some(number(*outbox_seq))),
        ("cursor", Some(text(cursor))),
        ("core", is_whole.then(|| text(state))),
        ("parts", (!is_whole).then(|| number(parts.len() as u64))),
        ("ttl", Some(table.ttl(SESSION_ITEMS_KEPT_MS))),
    ]);
    let newest = "attribute_not_exists(#pk) OR #outboxSeq <= :seq";
    match table.put(head, Some(newest), Some(values([("seq", number(*outbox_seq))]))).await {
        Ok(()) if is_whole => Ok(()),
        Ok(()) => Ok(remove_parts(table, pk, 0, outbox_seq.saturating_sub(1)).await?),
        Err(TableError::Refused(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// `None`: there is none, or one of which parts are missing.
pub(super) async fn load(table: &Table, pk: &str) -> Result<Option<Snapshot>, JournalError> {
    let mut seen = None;
    loop {
        let Some(head) = table.get(pk, SNAPSHOT).await?.filter(|item| !has(item, "gone")) else { return Ok(None) };
        let outbox_seq = number_of(&head, "outboxSeq")?;
        let state = match optional_number_of(&head, "parts")? {
            None => Some(text_of(&head, "core")?.to_owned()),
            Some(count) => whole(table, pk, outbox_seq, count).await?,
        };
        if let Some(state) = state {
            return Ok(Some(snapshot_of(&head, outbox_seq, state)?));
        }
        // A later one may have been written between the two looks, and its parts have taken the place of these.
        if seen.replace(outbox_seq) == Some(outbox_seq) {
            tracing::warn!("parts of a snapshot are missing; the session is rebuilt from its events");
            return Ok(None);
        }
    }
}

async fn whole(table: &Table, pk: &str, outbox_seq: u64, count: u64) -> Result<Option<String>, TableError> {
    let parts = table.all(&parts_between(pk, outbox_seq, outbox_seq)).await?;
    if parts.len() as u64 != count {
        return Ok(None);
    }
    parts.iter().map(|part| text_of(part, "core")).collect::<Result<String, _>>().map(Some)
}

fn snapshot_of(head: &Item, outbox_seq: u64, state: String) -> Result<Snapshot, JournalError> {
    let unreadable = |what: &str| JournalError::Failed(format!("a snapshot's {what} cannot be read"));
    Ok(Snapshot {
        schema: u32::try_from(number_of(head, "schema")?).map_err(|_| unreadable("schema"))?,
        outbox_seq,
        cursor: serde_json::from_str(text_of(head, "cursor")?).map_err(|_| unreadable("cursor"))?,
        state,
    })
}

/// Leaves a mark that is newer than any snapshot that a worker may still come with.
pub(super) async fn remove(table: &Table, pk: &str) -> Result<(), TableError> {
    let gone = item([
        ("pk", Some(text(pk))),
        ("sk", Some(text(SNAPSHOT))),
        ("outboxSeq", Some(number(u64::MAX))),
        ("gone", Some(number(1))),
        ("ttl", Some(table.ttl(TOMBSTONE_KEPT_MS))),
    ]);
    table.put(gone, None, None).await?;
    remove_parts(table, pk, 0, u64::MAX).await
}

async fn remove_parts(table: &Table, pk: &str, from_seq: u64, through_seq: u64) -> Result<(), TableError> {
    let old = Range { wanted: Some("#pk, #sk"), ..parts_between(pk, from_seq, through_seq) };
    let old: Vec<Item> = table.all(&old).await?;
    table.remove_all(old).await
}

fn parts_between(pk: &str, from_seq: u64, through_seq: u64) -> Range<'_> {
    Range {
        pk,
        from: format!("{SNAPSHOT}#{from_seq:020}#"),
        through: format!("{SNAPSHOT}#{through_seq:020}#~"),
        order: Order::Ascending,
        consistency: Consistency::Strong,
        limit: None,
        wanted: None,
    }
}

fn part_sk(outbox_seq: u64, at: usize) -> String {
    format!("{SNAPSHOT}#{outbox_seq:020}#{at:03}")
}

/// As many bytes in each as may be, letters whole.
fn parts_of(text: &str, bytes_max: usize) -> Vec<&str> {
    let (mut parts, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let (part, more) = rest.split_at(rest.floor_char_boundary(bytes_max));
        parts.push(part);
        rest = more;
    }
    parts
}

const SNAPSHOT: &str = "snapshot";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_as_large_as_may_be_and_cut_no_letter() {
        assert_eq!(parts_of("aéz€b", 3), ["aé", "z", "€", "b"]);
        assert_eq!(parts_of("", 3), Vec::<&str>::new());
    }
}
