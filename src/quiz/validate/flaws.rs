//! Flaws of writing that give a key away or lead astray. All of it warns.

use super::{Code, Finding};
use crate::config::limits::QUIZ_KEY_LENGTH_FACTOR_MAX;
use crate::quiz::item::{Body, Choice, Item, OptionId, Part};
use crate::quiz::language::{Language, known, language};
use crate::quiz::text::{figures, normal, stems, words};
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
            options_of(item, options, keys, language, &mut found);
            key_of(item, options, keys, language, &mut found);
        }
        Body::MultipleChoice { options, keys, rule: _ } => options_of(item, options, keys, language, &mut found),
        Body::Cloze { parts, rule: _ } => {
            if matches!(parts.first(), Some(Part::Gap(_))) {
                found.push(Finding::warn(Code::GapAtStart, "the sentence begins with its gap"));
            }
        }
        _ => {}
    }
    found
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

fn options_of(item: &Item, options: &[Choice], keys: &[OptionId], language: &Language, found: &mut Vec<Finding>) {
    for option in options {
        let said = normal(&option.text);
        let tokens = words(&option.text);
        let is = |phrases: &[&str]| phrases.contains(&said.as_str());
        let holds = |list: &[&str]| tokens.iter().find(|word| list.contains(&word.as_str())).cloned();
        if is(language.all_of_above) {
            found.push(Finding::warn(Code::AllOfTheAbove, "knowing two keys is enough to choose it"));
        } else if is(language.none_of_above) {
            found.push(Finding::warn(Code::NoneOfTheAbove, "it shows what is wrong, not what is right"));
        } else if is(language.combinations) {
            found.push(Finding::warn(Code::Combination, "combinations of options test logic instead"));
        } else if is(language.truths) {
            found.push(Finding::warn(Code::OptionsTrueFalse, "true and false are a kind of their own"));
        } else if let Some(word) = holds(language.absolutes).filter(|_| tokens.len() > 1) {
            found.push(Finding::warn(Code::OptionAbsolute, format!("“{word}” is rarely true, and so tells")));
        } else if let Some(word) = holds(language.vague).filter(|_| tokens.len() > 1) {
            found
                .push(Finding::warn(Code::OptionVague, format!("“{word}” means different things to different people")));
        }
    }
    let numbers: Vec<f64> = options.iter().filter_map(|option| whole_number(&option.text, &item.language)).collect();
    if numbers.len() == options.len() && numbers.len() > 2 && !numbers.is_sorted() && !numbers.iter().rev().is_sorted()
    {
        found.push(Finding::warn(Code::NumbersUnordered, "numbers are easier to find in order"));
    }
    // Two options that differ from each other by a word while the key differs from both.
    let alike = |a: &Choice, b: &Choice| {
        let (a, b) = (stems(&a.text, language.small), stems(&b.text, language.small));
        a.len() > 2 && a.symmetric_difference(&b).count() <= 2
    };
    let wrong: Vec<&Choice> = options.iter().filter(|option| !keys.contains(&option.id)).collect();
    if wrong.iter().enumerate().any(|(at, a)| wrong[at + 1..].iter().any(|b| alike(a, b))) {
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

fn key_of(item: &Item, options: &[Choice], keys: &[OptionId], language: &Language, found: &mut Vec<Finding>) {
    let Some(key) = options.iter().find(|option| keys.contains(&option.id)) else {
        return;
    };
    let length = |option: &Choice| option.text.chars().count();
    let mut lengths: Vec<usize> = options.iter().map(length).collect();
    lengths.sort_unstable();
    let middle = lengths.len() / 2;
    let median = if lengths.len().is_multiple_of(2) {
        (lengths[middle - 1] + lengths[middle]) as f64 / 2.0
    } else {
        lengths[middle] as f64
    };
    // Among single words length says nothing.
    let long = options.iter().any(|option| words(&option.text).len() > 2);
    if long && length(key) as f64 > QUIZ_KEY_LENGTH_FACTOR_MAX * median {
        found.push(Finding::warn(Code::KeyLongest, "the right option is far longer than the others"));
    }
    let asked = stems(&item.stem, language.small);
    let own = |option: &Choice| stems(&option.text, language.small);
    let of_others: BTreeSet<String> = options.iter().filter(|option| option.id != key.id).flat_map(own).collect();
    let telling: Vec<String> = own(key)
        .into_iter()
        .filter(|word| word.chars().count() > 3 && asked.contains(word) && !of_others.contains(word))
        .collect();
    if !telling.is_empty() {
        found.push(Finding::warn(
            Code::WordsShared,
            format!("question and key share “{}”, no other option does", telling.join("”, “")),
        ));
    }
    grammar(item, options, key, language, found);
}

/// `an ___` before options of which only the key begins with a vowel.
fn grammar(item: &Item, options: &[Choice], key: &Choice, language: &Language, found: &mut Vec<Finding>) {
    if language.code != "en" {
        return;
    }
    let before = words(item.stem.split("__").next().unwrap_or_default());
    let fits = |option: &Choice| {
        let vowel = option.text.to_lowercase().starts_with(['a', 'e', 'i', 'o', 'u']);
        match before.last().map(String::as_str) {
            Some("an") => Some(vowel),
            Some("a") => Some(!vowel),
            _ => None,
        }
    };
    let only = options.iter().filter(|option| fits(option) == Some(true)).count() == 1;
    if item.stem.contains("__") && only && fits(key) == Some(true) {
        found.push(Finding::warn(Code::GrammarClue, "only the key fits the article before the gap"));
    }
}
