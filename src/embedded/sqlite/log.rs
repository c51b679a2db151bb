//! The outbox log in the database: appending under a condition, reading in order.
//!
//! Who may append is not asked: the key decides.

use super::rows::Batch;
use crate::config::limits::RECORD_EVENTS_MAX;
use crate::ports::clock::UnixMs;
use crate::ports::ids::{SessionKey, WorkerId};
use crate::ports::journal::{AppendError, Cursor, JournalError, Record, SessionState};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Stands between two events; JSON cannot hold it.
const SEPARATOR: char = '\u{1e}';

/// Whether the record is in itself what the log can hold, and its cursor as JSON.
pub(super) fn check(record: &Record) -> Result<String, JournalError> {
    let count = record.events.len();
    let numbers = record.last_seq.checked_sub(record.first_seq).and_then(|more| more.checked_add(1));
    let numbered = record.first_seq >= 1 && numbers == Some(count as u64);
    if count == 0 || count > RECORD_EVENTS_MAX || !numbered {
        let Record { first_seq, last_seq, .. } = record;
        return Err(JournalError::Failed(format!("{count} events cannot be numbered {first_seq} to {last_seq}")));
    }
    if record.events.iter().any(|event| event.contains(SEPARATOR)) {
        return Err(JournalError::Failed("an event is not JSON".into()));
    }
    serde_json::to_string(&record.cursor).map_err(|error| JournalError::Failed(error.to_string()))
}

/// Puts the record at the log's head, if that is where its first number belongs.
pub(super) fn append(
    batch: &mut Batch<'_>,
    key: &SessionKey,
    record: &Record,
    cursor: &str,
) -> rusqlite::Result<Result<(), AppendError>> {
    let id = match batch.id_and_state(key)? {
        None => return Ok(Err(JournalError::Unknown.into())),
        Some((_, SessionState::Deleted)) => return Ok(Err(JournalError::Deleted.into())),
        Some((id, _)) => id,
    };
    let head_seq = match batch.heads.get(&id) {
        Some(head_seq) => *head_seq,
        None => head_seq(batch.db, id)?,
    };
    batch.heads.insert(id, head_seq);
    if record.first_seq <= head_seq {
        let writer = writer_at(batch.db, id, record.first_seq)?;
        return Ok(Err(AppendError::Taken { writer, head_seq }));
    }
    if record.first_seq > head_seq + 1 {
        let message = format!("the log's head is {head_seq}; {} does not follow", record.first_seq);
        return Ok(Err(JournalError::Failed(message).into()));
    }
    let mut insert = batch.db.prepare_cached(
        "INSERT INTO log (session_id, first_seq, last_seq, epoch, writer, cursor, committed, events) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    insert.execute(params![
        id,
        record.first_seq,
        record.last_seq,
        record.epoch,
        record.writer.as_str(),
        cursor,
        record.committed.0,
        join(&record.events),
    ])?;
    batch.heads.insert(id, record.last_seq);
    Ok(Ok(()))
}

pub(super) fn head_seq(db: &Connection, id: i64) -> rusqlite::Result<u64> {
    db.prepare_cached("SELECT last_seq FROM log WHERE session_id = ?1 ORDER BY first_seq DESC LIMIT 1")?
        .query_row(params![id], |row| row.get(0))
        .optional()
        .map(Option::unwrap_or_default)
}

pub(super) fn records_after(db: &Connection, id: i64, after: u64, limit: usize) -> rusqlite::Result<Vec<Record>> {
    let mut select = db.prepare_cached(
        "SELECT first_seq, last_seq, epoch, writer, cursor, committed, events FROM log \
         WHERE session_id = ?1 AND first_seq > ?2 - ?4 AND last_seq > ?2 ORDER BY first_seq LIMIT ?3",
    )?;
    // A record that holds `after` begins less than the events of one record before it.
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = select.query_map(params![id, after, limit, RECORD_EVENTS_MAX], read)?;
    rows.collect()
}

/// All but the newest record.
pub(super) fn trim(db: &Connection, id: i64, before: UnixMs, through_seq: u64) -> rusqlite::Result<()> {
    db.prepare_cached(
        "DELETE FROM log WHERE session_id = ?1 AND committed < ?2 AND last_seq <= ?3 \
         AND first_seq < (SELECT MAX(first_seq) FROM log WHERE session_id = ?1)",
    )?
    .execute(params![id, before.0, through_seq])
    .map(drop)
}

fn writer_at(db: &Connection, id: i64, seq: u64) -> rusqlite::Result<WorkerId> {
    db.prepare_cached(
        "SELECT writer FROM log WHERE session_id = ?1 AND first_seq <= ?2 ORDER BY first_seq DESC LIMIT 1",
    )?
    .query_row(params![id, seq], |row| row.get::<_, String>(0))
    .map(WorkerId::new)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Record> {
    let cursor = serde_json::from_str::<Cursor>(row.get_ref(4)?.as_str()?)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(4, rusqlite::types::Type::Text, Box::new(error)))?;
    Ok(Record {
        first_seq: row.get(0)?,
        last_seq: row.get(1)?,
        epoch: row.get(2)?,
        writer: WorkerId::new(row.get::<_, String>(3)?),
        cursor,
        committed: UnixMs(row.get(5)?),
        events: row.get_ref(6)?.as_str()?.split(SEPARATOR).map(str::to_owned).collect(),
    })
}

fn join(events: &[String]) -> String {
    let mut joined = String::with_capacity(events.iter().map(|event| event.len() + 1).sum());
    for event in events {
        if !joined.is_empty() {
            joined.push(SEPARATOR);
        }
        joined.push_str(event);
    }
    joined
}
