//! One session's inbox while it is in use: index, open file, newest entries, who waits for more.

use super::file::{Folder, InboxFile, OpenFiles, Paths, Reading, Scanned, file_head};
use super::index::{Index, Placed};
use super::record::{self, INPUT_LOST};
use super::{failed, lock};
use crate::config::limits::{
    INBOX_AHEAD_SEQS_MAX, INBOX_BYTES_MAX, INBOX_CONTROL_BYTES_MAX, INBOX_RUN_ENTRIES_MAX, INBOX_TAIL_BYTES_MAX,
    INBOX_TAIL_ENTRIES_MAX,
};
use crate::ports::feed::{Appended, Entry, FeedError, FeedHead, FeedPage, SeqRange};
use crate::ports::ids::SessionKey;
use std::collections::VecDeque;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

#[derive(Debug)]
pub(super) struct Inbox {
    pub(super) paths: Paths,
    /// Held while the index is read from the file, and while the file is removed.
    pub(super) loading: tokio::sync::Mutex<()>,
    pub(super) wake: Notify,
    /// Tick of the last use.
    pub(super) last_used: AtomicU64,
    key: String,
    nudged: AtomicBool,
    phase: Mutex<Phase>,
}

#[derive(Debug)]
pub(super) enum Phase {
    /// Its file was not looked at yet.
    Cold,
    Live(Box<Live>),
    Deleted,
}

#[derive(Debug)]
pub(super) struct Live {
    index: Index,
    /// Where the next record goes; 0: there is no file.
    end: u64,
    /// What of it is other than audio.
    control_bytes: u64,
    limits: SizeLimits,
    file: Option<Arc<InboxFile>>,
    /// The newest entries that follow each other, oldest first.
    tail: VecDeque<(u64, Entry)>,
    tail_bytes: usize,
    /// Holes that were made, and how many of them a reader was told of.
    holes_made: u64,
    holes_told: u64,
    dirty: bool,
}

/// How large one inbox may become.
#[derive(Clone, Copy, Debug)]
pub struct SizeLimits {
    pub bytes_max: u64,
    pub control_bytes_max: u64,
}

impl Default for SizeLimits {
    fn default() -> Self {
        Self { bytes_max: INBOX_BYTES_MAX, control_bytes_max: INBOX_CONTROL_BYTES_MAX }
    }
}

pub(super) struct Written {
    pub(super) appended: Appended,
    /// A reader has something to see.
    pub(super) wakes: bool,
    pub(super) first_since_sync: bool,
}

pub(super) enum Looked {
    Nothing,
    Page(FeedPage),
    InFile { reading: Reading, head: FeedHead, nudged: bool },
}

impl Inbox {
    pub(super) fn new(key: &SessionKey, folder: &Folder) -> Self {
        Self {
            paths: folder.paths(key),
            loading: tokio::sync::Mutex::default(),
            wake: Notify::new(),
            last_used: AtomicU64::new(0),
            key: key.to_string(),
            nudged: AtomicBool::new(false),
            phase: Mutex::new(Phase::Cold),
        }
    }

    pub(super) fn is_cold(&self) -> bool {
        matches!(*lock(&self.phase), Phase::Cold)
    }

    pub(super) fn warm(&self, phase: Phase) {
        *lock(&self.phase) = phase;
    }

    pub(super) fn nudge(&self) {
        self.nudged.store(true, Ordering::SeqCst);
        self.wake.notify_waiters();
    }

    pub(super) fn head(&self) -> Result<FeedHead, FeedError> {
        self.with(|live| Ok(live.index.head()))
    }

    pub(super) fn append(&self, files: &OpenFiles, seq: u64, entry: Entry) -> Result<Written, FeedError> {
        self.with(|live| {
            if let Some(stored) = live.stored(&self.paths, files, seq)? {
                let same = stored == entry || is_lost(&stored);
                return Ok(Written::nothing(if same { Appended::Same } else { Appended::Conflict }));
            }
            let through_seq = live.index.through_seq();
            if seq > through_seq + INBOX_AHEAD_SEQS_MAX {
                return Err(FeedError::TooFarAhead { through_seq });
            }
            let mut bytes = live.buffer(&self.key);
            let before = live.progress();
            let start = bytes.len();
            record::encode(seq, &entry, &mut bytes).ok_or_else(too_large)?;
            let length = (bytes.len() - start) as u32;
            live.check_size(&entry, u64::from(length))?;
            let offset = live.write(&self.paths, files, &bytes)? + start as u64;
            if !matches!(entry, Entry::Audio { .. }) {
                live.control_bytes += u64::from(length);
            }
            let media_ms = if let Entry::Audio { media_ms, .. } = entry { media_ms } else { 0 };
            live.place(Placed { first_seq: seq, last_seq: seq, offset, bytes: length, lost: false, media_ms });
            live.remember(seq, entry);
            Ok(Written {
                appended: Appended::New,
                wakes: live.progress() != before,
                first_since_sync: !std::mem::replace(&mut live.dirty, true),
            })
        })
    }

    /// One record for each hole in `seqs`, however wide.
    pub(super) fn fill_lost(&self, files: &OpenFiles, seqs: SeqRange) -> Result<Written, FeedError> {
        self.with(|live| {
            let before = live.progress();
            for gap in live.index.gaps_in(seqs) {
                let mut bytes = live.buffer(&self.key);
                let start = bytes.len();
                record::encode_lost(gap.from_seq, gap.through_seq, &mut bytes).ok_or_else(too_large)?;
                let length = (bytes.len() - start) as u32;
                let offset = live.write(&self.paths, files, &bytes)? + start as u64;
                let SeqRange { from_seq, through_seq } = gap;
                live.place(Placed {
                    first_seq: from_seq,
                    last_seq: through_seq,
                    offset,
                    bytes: length,
                    lost: true,
                    media_ms: 0,
                });
            }
            let changed = live.progress() != before;
            let first_since_sync = changed && !std::mem::replace(&mut live.dirty, true);
            Ok(Written { appended: Appended::New, wakes: changed, first_since_sync })
        })
    }

    /// What a reader that stands at `after` has to see now.
    pub(super) fn look(&self, files: &OpenFiles, after: u64, limit: usize) -> Result<Looked, FeedError> {
        self.with(|live| {
            let nudged = self.nudged.swap(false, Ordering::SeqCst);
            let new_holes = std::mem::replace(&mut live.holes_told, live.holes_made) != live.holes_made;
            let head = live.index.head();
            if after >= head.through_seq {
                if nudged || new_holes {
                    return Ok(Looked::Page(FeedPage { entries: Vec::new(), head, nudged }));
                }
                return Ok(Looked::Nothing);
            }
            live.forget_through(after);
            if live.tail.front().is_some_and(|(seq, _)| *seq == after + 1) {
                let entries = live.tail.iter().take(limit).cloned().collect();
                return Ok(Looked::Page(FeedPage { entries, head, nudged }));
            }
            let runs_max = 2 + limit / INBOX_RUN_ENTRIES_MAX as usize;
            let runs = live.index.contiguous_from(after + 1, runs_max.max(limit)).to_vec();
            let file = live.file(&self.paths, files).map_err(failed)?;
            Ok(Looked::InFile { reading: Reading { file, runs }, head, nudged })
        })
    }

    pub(super) fn delete(&self) -> Result<(), FeedError> {
        let mut phase = lock(&self.phase);
        self.paths.delete().map_err(failed)?;
        *phase = Phase::Deleted;
        drop(phase);
        self.wake.notify_waiters();
        Ok(())
    }

    pub(super) fn has_file(&self) -> bool {
        matches!(&*lock(&self.phase), Phase::Live(live) if live.file.is_some())
    }

    pub(super) fn close_file(&self) {
        if let Phase::Live(live) = &mut *lock(&self.phase) {
            live.file = None;
        }
    }

    /// The file, when it was written since the last call.
    pub(super) fn take_dirty(&self) -> Option<Arc<InboxFile>> {
        let mut phase = lock(&self.phase);
        let Phase::Live(live) = &mut *phase else { return None };
        if !std::mem::replace(&mut live.dirty, false) {
            return None;
        }
        if let Some(file) = &live.file {
            return Some(Arc::clone(file));
        }
        // Synchronising through another handle forces the same file.
        self.paths
            .open(&OpenFiles::default())
            .inspect_err(|error| tracing::warn!(%error, "an inbox could not be opened to be synchronised"))
            .ok()
    }

    fn with<T>(&self, work: impl FnOnce(&mut Live) -> Result<T, FeedError>) -> Result<T, FeedError> {
        match &mut *lock(&self.phase) {
            Phase::Live(live) => work(live),
            Phase::Deleted => Err(FeedError::Deleted),
            Phase::Cold => Err(FeedError::Failed("the inbox was used before it was read".into())),
        }
    }
}

impl Phase {
    /// What the disk says of the session.
    pub(super) fn load(paths: &Paths, key: &str, limits: SizeLimits) -> io::Result<Self> {
        if paths.is_deleted()? {
            return Ok(Self::Deleted);
        }
        let Scanned { index, end, control_bytes } = paths.scan(key)?;
        let holes_made = u64::from(index.through_seq() < index.head_seq());
        Ok(Self::Live(Box::new(Live {
            index,
            end,
            control_bytes,
            limits,
            file: None,
            tail: VecDeque::new(),
            tail_bytes: 0,
            holes_made,
            holes_told: 0,
            dirty: false,
        })))
    }
}

impl Live {
    /// What a reader would notice of a change.
    fn progress(&self) -> (u64, u64) {
        (self.index.through_seq(), self.holes_made)
    }

    /// Empty, or with the head of a file that is not there yet.
    fn buffer(&self, key: &str) -> Vec<u8> {
        if self.end == 0 { file_head(key) } else { Vec::new() }
    }

    /// A refused number is always taken, so that the line goes on.
    fn check_size(&self, entry: &Entry, bytes: u64) -> Result<(), FeedError> {
        let exceeded = match entry {
            Entry::Audio { .. } => self.end + bytes > self.limits.bytes_max,
            Entry::Control { .. } => {
                self.end + bytes > self.limits.bytes_max || self.control_bytes + bytes > self.limits.control_bytes_max
            }
            Entry::Refused { .. } => false,
        };
        if exceeded { Err(FeedError::Exceeded) } else { Ok(()) }
    }

    /// Writes `bytes` at the end; where they begin. What was written in part is cut off again.
    fn write(&mut self, paths: &Paths, files: &OpenFiles, bytes: &[u8]) -> Result<u64, FeedError> {
        let file = self.file(paths, files).map_err(failed)?;
        if let Err(error) = file.file.write_all_at(bytes, self.end) {
            if let Err(error) = file.file.set_len(self.end) {
                tracing::warn!(%error, "an unfinished record could not be cut; the next one is written over it");
            }
            return Err(failed(error));
        }
        let start = self.end;
        self.end += bytes.len() as u64;
        Ok(start)
    }

    fn file(&mut self, paths: &Paths, files: &OpenFiles) -> io::Result<Arc<InboxFile>> {
        if let Some(file) = &self.file {
            return Ok(Arc::clone(file));
        }
        let file = if self.end == 0 { paths.create(files)? } else { paths.open(files)? };
        self.file = Some(Arc::clone(&file));
        Ok(file)
    }

    fn stored(&mut self, paths: &Paths, files: &OpenFiles, seq: u64) -> Result<Option<Entry>, FeedError> {
        let Some(run) = self.index.run_of(seq) else { return Ok(None) };
        if let Some((_, entry)) = self.tail.iter().find(|(stored, _)| *stored == seq) {
            return Ok(Some(entry.clone()));
        }
        let file = self.file(paths, files).map_err(failed)?;
        let entries = Reading { file, runs: vec![run] }.read(seq, 1).map_err(failed)?;
        Ok(entries.into_iter().next().map(|(_, entry)| entry))
    }

    fn place(&mut self, placed: Placed) {
        if placed.first_seq > self.index.head_seq() + 1 {
            self.holes_made += 1;
        }
        self.index.insert(placed);
    }

    /// Keeps `entry` for the reader when it is the newest of the contiguous ones.
    fn remember(&mut self, seq: u64, entry: Entry) {
        if self.index.through_seq() != seq {
            return;
        }
        if self.tail.back().is_some_and(|(last, _)| last + 1 != seq) {
            self.tail.clear();
            self.tail_bytes = 0;
        }
        self.tail_bytes += entry_bytes(&entry);
        self.tail.push_back((seq, entry));
        while self.tail_bytes > INBOX_TAIL_BYTES_MAX || self.tail.len() > INBOX_TAIL_ENTRIES_MAX {
            self.forget_first();
        }
    }

    /// A reader that asks for what follows `seq` has the rest already.
    fn forget_through(&mut self, seq: u64) {
        while self.tail.front().is_some_and(|(first, _)| *first <= seq) {
            self.forget_first();
        }
    }

    fn forget_first(&mut self) {
        if let Some((_, entry)) = self.tail.pop_front() {
            self.tail_bytes -= entry_bytes(&entry);
        }
    }
}

impl Written {
    fn nothing(appended: Appended) -> Self {
        Self { appended, wakes: false, first_since_sync: false }
    }
}

fn entry_bytes(entry: &Entry) -> usize {
    match entry {
        Entry::Audio { data, .. } => data.len(),
        Entry::Control { json } => json.len(),
        Entry::Refused { code } => code.len(),
    }
}

fn is_lost(stored: &Entry) -> bool {
    matches!(stored, Entry::Refused { code } if code == INPUT_LOST)
}

fn too_large() -> FeedError {
    FeedError::Failed("the message is too large to be stored".into())
}
