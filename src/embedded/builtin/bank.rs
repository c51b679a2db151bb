//! Questions by field of work or study, and which fields a subject belongs to. English only: other languages have general questions.

use super::language::{Main, Mode};
use super::text::Words;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::LazyLock;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bank {
    pub(crate) name: String,
    pub(crate) mode: Mode,
    pub(crate) keywords: Vec<String>,
    pub(crate) questions: Vec<Main>,
}

/// A name of something that people in these fields talk about.
#[derive(Debug)]
pub(crate) struct Term {
    pub(crate) lower: String,
    pub(crate) written: String,
    /// People make or choose it, so that one can ask what it costs and how it fails.
    pub(crate) made: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Terms {
    made: Vec<String>,
    known: Vec<String>,
}

impl Bank {
    /// How many of its keywords stand in the text, longer ones for more.
    fn fit(&self, words: &Words<'_>) -> usize {
        self.keywords
            .iter()
            .filter(|keyword| words.find(keyword).is_some())
            .map(|keyword| keyword.split(' ').count())
            .sum()
    }
}

/// The banks that fit, best first.
pub(crate) fn banks_for(text: &str) -> Vec<&'static Bank> {
    let words = Words::of(text);
    let mut fitting = BANKS.iter().map(|bank| (bank.fit(&words), bank)).filter(|(fit, _)| *fit > 0).collect::<Vec<_>>();
    fitting.sort_by_key(|(fit, _)| std::cmp::Reverse(*fit));
    let best = fitting.first().map_or(0, |(fit, _)| *fit);
    fitting.into_iter().filter(|(fit, _)| fit * 2 > best).map(|(_, bank)| bank).take(BANKS_MAX).collect()
}

/// What serves every job when nothing else is left to ask.
pub(crate) fn behavioural() -> &'static Bank {
    &BANKS[0]
}

/// The known terms that begin with this word (in lower case).
pub(crate) fn terms_beginning(word: &str) -> &'static [Term] {
    TERMS.get(word).map(Vec::as_slice).unwrap_or_default()
}

/// A subject that fits everything fits nothing: the best ones count.
const BANKS_MAX: usize = 2;

/// Behavioural first.
static BANKS: LazyLock<Vec<Bank>> = LazyLock::new(|| {
    [
        include_str!("questions/behavioural.json"),
        include_str!("questions/software.json"),
        include_str!("questions/data.json"),
        include_str!("questions/product.json"),
        include_str!("questions/design.json"),
        include_str!("questions/management.json"),
        include_str!("questions/customer.json"),
        include_str!("questions/teaching.json"),
        include_str!("questions/health.json"),
        include_str!("questions/science.json"),
        include_str!("questions/history.json"),
        include_str!("questions/mathematics.json"),
    ]
    .map(|json| serde_json::from_str(json).expect("the question banks are valid, which a test checks"))
    .into()
});

static TERMS: LazyLock<HashMap<String, Vec<Term>>> = LazyLock::new(|| {
    let terms: Terms =
        serde_json::from_str(include_str!("terms.json")).expect("the list of terms is valid, which a test checks");
    let term = |made: bool| move |written: String| Term { lower: written.to_lowercase(), written, made };
    let mut by_first_word: HashMap<String, Vec<Term>> = HashMap::new();
    for term in terms.made.into_iter().map(term(true)).chain(terms.known.into_iter().map(term(false))) {
        let first = term.lower.split(' ').next().unwrap_or_default().to_owned();
        by_first_word.entry(first).or_default().push(term);
    }
    by_first_word
});

#[cfg(test)]
mod tests {
    use super::banks_for;

    fn names(text: &str) -> Vec<&'static str> {
        banks_for(text).into_iter().map(|bank| bank.name.as_str()).collect()
    }

    #[test]
    fn a_subject_finds_its_bank() {
        assert_eq!(names("Distributed systems backend engineer")[0], "software");
        assert_eq!(names("Product management product manager"), ["product"]);
        assert_eq!(names("Registered nurse"), ["health"]);
        assert_eq!(names("The French Revolution"), ["history"]);
        assert_eq!(names("Photosynthesis"), ["science"]);
        assert_eq!(names("Beekeeping"), Vec::<&str>::new());
    }
}
