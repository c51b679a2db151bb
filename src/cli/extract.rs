//! `viva extract`: the side of an extraction that reads, started by the server for each file. Nobody need type it.

use crate::cli::Failure;
use crate::config::limits::{EXTRACT_CPU_SECONDS_MAX, EXTRACT_MEMORY_BYTES_MAX};
use crate::embedded::extraction::child::{Allowance, answer};
use crate::ports::extraction::FileKind;
use clap::Args;

/// Reads a file from standard input and answers lines of JSON: its blocks, then how it ended.
#[derive(Debug, Args)]
pub(crate) struct ExtractArguments {
    /// What the file is, by its usual extension: pdf, docx, pptx, xlsx, html, epub, md, txt.
    #[arg(long, value_parser = kind_of)]
    kind: FileKind,
    /// The address space that this process allows itself.
    #[arg(long, default_value_t = EXTRACT_MEMORY_BYTES_MAX)]
    memory_bytes: u64,
    /// The processor time that this process allows itself.
    #[arg(long, default_value_t = EXTRACT_CPU_SECONDS_MAX)]
    cpu_seconds: u64,
}

pub(crate) fn extract(arguments: ExtractArguments) -> Result<(), Failure> {
    let allowance = Allowance { memory_bytes: arguments.memory_bytes, cpu_seconds: arguments.cpu_seconds };
    answer(arguments.kind, allowance, std::io::stdin(), std::io::stdout().lock()).map_err(Failure::of_work)
}

fn kind_of(extension: &str) -> Result<FileKind, String> {
    FileKind::from_name(&format!("file.{extension}")).ok_or_else(|| "no kind of file that viva reads".to_owned())
}
