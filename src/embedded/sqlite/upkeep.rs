//! What must be done beside the writing, once a second, on a thread of its own: forcing inboxes and the database's log to the disk.

use crate::config::limits::{STORE_SYNC_MS, STORE_WAL_BYTES_MAX};
use crate::embedded::inbox::Inboxes;
use rusqlite::Connection;
use std::io;
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
    pub(super) fn start(inboxes: Weak<Inboxes>, db: Connection) -> io::Result<Self> {
        let (stop, stopped) = channel::<()>();
        let work = Work { inboxes, db };
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
}

/// SQLite's own, which this program does not change.
const PAGE_BYTES: u64 = 4_096;

impl Work {
    fn run(&self) {
        if let Some(inboxes) = self.inboxes.upgrade()
            && let Err(error) = inboxes.sync()
        {
            tracing::error!(%error, "inboxes could not be forced to the disk");
        }
        // A passive checkpoint keeps nobody waiting. Where writers never pause it cannot start the log anew, and the log grows; then
        // what little is left is moved while they wait.
        let moved = self.checkpoint("PASSIVE").and_then(|log_bytes| {
            if log_bytes > STORE_WAL_BYTES_MAX { self.checkpoint("RESTART").map(drop) } else { Ok(()) }
        });
        if let Err(error) = moved {
            tracing::warn!(%error, "the database's log could not be moved into it");
        }
    }

    /// Bytes that stand in the log.
    fn checkpoint(&self, mode: &str) -> rusqlite::Result<u64> {
        let frames: i64 = self.db.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| row.get(1))?;
        Ok(u64::try_from(frames).unwrap_or_default() * PAGE_BYTES)
    }
}
