//! The embedded store: rows, logs, reports and budgets in SQLite, inboxes in files, all in one data folder held by one process.
//!
//! It keeps the contracts of [`Feed`](crate::ports::feed::Feed), [`Journal`](crate::ports::journal::Journal),
//! [`Reports`](crate::ports::reports::Reports), [`Budgets`](crate::ports::budgets::Budgets),
//! [`Documents`](crate::ports::documents::Documents), [`Uploads`](crate::ports::uploads::Uploads),
//! [`Passages`](crate::ports::passages::Passages), [`Quizzes`](crate::ports::quizzes::Quizzes),
//! [`Attempts`](crate::ports::attempts::Attempts) and [`EvidenceLog`](crate::ports::evidence::EvidenceLog), and decides nothing about
//! sessions.
//! What was acknowledged survives a kill of the process at any moment; a power cut may lose the last second or so, never the whole.

pub mod archive;
mod attempts;
mod budgets;
mod conversations;
mod documents;
mod error;
mod evidence;
mod feed;
mod journal;
mod log;
mod migrations;
mod outbox;
mod passages;
mod position;
mod quizzes;
mod readers;
mod reports;
mod rows;
mod upkeep;
mod uploads;
mod vectors;
mod writer;

pub use migrations::MigrateError;
pub use outbox::Untold;

use crate::config::limits::{BUDGET_DAYS_KEPT, STORE_BUSY_MS_MAX, STORE_STATEMENTS_MAX};
use crate::embedded::data_folder::{DataFolder, DataFolderError};
use crate::embedded::inbox::{InboxLimits, Inboxes};
use crate::ports::clock::Clock;
use error::DbError;
use readers::Readers;
use rows::Rows;
use rusqlite::{Connection, OpenFlags, params};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use upkeep::Upkeep;
use writer::Writer;

/// Rows, logs, reports, budgets and inboxes of one data folder.
pub struct Store {
    inboxes: Arc<Inboxes>,
    rows: Arc<Rows>,
    readers: Readers,
    writer: Writer,
    clock: Arc<dyn Clock>,
    announcing: Announcing,
    /// Wakes whoever tells of ends.
    noted: Arc<Notify>,
    _upkeep: Upkeep,
    // Last, so that the folder is given back when nothing can write any more.
    folder: DataFolder,
}

/// What is told at the start, and what a test wants smaller than it is in production.
#[derive(Clone, Copy, Debug, Default)]
pub struct StoreOptions {
    pub inbox: InboxLimits,
    /// The size at which the database counts as full.
    pub database_bytes_max: Option<u64>,
    pub announcements: Announcing,
}

/// Whether the ends of interviews are noted, so that somebody is told of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Announcing {
    #[default]
    Off,
    On,
}

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Folder(#[from] DataFolderError),
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    #[error("the database could not be opened: {0}")]
    Database(String),
    #[error("the store could not be opened: {0}")]
    Io(#[from] io::Error),
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.to_string())
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("folder", &self.folder.path()).finish_non_exhaustive()
    }
}

impl Store {
    /// Takes the data folder (made where it is not there) for this process and brings its database up to date. It reads and writes on
    /// the disk, and belongs at a program's start.
    pub fn open(folder: &Path, clock: Arc<dyn Clock>) -> Result<Arc<Self>, OpenError> {
        Self::open_with(folder, clock, StoreOptions::default())
    }

    pub fn open_with(folder: &Path, clock: Arc<dyn Clock>, options: StoreOptions) -> Result<Arc<Self>, OpenError> {
        let folder = DataFolder::take(folder)?;
        let path = folder.path().join(DATABASE_NAME);
        let mut db = open_writing(&path, options.database_bytes_max)?;
        migrations::migrate(&mut db)?;
        let now = clock.now();
        // The connections of the process before are gone, and nobody is left to say so.
        db.execute(
            "UPDATE sessions SET connection = NULL, unbound_since = ?1 WHERE connection IS NOT NULL",
            params![now.0],
        )?;
        db.execute("DELETE FROM chat_bindings", [])?;
        let today = now.0 / (24 * 60 * 60 * 1000);
        let kept_from = today.saturating_sub(BUDGET_DAYS_KEPT);
        db.execute("DELETE FROM budget_days WHERE day < ?1", params![kept_from])?;
        // What a conversation that goes on has booked is known however long ago it began.
        db.execute(
            "DELETE FROM budget_sessions WHERE day < ?1 AND NOT EXISTS (SELECT 1 FROM sessions AS s WHERE s.tenant = \
             budget_sessions.tenant AND s.usr = budget_sessions.usr AND s.session = budget_sessions.session AND s.state = 'open')",
            params![kept_from],
        )?;
        let inboxes = Arc::new(Inboxes::open(&folder.path().join("inbox"), options.inbox)?);
        let rows = Arc::new(Rows::default());
        let upkeep = Upkeep::start(Arc::downgrade(&inboxes), open_writing(&path, None)?)?;
        let writer = Writer::start(db, Arc::clone(&rows))?;
        Ok(Arc::new(Self {
            inboxes,
            rows,
            readers: Readers::new(&path),
            writer,
            clock,
            announcing: options.announcements,
            noted: Arc::default(),
            _upkeep: upkeep,
            folder,
        }))
    }
}

fn open_writing(path: &Path, bytes_max: Option<u64>) -> rusqlite::Result<Connection> {
    let db = Connection::open(path)?;
    configure(&db)?;
    db.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    // A commit is written to the log without waiting for the disk: a killed process loses nothing; the upkeep forces it out.
    db.pragma_update(None, "synchronous", "normal")?;
    // Moving the log into the database waits for the disk, so the upkeep does it beside the writer.
    db.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
    if let Some(bytes_max) = bytes_max {
        let page: u64 = db.pragma_query_value(None, "page_size", |row| row.get(0))?;
        db.pragma_update_and_check(None, "max_page_count", (bytes_max / page) as i64, |_| Ok(()))?;
    }
    Ok(db)
}

fn open_reading(path: &Path) -> Result<Connection, DbError> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    configure(&db)?;
    Ok(db)
}

fn configure(db: &Connection) -> rusqlite::Result<()> {
    db.busy_timeout(Duration::from_millis(STORE_BUSY_MS_MAX))?;
    db.set_prepared_statement_cache_capacity(STORE_STATEMENTS_MAX);
    db.pragma_update(None, "temp_store", "memory")
}

const DATABASE_NAME: &str = "viva.sqlite3";
