//! The side that reads: a process that does nothing else, in which a file may do its worst.
//!
//! It gives up, before it sees a byte of the file, everything that it needs not: memory, processor time, every further file and socket.
//! What it answers are lines of JSON, the last of which says how it ended.

use crate::config::limits::{EXTRACT_FILE_BYTES_MAX, EXTRACT_STACK_BYTES};
use crate::embedded::extraction::{outcome, reading};
use crate::embedded::machine;
use crate::ports::extraction::{Block, ExtractCode, ExtractError, Extraction, FileKind};
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};
use std::sync::mpsc;

/// What the reading process may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Its address space.
    pub memory_bytes: u64,
    pub cpu_seconds: u64,
}

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    /// So much of the file has been read, of 100.
    Read(u32),
    Block(Block),
    Done {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pages: Option<u32>,
    },
    Failed(ExtractError),
}

/// Confines this process, reads a file from `input` and answers on `output`. An error is one of reading or writing those two; whatever is
/// wrong with the file is an answer.
pub fn answer(kind: FileKind, allowance: Allowance, input: impl Read + Send, mut output: impl Write) -> io::Result<()> {
    machine::confine(allowance.memory_bytes, allowance.cpu_seconds)?;
    // A panic is told by its outcome; its message could hold text of the file.
    std::panic::set_hook(Box::new(|_| {}));
    let outcome = std::thread::scope(|scope| {
        let (tell, told) = mpsc::channel();
        // Its stack is taken before the file takes memory.
        let reader = std::thread::Builder::new()
            .stack_size(EXTRACT_STACK_BYTES)
            .spawn_scoped(scope, move || read_all(input, kind, allowance, Told { tell, percent: 0 }))?;
        for percent in told {
            line(&mut output, &Line::Read(percent))?;
            output.flush()?;
        }
        reader.join().unwrap_or_else(|_| Ok(Err(panicked())))
    })?;
    finish(outcome, io::BufWriter::new(output))
}

/// How much has been read, as far as the reader of a kind knows it.
pub(super) struct Told {
    tell: mpsc::Sender<u32>,
    percent: u32,
}

impl Told {
    /// So many parts of so many have been read.
    pub(super) fn read(&mut self, parts: u32, of: u32) {
        let percent = u32::try_from(u64::from(parts.min(of)) * 100 / u64::from(of.max(1))).unwrap_or(100);
        // Nobody listens where the answer's reader is gone; then the answer itself says so.
        if percent > self.percent && self.tell.send(percent).is_ok() {
            self.percent = percent;
        }
    }
}

fn read_all(
    input: impl Read,
    kind: FileKind,
    allowance: Allowance,
    mut told: Told,
) -> io::Result<Result<Extraction, ExtractError>> {
    let mut content = Vec::new();
    match input.take(EXTRACT_FILE_BYTES_MAX + 1).read_to_end(&mut content) {
        Ok(_) => Ok(reading::read(content, kind, &mut told)),
        Err(error) if error.kind() == io::ErrorKind::OutOfMemory => Ok(Err(outcome::too_much_memory(allowance))),
        Err(error) => Err(error),
    }
}

fn finish(outcome: Result<Extraction, ExtractError>, mut output: impl Write) -> io::Result<()> {
    match outcome {
        Ok(Extraction { blocks, title, pages }) => {
            for block in blocks {
                line(&mut output, &Line::Block(block))?;
            }
            line(&mut output, &Line::Done { title, pages })?;
        }
        Err(error) => line(&mut output, &Line::Failed(error))?,
    }
    output.flush()
}

fn line(output: &mut impl Write, line: &Line) -> io::Result<()> {
    serde_json::to_writer(&mut *output, line)?;
    output.write_all(b"\n")
}

fn panicked() -> ExtractError {
    ExtractError::new(
        ExtractCode::Broken,
        "it is built in a way that cannot be read; save it again with another program and upload that",
    )
}
