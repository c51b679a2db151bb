//! What this machine allows a process: how many files may be open, how much may be written, and where.
//!
//! No policy: who asks decides what a number means.

use rustix::fs::Access;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io;
use std::path::Path;

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

/// Gives up what a process that only computes does not need: memory beyond `memory_bytes` of address space, processor time beyond
/// `cpu_seconds`, core files, and every file and socket that is not open yet. There is no way back.
pub fn confine(memory_bytes: u64, cpu_seconds: u64) -> io::Result<()> {
    limit(Resource::Core, 0, 0)?;
    limit(Resource::Nofile, STANDARD_FILES, STANDARD_FILES)?;
    limit(Resource::As, memory_bytes, memory_bytes)?;
    // At the soft limit comes a signal that says why; the hard one is for who ignores it.
    limit(Resource::Cpu, cpu_seconds, cpu_seconds + 1)
}

/// Lowers a limit; one that is lower already stays.
fn limit(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
    let maximum = getrlimit(resource).maximum.map_or(hard, |allowed| allowed.min(hard));
    setrlimit(resource, Rlimit { current: Some(soft.min(maximum)), maximum: Some(maximum) })?;
    Ok(())
}

/// Standard input, output and error.
const STANDARD_FILES: u64 = 3;

/// Bytes that this user may still write on the file system of `path`.
pub fn free_bytes(path: &Path) -> io::Result<u64> {
    let volume = rustix::fs::statvfs(path)?;
    Ok(volume.f_bavail.saturating_mul(volume.f_frsize))
}

/// Whether this user may make files in the folder.
pub fn is_writable(folder: &Path) -> bool {
    rustix::fs::access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok()
}
