//! What the operating system gives: the wall clock, fresh identifiers, the number of files that may be open.
//!
//! No policy: who asks decides what a moment or a number means.

use crate::ports::clock::{Clock, UnixMs};
use crate::ports::ids::{ConnectionId, Ids, WorkerId};
use rustix::fs::Access;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use uuid::Uuid;

/// The machine's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this adapter is where the wall clock is read")]
    fn now(&self) -> UnixMs {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UnixMs(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
    }
}

/// Identifiers of 122 random bits.
#[derive(Clone, Copy, Debug, Default)]
pub struct RandomIds;

impl RandomIds {
    #[expect(clippy::disallowed_methods, reason = "this adapter is where random identifiers are made")]
    fn fresh() -> String {
        Uuid::new_v4().simple().to_string()
    }
}

impl Ids for RandomIds {
    fn connection(&self) -> ConnectionId {
        ConnectionId::new(Self::fresh())
    }

    fn worker(&self) -> WorkerId {
        WorkerId::new(Self::fresh())
    }
}

/// Raises this process's soft limit of open files to its hard limit and answers how many may be open (`None`: without a limit). Each
/// live session needs a socket and an inbox file, and 1,024, the usual soft limit, is soon reached.
pub fn raise_open_files() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    if limit.current == limit.maximum {
        return limit.current;
    }
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(error) => {
            tracing::warn!(%error, "the limit of open files could not be raised");
            limit.current
        }
    }
}

/// How many files this process may have open (`None`: without a limit).
pub fn open_files_max() -> Option<u64> {
    getrlimit(Resource::Nofile).current
}

/// How many files this process may have open once it has raised its own limit (`None`: without a limit).
pub fn open_files_hard_max() -> Option<u64> {
    getrlimit(Resource::Nofile).maximum
}

/// Bytes that this user may still write on the file system of `path`.
pub fn free_bytes(path: &Path) -> io::Result<u64> {
    let volume = rustix::fs::statvfs(path)?;
    Ok(volume.f_bavail.saturating_mul(volume.f_frsize))
}

/// Whether this user may make files in the folder.
pub fn is_writable(folder: &Path) -> bool {
    rustix::fs::access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok()
}
