//! The side that reads, in a program without a command line of its own: `extract --kind … --memory-bytes … --cpu-seconds …`.
//!
//! What it understands is what `ProcessExtractor` says, and nothing else.

use crate::embedded::extraction::child::{Allowance, answer};
use crate::ports::extraction::FileKind;
use std::process::ExitCode;

/// Reads a file, where this program was started for that; `None`: it was not. `arguments`: without the program's name.
pub fn called(mut arguments: impl Iterator<Item = String>) -> Option<ExitCode> {
    if arguments.next()? != "extract" {
        return None;
    }
    let Some((kind, allowance)) = order(arguments) else { return Some(ExitCode::from(WRONG_USAGE)) };
    Some(match answer(kind, allowance, std::io::stdin(), std::io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    })
}

fn order(mut arguments: impl Iterator<Item = String>) -> Option<(FileKind, Allowance)> {
    let (mut kind, mut memory_bytes, mut cpu_seconds) = (None, None, None);
    while let Some(name) = arguments.next() {
        let value = arguments.next()?;
        match name.as_str() {
            "--kind" => kind = FileKind::from_name(&format!("file.{value}")),
            "--memory-bytes" => memory_bytes = value.parse().ok(),
            "--cpu-seconds" => cpu_seconds = value.parse().ok(),
            _ => return None,
        }
    }
    Some((kind?, Allowance { memory_bytes: memory_bytes?, cpu_seconds: cpu_seconds? }))
}

/// As the command line has it.
const WRONG_USAGE: u8 = 2;
