//! Word error rate: how many words must be changed, left out or put in to make one text of another. Case and punctuation
//! do not count; numbers and spellings are taken as they are.

use std::ops::AddAssign;

use serde::Serialize;

/// The words that differ, of how many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WordErrors {
    /// Another word was heard.
    pub substitutions: u64,
    /// Words were heard that nobody said.
    pub insertions: u64,
    /// Words were said that nobody heard.
    pub deletions: u64,
    /// Words said.
    pub words: u64,
}

impl WordErrors {
    /// Compares what was said with what was heard.
    pub fn between(said: &str, heard: &str) -> Self {
        let (said, heard) = (words(said), words(heard));
        // rows[j]: the cheapest way from the words said so far to the first j words heard.
        let mut row: Vec<Self> =
            (0..=heard.len() as u64).map(|insertions| Self { insertions, ..Self::default() }).collect();
        for word in &said {
            let mut diagonal = row[0];
            row[0].deletions += 1;
            for (j, candidate) in heard.iter().enumerate() {
                let above = row[j + 1];
                let same = Self { substitutions: diagonal.substitutions + u64::from(word != candidate), ..diagonal };
                let deleted = Self { deletions: above.deletions + 1, ..above };
                let inserted = Self { insertions: row[j].insertions + 1, ..row[j] };
                row[j + 1] = [same, deleted, inserted].into_iter().min_by_key(|ways| ways.errors()).unwrap_or(same);
                diagonal = above;
            }
        }
        Self { words: said.len() as u64, ..row[heard.len()] }
    }

    /// All errors.
    pub fn errors(&self) -> u64 {
        self.substitutions + self.insertions + self.deletions
    }

    /// Errors for each word said; `None` when nothing was said.
    pub fn rate(&self) -> Option<f64> {
        (self.words > 0).then(|| self.errors() as f64 / self.words as f64)
    }
}

impl AddAssign for WordErrors {
    fn add_assign(&mut self, other: Self) {
        let Self { substitutions, insertions, deletions, words } = other;
        self.substitutions += substitutions;
        self.insertions += insertions;
        self.deletions += deletions;
        self.words += words;
    }
}

/// Lower-case words; an apostrophe within a word stays, all other punctuation parts words or goes.
fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .replace('\u{2019}', "'")
        .split(|letter: char| !letter.is_alphanumeric() && letter != '\'')
        .map(|word| word.trim_matches('\'').to_owned())
        .filter(|word| !word.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(said: &str, heard: &str) -> (u64, u64, u64, u64) {
        let WordErrors { substitutions, insertions, deletions, words } = WordErrors::between(said, heard);
        (substitutions, insertions, deletions, words)
    }

    #[test]
    fn case_and_punctuation_do_not_count() {
        assert_eq!(
            counts("Well, I'd use \u{2018}caching\u{2019} - often.", "well i\u{2019}d use caching often"),
            (0, 0, 0, 5)
        );
    }

    #[test]
    fn each_kind_of_error_is_counted() {
        assert_eq!(counts("one two three four", "one too three four"), (1, 0, 0, 4));
        assert_eq!(counts("one two three four", "one two three and four"), (0, 1, 0, 4));
        assert_eq!(counts("one two three four", "one three four"), (0, 0, 1, 4));
        assert_eq!(counts("a b c d e", "x b d e f"), (1, 1, 1, 5));
    }

    #[test]
    fn silence_on_either_side_is_all_errors() {
        assert_eq!(counts("one two", ""), (0, 0, 2, 2));
        assert_eq!(counts("", "one two"), (0, 2, 0, 0));
        assert_eq!(WordErrors::between("", "").rate(), None);
        assert_eq!(WordErrors::between("one two", "").rate(), Some(1.0));
    }

    #[test]
    fn a_hyphen_parts_words() {
        assert_eq!(counts("a well-known test", "a well known test"), (0, 0, 0, 4));
    }
}
