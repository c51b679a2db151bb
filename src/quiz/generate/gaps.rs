//! Gaps: a number or a word of a sentence left out.

use super::sentences::Sentence;
use super::terms::Term;
use super::{Draft, GAP, Kind, Maker, filled};
use crate::quiz::item::{Accepted, Body, Gap, GapId, GapKind, NumericKey, PairRule, Part, TextKey, Tolerance};
use crate::quiz::text::figures;

/// A sentence's numbers, each as a gap of its own.
pub(super) fn numeric(maker: &Maker<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (at, sentence) in maker.sentences.iter().enumerate().filter(|(_, sentence)| sentence.alone) {
        let figures = figures(&sentence.text, maker.language.code);
        // A range or a list of numbers has gaps that fill each other.
        let [(place, value)] = figures.as_slice() else { continue };
        let ordinal = sentence.text[place.end..].starts_with(". ");
        if place.start == 0 || ordinal {
            continue;
        }
        let before = sentence.text[..place.start].split_whitespace().next_back().unwrap_or_default().to_lowercase();
        let tolerance =
            if ABOUT.contains(&before.as_str()) { Tolerance::Relative(0.05) } else { Tolerance::Absolute(0.0) };
        let stem = filled(maker.language.phrases.which_number, &with_gap(&sentence.text, place.start, place.end));
        let body = Body::Numeric { keys: vec![NumericKey::whole(*value, tolerance)], unit: None };
        drafts.push(maker.draft(Kind::Numeric, at, at, stem, body));
    }
    drafts
}

const ABOUT: &[&str] = &["about", "around", "roughly", "nearly", "almost", "etwa", "rund", "ungefähr", "fast", "circa"];

pub(super) fn with_gap(text: &str, start: usize, end: usize) -> String {
    format!("{}{GAP}{}", &text[..start], &text[end..])
}

/// A sentence's most telling term as a gap to type into.
pub(super) fn cloze(maker: &Maker<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (at, sentence) in maker.sentences.iter().enumerate().filter(|(_, sentence)| sentence.alone) {
        let Some((token, term)) = telling(maker, sentence) else { continue };
        let place = &sentence.tokens[token];
        let key =
            TextKey { accepted: vec![Accepted::whole(&sentence.text[place.start..place.end])], ..TextKey::default() };
        debug_assert_eq!(term.word, place.word);
        let parts = vec![
            Part::Text(sentence.text[..place.start].to_owned()),
            Part::Gap(Gap { id: GapId::new("g1"), kind: GapKind::Text { key }, weight: 1.0 }),
            Part::Text(sentence.text[place.end..].to_owned()),
        ];
        let body = Body::Cloze { parts, rule: PairRule::Each };
        drafts.push(maker.draft(Kind::Cloze, at, at, maker.language.phrases.fill_gap.to_owned(), body));
    }
    drafts
}

/// The term that the text turns on and this sentence names once, not among its first words: the most frequent one.
pub(super) fn telling<'a>(maker: &Maker<'a>, sentence: &Sentence) -> Option<(usize, &'a Term)> {
    sentence
        .tokens
        .iter()
        .enumerate()
        .skip(2)
        .filter(|(_, token)| {
            let root = crate::quiz::text::stem(&token.word);
            sentence.tokens.iter().filter(|other| crate::quiz::text::stem(&other.word) == root).count() == 1
        })
        // A part of a compound (`sea level`) is guessed from the rest or by nobody.
        .filter(|(at, token)| {
            let at = *at;
            let joined = |other: Option<&super::sentences::Token>| {
                other.is_some_and(|other| maker.terms.get(&other.word).is_some())
            };
            let counted = sentence.tokens[at - 1].word.chars().all(|c| c.is_ascii_digit());
            // After these a verb or an adjective stands rather than a noun.
            let turned = maker.language.copulas.contains(&sentence.tokens[at - 1].word.as_str())
                || matches!(sentence.tokens[at - 1].word.as_str(), "to" | "that" | "which" | "who")
                    && maker.language.code == "en";
            !token.word.contains('-')
                && !counted
                && !turned
                && (token.stops || !joined(sentence.tokens.get(at + 1)))
                && (sentence.tokens[at - 1].stops || !joined(sentence.tokens.get(at - 1)))
        })
        .filter_map(|(at, token)| Some((at, maker.terms.get(&token.word)?)))
        .filter(|(_, term)| term.count >= TELLING_COUNT_MIN)
        .max_by(|a, b| a.1.count.cmp(&b.1.count).then_with(|| b.0.cmp(&a.0)))
}

/// A term that stands only once in a text is a detail.
const TELLING_COUNT_MIN: usize = 2;
