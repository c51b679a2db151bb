//! Collects what a reader finds: cleans text, keeps count of headings and paragraphs, and holds the whole to its limits.
//!
//! It knows no format.

use crate::config::limits::{
    EXTRACT_BLOCK_BYTES_MAX, EXTRACT_BLOCKS_MAX, EXTRACT_LABEL_CHARS_MAX, EXTRACT_TEXT_BYTES_MAX,
};
use crate::ports::extraction::{Block, ExtractCode, ExtractError, Extraction, Locator};

#[derive(Debug, Default)]
pub(super) struct Collected {
    blocks: Vec<Block>,
    bytes: usize,
    /// The headings above, with their levels.
    outline: Vec<(u8, String)>,
    paragraph: u32,
}

impl Collected {
    /// Text whose place its reader knows. What is blank is left out.
    pub(super) fn place(&mut self, text: &str, heading: Option<u8>, locator: &Locator) -> Result<(), ExtractError> {
        let text = clean(text);
        let mut rest = text.trim();
        while !rest.is_empty() {
            let end = rest.floor_char_boundary(EXTRACT_BLOCK_BYTES_MAX);
            // The place goes out with every block, and a deep outline is longer than a short paragraph.
            self.bytes += end + locator.path.iter().map(String::len).sum::<usize>();
            if self.bytes > EXTRACT_TEXT_BYTES_MAX || self.blocks.len() == EXTRACT_BLOCKS_MAX {
                return Err(ExtractError::new(
                    ExtractCode::TooLarge,
                    format!(
                        "it holds more than {} MB of text, or {EXTRACT_BLOCKS_MAX} paragraphs; split it and upload the parts",
                        EXTRACT_TEXT_BYTES_MAX >> 20
                    ),
                ));
            }
            self.blocks.push(Block { text: rest[..end].trim().to_owned(), heading, locator: locator.clone() });
            rest = rest[end..].trim_start();
        }
        Ok(())
    }

    /// A heading of a file that keeps no pages.
    pub(super) fn heading(&mut self, level: u8, text: &str) -> Result<(), ExtractError> {
        let label = label(text);
        if label.is_empty() {
            return Ok(());
        }
        let level = level.max(1);
        self.outline.retain(|(above, _)| *above < level);
        self.outline.push((level, label));
        self.paragraph = 0;
        let locator = Locator { path: self.path(), ..Locator::default() };
        self.place(text, Some(level), &locator)
    }

    /// A paragraph of a file that keeps no pages.
    pub(super) fn paragraph(&mut self, text: &str) -> Result<(), ExtractError> {
        if clean(text).trim().is_empty() {
            return Ok(());
        }
        self.paragraph += 1;
        let locator = Locator { path: self.path(), paragraph: Some(self.paragraph), ..Locator::default() };
        self.place(text, None, &locator)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    pub(super) fn finish(self, title: Option<&str>, pages: Option<u32>) -> Result<Extraction, ExtractError> {
        if self.blocks.is_empty() {
            return Err(ExtractError::new(ExtractCode::Empty, "there is no text in it"));
        }
        let title = title.map(label).filter(|title| !title.is_empty());
        Ok(Extraction { blocks: self.blocks, title, pages })
    }

    fn path(&self) -> Vec<String> {
        self.outline.iter().map(|(_, label)| label.clone()).collect()
    }
}

/// A heading, a title, a sheet's name: in one line, and not too long.
pub(super) fn label(text: &str) -> String {
    let line = clean(text).split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(EXTRACT_LABEL_CHARS_MAX) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

/// Without control characters, soft hyphens and what has no width; every kind of line end as a line feed.
fn clean(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .filter_map(|character| match character {
            '\r' | '\u{0B}' | '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
            '\u{A0}' | '\u{202F}' => Some(' '),
            '\n' | '\t' => Some(character),
            '\u{AD}' | '\u{200B}' | '\u{FEFF}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => None,
            '\u{E0000}'..='\u{E007F}' => None,
            character if character.is_control() => None,
            character => Some(character),
        })
        .collect()
}
