//! The words of a question that are worth looking for. Pure.
//!
//! Words that stand in every text say nothing about this one and are left out, unless there are no others. The words left out are English;
//! in other languages a ranking alone gives common words little weight.

use crate::config::limits::{SEARCH_TERM_CHARS_MAX, SEARCH_TERMS_MAX};

/// The words to look for, each once, in their order.
pub fn terms(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    // What lies far beyond any question is not read.
    for word in text.split(|c| !is_in_a_word(c)).filter(|word| !word.is_empty()).take(WORDS_READ_MAX) {
        let word: String = word.to_lowercase().chars().take(SEARCH_TERM_CHARS_MAX).collect();
        if word.chars().any(char::is_alphanumeric) && !words.contains(&word) {
            words.push(word);
        }
    }
    let says_something = |word: &String| !STOP_WORDS.contains(&word.as_str());
    if words.iter().any(says_something) {
        words.retain(says_something);
    }
    words.truncate(SEARCH_TERMS_MAX);
    words
}

/// Letters, digits, and the marks that belong to the letter before them.
fn is_in_a_word(c: char) -> bool {
    c.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&c)
}

/// Words of a text that are looked at.
const WORDS_READ_MAX: usize = 4 * SEARCH_TERMS_MAX;

const STOP_WORDS: &[&str] = &[
    "a", "about", "above", "after", "again", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be",
    "because", "been", "before", "being", "below", "between", "both", "but", "by", "can", "could", "did", "do", "does",
    "doing", "down", "during", "each", "explain", "few", "for", "from", "further", "had", "has", "have", "having",
    "he", "her", "here", "hers", "him", "his", "how", "i", "if", "in", "into", "is", "it", "its", "just", "me", "more",
    "most", "my", "no", "nor", "not", "now", "of", "off", "on", "once", "only", "or", "other", "our", "out", "over",
    "own", "please", "same", "she", "should", "so", "some", "such", "tell", "than", "that", "the", "their", "them",
    "then", "there", "these", "they", "this", "those", "through", "to", "too", "under", "until", "up", "very", "was",
    "we", "were", "what", "when", "where", "which", "while", "who", "whom", "whose", "why", "will", "with", "would",
    "you", "your",
];

#[cfg(test)]
mod tests {
    use super::terms;

    #[test]
    fn words_without_meaning_are_left_out_unless_there_are_no_others() {
        assert_eq!(terms("What is the rule of perpetuities?"), ["rule", "perpetuities"]);
        assert_eq!(terms("to be or not to be"), ["to", "be", "or", "not"]);
        assert_eq!(terms("… ?! \" * ( ) ^"), Vec::<String>::new());
    }

    #[test]
    fn letters_with_marks_are_one_word() {
        assert_eq!(terms("cafe\u{301}s ÜBUNG naïve_x"), ["cafe\u{301}s", "übung", "naïve", "x"]);
    }

    #[test]
    fn a_text_of_any_length_gives_a_bounded_query() {
        let long: String = (0..100_000).map(|n| format!("w{n} ")).collect();
        assert_eq!(terms(&long).len(), super::SEARCH_TERMS_MAX);
        assert!(terms(&"x".repeat(100_000))[0].len() <= super::SEARCH_TERM_CHARS_MAX);
    }
}
