//! Where a text that is too long may be cut: after a sentence, else after a word, else anywhere between two characters.
//!
//! Sentences are told by their last mark alone; a cut after "Dr." costs nothing but beauty.

use crate::ingest::tokens;

/// Pieces of at most `tokens_max` (at least 1), trimmed and not empty, which hold every word of the text in order.
pub(super) fn of(text: &str, tokens_max: usize) -> impl Iterator<Item = &str> {
    let mut rest = text.trim();
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, after) = rest.split_at(cut(rest, tokens_max));
        rest = after.trim_start();
        Some(piece.trim_end())
    })
}

/// The text's last sentences that fit `tokens_max`; where even the last one does not, its last words. May be empty.
pub(super) fn tail(text: &str, tokens_max: usize) -> &str {
    let text = text.trim_end();
    let mut words_from = text.len();
    let mut sentences_from = None;
    let mut used = 0;
    for (start, word) in words(text).into_iter().rev() {
        used += tokens::estimate(word);
        if used > tokens_max {
            break;
        }
        words_from = start;
        if start == 0 || ends_sentence(text[..start].trim_end()) {
            sentences_from = Some(start);
        }
    }
    &text[sentences_from.unwrap_or(words_from)..]
}

/// How many bytes of the text, which begins with a word, the next piece takes.
fn cut(text: &str, tokens_max: usize) -> usize {
    let mut used = 0;
    let mut fits = 0;
    let mut sentence = None;
    for (start, word) in Words(text, 0) {
        used += tokens::estimate(word);
        if used > tokens_max {
            return sentence.or((fits > 0).then_some(fits)).unwrap_or_else(|| cut_word(word, tokens_max));
        }
        fits = start + word.len();
        if ends_sentence(word) {
            sentence = Some(fits);
        }
    }
    text.len()
}

/// A word that is too long by itself, such as a paragraph in a script without spaces. Every character is at most one token.
fn cut_word(word: &str, tokens_max: usize) -> usize {
    let sentence = word
        .char_indices()
        .take(tokens_max)
        .filter(|(_, character)| WIDE_ENDS.contains(character))
        .last()
        .map(|(at, character)| at + character.len_utf8());
    sentence.or_else(|| word.char_indices().nth(tokens_max.max(1)).map(|(at, _)| at)).unwrap_or(word.len())
}

fn ends_sentence(word: &str) -> bool {
    word.trim_end_matches(CLOSING).ends_with(ENDS)
}

fn words(text: &str) -> Vec<(usize, &str)> {
    Words(text, 0).collect()
}

/// Words with the bytes before them: the text, and how much of it was walked.
struct Words<'a>(&'a str, usize);

impl<'a> Iterator for Words<'a> {
    type Item = (usize, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = &self.0[self.1..];
        let trimmed = rest.trim_start();
        if trimmed.is_empty() {
            return None;
        }
        let start = self.1 + rest.len() - trimmed.len();
        let length = trimmed.find(char::is_whitespace).unwrap_or(trimmed.len());
        self.1 = start + length;
        Some((start, &self.0[start..start + length]))
    }
}

const ENDS: [char; 8] = ['.', '!', '?', '…', '。', '！', '？', ';'];
const WIDE_ENDS: [char; 3] = ['。', '！', '？'];
const CLOSING: [char; 7] = ['"', '\'', ')', ']', '”', '’', '»'];
