//! Reads files of course material in a process of their own, this program's `extract` command, which may be killed at any time.
//!
//! Nothing of a file is believed here: a reader that crashes, goes on for ever, or answers nonsense is a reason why this file has no
//! text, and nothing more. What a file says is read in `reading`, on the other side.

mod archive;
pub mod called;
pub mod child;
mod collected;
mod epub;
mod html;
mod markdown;
mod nesting;
mod office;
mod outcome;
mod pdf;
mod plain;
mod reading;
mod workbook;

use crate::config::limits::{
    EXTRACT_AT_ONCE_MAX, EXTRACT_CPU_SECONDS_MAX, EXTRACT_FILE_BYTES_MAX, EXTRACT_LINE_BYTES_MAX,
    EXTRACT_MEMORY_BYTES_MAX, EXTRACT_MS_MAX, EXTRACT_OUTPUT_BYTES_MAX,
};
use crate::embedded::extraction::child::{Allowance, Line};
use crate::embedded::extraction::outcome::Ended;
use crate::ports::extraction::{Block, ExtractCode, ExtractError, Extraction, Extractor, FileKind, Progress};
use async_trait::async_trait;
use bytes::Bytes;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::sync::Semaphore;

/// What one file may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtractionLimits {
    pub allowance: Allowance,
    /// From the process's start to its last line.
    pub wall: Duration,
    /// All lines together.
    pub output_bytes: u64,
}

impl Default for ExtractionLimits {
    fn default() -> Self {
        Self {
            allowance: Allowance { memory_bytes: EXTRACT_MEMORY_BYTES_MAX, cpu_seconds: EXTRACT_CPU_SECONDS_MAX },
            wall: Duration::from_millis(EXTRACT_MS_MAX),
            output_bytes: EXTRACT_OUTPUT_BYTES_MAX,
        }
    }
}

/// An extractor that starts a process for each file.
#[derive(Debug)]
pub struct ProcessExtractor {
    executable: PathBuf,
    limits: ExtractionLimits,
    places: Semaphore,
}

impl ProcessExtractor {
    /// `executable`: the `viva` command, which answers to `extract`.
    pub fn new(executable: PathBuf, limits: ExtractionLimits) -> Self {
        Self { executable, limits, places: Semaphore::new(EXTRACT_AT_ONCE_MAX) }
    }

    fn start(&self, kind: FileKind) -> Result<Child, ExtractError> {
        Command::new(&self.executable)
            .arg("extract")
            .args(["--kind", kind_name(kind)])
            .args(["--memory-bytes", &self.limits.allowance.memory_bytes.to_string()])
            .args(["--cpu-seconds", &self.limits.allowance.cpu_seconds.to_string()])
            // No variable, no folder: whatever the server knows, its readers do not.
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| unavailable(format!("no process could be started to read it: {error}")))
    }

    async fn run(&self, content: &[u8], kind: FileKind, progress: Progress<'_>) -> Result<Extraction, ExtractError> {
        let mut child = self.start(kind)?;
        let (Some(input), Some(output), Some(said)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(unavailable("the process that reads it has no pipes".to_owned()));
        };
        let (_, answer, said) =
            tokio::join!(give(input, content), take(output, self.limits.output_bytes, progress), hear(said));
        match answer? {
            Some(extraction) => Ok(extraction),
            None => {
                let status = child.wait().await.map_err(|error| unavailable(error.to_string()))?;
                Err(outcome::of(Ended { status, said }, self.limits.allowance))
            }
        }
    }
}

#[async_trait]
impl Extractor for ProcessExtractor {
    async fn extract_telling(
        &self,
        content: Bytes,
        kind: FileKind,
        progress: Progress<'_>,
    ) -> Result<Extraction, ExtractError> {
        if content.len() as u64 > EXTRACT_FILE_BYTES_MAX {
            return Err(reading::too_large());
        }
        let place = self.places.acquire().await.map_err(|error| unavailable(error.to_string()))?;
        let done = tokio::time::timeout(self.limits.wall, self.run(&content, kind, progress)).await;
        drop(place);
        done.unwrap_or_else(|_| Err(outcome::too_slow()))
    }
}

/// Writes the file to the process, which may have closed its end: it then has told why.
async fn give(mut input: ChildStdin, content: &[u8]) {
    if let Err(error) = input.write_all(content).await {
        tracing::debug!(%error, "a reader did not take all of its file");
    }
}

/// Takes its lines. `None`: they ended without an end.
async fn take(output: ChildStdout, bytes_max: u64, progress: Progress<'_>) -> Result<Option<Extraction>, ExtractError> {
    let mut output = BufReader::new(output.take(bytes_max + 1));
    let mut blocks: Vec<Block> = Vec::new();
    let mut bytes = 0;
    loop {
        let mut line = Vec::new();
        let read = (&mut output).take(EXTRACT_LINE_BYTES_MAX + 1).read_until(b'\n', &mut line).await;
        bytes += read.map_err(|error| unavailable(error.to_string()))? as u64;
        if bytes > bytes_max || line.len() as u64 > EXTRACT_LINE_BYTES_MAX {
            let reason = format!("its text and places take more than {} MB; split it", bytes_max >> 20);
            return Err(ExtractError::new(ExtractCode::TooLarge, reason));
        }
        if !line.ends_with(b"\n") {
            return Ok(None);
        }
        let line = serde_json::from_slice(&line)
            .map_err(|_| unavailable("the process that reads it said something else than agreed".to_owned()))?;
        match line {
            Line::Block(block) => blocks.push(block),
            Line::Read(percent) => progress(percent.min(100)),
            Line::Done { title, pages } => return Ok(Some(Extraction { blocks, title, pages })),
            Line::Failed(error) => return Err(error),
        }
    }
}

/// The end of what it complains of, by which the ways to die are told apart. It is not logged: it may hold text of the file.
async fn hear(said: ChildStderr) -> String {
    let mut heard = Vec::new();
    if let Err(error) = said.take(outcome::SAID_BYTES_MAX).read_to_end(&mut heard).await {
        tracing::debug!(%error, "a reader's complaint could not be read");
    }
    String::from_utf8_lossy(&heard).into_owned()
}

fn kind_name(kind: FileKind) -> &'static str {
    kind.extensions()[0]
}

fn unavailable(reason: String) -> ExtractError {
    ExtractError::new(ExtractCode::Unavailable, reason)
}
