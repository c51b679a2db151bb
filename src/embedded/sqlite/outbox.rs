//! Ends of interviews that somebody is still to be told. Each is noted in the transaction that stores the finished summary, once for each
//! session, and survives restarts.
//!
//! Who is told, and how often it is tried, is not known here.

use super::Store;
use super::error::DbError;
use super::reports::is_deleted;
use super::rows::Batch;
use crate::ports::announcements::{AnnounceError, InterviewFinished};
use crate::ports::clock::UnixMs;
use rusqlite::{OptionalExtension, params};
use std::sync::Arc;
use tokio::sync::Notify;

/// An end that was not told yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untold {
    pub id: i64,
    pub finished: InterviewFinished,
    pub since: UnixMs,
    pub attempts: u32,
}

impl Store {
    /// Those that are due, the oldest first.
    pub async fn untold(&self, now: UnixMs, limit: usize) -> Result<Vec<Untold>, AnnounceError> {
        let read = self.readers.read(move |db| {
            let mut select = db.prepare_cached(
                "SELECT id, finished, since, attempts FROM announcements WHERE due_at <= ?1 ORDER BY due_at, id LIMIT ?2",
            )?;
            let rows = select.query_map(params![now.0, limit], |row| {
                Ok((row.get(0)?, row.get::<_, String>(1)?, UnixMs(row.get(2)?), row.get(3)?))
            })?;
            rows.map(|row| {
                let (id, json, since, attempts) = row?;
                let finished = serde_json::from_str(&json).map_err(|error| DbError::Failed(error.to_string()))?;
                Ok(Untold { id, finished, since, attempts })
            })
            .collect()
        });
        Ok(read.await?)
    }

    /// When the next one is due.
    pub async fn next_untold(&self) -> Result<Option<UnixMs>, AnnounceError> {
        let read = self.readers.read(|db| {
            let mut select = db.prepare_cached("SELECT min(due_at) FROM announcements WHERE due_at IS NOT NULL")?;
            let next: Option<Option<u64>> = select.query_row([], |row| row.get(0)).optional()?;
            Ok(next.flatten().map(UnixMs))
        });
        Ok(read.await?)
    }

    /// It was tried once more: again at `due_at`, or never.
    pub async fn tried(&self, id: i64, due_at: Option<UnixMs>) -> Result<(), AnnounceError> {
        let note = move |batch: &mut Batch<'_>| {
            batch
                .db
                .prepare_cached("UPDATE announcements SET attempts = attempts + 1, due_at = ?2 WHERE id = ?1")?
                .execute(params![id, due_at.map(|at| at.0)])
                .map(drop)
        };
        Ok(self.writer.write(note).await?)
    }

    /// Is woken when an end is noted.
    pub fn noted(&self) -> Arc<Notify> {
        Arc::clone(&self.noted)
    }
}

/// Whether it is new; a session ends once, however often that is stored.
pub(super) fn note(batch: &Batch<'_>, finished: &InterviewFinished, now: UnixMs) -> rusqlite::Result<bool> {
    if is_deleted(batch, &finished.key)? {
        return Ok(false);
    }
    let json =
        serde_json::to_string(finished).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    let key = &finished.key;
    let mut insert = batch.db.prepare_cached(
        "INSERT OR IGNORE INTO announcements (tenant, usr, session, finished, since, attempts, due_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, 0, ?5)",
    )?;
    let (tenant, user, session) = (key.tenant.as_str(), key.user.as_str(), key.session.as_str());
    Ok(insert.execute(params![tenant, user, session, json, now.0])? > 0)
}
