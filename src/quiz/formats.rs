//! Files of questions: Moodle XML and GIFT both ways, Aiken in, QTI 2.1 out.
//!
//! A file is somebody else's: sizes, depths and counts are bounded, entities of its own are refused, and what cannot be read is told with line
//! and reason while the rest is read. What a format cannot hold is left out by name. Sources stay behind: they mean nothing elsewhere.

mod aiken;
mod gift;
mod gift_text;
mod moodle;
mod moodle_cloze;
mod moodle_read;
mod qti;
mod qti_items;
mod qti_points;
mod xml;

pub use qti::{QtiFile, to_qti};

use super::draft::check_item;
use super::item::{Item, ItemId};
use crate::config::limits::{QUIZ_IMPORT_BYTES_MAX, QUIZ_IMPORT_ITEMS_MAX};
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    pub text: String,
    pub left_out: Vec<LeftOut>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    pub item: ItemId,
    pub reason: &'static str,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    pub items: Vec<Item>,
    /// Questions that were not read.
    pub problems: Vec<Problem>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// From 1, where the question begins.
    pub line: usize,
    pub reason: String,
}

impl Problem {
    fn new(line: usize, reason: impl Into<String>) -> Self {
        Self { line, reason: reason.into() }
    }
}

/// Why a file is refused as a whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    #[error("the file has more than {QUIZ_IMPORT_BYTES_MAX} bytes")]
    TooLarge,
    #[error("line {line}: more than {QUIZ_IMPORT_ITEMS_MAX} questions")]
    TooMany { line: usize },
    #[error("the file is not UTF-8 from byte {byte} on")]
    NotText { byte: usize },
    #[error("line {line}: {reason}")]
    Malformed { line: usize, reason: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportFormat {
    MoodleXml,
    Gift,
    Aiken,
}

/// Reads a file. Items get ids from their place where the file gives them none, and the language that the caller says.
pub fn import(format: ImportFormat, bytes: &[u8], language: &str) -> Result<Imported, ImportError> {
    if bytes.len() > QUIZ_IMPORT_BYTES_MAX {
        return Err(ImportError::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| ImportError::NotText { byte: error.valid_up_to() })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match format {
        ImportFormat::MoodleXml => moodle_read::read(text, language),
        ImportFormat::Gift => gift::read(text, language),
        ImportFormat::Aiken => aiken::read(text, language),
    }
}

pub fn to_moodle_xml(items: &[Item]) -> Exported {
    moodle::write(items)
}

pub fn to_gift(items: &[Item]) -> Exported {
    gift::write(items)
}

/// An item as it was read, unless it is more than is kept of one that is written here.
fn kept(item: Item) -> Result<Item, String> {
    check_item(&item).map_err(|unkept| unkept.to_string())?;
    Ok(item)
}

/// Refuses a question too many.
fn bounded(count: usize, line: usize) -> Result<(), ImportError> {
    if count > QUIZ_IMPORT_ITEMS_MAX { Err(ImportError::TooMany { line }) } else { Ok(()) }
}
