//! Finds a quote in a transcript: case, punctuation and spacing may differ, the words may not. What is not found is no evidence.

use crate::config::limits;
use crate::interview::event::Word;
use crate::interview::history::Turn;
use crate::interview::metric::Evidence;
use crate::interview::wording::{is_apostrophe, prefix, tokens};
use std::ops::Range;

/// The quote as it stands in that turn's answer (or in what was recognized before the candidate corrected it), with its times.
pub fn evidence(turn: &Turn, quote: &str) -> Option<Evidence> {
    let answer = turn.answer.as_ref()?;
    let texts: Vec<&str> =
        [Some(&answer.text), answer.spoken.as_ref()].into_iter().flatten().map(String::as_str).collect();
    let words: Vec<&Word> = turn.words().collect();
    let found = verbatim(&texts, quote)?;
    let quote = prefix(found, limits::QUOTE_CHARS_MAX).trim_end().to_owned();
    let times = times(&words, &quote);
    Some(Evidence {
        turn: turn.turn,
        quote,
        start_ms: times.map(|(start, _)| start),
        end_ms: times.map(|(_, end)| end),
        note: None,
    })
}

/// The quote as the first of the texts that has it puts it.
pub fn verbatim<'a>(texts: &[&'a str], quote: &str) -> Option<&'a str> {
    texts.iter().find_map(|text| find(text, quote).map(|range| &text[range]))
}

/// Where `quote` stands in `text`, in bytes.
pub fn find(text: &str, quote: &str) -> Option<Range<usize>> {
    let haystack = fold(text);
    let needle: Vec<char> = fold(quote).iter().map(|folded| folded.char).collect();
    if needle.is_empty() || needle.len() > haystack.len() {
        return None;
    }
    (0..=haystack.len() - needle.len()).find_map(|from| {
        let through = from + needle.len();
        let same = haystack[from..through].iter().zip(&needle).all(|(folded, char)| folded.char == *char);
        let whole = is_boundary(&haystack, from) && is_boundary(&haystack, through);
        (same && whole).then(|| haystack[from].at.start..haystack[through - 1].at.end)
    })
}

/// From the first word of the quote to its last.
pub fn times(words: &[&Word], quote: &str) -> Option<(u64, u64)> {
    let wanted = tokens(quote);
    let spoken: Vec<(String, usize)> = words
        .iter()
        .enumerate()
        .flat_map(|(index, word)| tokens(&word.text).into_iter().map(move |token| (token, index)))
        .collect();
    if wanted.is_empty() {
        return None;
    }
    spoken
        .windows(wanted.len())
        .find(|window| window.iter().zip(&wanted).all(|((token, _), wanted)| token == wanted))
        .map(|window| (words[window[0].1].start_ms, words[window[window.len() - 1].1].end_ms))
}

struct Folded {
    char: char,
    at: Range<usize>,
}

/// Lower case; whatever is no letter or digit becomes one space between words; apostrophes vanish.
fn fold(text: &str) -> Vec<Folded> {
    let mut folded: Vec<Folded> = Vec::new();
    let mut gap = false;
    for (index, char) in text.char_indices() {
        let at = index..index + char.len_utf8();
        if char.is_alphanumeric() {
            if gap && !folded.is_empty() {
                folded.push(Folded { char: ' ', at: at.start..at.start });
            }
            gap = false;
            folded.extend(char.to_lowercase().map(|char| Folded { char, at: at.clone() }));
        } else if !is_apostrophe(char) {
            gap = true;
        }
    }
    folded
}

/// Quotes begin and end with whole words, but in scripts that put no space between words.
fn is_boundary(folded: &[Folded], at: usize) -> bool {
    let unspaced = |char: char| ('\u{0E00}'..='\u{0EFF}').contains(&char) || char >= '\u{2E80}';
    match (at.checked_sub(1).and_then(|before| folded.get(before)), folded.get(at)) {
        (Some(before), Some(after)) => {
            before.char == ' ' || after.char == ' ' || unspaced(before.char) || unspaced(after.char)
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::find;

    fn found<'a>(text: &'a str, quote: &str) -> Option<&'a str> {
        find(text, quote).map(|range| &text[range])
    }

    #[test]
    fn a_quote_is_found_whatever_its_case_punctuation_and_spacing() {
        let text = "Well, I don't   know -- I wrote the parser.";
        assert_eq!(found(text, "i dont know"), Some("I don't   know"));
        assert_eq!(found(text, "\u{201c}know: I wrote\u{201d}"), Some("know -- I wrote"));
        assert_eq!(found(text, "the PARSER!"), Some("the parser"));
    }

    #[test]
    fn other_words_half_words_and_nothing_are_not_found() {
        let text = "I wrote the parser";
        assert_eq!(found(text, "I wrote a parser"), None);
        assert_eq!(found(text, "rote the par"), None);
        assert_eq!(found(text, "..."), None);
        assert_eq!(found("", "I"), None);
    }

    #[test]
    fn scripts_without_spaces_are_quoted_too() {
        assert_eq!(found("私はパーサーを書きました。", "パーサーを"), Some("パーサーを"));
    }
}
