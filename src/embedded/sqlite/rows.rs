//! Session rows: in the database, and in memory where they are in use, so that a renewal each second costs no query.
//!
//! Only the writer changes what is stored; it publishes a row here after its transaction. The lease lives here alone: one process at a
//! time has the data, so leases end with it.

use crate::config::limits::STORE_ROWS_MAX;
use crate::ports::clock::UnixMs;
use crate::ports::ids::{ConnectionId, SessionKey, WorkerId};
use crate::ports::journal::{JournalError, SessionKind, SessionRow, SessionState, TakeError};
use rusqlite::{Connection, OptionalExtension, Row, named_params};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A row with its number in the database.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) id: i64,
    pub(super) row: SessionRow,
}

#[derive(Debug, Default)]
pub(super) struct Rows {
    held: Mutex<HashMap<SessionKey, Stored>>,
}

impl Rows {
    pub(super) fn get(&self, key: &SessionKey) -> Option<SessionRow> {
        self.lock().get(key).map(|stored| stored.row.clone())
    }

    /// Prolongs the lease of `worker`; `None` when the row is not in memory.
    pub(super) fn renew(
        &self,
        key: &SessionKey,
        worker: &WorkerId,
        epoch: u64,
        lease_until: UnixMs,
    ) -> Option<Result<SessionRow, TakeError>> {
        let mut held = self.lock();
        let row = &mut held.get_mut(key)?.row;
        Some(prolong(row, worker, epoch, lease_until).map(|()| row.clone()))
    }

    /// Whether a worker holds the session beyond `now`.
    pub(super) fn is_leased(&self, key: &SessionKey, now: UnixMs) -> bool {
        self.lock().get(key).is_some_and(|stored| stored.row.lease_until > now)
    }

    pub(super) fn publish(&self, changed: HashMap<SessionKey, Stored>) {
        if changed.is_empty() {
            return;
        }
        let mut held = self.lock();
        for (key, mut stored) in changed {
            if let Some(old) = held.get(&key)
                && old.row.epoch == stored.row.epoch
                && old.row.owner == stored.row.owner
            {
                // Renewed while the transaction ran.
                stored.row.lease_until = stored.row.lease_until.max(old.row.lease_until);
            }
            held.insert(key, stored);
        }
        if held.len() > 2 * STORE_ROWS_MAX {
            held.retain(|_, stored| stored.row.owner.is_some() || stored.row.connection.is_some());
        }
    }

    fn stored(&self, key: &SessionKey) -> Option<Stored> {
        self.lock().get(key).cloned()
    }

    fn id_and_state(&self, key: &SessionKey) -> Option<(i64, SessionState)> {
        self.lock().get(key).map(|stored| (stored.id, stored.row.state))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionKey, Stored>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn prolong(
    row: &mut SessionRow,
    worker: &WorkerId,
    epoch: u64,
    lease_until: UnixMs,
) -> Result<(), TakeError> {
    if row.state == SessionState::Deleted {
        return Err(JournalError::Deleted.into());
    }
    if row.epoch != epoch || row.owner.as_ref() != Some(worker) {
        return Err(TakeError::Held { epoch: row.epoch });
    }
    row.lease_until = lease_until;
    Ok(())
}

/// A transaction of the writer: the database, and the rows as the writes before in the same batch have left them.
pub(super) struct Batch<'a> {
    pub(super) db: &'a Connection,
    /// Last number of each session's log, known to the writer alone.
    pub(super) heads: &'a mut HashMap<i64, u64>,
    rows: &'a Rows,
    changed: HashMap<SessionKey, Stored>,
}

impl<'a> Batch<'a> {
    pub(super) fn new(db: &'a Connection, rows: &'a Rows, heads: &'a mut HashMap<i64, u64>) -> Self {
        if heads.len() > STORE_ROWS_MAX {
            heads.clear();
        }
        Self { db, heads, rows, changed: HashMap::new() }
    }

    pub(super) fn into_changed(self) -> HashMap<SessionKey, Stored> {
        self.changed
    }

    pub(super) fn row(&self, key: &SessionKey) -> rusqlite::Result<Option<Stored>> {
        if let Some(stored) = self.changed.get(key) {
            return Ok(Some(stored.clone()));
        }
        match self.rows.stored(key) {
            Some(stored) => Ok(Some(stored)),
            None => query(self.db, key),
        }
    }

    /// Number and state of a session, without a copy of its row.
    pub(super) fn id_and_state(&self, key: &SessionKey) -> rusqlite::Result<Option<(i64, SessionState)>> {
        if let Some(stored) = self.changed.get(key) {
            return Ok(Some((stored.id, stored.row.state)));
        }
        match self.rows.id_and_state(key) {
            Some(known) => Ok(Some(known)),
            None => Ok(query(self.db, key)?.map(|stored| (stored.id, stored.row.state))),
        }
    }

    pub(super) fn insert(&mut self, key: &SessionKey, row: &SessionRow) -> rusqlite::Result<()> {
        let mut insert = self.db.prepare_cached(
            "INSERT INTO sessions (tenant, usr, session, kind, state, epoch, owner, connection, bind_no, bound_head_seq, \
             unbound_since, due_at, created, stored_version) VALUES (:tenant, :usr, :session, :kind, :state, :epoch, NULL, \
             NULL, :bind_no, :bound_head_seq, :unbound_since, :due_at, :created, :stored_version)",
        )?;
        let id = insert.insert(named_params! {
            ":tenant": key.tenant.as_str(),
            ":usr": key.user.as_str(),
            ":session": key.session.as_str(),
            ":kind": kind_text(row.kind),
            ":state": state_text(row.state),
            ":epoch": row.epoch,
            ":bind_no": row.bind_no,
            ":bound_head_seq": row.bound_head_seq,
            ":unbound_since": row.unbound_since.map(|at| at.0),
            ":due_at": row.due_at.map(|at| at.0),
            ":created": row.created.0,
            ":stored_version": row.stored_version,
        })?;
        self.changed.insert(key.clone(), Stored { id, row: row.clone() });
        Ok(())
    }

    pub(super) fn update(&mut self, key: &SessionKey, stored: Stored) -> rusqlite::Result<()> {
        let row = &stored.row;
        let mut update = self.db.prepare_cached(
            "UPDATE sessions SET state = :state, epoch = :epoch, owner = :owner, connection = :connection, bind_no = :bind_no, \
             bound_head_seq = :bound_head_seq, unbound_since = :unbound_since, due_at = :due_at WHERE id = :id",
        )?;
        update.execute(named_params! {
            ":id": stored.id,
            ":state": state_text(row.state),
            ":epoch": row.epoch,
            ":owner": row.owner.as_ref().map(WorkerId::as_str),
            ":connection": row.connection.as_ref().map(ConnectionId::as_str),
            ":bind_no": row.bind_no,
            ":bound_head_seq": row.bound_head_seq,
            ":unbound_since": row.unbound_since.map(|at| at.0),
            ":due_at": row.due_at.map(|at| at.0),
        })?;
        self.changed.insert(key.clone(), stored);
        Ok(())
    }

    /// Puts a row into memory that the database holds as it is.
    pub(super) fn hold(&mut self, key: &SessionKey, stored: Stored) {
        self.changed.insert(key.clone(), stored);
    }
}

/// The row as it is stored; a row that is not in memory has no lease.
pub(super) fn query(db: &Connection, key: &SessionKey) -> rusqlite::Result<Option<Stored>> {
    let mut select = db.prepare_cached(
        "SELECT id, kind, state, epoch, owner, connection, bind_no, bound_head_seq, unbound_since, due_at, created, \
         stored_version FROM sessions WHERE tenant = ?1 AND usr = ?2 AND session = ?3",
    )?;
    select.query_row([key.tenant.as_str(), key.user.as_str(), key.session.as_str()], read).optional()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        id: row.get("id")?,
        row: SessionRow {
            kind: kind_of(row.get_ref("kind")?.as_str()?)?,
            state: state_of(row.get_ref("state")?.as_str()?)?,
            epoch: row.get("epoch")?,
            owner: row.get::<_, Option<String>>("owner")?.map(WorkerId::new),
            lease_until: UnixMs(0),
            connection: row.get::<_, Option<String>>("connection")?.map(ConnectionId::new),
            bind_no: row.get("bind_no")?,
            bound_head_seq: row.get("bound_head_seq")?,
            unbound_since: row.get::<_, Option<u64>>("unbound_since")?.map(UnixMs),
            due_at: row.get::<_, Option<u64>>("due_at")?.map(UnixMs),
            created: UnixMs(row.get("created")?),
            stored_version: row.get("stored_version")?,
        },
    })
}

pub(super) fn kind_text(kind: SessionKind) -> &'static str {
    match kind {
        SessionKind::Interview => "interview",
        SessionKind::Chat => "chat",
    }
}

pub(super) fn kind_of(text: &str) -> rusqlite::Result<SessionKind> {
    match text {
        "interview" => Ok(SessionKind::Interview),
        "chat" => Ok(SessionKind::Chat),
        _ => Err(unknown_word(text)),
    }
}

pub(super) fn state_text(state: SessionState) -> &'static str {
    match state {
        SessionState::Open => "open",
        SessionState::Finished => "finished",
        SessionState::Abandoned => "abandoned",
        SessionState::Deleted => "deleted",
    }
}

pub(super) fn state_of(text: &str) -> rusqlite::Result<SessionState> {
    match text {
        "open" => Ok(SessionState::Open),
        "finished" => Ok(SessionState::Finished),
        "abandoned" => Ok(SessionState::Abandoned),
        "deleted" => Ok(SessionState::Deleted),
        _ => Err(unknown_word(text)),
    }
}

fn unknown_word(text: &str) -> rusqlite::Error {
    let message = format!("{text:?} is not a word that this program stores");
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, message.into())
}
