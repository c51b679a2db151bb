//! The inboxes of all sessions: one append-only file each, a small index in memory while it is in use.
//!
//! An append is one write to the page cache, so a killed process loses nothing that was acknowledged; [`Inboxes::sync`], called once a
//! second by the store's upkeep, bounds what a power cut may lose. Reading streams from the file but for the newest entries, which stay
//! in memory until the worker has read them. Who may write what is not decided here.

mod file;
mod index;
mod live;
mod record;

use crate::config::limits::{
    INBOX_FILES_OPEN_MAX, INBOX_IDLE_SECONDS_MAX, INBOX_INDICES_MAX, INBOX_SEQ_MAX, INBOX_SYNC_FILES_MAX,
};
use crate::embedded::machine;
use crate::ports::feed::{Appended, Entry, FeedError, FeedHead, FeedPage, SeqRange};
use crate::ports::ids::SessionKey;
use file::{Folder, OpenFiles};
pub use live::SizeLimits;
use live::{Inbox, Looked, Phase, Written};
use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How many files and indices are held at once; the named limits unless a test wants less.
#[derive(Clone, Copy, Debug)]
pub struct InboxLimits {
    pub files_open_max: usize,
    pub indices_max: usize,
    pub size: SizeLimits,
}

impl Default for InboxLimits {
    fn default() -> Self {
        let files = machine::open_files_max().map_or(usize::MAX, |max| usize::try_from(max / 2).unwrap_or(usize::MAX));
        Self {
            files_open_max: INBOX_FILES_OPEN_MAX.min(files).max(1),
            indices_max: INBOX_INDICES_MAX,
            size: SizeLimits::default(),
        }
    }
}

#[derive(Debug)]
pub struct Inboxes {
    folder: Folder,
    limits: InboxLimits,
    inboxes: Mutex<HashMap<SessionKey, Arc<Inbox>>>,
    files: OpenFiles,
    /// Written since the last [`Inboxes::sync`].
    dirty: Mutex<Vec<Arc<Inbox>>>,
    /// Counts calls of [`Inboxes::sync`], about one a second: the age of what is unused.
    ticks: AtomicU64,
}

impl Inboxes {
    /// Keeps the inboxes in `folder`, which is made if it is not there.
    pub fn open(folder: &Path, limits: InboxLimits) -> io::Result<Self> {
        Ok(Self {
            folder: Folder::open(folder)?,
            limits,
            inboxes: Mutex::default(),
            files: OpenFiles::default(),
            dirty: Mutex::default(),
            ticks: AtomicU64::new(0),
        })
    }

    /// See [`crate::ports::feed::Feed::append`].
    pub async fn append(&self, key: &SessionKey, seq: u64, entry: Entry) -> Result<Appended, FeedError> {
        check_seq(seq)?;
        let inbox = self.loaded(key).await?;
        self.make_room_for_a_file();
        let written = inbox.append(&self.files, seq, entry)?;
        Ok(self.after(&inbox, written))
    }

    /// See [`crate::ports::feed::Feed::read_after`].
    pub async fn read_after(
        &self,
        key: &SessionKey,
        after: u64,
        limit: usize,
        wait: Duration,
    ) -> Result<FeedPage, FeedError> {
        let inbox = self.loaded(key).await?;
        let limit = limit.max(1);
        let mut elapsed = std::pin::pin!(tokio::time::sleep(wait));
        loop {
            // Enabled before looking, so that what is written after the look wakes this wait.
            let mut woken = std::pin::pin!(inbox.wake.notified());
            woken.as_mut().enable();
            if let Some(page) = self.look(&inbox, after, limit).await? {
                return Ok(page);
            }
            tokio::select! {
                biased;
                () = woken => {}
                () = &mut elapsed => return Ok(FeedPage { head: inbox.head()?, ..FeedPage::default() }),
            }
        }
    }

    pub async fn head(&self, key: &SessionKey) -> Result<FeedHead, FeedError> {
        self.loaded(key).await?.head()
    }

    /// See [`crate::ports::feed::Feed::nudge`].
    pub fn nudge(&self, key: &SessionKey) {
        self.inbox(key).nudge();
    }

    /// See [`crate::ports::feed::Feed::fill_lost`].
    pub async fn fill_lost(&self, key: &SessionKey, seqs: SeqRange) -> Result<(), FeedError> {
        check_seq(seqs.from_seq)?;
        check_seq(seqs.through_seq)?;
        let inbox = self.loaded(key).await?;
        self.make_room_for_a_file();
        let written = inbox.fill_lost(&self.files, seqs)?;
        self.after(&inbox, written);
        Ok(())
    }

    /// Removes the session's file and leaves an empty one that says so.
    pub async fn delete(&self, key: &SessionKey) -> Result<(), FeedError> {
        let inbox = self.inbox(key);
        let _loading = inbox.loading.lock().await;
        inbox.delete()
    }

    /// Forces to the disk what was written since the last call, and drops from memory what was not used for long.
    pub fn sync(&self) -> io::Result<()> {
        let tick = self.ticks.fetch_add(1, Ordering::Relaxed);
        let dirty = std::mem::take(&mut *lock(&self.dirty));
        let files: Vec<_> = dirty.iter().filter_map(|inbox| inbox.take_dirty()).collect();
        drop(dirty);
        let synced = self.folder.sync(&files, INBOX_SYNC_FILES_MAX);
        self.drop_unused(tick);
        synced
    }

    /// Sessions whose index or nudge is in memory.
    pub fn in_memory(&self) -> usize {
        lock(&self.inboxes).len()
    }

    fn inbox(&self, key: &SessionKey) -> Arc<Inbox> {
        let mut inboxes = lock(&self.inboxes);
        let inbox = match inboxes.get(key) {
            Some(inbox) => Arc::clone(inbox),
            None => {
                let inbox = Arc::new(Inbox::new(key, &self.folder));
                inboxes.insert(key.clone(), Arc::clone(&inbox));
                inbox
            }
        };
        inbox.last_used.store(self.ticks.load(Ordering::Relaxed), Ordering::Relaxed);
        inbox
    }

    /// The session's inbox with its index read from the file.
    async fn loaded(&self, key: &SessionKey) -> Result<Arc<Inbox>, FeedError> {
        let inbox = self.inbox(key);
        if inbox.is_cold() {
            let _loading = inbox.loading.lock().await;
            if inbox.is_cold() {
                let paths = inbox.paths.clone();
                let (key, size) = (key.to_string(), self.limits.size);
                let phase = tokio::task::spawn_blocking(move || Phase::load(&paths, &key, size))
                    .await
                    .map_err(|error| FeedError::Failed(error.to_string()))?
                    .map_err(failed)?;
                inbox.warm(phase);
            }
        }
        Ok(inbox)
    }

    async fn look(&self, inbox: &Arc<Inbox>, after: u64, limit: usize) -> Result<Option<FeedPage>, FeedError> {
        self.make_room_for_a_file();
        let (reading, head, nudged) = match inbox.look(&self.files, after, limit)? {
            Looked::Nothing => return Ok(None),
            Looked::Page(page) => return Ok(Some(page)),
            Looked::InFile { reading, head, nudged } => (reading, head, nudged),
        };
        let entries = tokio::task::spawn_blocking(move || reading.read(after + 1, limit))
            .await
            .map_err(|error| FeedError::Failed(error.to_string()))?
            .map_err(failed)?;
        Ok(Some(FeedPage { entries, head, nudged }))
    }

    fn after(&self, inbox: &Arc<Inbox>, written: Written) -> Appended {
        if written.first_since_sync {
            lock(&self.dirty).push(Arc::clone(inbox));
        }
        if written.wakes {
            inbox.wake.notify_waiters();
        }
        written.appended
    }

    /// Closes the quarter of the files that were not used for the longest time, once as many are open as may be.
    fn make_room_for_a_file(&self) {
        if self.files.count() < self.limits.files_open_max {
            return;
        }
        let mut open: Vec<_> = lock(&self.inboxes).values().filter(|inbox| inbox.has_file()).cloned().collect();
        open.sort_by_key(|inbox| inbox.last_used.load(Ordering::Relaxed));
        let count = (open.len() / 4).max(1);
        for inbox in open.into_iter().take(count) {
            inbox.close_file();
        }
    }

    fn drop_unused(&self, tick: u64) {
        let mut inboxes = lock(&self.inboxes);
        let crowded = inboxes.len() > self.limits.indices_max;
        if !crowded && !tick.is_multiple_of(INBOX_IDLE_SECONDS_MAX / 10) {
            return;
        }
        let idle_ticks_max = if crowded { 1 } else { INBOX_IDLE_SECONDS_MAX };
        // Whoever uses an inbox holds it by another reference, and gets it through this map alone.
        inboxes.retain(|_, inbox| {
            let idle_ticks = tick.saturating_sub(inbox.last_used.load(Ordering::Relaxed));
            Arc::strong_count(inbox) > 1 || idle_ticks <= idle_ticks_max
        });
    }
}

fn check_seq(seq: u64) -> Result<(), FeedError> {
    if (1..=INBOX_SEQ_MAX).contains(&seq) {
        return Ok(());
    }
    Err(FeedError::Failed(format!("{seq} is not a number of an inbox")))
}

fn failed(error: io::Error) -> FeedError {
    if file::is_full(&error) { FeedError::Full } else { FeedError::Failed(error.to_string()) }
}

/// A panic elsewhere does not make an inbox unusable: each change of its state is made whole by its last assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
