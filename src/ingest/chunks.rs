//! Where a document's text is cut into passages: about [`CHUNK_TOKENS_MAX`] tokens, at headings where there are any, at sentences where
//! a section is longer, with some of the text before repeated at such a cut.
//!
//! It never mixes slides or sheets, since a passage names one. It ends with a page where a sentence does, so that a citation opens at one
//! page; a sentence that runs on takes its chunk over the page's end, and then both pages are named. It does not judge what text is worth
//! keeping.

mod sentences;

use crate::config::limits::{CHUNK_OVERLAP_TOKENS_MAX, CHUNK_TOKENS_MAX, CHUNK_TOKENS_MIN};
use crate::ingest::tokens;
use crate::ports::extraction::{Block, Locator};

/// A passage's text and place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// From 1, in reading order.
    pub ordinal: u32,
    pub text: String,
    /// How many bytes at the beginning of `text` repeat the end of the chunk before.
    pub repeated_bytes: usize,
    /// Where the text begins that is not repeated.
    pub locator: Locator,
    pub tokens: usize,
}

/// Cuts a document. The same blocks give the same chunks.
pub fn chunks(blocks: &[Block]) -> Vec<Chunk> {
    let mut cutter = Cutter::default();
    for piece in blocks.iter().flat_map(pieces) {
        cutter.handle(piece);
    }
    cutter.finish()
}

/// What is never cut: a block, or some of one that is too long for a chunk.
#[derive(Clone, Debug)]
struct Piece<'a> {
    text: &'a str,
    tokens: usize,
    block: &'a Block,
    /// Goes on within the block of the piece before.
    continues: bool,
}

fn pieces(block: &Block) -> Vec<Piece<'_>> {
    let text = block.text.trim();
    let whole = tokens::estimate(text);
    if whole == 0 {
        return Vec::new();
    }
    if whole <= CHUNK_TOKENS_MAX {
        return vec![Piece { text, tokens: whole, block, continues: false }];
    }
    sentences::of(text, PIECE_TOKENS_MAX)
        .enumerate()
        .map(|(index, text)| Piece { text, tokens: tokens::estimate(text), block, continues: index > 0 })
        .collect()
}

/// Repeated text and a piece of a block that is too long always fit a chunk together.
const PIECE_TOKENS_MAX: usize = CHUNK_TOKENS_MAX - CHUNK_OVERLAP_TOKENS_MAX;

#[derive(Debug, Default)]
struct Cutter<'a> {
    done: Vec<Chunk>,
    /// What the current chunk repeats.
    repeated: String,
    pieces: Vec<Piece<'a>>,
    tokens: usize,
}

impl<'a> Cutter<'a> {
    fn handle(&mut self, piece: Piece<'a>) {
        if let Some(last) = self.pieces.last() {
            let apart = is_apart(&last.block.locator, &piece.block.locator) || ends_its_page(last, &piece);
            let section = piece.block.heading.is_some() && self.tokens >= CHUNK_TOKENS_MIN;
            if apart || section {
                self.close();
            } else if self.tokens + piece.tokens > CHUNK_TOKENS_MAX {
                self.cut(&piece);
            }
        }
        self.tokens += piece.tokens;
        self.pieces.push(piece);
    }

    /// Closes the chunk for its length: headings at its end go with what follows them, and some of its end is repeated.
    fn cut(&mut self, next: &Piece<'a>) {
        let headings = self.pieces.iter().rev().take_while(|piece| piece.block.heading.is_some()).count();
        let kept = self.pieces.len() - headings;
        let carried: usize = self.pieces[kept..].iter().map(|piece| piece.tokens).sum();
        if kept == 0 || carried + next.tokens > CHUNK_TOKENS_MAX {
            self.close_repeating(next.tokens, next.block.heading.is_some());
            return;
        }
        let headings = self.pieces.split_off(kept);
        self.close_repeating(next.tokens + carried, !headings.is_empty() || next.block.heading.is_some());
        self.tokens += carried;
        self.pieces = headings;
    }

    /// A chunk that begins with a heading begins a subject: it repeats nothing.
    fn close_repeating(&mut self, following: usize, heading_follows: bool) {
        let room = CHUNK_TOKENS_MAX.saturating_sub(following).min(CHUNK_OVERLAP_TOKENS_MAX);
        let repeated = match self.close() {
            Some(closed) if !heading_follows => sentences::tail(&closed.text[closed.repeated_bytes..], room).to_owned(),
            _ => String::new(),
        };
        self.tokens = tokens::estimate(&repeated);
        self.repeated = repeated;
    }

    fn close(&mut self) -> Option<&Chunk> {
        let pieces = std::mem::take(&mut self.pieces);
        let mut text = std::mem::take(&mut self.repeated);
        self.tokens = 0;
        let first = pieces.first()?;
        let mut locator = first.block.locator.clone();
        let last_page = pieces.last().and_then(|piece| piece.block.locator.page_last.or(piece.block.locator.page));
        locator.page_last = last_page.filter(|last| locator.page.is_some_and(|page| *last > page));
        if !text.is_empty() {
            text.push_str(first.joint());
        }
        let repeated_bytes = text.len();
        for (index, piece) in pieces.iter().enumerate() {
            if index > 0 {
                text.push_str(piece.joint());
            }
            text.push_str(piece.text);
        }
        let tokens = tokens::estimate(&text);
        self.done.push(Chunk { ordinal: self.done.len() as u32 + 1, text, repeated_bytes, locator, tokens });
        self.done.last()
    }

    fn finish(mut self) -> Vec<Chunk> {
        self.close();
        self.done
    }
}

impl Piece<'_> {
    /// What stands between the piece before and this one.
    fn joint(&self) -> &'static str {
        match (self.continues, self.block.locator.row) {
            (true, _) => " ",
            (false, Some(_)) => "\n",
            (false, None) => "\n\n",
        }
    }
}

/// A heading at a page's end belongs to what follows it.
fn ends_its_page(last: &Piece<'_>, next: &Piece<'_>) -> bool {
    let page = last.block.locator.page_last.or(last.block.locator.page);
    let is_over = page.is_some() && next.block.locator.page != page;
    is_over && last.block.heading.is_none() && last.text.trim_end_matches(CLOSING).ends_with(SENTENCE_ENDS)
}

const SENTENCE_ENDS: [char; 7] = ['.', '!', '?', '…', '。', '！', '？'];
const CLOSING: [char; 7] = ['"', '”', '’', '»', '\'', ')', ']'];

fn is_apart(one: &Locator, other: &Locator) -> bool {
    one.slide != other.slide || one.sheet != other.sheet
}
