//! True and false statements: a sentence as it stands, or with one opposite for the other, or with another number.

use super::{Draft, Kind, Maker, filled};
use crate::quiz::generate::sentences::{Sentence, Token};
use crate::quiz::item::Body;
use crate::quiz::language::Language;
use crate::quiz::text::figures;

/// A statement to be judged is one that can be kept in mind.
const WORDS_MAX: usize = 24;

pub(super) fn drafts(maker: &Maker<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let usable = |sentence: &&Sentence| {
        let negative = sentence.tokens.iter().any(|token| maker.language.negatives.contains(&token.word.as_str()));
        sentence.alone && sentence.tokens.len() <= WORDS_MAX && !negative
    };
    for (at, sentence) in maker.sentences.iter().enumerate().filter(|(_, sentence)| usable(sentence)) {
        let Some(turned) = reversed(sentence, maker.language).or_else(|| renumbered(sentence, maker.language)) else {
            continue;
        };
        // What can be made false is offered as it stands, too, so that such words do not tell.
        for (stated, key) in [(turned.as_str(), false), (sentence.text.as_str(), true)] {
            let stem = filled(maker.language.phrases.is_it_true, stated);
            drafts.push(maker.draft(Kind::TrueFalse, at, at, stem, Body::TrueFalse { key }));
        }
    }
    drafts
}

/// With the opposite of the one word that has one. Two such words would turn the sentence into another true one.
fn reversed(sentence: &Sentence, language: &Language) -> Option<String> {
    let opposite = |word: &str| {
        language.opposites.iter().find_map(|(a, b)| {
            if word == *a {
                Some(*b)
            } else if word == *b {
                Some(*a)
            } else {
                None
            }
        })
    };
    let mut turning =
        sentence.tokens.iter().enumerate().filter_map(|(at, token)| Some((at, token, opposite(&token.word)?)));
    let (at, token, other) = turning.next()?;
    // `vor allem` is a turn of phrase.
    let phrase = sentence.tokens.get(at + 1).is_some_and(|next| next.word == "allem");
    let compared = sentence
        .tokens
        .get(at + 1)
        .is_some_and(|next| matches!(next.word.as_str(), "or" | "and" | "than" | "oder" | "und" | "als" | "dem"))
        || at > 0
            && matches!(
                sentence.tokens[at - 1].word.as_str(),
                "or" | "and" | "oder" | "und" | "no" | "once" | "not" | "nicht"
            );
    let next = sentence.tokens.get(at + 1).filter(|_| !token.stops);
    // `Catch light`, `narrow them`: no adjective here.
    let doubtful = language.doubtful.contains(&token.word.as_str())
        && next.is_none_or(|next| language.small.contains(&next.word.as_str()))
        && !(at > 0 && language.copulas.contains(&sentence.tokens[at - 1].word.as_str()));
    // `After 7 days` is how long, not what comes first.
    let figure = |token: &Token| token.word.starts_with(|c: char| c.is_ascii_digit());
    let span = TIMES.contains(&token.word.as_str()) && sentence.tokens[at + 1..].iter().take(2).any(figure);
    if turning.next().is_some() || compared || phrase || doubtful || span || at == 0 {
        return None;
    }
    Some(format!("{}{other}{}", &sentence.text[..token.start], &sentence.text[token.end..]))
}

const TIMES: &[&str] = &["before", "after", "vor", "nach"];

/// With its one number halved or doubled; a year moves by decades. A bound (`more than 20`) may hold with another number, too.
fn renumbered(sentence: &Sentence, language: &Language) -> Option<String> {
    let figures = figures(&sentence.text, language.code);
    let [(place, value)] = figures.as_slice() else { return None };
    let written = &sentence.text[place.clone()];
    if place.start == 0 || !written.chars().all(|c| c.is_ascii_digit()) || *value < 2.0 {
        return None;
    }
    let at = sentence.tokens.iter().position(|token| token.start == place.start)?;
    let before = sentence.tokens[at.checked_sub(1)?].word.as_str();
    if BOUNDS.contains(&before) {
        return None;
    }
    let is_year = YEAR_AFTER.contains(&before)
        && (1_000.0..=2_100.0).contains(value)
        && !sentence.tokens.get(at + 1).is_some_and(|next| matches!(next.word.as_str(), "years" | "jahre" | "jahren"));
    let is_share = written_share(&sentence.text[place.end..]);
    let value = *value as u64;
    let other = match value {
        year if is_year => year - 30,
        even if even % 2 == 0 && even > 2 => even / 2,
        // More than all of something would be no statement to weigh.
        share if share > 50 && is_share => share / 2,
        odd => odd * 2,
    };
    Some(format!("{}{other}{}", &sentence.text[..place.start], &sentence.text[place.end..]))
}

fn written_share(behind: &str) -> bool {
    ["%", "per cent", "percent", "prozent"].iter().any(|word| behind.trim_start().to_lowercase().starts_with(word))
}

const BOUNDS: &[&str] = &[
    "than",
    "least",
    "most",
    "over",
    "under",
    "above",
    "below",
    "to",
    "as",
    "als",
    "über",
    "unter",
    "bis",
    "mindestens",
    "höchstens",
    "zum",
];
const YEAR_AFTER: &[&str] = &["in", "since", "from", "by", "until", "jahr", "seit", "ab", "von"];
