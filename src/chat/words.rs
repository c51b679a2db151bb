//! Words and sentences of texts, as far as overlap between them needs it. No grammar, no dictionary of meanings.

use std::collections::BTreeSet;
use std::ops::Range;

/// The words of a text that carry meaning: folded, without endings and without the small words of English.
pub fn terms(text: &str) -> Vec<String> {
    keywords(text).map(|word| stem(&word)).collect()
}

/// The same with their endings.
pub fn keywords(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .filter(|word| !SMALL_WORDS.contains(&word.as_str()))
}

pub fn term_set(text: &str) -> BTreeSet<String> {
    terms(text).into_iter().collect()
}

/// The share of `of` that is in `within`, from 0 to 1; nothing is no part of anything.
pub fn share(of: &BTreeSet<String>, within: &BTreeSet<String>) -> f64 {
    if of.is_empty() {
        return 0.0;
    }
    of.intersection(within).count() as f64 / of.len() as f64
}

/// Numbers as they are written, `1,5` and `1.5` alike.
pub fn figures(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','))
        .map(|run| run.trim_matches(['.', ',']).replace(',', "."))
        .filter(|run| !run.is_empty())
        .collect()
}

/// Where the sentences of a text stand, in order, without the space around them. A line's end ends one, too.
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let ends = match c {
            '\n' | '。' | '！' | '？' => true,
            '.' | '!' | '?' => {
                let spaced = next.is_none_or(|next| next.is_whitespace() || CLOSING.contains(&next));
                spaced && !(c == '.' && is_abbreviated(&text[start..at]))
            }
            _ => false,
        };
        if !ends {
            continue;
        }
        let mut end = at + c.len_utf8();
        while let Some((closing, mark)) = chars.peek().copied().filter(|(_, mark)| CLOSING.contains(mark)) {
            end = closing + mark.len_utf8();
            chars.next();
        }
        push_trimmed(text, start..end, &mut found);
        start = end;
    }
    push_trimmed(text, start..text.len(), &mut found);
    found
}

fn push_trimmed(text: &str, range: Range<usize>, found: &mut Vec<Range<usize>>) {
    let part = &text[range.clone()];
    let trimmed = part.trim();
    if trimmed.is_empty() {
        return;
    }
    let start = range.start + (part.len() - part.trim_start().len());
    found.push(start..start + trimmed.len());
}

/// "e.g", "Dr", "3": a full stop after these ends no sentence.
fn is_abbreviated(before: &str) -> bool {
    let word = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    if letters == 0 {
        return before.trim_start().len() == word.len() && !word.is_empty();
    }
    word.contains('.') || ABBREVIATIONS.contains(&word.to_lowercase().as_str())
}

/// Takes the usual endings of English away, the same for a word and its plural or past.
pub(super) fn stem(word: &str) -> String {
    for (ending, instead) in ENDINGS {
        if let Some(stem) = word.strip_suffix(ending)
            && stem.chars().count() >= STEM_CHARS_MIN
        {
            return format!("{stem}{instead}");
        }
    }
    word.to_owned()
}

const STEM_CHARS_MIN: usize = 3;
const ENDINGS: [(&str, &str); 9] =
    [("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", ""), ("ss", "ss"), ("s", ""), ("ly", ""), ("e", "")];
const CLOSING: [char; 6] = ['"', '\'', '”', '’', ')', '»'];
const ABBREVIATIONS: [&str; 14] =
    ["dr", "mr", "mrs", "ms", "prof", "etc", "vs", "cf", "fig", "no", "vol", "pp", "ch", "approx"];
const SMALL_WORDS: &[&str] = &[
    "a", "about", "above", "after", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "because",
    "been", "being", "but", "by", "can", "could", "did", "do", "does", "doing", "each", "explain", "for", "from",
    "give", "had", "has", "have", "having", "he", "her", "here", "him", "his", "how", "i", "if", "in", "into", "is",
    "it", "its", "just", "let", "may", "me", "might", "mine", "more", "most", "must", "my", "no", "nor", "not", "of",
    "on", "only", "or", "other", "our", "ours", "out", "please", "s", "say", "says", "shall", "she", "should", "so",
    "some", "such", "t", "tell", "than", "that", "the", "their", "theirs", "them", "then", "there", "these", "they",
    "this", "those", "through", "to", "too", "very", "was", "we", "were", "what", "when", "where", "which", "while",
    "who", "whom", "whose", "why", "will", "with", "would", "you", "your", "yours",
];

#[cfg(test)]
mod tests {
    use super::{figures, sentences, share, term_set, terms};

    #[test]
    fn words_that_carry_meaning_are_the_same_in_other_forms() {
        assert_eq!(terms("What are the Caches?"), terms("a cache"));
        assert_eq!(terms("It validated policies"), terms("validate policy"));
        assert!(terms("what is it about?").is_empty());
    }

    #[test]
    fn a_share_is_of_the_first_text() {
        let (whole, part) = (term_set("An ETag names a version"), term_set("etag version price"));
        assert!((share(&part, &whole) - 2.0 / 3.0).abs() < 1e-9);
        assert!(share(&term_set(""), &whole).abs() < 1e-9);
    }

    #[test]
    fn sentences_end_where_readers_think_they_do() {
        let text = "See Dr. Lee, e.g. on 3.5 of it. \"Is it so?\" Yes!\n- one\n- two";
        let found: Vec<&str> = sentences(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, ["See Dr. Lee, e.g. on 3.5 of it.", "\"Is it so?\"", "Yes!", "- one", "- two"]);
    }

    #[test]
    fn figures_are_compared_as_written() {
        assert_eq!(figures("1,5 kg in 2024."), figures("1.5 and 2024"));
        assert!(figures("none.").is_empty());
    }
}
