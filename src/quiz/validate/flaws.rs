//! Flaws of writing that give a key away or lead astray. All of it warns.

use super::{Code, Finding};
use crate::config::limits::QUIZ_KEY_LENGTH_FACTOR_MAX;
use crate::quiz::item::{Body, Choice, Item, OptionId, Part};
use crate::quiz::language::{Language, known, language};
use crate::quiz::text::{figures, normal, stems, stems_of, words};
use std::collections::BTreeSet;

pub(super) fn findings(item: &Item) -> Vec<Finding> {
    let language = language(&item.language);
    let mut found = Vec::new();
    // A statement to be judged may well be negative, and is no question.
    if !matches!(item.body, Body::TrueFalse { .. }) {
        stem(item, language, &mut found);
    }
    match &item.body {
        Body::SingleChoice { options, keys } => {
            let said = Said::all(options, keys, language);
            options_of(item, &said, language, &mut found);
            key_of(item, &said, language, &mut found);
        }
        Body::MultipleChoice { options, keys, rule: _ } => {
            options_of(item, &Said::all(options, keys, language), language, &mut found);
        }
        Body::Cloze { parts, rule: _ } => {
            if matches!(parts.first(), Some(Part::Gap(_))) {
                found.push(Finding::warn(Code::GapAtStart, "the sentence begins with its gap"));
            }
        }
        _ => {}
    }
    found
}

/// An option with its words, worked out once for all that looks at them.
struct Said<'a> {
    text: &'a str,
    is_key: bool,
    words: Vec<String>,
    stems: BTreeSet<String>,
}

impl<'a> Said<'a> {
    fn all(options: &'a [Choice], keys: &[OptionId], language: &Language) -> Vec<Self> {
        let said = |option: &'a Choice| {
            let words = words(&option.text);
            let stems = stems_of(&words, language.small);
            Self { text: &option.text, is_key: keys.contains(&option.id), words, stems }
        };
        options.iter().map(said).collect()
    }

    /// Whether both say almost the same: they differ by a word.
    fn is_like(&self, other: &Self) -> bool {
        self.stems.len() > 2
            && self.stems.len().abs_diff(other.stems.len()) <= 2
            && self.stems.symmetric_difference(&other.stems).nth(2).is_none()
    }
}

fn stem(item: &Item, language: &Language, found: &mut Vec<Finding>) {
    let said = words(&outside_quotes(&item.stem));
    if let Some(word) = said.iter().find(|word| language.negatives.contains(&word.as_str())) {
        found.push(Finding::warn(Code::StemNegative, format!("the question turns on “{word}”")));
    }
    let asks = item.stem.contains('?')
        || item.stem.contains("__")
        || item.stem.trim_end().ends_with([':', '…'])
        || said.first().is_some_and(|word| {
            language.task_words.contains(&word.as_str()) || language.question_words.contains(&word.as_str())
        });
    // How one asks without a question mark is not known of every language.
    if known(&item.language).is_some() && (!asks || said.len() < 2) {
        found.push(Finding::warn(Code::StemUnfocused, "it is not clear from the question alone what is asked"));
    }
}

/// Words of the text that the stem quotes are not the asker's.
fn outside_quotes(stem: &str) -> String {
    let mut depth = 0_usize;
    stem.chars()
        .filter(|c| {
            match c {
                '“' if depth > 0 => depth -= 1,
                '“' | '„' => depth += 1,
                '”' => depth = depth.saturating_sub(1),
                _ => return depth == 0,
            }
            false
        })
        .collect()
}

fn options_of(item: &Item, options: &[Said<'_>], language: &Language, found: &mut Vec<Finding>) {
    for option in options {
        let whole = normal(option.text);
        let is = |phrases: &[&str]| phrases.contains(&whole.as_str());
        let holds = |list: &[&str]| option.words.iter().find(|word| list.contains(&word.as_str()));
        if is(language.all_of_above) {
            found.push(Finding::warn(Code::AllOfTheAbove, "knowing two keys is enough to choose it"));
        } else if is(language.none_of_above) {
            found.push(Finding::warn(Code::NoneOfTheAbove, "it shows what is wrong, not what is right"));
        } else if is(language.combinations) {
            found.push(Finding::warn(Code::Combination, "combinations of options test logic instead"));
        } else if is(language.truths) {
            found.push(Finding::warn(Code::OptionsTrueFalse, "true and false are a kind of their own"));
        } else if let Some(word) = holds(language.absolutes).filter(|_| option.words.len() > 1) {
            found.push(Finding::warn(Code::OptionAbsolute, format!("“{word}” is rarely true, and so tells")));
        } else if let Some(word) = holds(language.vague).filter(|_| option.words.len() > 1) {
            found
                .push(Finding::warn(Code::OptionVague, format!("“{word}” means different things to different people")));
        }
    }
    let numbers: Vec<f64> = options.iter().filter_map(|option| whole_number(option.text, &item.language)).collect();
    if numbers.len() == options.len() && numbers.len() > 2 && !numbers.is_sorted() && !numbers.iter().rev().is_sorted()
    {
        found.push(Finding::warn(Code::NumbersUnordered, "numbers are easier to find in order"));
    }
    // Two options that differ from each other by a word while the key differs from both.
    let wrong: Vec<&Said<'_>> = options.iter().filter(|option| !option.is_key).collect();
    if wrong.iter().enumerate().any(|(at, a)| wrong[at + 1..].iter().any(|b| a.is_like(b))) {
        found.push(Finding::warn(
            Code::DistractorsAlike,
            "two wrong options say almost the same, so neither can be right",
        ));
    }
}

/// The number that an option is, if nothing else stands there but a unit.
fn whole_number(text: &str, code: &str) -> Option<f64> {
    match figures(text, code).as_slice() {
        [(place, value)] if place.start == 0 && words(&text[place.end..]).len() <= 1 => Some(*value),
        _ => None,
    }
}

fn key_of(item: &Item, options: &[Said<'_>], language: &Language, found: &mut Vec<Finding>) {
    let Some(key) = options.iter().find(|option| option.is_key) else {
        return;
    };
    let length = |option: &Said<'_>| option.text.chars().count();
    let mut lengths: Vec<usize> = options.iter().map(length).collect();
    lengths.sort_unstable();
    let middle = lengths.len() / 2;
    let median = if lengths.len().is_multiple_of(2) {
        (lengths[middle - 1] + lengths[middle]) as f64 / 2.0
    } else {
        lengths[middle] as f64
    };
    // Among single words length says nothing.
    let long = options.iter().any(|option| option.words.len() > 2);
    if long && length(key) as f64 > QUIZ_KEY_LENGTH_FACTOR_MAX * median {
        found.push(Finding::warn(Code::KeyLongest, "the right option is far longer than the others"));
    }
    let asked = stems(&item.stem, language.small);
    let of_others: BTreeSet<&String> =
        options.iter().filter(|option| !option.is_key).flat_map(|option| &option.stems).collect();
    let telling: Vec<&str> = key
        .stems
        .iter()
        .filter(|word| word.chars().count() > 3 && asked.contains(*word) && !of_others.contains(word))
        .map(String::as_str)
        .collect();
    if !telling.is_empty() {
        found.push(Finding::warn(
            Code::WordsShared,
            format!("question and key share “{}”, no other option does", telling.join("”, “")),
        ));
    }
    grammar(item, options, language, found);
}

/// `an ___` before options of which only the key begins with a vowel.
fn grammar(item: &Item, options: &[Said<'_>], language: &Language, found: &mut Vec<Finding>) {
    if language.code != "en" || !item.stem.contains("__") {
        return;
    }
    let before = words(item.stem.split("__").next().unwrap_or_default());
    let fits = |option: &&Said<'_>| {
        let vowel = option.text.to_lowercase().starts_with(['a', 'e', 'i', 'o', 'u']);
        match before.last().map(String::as_str) {
            Some("an") => vowel,
            Some("a") => !vowel,
            _ => false,
        }
    };
    let fitting: Vec<&Said<'_>> = options.iter().filter(fits).collect();
    if let [only] = fitting.as_slice()
        && only.is_key
    {
        found.push(Finding::warn(Code::GrammarClue, "only the key fits the article before the gap"));
    }
}
