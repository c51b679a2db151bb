//! Inbox files on the disk: where they lie, how they begin, reading their records, cutting a torn tail, forcing them to the disk.
//!
//! It knows nothing of numbers in order, of readers or of waiting.

use super::index::{Index, Placed, Run};
use super::record::{self, Decoded, INPUT_LOST, Stored};
use crate::config::limits::{INBOX_PAGE_BYTES_MAX, INBOX_RECORD_BYTES_MAX, INBOX_SEQ_MAX};
use crate::ports::feed::{Entry, SeqRange};
use crate::ports::ids::SessionKey;
use bytes::{Bytes, BytesMut};
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
}

/// A session's file, and the empty one that says that it was deleted.
#[derive(Clone, Debug)]
pub(super) struct Paths {
    pub(super) file: PathBuf,
    pub(super) tombstone: PathBuf,
}

/// Counts the files that are open.
#[derive(Clone, Debug, Default)]
pub(super) struct OpenFiles(Arc<AtomicUsize>);

#[derive(Debug)]
pub(super) struct InboxFile {
    pub(super) file: File,
    open: OpenFiles,
}

/// What a file holds once its torn tail is cut.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    pub(super) index: Index,
    /// Where the next record goes; 0 when there is no file yet.
    pub(super) end: u64,
    /// What of it is other than audio.
    pub(super) control_bytes: u64,
}

/// Runs of records that are to be read.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) file: Arc<InboxFile>,
    pub(super) runs: Vec<Run>,
}

const FILE_MARK: &[u8; 8] = b"vivaIn01";
const SCAN_BYTES: usize = 1024 * 1024;

impl Folder {
    pub(super) fn open(root: &Path) -> io::Result<Self> {
        make_folder(root)?;
        Ok(Self { root: root.to_owned() })
    }

    /// A file's name is the hash of its session's key: ids may differ only in case, and users' names may hold anything.
    pub(super) fn paths(&self, key: &SessionKey) -> Paths {
        let mut hash = Sha256::new();
        for part in [key.tenant.as_str(), key.user.as_str(), key.session.as_str()] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let name: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let folder = self.root.join(&name[..2]);
        Paths { file: folder.join(format!("{name}.inbox")), tombstone: folder.join(format!("{name}.deleted")) }
    }

    /// Forces `files` to the disk: one by one while they are few, else the whole file system, which is cheaper.
    pub(super) fn sync(&self, files: &[Arc<InboxFile>], one_by_one_max: usize) -> io::Result<()> {
        if files.is_empty() {
            return Ok(());
        }
        #[cfg(target_os = "linux")]
        if files.len() > one_by_one_max {
            return Ok(rustix::fs::syncfs(File::open(&self.root)?)?);
        }
        #[cfg(not(target_os = "linux"))]
        let _ = one_by_one_max;
        files.iter().try_for_each(|file| file.file.sync_data())
    }
}

impl Paths {
    pub(super) fn create(&self, open: &OpenFiles) -> io::Result<Arc<InboxFile>> {
        if let Some(folder) = self.file.parent() {
            make_folder(folder)?;
        }
        open.file(OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(0o600).open(&self.file)?)
    }

    pub(super) fn open(&self, open: &OpenFiles) -> io::Result<Arc<InboxFile>> {
        open.file(OpenOptions::new().read(true).write(true).open(&self.file)?)
    }

    /// The tombstone comes first: a kill in between leaves the session deleted.
    pub(super) fn delete(&self) -> io::Result<()> {
        if let Some(folder) = self.file.parent() {
            make_folder(folder)?;
        }
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&self.tombstone)?.sync_all()?;
        match fs::remove_file(&self.file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    pub(super) fn is_deleted(&self) -> io::Result<bool> {
        self.tombstone.try_exists()
    }

    /// Reads the whole file, cuts what a killed process left unfinished at its end, and tells where everything lies.
    pub(super) fn scan(&self, key: &str) -> io::Result<Scanned> {
        let file = match OpenOptions::new().read(true).write(true).open(&self.file) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Scanned::default()),
            Err(error) => return Err(error),
        };
        let length = file.metadata()?.len();
        let head = file_head(key);
        if length < head.len() as u64 {
            // The first write was cut short; nothing of it was acknowledged.
            file.set_len(0)?;
            return Ok(Scanned::default());
        }
        if read_at(&file, 0, head.len())? != head {
            return Err(io::Error::other(format!("{} is not this session's inbox", self.file.display())));
        }
        let scanned = Scan { file: &file, length, at: head.len() as u64 }.run()?;
        if scanned.end < length {
            tracing::warn!(bytes = length - scanned.end, "an unfinished record was cut from an inbox");
            file.set_len(scanned.end)?;
        }
        Ok(scanned)
    }
}

/// What stands at the start of a file: a mark, and the key that it belongs to.
pub(super) fn file_head(key: &str) -> Vec<u8> {
    let mut head = FILE_MARK.to_vec();
    head.extend_from_slice(&(key.len() as u32).to_le_bytes());
    head.extend_from_slice(key.as_bytes());
    head
}

struct Scan<'a> {
    file: &'a File,
    length: u64,
    at: u64,
}

impl Scan<'_> {
    fn run(mut self) -> io::Result<Scanned> {
        let mut scanned = Scanned { index: Index::default(), end: self.at, control_bytes: 0 };
        let mut window = Bytes::new();
        loop {
            if window.len() <= record::HEADER_BYTES + INBOX_RECORD_BYTES_MAX {
                let wanted = usize::try_from(self.length - self.at).unwrap_or(usize::MAX).min(SCAN_BYTES);
                if wanted > window.len() {
                    window = read_at(self.file, self.at, wanted)?;
                }
            }
            if window.is_empty() {
                return Ok(scanned);
            }
            let skip = match record::decode(&window) {
                Some(decoded) => {
                    insert(&mut scanned.index, &decoded, self.at);
                    scanned.end = self.at + decoded.bytes as u64;
                    if !matches!(decoded.stored, Stored::Entry(Entry::Audio { .. })) {
                        scanned.control_bytes += decoded.bytes as u64;
                    }
                    decoded.bytes
                }
                // Damage in the middle (a bad sector, a power cut) costs its own records only: they become holes.
                None => match record::find_next(&window) {
                    Some(skip) => skip,
                    None if window.len() as u64 == self.length - self.at => return Ok(scanned),
                    None => window.len() - (record::HEADER_BYTES + INBOX_RECORD_BYTES_MAX),
                },
            };
            self.at += skip as u64;
            window = window.slice(skip..);
        }
    }
}

fn insert(index: &mut Index, decoded: &Decoded, offset: u64) {
    let (last_seq, lost, media_ms) = match &decoded.stored {
        Stored::Entry(Entry::Audio { media_ms, .. }) => (decoded.seq, false, *media_ms),
        Stored::Entry(_) => (decoded.seq, false, 0),
        Stored::LostThrough(through_seq) => (*through_seq, true, 0),
    };
    let range = SeqRange { from_seq: decoded.seq, through_seq: last_seq };
    let allowed = range.from_seq >= 1 && range.from_seq <= last_seq && last_seq <= INBOX_SEQ_MAX;
    if allowed && index.gaps_in(range) == [range] {
        let bytes = decoded.bytes as u32;
        index.insert(Placed { first_seq: range.from_seq, last_seq, offset, bytes, lost, media_ms });
    }
}

impl Reading {
    /// Entries from `from_seq`, at most `limit`, until a page is full.
    pub(super) fn read(&self, from_seq: u64, limit: usize) -> io::Result<Vec<(u64, Entry)>> {
        let mut entries = Vec::new();
        let mut bytes = 0;
        for run in &self.runs {
            let mut content = read_at(&self.file.file, run.offset, run.bytes as usize)?;
            let mut seq = run.first_seq;
            while seq <= run.last_seq {
                if entries.len() >= limit || bytes >= INBOX_PAGE_BYTES_MAX {
                    return Ok(entries);
                }
                let Some(decoded) = record::decode(&content) else {
                    return Err(io::Error::other(format!("the inbox is damaged at number {seq}")));
                };
                match decoded.stored {
                    Stored::Entry(entry) => {
                        if seq >= from_seq {
                            bytes += decoded.bytes;
                            entries.push((seq, entry));
                        }
                    }
                    Stored::LostThrough(_) => {
                        let lost = (seq.max(from_seq)..=run.last_seq).take(limit - entries.len());
                        entries.extend(lost.map(|seq| (seq, Entry::Refused { code: INPUT_LOST.into() })));
                        seq = run.last_seq;
                    }
                }
                content = content.slice(decoded.bytes..);
                seq += 1;
            }
        }
        Ok(entries)
    }
}

impl OpenFiles {
    pub(super) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    fn file(&self, file: File) -> io::Result<Arc<InboxFile>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(Arc::new(InboxFile { file, open: self.clone() }))
    }
}

impl Drop for InboxFile {
    fn drop(&mut self) {
        self.open.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Whether no space is left, a quota is used up, or a file may not grow further.
pub(super) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge)
}

fn make_folder(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn read_at(file: &File, offset: u64, length: usize) -> io::Result<Bytes> {
    let mut bytes = BytesMut::zeroed(length);
    file.read_exact_at(&mut bytes, offset)?;
    Ok(bytes.freeze())
}
