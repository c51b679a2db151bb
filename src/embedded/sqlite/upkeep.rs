//! What must be done beside the writing, once a second, on a thread of its own: forcing inboxes and the database's log to the disk.

use crate::config::limits::{STORE_SYNC_MS, STORE_WAL_BYTES_MAX};
use crate::embedded::inbox::Inboxes;
use rusqlite::Connection;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Weak;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Runs until it is dropped; then once more.
#[derive(Debug)]
pub(super) struct Upkeep {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Upkeep {
    pub(super) fn start(inboxes: Weak<Inboxes>, db: Connection, database: &Path) -> io::Result<Self> {
        let (stop, stopped) = channel::<()>();
        let mut log_name = database.as_os_str().to_owned();
        log_name.push("-wal");
        let work = Work { inboxes, db, log: log_name.into() };
        let thread = std::thread::Builder::new().name("viva-upkeep".into()).spawn(move || {
            loop {
                let waited = stopped.recv_timeout(Duration::from_millis(STORE_SYNC_MS));
                work.run();
                if waited != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Upkeep {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that forces data to the disk had panicked");
        }
    }
}

struct Work {
    inboxes: Weak<Inboxes>,
    db: Connection,
    log: PathBuf,
}

impl Work {
    fn run(&self) {
        if let Some(inboxes) = self.inboxes.upgrade()
            && let Err(error) = inboxes.sync()
        {
            tracing::error!(%error, "inboxes could not be forced to the disk");
        }
        // A passive checkpoint keeps nobody waiting. Where writers never pause it cannot start the log anew, and the log grows.
        let log_bytes = self.log.metadata().map_or(0, |log| log.len());
        let mode = if log_bytes > STORE_WAL_BYTES_MAX { "TRUNCATE" } else { "PASSIVE" };
        if let Err(error) = self.db.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(())) {
            tracing::warn!(%error, "the database's log could not be moved into it");
        }
    }
}
