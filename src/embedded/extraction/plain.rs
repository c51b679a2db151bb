//! Plain text: its encoding and its paragraphs.
//!
//! The encoding is told by its mark, else it is UTF-8 if it can be, else Windows-1252, in which old text files mostly are.

use crate::embedded::extraction::collected::Collected;
use crate::ports::extraction::{ExtractError, Extraction};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use std::borrow::Cow;

pub(super) fn read(content: &[u8]) -> Result<Extraction, ExtractError> {
    let mut collected = Collected::default();
    for paragraph in paragraphs(&decode(content, None)) {
        collected.paragraph(paragraph)?;
    }
    collected.finish(None, None)
}

/// `declared`: the encoding that the file says it has, which its mark overrules.
pub(super) fn decode<'a>(content: &'a [u8], declared: Option<&'static Encoding>) -> Cow<'a, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(content) {
        return encoding.decode_without_bom_handling(&content[mark..]).0;
    }
    if let Some(encoding) = declared.filter(|encoding| *encoding != UTF_8) {
        return encoding.decode_without_bom_handling(content).0;
    }
    match std::str::from_utf8(content) {
        Ok(text) => Cow::Borrowed(text),
        // Text that was cut within a character, or is damaged at a few places, is UTF-8 still.
        Err(_) if is_nearly_utf8(content) => String::from_utf8_lossy(content),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(content).0,
    }
}

fn is_nearly_utf8(content: &[u8]) -> bool {
    let (mut wrong, mut longer) = (0, 0);
    for chunk in content.utf8_chunks() {
        wrong += usize::from(!chunk.invalid().is_empty());
        longer += chunk.valid().chars().filter(|character| !character.is_ascii()).count();
    }
    longer > wrong * GOOD_FOR_WRONG
}

/// Runs of lines between blank ones.
pub(super) fn paragraphs(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            if rest.is_empty() {
                return None;
            }
            let (paragraph, after) = rest.split_at(blank_line(rest).unwrap_or(rest.len()));
            rest = after.trim_start_matches(['\n', '\r']);
            if rest.len() == after.len() && !rest.is_empty() {
                // A line of blanks alone.
                rest = &rest[rest.find('\n').map_or(rest.len(), |at| at + 1)..];
            }
            if !paragraph.trim().is_empty() {
                return Some(paragraph.trim_end());
            }
        }
    })
}

/// Where the first blank line begins.
fn blank_line(text: &str) -> Option<usize> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.trim().is_empty() {
            return Some(start);
        }
        start += line.len();
    }
    None
}

const GOOD_FOR_WRONG: usize = 10;
