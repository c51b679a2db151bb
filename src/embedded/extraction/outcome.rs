//! Why a process that read a file ended without an answer, told from how it died.
//!
//! Its limits kill it in ways that name no file and no limit; here they get words.

use crate::embedded::extraction::child::Allowance;
use crate::ports::extraction::{ExtractCode, ExtractError};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

pub(super) struct Ended {
    pub(super) status: ExitStatus,
    /// The beginning of what it wrote to its standard error.
    pub(super) said: String,
}

pub(super) const SAID_BYTES_MAX: u64 = 4 * 1024;

pub(super) fn of(ended: Ended, allowance: Allowance) -> ExtractError {
    let said = ended.said.as_str();
    let signal = ended.status.signal();
    if said.contains("memory allocation of") {
        return too_much_memory(allowance);
    }
    if said.contains("overflowed its stack") || signal == Some(SIGSEGV) || signal == Some(SIGBUS) {
        return ExtractError::new(
            ExtractCode::Bomb,
            "its parts are nested deeper than any document's that people write",
        );
    }
    match signal {
        Some(SIGXCPU | SIGKILL) => too_slow(),
        Some(SIGABRT) => too_much_memory(allowance),
        Some(signal) => {
            tracing::warn!(signal, "a process that reads files broke");
            ExtractError::new(ExtractCode::Broken, "it breaks whatever reads it; save it again, or in another format")
        }
        // It was never seen to read: told wrongly, or not the program that is meant.
        None => {
            tracing::warn!(status = %ended.status, "a process that reads files ended without an answer");
            ExtractError::new(ExtractCode::Unavailable, "the process that reads it ended without an answer")
        }
    }
}

pub(super) fn too_much_memory(allowance: Allowance) -> ExtractError {
    let reason = format!("reading it takes more than {} MB of memory; split it", allowance.memory_bytes >> 20);
    ExtractError::new(ExtractCode::TooLarge, reason)
}

pub(super) fn too_slow() -> ExtractError {
    ExtractError::new(ExtractCode::Timeout, "reading it takes too long; split it, or save it again in a simpler form")
}

const SIGABRT: i32 = 6;
const SIGBUS: i32 = 7;
const SIGKILL: i32 = 9;
const SIGSEGV: i32 = 11;
const SIGXCPU: i32 = 24;
