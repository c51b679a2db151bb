//! A session's outbox log in its partition: one item for each record, its sort key the number of the record's first event.
//!
//! The log of a deleted session ends with a stone: an item at head + 1 that nobody gets past, so that a worker that does not know yet is
//! refused by its next key, as by a successor's record.

use super::item::{Item, bytes_of, has, item, number, number_of, text, text_of};
use super::request::{Consistency, Order, Range};
use super::table::{Table, TableError, keys};
use crate::config::limits::{
    DYNAMO_FENCE_ATTEMPTS_MAX, DYNAMO_ITEM_BYTES_MAX, RECORD_EVENTS_MAX, SESSION_ITEMS_KEPT_MS, TOMBSTONE_KEPT_MS,
};
use crate::ports::clock::UnixMs;
use crate::ports::ids::WorkerId;
use crate::ports::journal::{JournalError, Record};
use aws_sdk_dynamodb::types::AttributeValue;

/// The last item of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LogEnd {
    Head(u64),
    /// The session was deleted.
    Stone,
}

pub(super) enum Put {
    Stored,
    /// Something stands at that key.
    Taken(WorkerId),
    Stone,
}

/// Puts the record at its key, if nothing is there.
pub(super) async fn put(table: &Table, pk: &str, record: &Record) -> Result<Put, JournalError> {
    let item = record_item(pk, record, table.ttl(SESSION_ITEMS_KEPT_MS))?;
    match table.put(item, Some("attribute_not_exists(#pk)"), None).await {
        Ok(()) => Ok(Put::Stored),
        Err(TableError::Refused(Some(there))) if has(&there, "stone") => Ok(Put::Stone),
        Err(TableError::Refused(Some(there))) => Ok(Put::Taken(WorkerId::new(text_of(&there, "writer")?))),
        Err(error) => Err(error.into()),
    }
}

/// Consistent.
pub(super) async fn end(table: &Table, pk: &str) -> Result<LogEnd, TableError> {
    let last = last_through(table, pk, u64::MAX, "#last, #stone, #ttl").await?;
    Ok(match last {
        None => LogEnd::Head(0),
        Some(item) if has(&item, "stone") => LogEnd::Stone,
        Some(item) => LogEnd::Head(number_of(&item, "last")?),
    })
}

/// Who wrote the record that holds `seq`.
pub(super) async fn writer_at(table: &Table, pk: &str, seq: u64) -> Result<WorkerId, TableError> {
    let holder = last_through(table, pk, seq, "#writer, #ttl").await?;
    let holder = holder.ok_or_else(|| TableError::Failed("a log has no record where it must have one".into()))?;
    Ok(WorkerId::new(text_of(&holder, "writer")?))
}

/// Records that hold events after `after`, and whether the log ends with them.
pub(super) async fn records_after(
    table: &Table,
    pk: &str,
    after: u64,
    limit: usize,
) -> Result<(Vec<Record>, bool), TableError> {
    // A record that holds what follows `after` begins less than the events of one record before it.
    let from = (after + 1).saturating_sub(RECORD_EVENTS_MAX as u64 - 1).max(1);
    let range = Range { limit: Some(limit + RECORD_EVENTS_MAX), ..of_log(pk, from, u64::MAX) };
    let (mut records, mut start) = (Vec::new(), None);
    loop {
        let page = table.page(&range, start.take()).await?;
        for item in page.items {
            if has(&item, "stone") || number_of(&item, "last")? <= after {
                continue;
            }
            if records.len() == limit {
                return Ok((records, false));
            }
            records.push(record_of(&item)?);
        }
        start = page.next;
        if start.is_none() {
            return Ok((records, true));
        }
    }
}

/// Lays the stone and removes all records before it. Done again, it does what was left.
pub(super) async fn remove(table: &Table, pk: &str) -> Result<(), TableError> {
    lay_stone(table, pk).await?;
    let range = Range { wanted: Some("#pk, #sk, #stone"), ..of_log(pk, 0, u64::MAX) };
    let mut records = table.all(&range).await?;
    records.retain(|item| !has(item, "stone"));
    table.remove_all(records).await
}

/// Removes what was committed before `before` and ends at `through_seq` or earlier, but never the log's last item.
pub(super) async fn trim(table: &Table, pk: &str, before: UnixMs, through_seq: u64) -> Result<(), TableError> {
    let range = Range { wanted: Some("#pk, #sk, #last, #committed, #stone"), ..of_log(pk, 0, u64::MAX) };
    let mut records = table.all(&range).await?;
    records.pop();
    let mut old = Vec::new();
    for mut item in records {
        if !has(&item, "stone") && number_of(&item, "committed")? < before.0 && number_of(&item, "last")? <= through_seq
        {
            item.retain(|name, _| name == "pk" || name == "sk");
            old.push(item);
        }
    }
    table.remove_all(old).await
}

async fn lay_stone(table: &Table, pk: &str) -> Result<(), TableError> {
    for _ in 0..DYNAMO_FENCE_ATTEMPTS_MAX {
        let LogEnd::Head(head_seq) = end(table, pk).await? else { return Ok(()) };
        let mut stone = keys(pk, &sort_key(head_seq + 1));
        stone.extend(item([("stone", Some(number(1))), ("ttl", Some(table.ttl(TOMBSTONE_KEPT_MS)))]));
        match table.put(stone, Some("attribute_not_exists(#pk)"), None).await {
            // A worker was faster: its record goes, too.
            Err(TableError::Refused(_)) => {}
            other => return other,
        }
    }
    Err(TableError::Failed("a deleted session's log is still being written".into()))
}

async fn last_through(table: &Table, pk: &str, through: u64, wanted: &str) -> Result<Option<Item>, TableError> {
    let all = of_log(pk, 0, through);
    let range = Range { order: Order::Descending, limit: Some(1), wanted: Some(wanted), ..all };
    Ok(table.page(&range, None).await?.items.into_iter().next())
}

fn of_log(pk: &str, from_seq: u64, through_seq: u64) -> Range<'_> {
    Range {
        pk,
        from: sort_key(from_seq),
        through: sort_key(through_seq.min(SEQ_MAX)),
        order: Order::Ascending,
        consistency: Consistency::Strong,
        limit: None,
        wanted: None,
    }
}

fn sort_key(seq: u64) -> String {
    format!("log#{seq:012}")
}

/// The highest number that the sort key's digits hold.
const SEQ_MAX: u64 = 999_999_999_999;

/// The record as an item, if it is one that a log can hold.
fn record_item(pk: &str, record: &Record, ttl: AttributeValue) -> Result<Item, JournalError> {
    let Record { first_seq, last_seq, epoch, writer, cursor, committed, events } = record;
    let count = events.len();
    let numbers = last_seq.checked_sub(*first_seq).and_then(|more| more.checked_add(1));
    let numbered = *first_seq >= 1 && *last_seq <= SEQ_MAX && numbers == Some(count as u64);
    if count == 0 || count > RECORD_EVENTS_MAX || !numbered {
        return Err(JournalError::Failed(format!("{count} events cannot be numbered {first_seq} to {last_seq}")));
    }
    let cursor = serde_json::to_string(cursor).map_err(|error| JournalError::Failed(error.to_string()))?;
    let item = item([
        ("pk", Some(text(pk))),
        ("sk", Some(text(sort_key(*first_seq)))),
        ("last", Some(number(*last_seq))),
        ("epoch", Some(number(*epoch))),
        ("writer", Some(text(writer.as_str()))),
        ("cursor", Some(text(cursor))),
        ("committed", Some(number(committed.0))),
        ("events", Some(AttributeValue::L(events.iter().map(text).collect()))),
        ("ttl", Some(ttl)),
    ]);
    let bytes = bytes_of(&item);
    if bytes > DYNAMO_ITEM_BYTES_MAX {
        let message = format!("a record of {bytes} bytes is larger than an item of {DYNAMO_ITEM_BYTES_MAX}");
        return Err(JournalError::Failed(message));
    }
    Ok(item)
}

fn record_of(item: &Item) -> Result<Record, TableError> {
    let unreadable = |what: &str| TableError::Failed(format!("a record's {what} cannot be read"));
    let sk = text_of(item, "sk")?;
    let first_seq = sk.strip_prefix("log#").and_then(|digits| digits.parse().ok());
    let events = item.get("events").and_then(|events| events.as_l().ok()).ok_or_else(|| unreadable("events"))?;
    let events: Option<Vec<String>> = events.iter().map(|event| event.as_s().ok().cloned()).collect();
    Ok(Record {
        first_seq: first_seq.ok_or_else(|| unreadable("number"))?,
        last_seq: number_of(item, "last")?,
        epoch: number_of(item, "epoch")?,
        writer: WorkerId::new(text_of(item, "writer")?),
        cursor: serde_json::from_str(text_of(item, "cursor")?).map_err(|_| unreadable("cursor"))?,
        committed: UnixMs(number_of(item, "committed")?),
        events: events.ok_or_else(|| unreadable("events"))?,
    })
}
