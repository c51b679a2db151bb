//! The journal, kept by the database.

use super::error::DbError;
use super::rows::{self, Batch, Stored};
use super::{Store, log};
use crate::ports::clock::UnixMs;
use crate::ports::ids::{ConnectionId, SessionId, SessionKey, TenantId, UserId, WorkerId};
use crate::ports::journal::{
    AppendError, Created, Journal, JournalError, Record, STORED_VERSION, SessionKind, SessionRow, SessionState,
    Snapshot, TakeError,
};
use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};

#[async_trait]
impl Journal for Store {
    async fn create(&self, key: &SessionKey, kind: SessionKind, now: UnixMs) -> Result<Created, JournalError> {
        let key = key.clone();
        self.writer.write(move |batch| create(batch, &key, kind, now)).await?
    }

    async fn row(&self, key: &SessionKey) -> Result<Option<SessionRow>, JournalError> {
        if let Some(row) = self.rows.get(key) {
            return Ok(Some(row));
        }
        let stored = self.query(key, |_, stored| Ok(stored)).await?;
        Ok(stored.map(|stored| stored.row))
    }

    async fn take(
        &self,
        key: &SessionKey,
        worker: &WorkerId,
        epoch_seen: u64,
        now: UnixMs,
        lease_until: UnixMs,
    ) -> Result<SessionRow, TakeError> {
        let (key, worker) = (key.clone(), worker.clone());
        self.writer
            .write(move |batch| {
                let mut stored = match existing(batch, &key)? {
                    Ok(stored) => stored,
                    Err(error) => return Ok(Err(error.into())),
                };
                let row = &mut stored.row;
                if row.epoch != epoch_seen || row.lease_until > now {
                    return Ok(Err(TakeError::Held { epoch: row.epoch }));
                }
                row.epoch += 1;
                row.owner = Some(worker.clone());
                row.lease_until = lease_until;
                row.due_at = None;
                let row = row.clone();
                batch.update(&key, stored)?;
                Ok(Ok(row))
            })
            .await?
    }

    async fn renew(
        &self,
        key: &SessionKey,
        worker: &WorkerId,
        epoch: u64,
        lease_until: UnixMs,
    ) -> Result<SessionRow, TakeError> {
        if let Some(renewed) = self.rows.renew(key, worker, epoch, lease_until) {
            return renewed;
        }
        let (key, worker) = (key.clone(), worker.clone());
        self.writer
            .write(move |batch| {
                let mut stored = match existing(batch, &key)? {
                    Ok(stored) => stored,
                    Err(error) => return Ok(Err(error.into())),
                };
                if let Err(held) = rows::prolong(&mut stored.row, &worker, epoch, lease_until) {
                    return Ok(Err(held));
                }
                let row = stored.row.clone();
                batch.hold(&key, stored);
                Ok(Ok(row))
            })
            .await?
    }

    async fn release(
        &self,
        key: &SessionKey,
        worker: &WorkerId,
        epoch: u64,
        state: SessionState,
        due_at: Option<UnixMs>,
    ) -> Result<(), JournalError> {
        let worker = worker.clone();
        let change = move |row: &mut SessionRow| {
            let ours = row.epoch == epoch && row.owner.as_ref() == Some(&worker);
            if ours && row.state != SessionState::Deleted {
                row.owner = None;
                row.lease_until = UnixMs(0);
                row.state = state;
                row.due_at = due_at;
            }
            Ok(())
        };
        self.change(key, change).await.map(drop)
    }

    async fn bind(
        &self,
        key: &SessionKey,
        connection: &ConnectionId,
        bound_head_seq: u64,
    ) -> Result<Option<SessionRow>, JournalError> {
        let connection = connection.clone();
        let change = move |row: &mut SessionRow| {
            if row.state == SessionState::Deleted {
                return Err(JournalError::Deleted);
            }
            row.connection = Some(connection.clone());
            row.bind_no += 1;
            row.bound_head_seq = bound_head_seq;
            row.unbound_since = None;
            Ok(())
        };
        match self.change(key, change).await {
            Ok(before) => Ok(Some(before)),
            Err(JournalError::Unknown) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn unbind(&self, key: &SessionKey, connection: &ConnectionId, now: UnixMs) -> Result<(), JournalError> {
        let connection = connection.clone();
        let change = move |row: &mut SessionRow| {
            if row.connection.as_ref() == Some(&connection) {
                row.connection = None;
                row.unbound_since = Some(now);
            }
            Ok(())
        };
        match self.change(key, change).await {
            Ok(_) | Err(JournalError::Unknown) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn append(&self, key: &SessionKey, record: Record) -> Result<(), AppendError> {
        let cursor = log::check(&record)?;
        let key = key.clone();
        self.writer.write(move |batch| log::append(batch, &key, &record, &cursor)).await?
    }

    async fn records_after(&self, key: &SessionKey, after: u64, limit: usize) -> Result<Vec<Record>, JournalError> {
        let read = move |db: &Connection, stored: Option<Stored>| match stored {
            Some(stored) => Ok(log::records_after(db, stored.id, after, limit)?),
            None => Ok(Vec::new()),
        };
        Ok(self.query(key, read).await?)
    }

    async fn trim(&self, key: &SessionKey, before: UnixMs, through_seq: u64) -> Result<(), JournalError> {
        let key = key.clone();
        let trim = move |batch: &mut Batch<'_>| match batch.id_and_state(&key)? {
            Some((id, _)) => log::trim(batch.db, id, before, through_seq),
            None => Ok(()),
        };
        Ok(self.writer.write(trim).await?)
    }

    async fn head_seq(&self, key: &SessionKey) -> Result<u64, JournalError> {
        let read = |db: &Connection, stored: Option<Stored>| match stored {
            Some(stored) => Ok(log::head_seq(db, stored.id)?),
            None => Ok(0),
        };
        Ok(self.query(key, read).await?)
    }

    async fn save_snapshot(&self, key: &SessionKey, snapshot: Snapshot) -> Result<(), JournalError> {
        let cursor =
            serde_json::to_string(&snapshot.cursor).map_err(|error| JournalError::Failed(error.to_string()))?;
        let key = key.clone();
        let save = move |batch: &mut Batch<'_>| {
            let stored = match existing(batch, &key)? {
                Ok(stored) => stored,
                Err(error) => return Ok(Err(error)),
            };
            let Snapshot { schema, outbox_seq, cursor: _, state } = &snapshot;
            // A worker that was replaced may still come with an older one.
            let mut put = batch.db.prepare_cached(
                "INSERT INTO snapshots (session_id, schema, outbox_seq, cursor, state) VALUES (?1, ?2, ?3, ?4, ?5) \
                 ON CONFLICT (session_id) DO UPDATE SET schema = excluded.schema, outbox_seq = excluded.outbox_seq, \
                 cursor = excluded.cursor, state = excluded.state WHERE excluded.outbox_seq >= snapshots.outbox_seq",
            )?;
            put.execute(params![stored.id, schema, outbox_seq, cursor, state])?;
            Ok(Ok(()))
        };
        self.writer.write(save).await?
    }

    async fn snapshot(&self, key: &SessionKey) -> Result<Option<Snapshot>, JournalError> {
        let read = |db: &Connection, stored: Option<Stored>| match stored {
            Some(stored) => Ok(snapshot(db, stored.id)?),
            None => Ok(None),
        };
        Ok(self.query(key, read).await?)
    }

    async fn due(&self, now: UnixMs, limit: usize) -> Result<Vec<SessionKey>, JournalError> {
        let rows = std::sync::Arc::clone(&self.rows);
        let read = move |db: &Connection| {
            let mut select = db.prepare_cached(
                "SELECT tenant, usr, session, due_at IS NULL FROM sessions \
                 WHERE state = 'open' AND (due_at IS NULL OR due_at <= ?1) ORDER BY coalesce(due_at, created), id",
            )?;
            let mut found = select.query(params![now.0])?;
            let mut due = Vec::new();
            while due.len() < limit
                && let Some(row) = found.next()?
            {
                let key = read_key(row)?;
                let left_to_its_lease: bool = row.get(3)?;
                if !(left_to_its_lease && rows.is_leased(&key, now)) {
                    due.push(key);
                }
            }
            Ok(due)
        };
        Ok(self.readers.read(read).await?)
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), JournalError> {
        let (key, now) = (key.clone(), self.clock.now());
        let delete = move |batch: &mut Batch<'_>| {
            let mut stored = match batch.row(&key)? {
                Some(stored) => stored,
                // Also what was never heard of stays gone: its first message may be on its way.
                None => {
                    batch.insert(&key, &new_row(SessionKind::Interview, now))?;
                    let Some(stored) = batch.row(&key)? else { return Ok(()) };
                    stored
                }
            };
            let row = &mut stored.row;
            row.state = SessionState::Deleted;
            row.owner = None;
            row.lease_until = UnixMs(0);
            row.connection = None;
            row.due_at = None;
            batch.db.prepare_cached("DELETE FROM log WHERE session_id = ?1")?.execute([stored.id])?;
            batch.db.prepare_cached("DELETE FROM snapshots WHERE session_id = ?1")?.execute([stored.id])?;
            batch.heads.remove(&stored.id);
            batch.update(&key, stored)
        };
        Ok(self.writer.write(delete).await?)
    }
}

impl Store {
    /// Changes a row; the row as it was before.
    async fn change(
        &self,
        key: &SessionKey,
        mut change: impl FnMut(&mut SessionRow) -> Result<(), JournalError> + Send + 'static,
    ) -> Result<SessionRow, JournalError> {
        let key = key.clone();
        let work = move |batch: &mut Batch<'_>| {
            let Some(mut stored) = batch.row(&key)? else { return Ok(Err(JournalError::Unknown)) };
            let before = stored.row.clone();
            if let Err(error) = change(&mut stored.row) {
                return Ok(Err(error));
            }
            if stored.row != before {
                batch.update(&key, stored)?;
            }
            Ok(Ok(before))
        };
        self.writer.write(work).await?
    }

    async fn query<T: Send + 'static>(
        &self,
        key: &SessionKey,
        read: impl FnOnce(&Connection, Option<Stored>) -> Result<T, DbError> + Send + 'static,
    ) -> Result<T, DbError> {
        let key = key.clone();
        self.readers
            .read(move |db| {
                let stored = rows::query(db, &key)?;
                read(db, stored)
            })
            .await
    }
}

fn create(
    batch: &mut Batch<'_>,
    key: &SessionKey,
    kind: SessionKind,
    now: UnixMs,
) -> rusqlite::Result<Result<Created, JournalError>> {
    if let Some(stored) = batch.row(key)? {
        return Ok(match stored.row.state {
            SessionState::Deleted => Err(JournalError::Deleted),
            SessionState::Open | SessionState::Finished | SessionState::Abandoned => Ok(Created::Existing(stored.row)),
        });
    }
    let row = new_row(kind, now);
    batch.insert(key, &row)?;
    Ok(Ok(Created::New(row)))
}

fn new_row(kind: SessionKind, now: UnixMs) -> SessionRow {
    SessionRow {
        kind,
        state: SessionState::Open,
        epoch: 0,
        owner: None,
        lease_until: UnixMs(0),
        connection: None,
        bind_no: 0,
        bound_head_seq: 0,
        unbound_since: Some(now),
        due_at: None,
        created: now,
        stored_version: STORED_VERSION,
    }
}

fn existing(batch: &Batch<'_>, key: &SessionKey) -> rusqlite::Result<Result<Stored, JournalError>> {
    Ok(match batch.row(key)? {
        None => Err(JournalError::Unknown),
        Some(stored) if stored.row.state == SessionState::Deleted => Err(JournalError::Deleted),
        Some(stored) => Ok(stored),
    })
}

fn snapshot(db: &Connection, id: i64) -> rusqlite::Result<Option<Snapshot>> {
    db.prepare_cached("SELECT schema, outbox_seq, cursor, state FROM snapshots WHERE session_id = ?1")?
        .query_row([id], |row| {
            let cursor = serde_json::from_str(row.get_ref(2)?.as_str()?).map_err(|error| {
                rusqlite::Error::FromSqlConversionFailure(2, rusqlite::types::Type::Text, Box::new(error))
            })?;
            Ok(Snapshot { schema: row.get(0)?, outbox_seq: row.get(1)?, cursor, state: row.get(3)? })
        })
        .optional()
}

/// The key in the first three columns.
pub(super) fn read_key(row: &rusqlite::Row<'_>) -> rusqlite::Result<SessionKey> {
    Ok(SessionKey::new(
        TenantId::new(row.get::<_, String>(0)?),
        UserId::new(row.get::<_, String>(1)?),
        SessionId::new(row.get::<_, String>(2)?),
    ))
}
