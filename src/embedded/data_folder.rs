//! The folder that holds everything this machine stores: made for its owner alone, and held by one process at a time.
//!
//! What lies in it is the stores' business.

use rustix::fs::{Mode, OFlags};
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Held as long as the process may write; the lock goes with it, however it ends.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    _lock: File,
}

#[derive(Debug, thiserror::Error)]
pub enum DataFolderError {
    #[error("the data folder {path} is in use by another viva{}", .process.as_ref().map(|id| format!(" (process {id})")).unwrap_or_default())]
    InUse { path: PathBuf, process: Option<String> },
    #[error("the data folder {path} cannot be used: {source}")]
    Io { path: PathBuf, source: io::Error },
}

impl DataFolder {
    /// Makes the folder where it is not there, and takes it for this process.
    pub fn take(path: &Path) -> Result<Self, DataFolderError> {
        let failed = |source| DataFolderError::Io { path: path.to_owned(), source };
        make_private(path).map_err(failed)?;
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path.join(LOCK_NAME))
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut process = String::new();
                let known = lock.read_to_string(&mut process).is_ok() && !process.trim().is_empty();
                let process = known.then(|| process.trim().to_owned());
                return Err(DataFolderError::InUse { path: path.to_owned(), process });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        // Only told to whoever is refused; a full disk does not keep the server from starting.
        let told = lock.set_len(0).and_then(|()| lock.rewind()).and_then(|()| write!(lock, "{}", std::process::id()));
        if let Err(error) = told {
            tracing::warn!(%error, "the process could not be written into the lock file");
        }
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// The process that holds the folder, if one does; also when it cannot be told which.
    pub fn used_by(path: &Path) -> Option<String> {
        let mut lock = File::open(path.join(LOCK_NAME)).ok()?;
        match lock.try_lock_shared() {
            Err(TryLockError::WouldBlock) => {}
            Ok(()) | Err(TryLockError::Error(_)) => return None,
        }
        let mut process = String::new();
        let known = lock.read_to_string(&mut process).is_ok() && !process.trim().is_empty();
        Some(if known { process.trim().to_owned() } else { "unknown".to_owned() })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A folder for its owner alone. One that is there already is left as it is.
pub(crate) fn make_private(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// The secret in a file of the data folder; made of random bytes at first, readable by its owner alone.
pub fn secret(folder: &Path, name: &str) -> io::Result<[u8; SECRET_BYTES]> {
    make_private(folder)?;
    let path = folder.join(name);
    match fs::read(&path) {
        Ok(found) => found.try_into().map_err(|_| io::Error::other(format!("{} does not hold a key", path.display()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut fresh = [0; SECRET_BYTES];
            getrandom::fill(&mut fresh).map_err(|error| io::Error::other(error.to_string()))?;
            // A server and a command may both come first: whoever links its key in has made it, the other reads it.
            let own = folder.join(format!("{TEMPORARY_PREFIX}{name}-{:016x}", random()?));
            write_whole(folder, &own, &[&fresh])?;
            let linked = fs::hard_link(&own, &path);
            fs::remove_file(&own)?;
            match linked {
                Ok(()) => sync_folder(folder).map(|()| fresh),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => secret(folder, name),
                Err(error) => Err(error),
            }
        }
        Err(error) => Err(error),
    }
}

/// Writes a file whole or not at all, and forces it to the disk: through a temporary one in `temporary`, on the same file system.
pub(crate) fn write_whole(temporary: &Path, path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let through = temporary.join(format!("{TEMPORARY_PREFIX}{:016x}", random()?));
    let written = (|| {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&through)?;
        for part in parts {
            file.write_all(part)?;
        }
        file.sync_all()?;
        fs::rename(&through, path)
    })();
    if written.is_err() {
        // What is left over is removed at the next start, too.
        let _ = fs::remove_file(&through);
    }
    written?;
    match path.parent() {
        Some(parent) => sync_folder(parent),
        None => Ok(()),
    }
}

/// A file without content in `folder`, for whoever renames it when it is whole; what a killed process leaves begins with
/// [`TEMPORARY_PREFIX`].
pub(crate) fn temporary(folder: &Path) -> io::Result<(File, PathBuf)> {
    let path = folder.join(format!("{TEMPORARY_PREFIX}{:016x}", random()?));
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
    Ok((file, path))
}

fn random() -> io::Result<u64> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(u64::from_le_bytes(bytes))
}

/// Forces the names in a folder to the disk.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    let folder = rustix::fs::open(folder, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    Ok(rustix::fs::fsync(folder)?)
}

/// How a file that is not whole yet begins; no object's name can.
pub(crate) const TEMPORARY_PREFIX: &str = "+new-";

pub const SECRET_BYTES: usize = 32;

const LOCK_NAME: &str = "viva.lock";
