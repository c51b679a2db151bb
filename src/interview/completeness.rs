//! Whether what was said so far reads as a whole answer, or breaks off. A heuristic on its last words; it knows English, and
//! punctuation in every language. It does not know what was asked.

use crate::interview::wording::tokens;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Completeness {
    /// Ends like a sentence.
    Complete,
    /// Could end here; the recognizer gives no punctuation.
    Plain,
    /// A few words; they may be all.
    Short,
    /// Ends in a word that something must follow.
    BrokenOff,
    /// In the middle of a list, or after a filler.
    GoingOn,
}

/// `language` is BCP 47.
pub fn of(text: &str, language: &str) -> Completeness {
    let trimmed = text.trim_end();
    let words = tokens(trimmed);
    let ends_in = |marks: &[char]| trimmed.ends_with(|char| marks.contains(&char));
    if trimmed.ends_with("...") || ends_in(&['…', ',', ';', ':', '-', '–', '—', '、']) {
        return Completeness::GoingOn;
    }
    if ends_in(&['.', '?', '!', '。', '？', '！', '।', '؟']) {
        return Completeness::Complete;
    }
    if is_english(language) {
        let last = words.last().map_or("", String::as_str);
        let before = words.len().checked_sub(2).map_or("", |index| words[index].as_str());
        if FILLERS.contains(&last) || (before, last) == ("you", "know") || is_list_head(&words) {
            return Completeness::GoingOn;
        }
        if DANGLING.contains(&last) {
            return Completeness::BrokenOff;
        }
    }
    if words.len() < WORDS_OF_A_SENTENCE { Completeness::Short } else { Completeness::Plain }
}

pub fn is_english(language: &str) -> bool {
    language.split('-').next().is_some_and(|primary| primary.eq_ignore_ascii_case("en"))
}

/// "first of all", "for example", "such as": more is to come.
fn is_list_head(words: &[String]) -> bool {
    if let [.., before, last] = words
        && (last == "first" || last == "second")
        && BEFORE_NOUNS.contains(&before.as_str())
    {
        return false;
    }
    LIST_HEADS.iter().any(|head| {
        let head: Vec<&str> = head.split(' ').collect();
        words.len() >= head.len() && words[words.len() - head.len()..].iter().zip(head).all(|(word, head)| word == head)
    })
}

const WORDS_OF_A_SENTENCE: usize = 4;

const FILLERS: &[&str] = &["um", "uh", "er", "erm", "ah", "hmm", "mm", "like", "well", "basically"];

const DANGLING: &[&str] = &[
    "a", "about", "after", "also", "although", "am", "an", "and", "are", "as", "at", "be", "because", "been", "before",
    "but", "by", "can", "could", "did", "do", "does", "during", "every", "for", "from", "had", "has", "have", "he",
    "her", "his", "i", "id", "if", "ill", "im", "in", "into", "is", "its", "ive", "my", "nor", "of", "on", "or", "our",
    "she", "should", "since", "so", "some", "than", "that", "thats", "the", "their", "then", "these", "they", "theyre",
    "this", "those", "though", "through", "to", "unless", "until", "very", "was", "we", "were", "weve", "what", "when",
    "where", "whether", "which", "while", "who", "whose", "why", "will", "with", "without", "would", "your",
];

/// "Half a second", "at first": here it heads nothing.
const BEFORE_NOUNS: &[&str] = &["a", "an", "at", "each", "every", "half", "one", "per", "the"];

const LIST_HEADS: &[&str] = &[
    "first",
    "firstly",
    "second",
    "secondly",
    "first of all",
    "for example",
    "for instance",
    "such as",
    "on the one hand",
    "number one",
    "the following",
    "including",
    "either",
    "both",
    "not only",
];

#[cfg(test)]
mod tests {
    use super::{Completeness, of};

    #[test]
    fn an_answer_reads_complete_or_breaks_off_by_its_last_words() {
        let cases = [
            ("I wrote the parser myself.", Completeness::Complete),
            ("I wrote the parser myself", Completeness::Plain),
            ("yes", Completeness::Short),
            ("I wrote the parser because", Completeness::BrokenOff),
            ("I wrote the parser and the", Completeness::BrokenOff),
            ("we used three tools, Rust,", Completeness::GoingOn),
            ("there are two things first of all", Completeness::GoingOn),
            ("it took less than half a second", Completeness::Plain),
            ("I wrote the parser um", Completeness::GoingOn),
            ("it was faster you know", Completeness::GoingOn),
        ];
        for (text, expected) in cases {
            assert_eq!(of(text, "en-US"), expected, "{text}");
        }
    }

    #[test]
    fn other_languages_are_judged_by_punctuation_and_length_alone() {
        assert_eq!(of("Ich war in den USA als", "de-DE"), Completeness::Plain);
        assert_eq!(of("Das war alles.", "de"), Completeness::Complete);
        assert_eq!(of("はい、そうです。", "ja"), Completeness::Complete);
    }
}
