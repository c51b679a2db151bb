//! The nouns of a text, as far as their places give them away, and others of the same kind to set beside them.

use super::sentences::Sentence;
use crate::quiz::language::Language;
use crate::quiz::text::stem;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug)]
pub(super) struct Terms {
    by_word: BTreeMap<String, Term>,
    language: &'static Language,
}

#[derive(Clone, Debug)]
pub(super) struct Term {
    pub word: String,
    /// As it is written inside a sentence.
    pub written: String,
    pub count: usize,
    /// Small words that stand right before it somewhere.
    pub after: BTreeSet<String>,
    /// Words of meaning that stand within two words of it somewhere.
    pub near: BTreeSet<String>,
    pub plural: bool,
    pub name: bool,
}

const LETTERS_MIN: usize = 4;

impl Terms {
    pub(super) fn of(sentences: &[Sentence], language: &'static Language) -> Self {
        let mut seen: BTreeMap<String, (Term, i32)> = BTreeMap::new();
        for sentence in sentences {
            for (at, token) in sentence.tokens.iter().enumerate() {
                let text = &sentence.text[token.start..token.end];
                if token.word.chars().count() < LETTERS_MIN
                    || !text.chars().all(|c| c.is_alphabetic() || c == '-')
                    || language.small.contains(&token.word.as_str())
                    || language.verbs.contains(&token.word.as_str())
                    || language.general.contains(&token.word.as_str())
                    || language.opposites.iter().any(|(a, b)| token.word == *a || token.word == *b)
                    || in_name(sentence, at, language)
                {
                    continue;
                }
                let before = at.checked_sub(1).map(|before| &sentence.tokens[before]);
                let after_small =
                    before.filter(|before| !before.stops && language.small.contains(&before.word.as_str()));
                let ends = token.stops
                    || sentence.tokens.get(at + 1).is_some_and(|next| language.small.contains(&next.word.as_str()));
                let entry = seen.entry(token.word.clone()).or_insert_with(|| {
                    let term = Term {
                        word: token.word.clone(),
                        written: text.to_lowercase(),
                        count: 0,
                        after: BTreeSet::new(),
                        near: BTreeSet::new(),
                        plural: is_plural(&token.word, language),
                        name: false,
                    };
                    (term, 0)
                });
                entry.0.count += 1;
                entry.0.near.extend(around(sentence, at, language));
                if at > 0 && token.capital {
                    entry.0.written = text.to_owned();
                    entry.0.name = true;
                }
                if let Some(before) = after_small {
                    entry.0.after.insert(before.word.clone());
                }
                // A determiner before and a small word or a mark behind: a noun's place.
                let determined = after_small.is_some_and(|before| DETERMINERS.contains(&before.word.as_str()));
                // The same before another word is an adjective's place.
                entry.1 += match (determined, ends) {
                    (true, true) => 1,
                    (true, false) => -1,
                    (false, _) => 0,
                };
            }
        }
        let is_noun = |(term, places): &(Term, i32)| {
            let ending = |list: &[&str]| list.iter().any(|ending| term.word.ends_with(ending));
            if language.nouns_capital {
                term.name
            } else {
                *places > 0 && (!ending(language.other_endings) || ending(language.noun_endings))
            }
        };
        let by_word =
            seen.into_iter().filter(|(_, seen)| is_noun(seen)).map(|(word, (term, _))| (word, term)).collect();
        Self { by_word, language }
    }

    pub(super) fn get(&self, word: &str) -> Option<&Term> {
        self.by_word.get(word)
    }

    /// Terms that could stand where this one does, the most frequent first: of the same number, names for names, seen after the same small
    /// word, and of another stem.
    pub(super) fn like<'a>(
        &'a self,
        term: &'a Term,
        before: Option<&str>,
        besides: &BTreeSet<String>,
    ) -> Vec<&'a Term> {
        let own = stem(&term.word);
        let article = before.filter(|before| self.language.articles.contains(before));
        let mut found: Vec<&Term> = self
            .by_word
            .values()
            .filter(|other| {
                let root = stem(&other.word);
                let fits = match article {
                    Some("a") => !starts_with_vowel(&other.word) && !other.plural,
                    Some("an") => starts_with_vowel(&other.word) && !other.plural,
                    Some("the") | None => true,
                    Some(article) => other.after.contains(article),
                };
                // Nouns that never stand after the same small word differ in number or gender.
                let kin =
                    !self.language.nouns_capital || term.after.is_empty() || !other.after.is_disjoint(&term.after);
                fits && kin
                    && other.plural == term.plural
                    && (self.language.nouns_capital || other.name == term.name)
                    && root != own
                    && !root.contains(&own)
                    && !own.contains(&root)
                    && !besides.contains(&root)
            })
            .collect();
        let common = |other: &Term| other.after.intersection(&term.after).count();
        found.sort_by(|a, b| {
            common(b).cmp(&common(a)).then_with(|| b.count.cmp(&a.count)).then_with(|| a.word.cmp(&b.word))
        });
        found
    }
}

/// Whether a word is one of several that make a name: the Qiantang River.
fn in_name(sentence: &Sentence, at: usize, language: &Language) -> bool {
    let capital = |at: Option<usize>| {
        at.filter(|at| *at > 0).and_then(|at| sentence.tokens.get(at)).is_some_and(|token| token.capital)
    };
    !language.nouns_capital
        && capital(Some(at))
        && (capital(at.checked_sub(1))
            || capital(Some(at + 1))
            || at >= 2 && sentence.tokens[at - 1].word == "of" && capital(at.checked_sub(2)))
}

/// The words of meaning within two words of one.
pub(super) fn around(sentence: &Sentence, at: usize, language: &Language) -> impl Iterator<Item = String> {
    let near = at.saturating_sub(2)..(at + 3).min(sentence.tokens.len());
    near.filter(move |other| *other != at)
        .map(|other| sentence.tokens[other].word.as_str())
        .filter(|word| !language.small.contains(word))
        .map(str::to_owned)
}

const DETERMINERS: &[&str] = &[
    "a", "an", "the", "its", "their", "of", "each", "every", "this", "these", "no", "his", "her", "another", "many",
    "by", "with",
];

pub(super) fn is_plural(word: &str, language: &Language) -> bool {
    match language.code {
        "en" => word.ends_with('s') && !["ss", "us", "is"].iter().any(|ending| word.ends_with(ending)),
        _ => word.ends_with("en") || word.ends_with("er") && word.contains('ä'),
    }
}

fn starts_with_vowel(word: &str) -> bool {
    word.starts_with(['a', 'e', 'i', 'o', 'u'])
}
