//! Single choice: the term for a description, and the word for a gap, among others of its kind.

use super::gaps::{telling, with_gap};
use super::sentences::{Sentence, tokens};
use super::terms::{around, is_plural};
use super::{Draft, Kind, Maker, filled};
use crate::quiz::item::{Body, Choice};
use crate::quiz::shuffle::Shuffle;
use crate::quiz::text::{normal, stem};
use std::collections::BTreeSet;

const DISTRACTORS: usize = 3;
/// Of so many likely distractors the seed picks.
const DISTRACTORS_FROM: usize = 7;

pub(super) fn drafts(maker: &Maker<'_>, seed: u64) -> Vec<Draft> {
    let definitions: Vec<Definition> = maker
        .sentences
        .iter()
        .enumerate()
        .filter(|(_, sentence)| sentence.alone)
        .filter_map(|(at, sentence)| definition(maker, at, sentence))
        .collect();
    let mut drafts: Vec<Draft> =
        definitions.iter().filter_map(|definition| by_description(maker, definition, &definitions, seed)).collect();
    for (at, sentence) in maker.sentences.iter().enumerate().filter(|(_, sentence)| sentence.alone) {
        if !definitions.iter().any(|definition| definition.sentence == at) {
            drafts.extend(by_gap(maker, at, sentence, seed));
        }
    }
    drafts
}

struct Definition {
    sentence: usize,
    /// Without its article.
    term: String,
    description: String,
}

/// `A tide is the rise and fall …`, or `… is called a tide`.
fn definition(maker: &Maker<'_>, at: usize, sentence: &Sentence) -> Option<Definition> {
    let body = sentence.text.trim_end_matches('.');
    for phrase in maker.language.is_called {
        if let Some((before, after)) = body.split_once(&format!(" {phrase} ")) {
            let term = without_article(after, maker);
            if is_term(&term, maker) && tokens(before).len() >= DESCRIPTION_WORDS_MIN && !before.contains(',') {
                return Some(Definition { sentence: at, term, description: before.to_owned() });
            }
        }
    }
    for phrase in maker.language.defines {
        let Some((before, after)) = body.split_once(&format!(" {phrase} ")) else { continue };
        let term = without_article(before, maker);
        let starts_well =
            sentence.tokens.first().is_some_and(|token| maker.language.articles.contains(&token.word.as_str()))
                || before.split(' ').count() == 1 && maker.terms.get(&normal(before)).is_some();
        let article = phrase.split(' ').nth(1);
        // Without an article behind it, `is` says a property, not what something is.
        let defines = article.is_some() || !matches!(*phrase, "is" | "are" | "ist" | "sind");
        if starts_well && defines && is_term(&term, maker) && tokens(after).len() >= DESCRIPTION_WORDS_MIN {
            let description = article.map_or_else(|| after.to_owned(), |article| format!("{article} {after}"));
            return Some(Definition { sentence: at, term, description });
        }
    }
    None
}

const DESCRIPTION_WORDS_MIN: usize = 5;
const HEAD_CHARS_MIN: usize = 4;
const TERM_WORDS_MAX: usize = 2;

fn without_article(text: &str, maker: &Maker<'_>) -> String {
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    if maker.language.articles.contains(&normal(first).as_str()) { rest.to_owned() } else { text.to_owned() }
}

/// One or two words, the last of them a noun of the text.
fn is_term(term: &str, maker: &Maker<'_>) -> bool {
    let words: Vec<&str> = term.split(' ').collect();
    (1..=TERM_WORDS_MAX).contains(&words.len())
        && term.chars().all(|c| c.is_alphabetic() || c == ' ' || c == '-')
        && words.iter().all(|word| !maker.language.small.contains(&normal(word).as_str()))
        && words.last().is_some_and(|word| {
            maker.terms.get(&normal(word)).is_some() || maker.terms.get(&word.to_lowercase()).is_some()
        })
}

fn by_description(maker: &Maker<'_>, definition: &Definition, all: &[Definition], seed: u64) -> Option<Draft> {
    let own = roots(&definition.term);
    let described = roots(&definition.description);
    if !own.is_disjoint(&described) {
        return None;
    }
    let head = definition.term.split(' ').next_back()?.to_lowercase();
    let plural = is_plural(&head, maker.language);
    let fits = |term: &str| {
        let roots = roots(term);
        roots.is_disjoint(&own) && roots.is_disjoint(&described)
    };
    // Other defined terms come first: they are what one mixes it up with.
    let mut likely: Vec<String> = all
        .iter()
        .map(|other| written(&other.term, maker))
        .filter(|term| fits(term) && is_plural(&term.to_lowercase(), maker.language) == plural)
        .collect();
    Shuffle::of(seed, &definition.term).shuffle(&mut likely);
    if let Some(term) = maker.terms.get(&head) {
        let mut more: Vec<String> = maker
            .terms
            .like(term, None, &described)
            .into_iter()
            .take(DISTRACTORS_FROM)
            .map(|term| term.written.clone())
            .collect();
        Shuffle::of(seed, &head).shuffle(&mut more);
        likely.extend(more.into_iter().filter(|term| fits(term)));
    }
    // `A bog that …` names the raised bog, unless other bogs are there.
    let heads: Vec<&String> =
        described.iter().filter(|root| root.chars().count() >= HEAD_CHARS_MIN && head.ends_with(*root)).collect();
    let of_head = |term: &String| heads.iter().any(|root| term.to_lowercase().ends_with(*root));
    if !heads.is_empty() && !likely.iter().any(of_head) {
        return None;
    }
    likely.sort_by_key(|term| !of_head(term));
    let options = options(written(&definition.term, maker), likely)?;
    let stem = filled(maker.language.phrases.which_term, &capitalised(&definition.description));
    let draft = maker.draft(Kind::SingleChoice, definition.sentence, definition.sentence, stem, options);
    Some(Draft { defines: true, ..draft })
}

fn by_gap(maker: &Maker<'_>, at: usize, sentence: &Sentence, seed: u64) -> Option<Draft> {
    let (token, term) = telling(maker, sentence)?;
    let place = &sentence.tokens[token];
    let before = sentence.tokens[token - 1].word.as_str();
    let besides = roots(&sentence.text);
    let around: BTreeSet<String> = around(sentence, token, maker.language).collect();
    let mut likely: Vec<String> = maker
        .terms
        .like(term, Some(before), &besides)
        .into_iter()
        // What the text itself puts near the same words, here or elsewhere, might be right in this place, too.
        .filter(|other| other.near.is_disjoint(&around) && other.near.is_disjoint(&term.near))
        .take(DISTRACTORS_FROM)
        .map(|term| term.written.clone())
        .collect();
    Shuffle::of(seed, &sentence.text).shuffle(&mut likely);
    let options = options(term.written.clone(), likely)?;
    let stem = filled(maker.language.phrases.which_word, &with_gap(&sentence.text, place.start, place.end));
    Some(maker.draft(Kind::SingleChoice, at, at, stem, options))
}

fn options(key: String, likely: Vec<String>) -> Option<Body> {
    let mut seen = BTreeSet::from([normal(&key)]);
    let wrong: Vec<Choice> =
        likely.into_iter().filter(|term| seen.insert(normal(term))).take(DISTRACTORS).map(Choice::of).collect();
    if wrong.len() < DISTRACTORS {
        return None;
    }
    let key = Choice::of(key);
    let keys = vec![key.id.clone()];
    Some(Body::SingleChoice { options: std::iter::once(key).chain(wrong).collect(), keys })
}

fn roots(text: &str) -> BTreeSet<String> {
    crate::quiz::text::words(text).iter().map(|word| stem(word)).collect()
}

/// As it is written inside a sentence: a sentence's capital goes.
fn written(term: &str, maker: &Maker<'_>) -> String {
    let (first, rest) = term.split_once(' ').map_or((term, None), |(first, rest)| (first, Some(rest)));
    let first = match maker.terms.get(&first.to_lowercase()) {
        Some(known) => known.written.clone(),
        None if is_name(&first.to_lowercase(), maker) => first.to_owned(),
        None if maker.language.nouns_capital => first.to_owned(),
        None => first.to_lowercase(),
    };
    rest.map_or_else(|| first.clone(), |rest| format!("{first} {rest}"))
}

/// Whether a word has its capital inside sentences, too: the Maillard reaction.
fn is_name(word: &str, maker: &Maker<'_>) -> bool {
    maker
        .sentences
        .iter()
        .any(|sentence| sentence.tokens.iter().skip(1).any(|token| token.capital && token.word == word))
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
