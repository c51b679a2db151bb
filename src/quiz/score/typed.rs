//! Short text, numbers and cloze.

use super::choices::text_of;
use super::{Gaps, Judged, Note};
use crate::config::limits::{QUIZ_ANSWER_CHARS_MAX, QUIZ_TYPO_CHARS_MIN};
use crate::quiz::item::{Accepted, GapId, GapKind, NumericKey, PairRule, Part, TextKey, Tolerance, Typos};
use crate::quiz::text::{Pattern, normal, number, within_one_edit};

/// The accepted answer that a typed one met.
#[derive(Clone, Debug, PartialEq)]
pub struct Met<'a> {
    pub accepted: &'a Accepted,
    pub with_slip: bool,
}

/// The best accepted answer that the text meets: exactly or by a pattern, else, where slips are forgiven, with one.
///
/// A slip is forgiven from `QUIZ_TYPO_CHARS_MIN` characters of the accepted answer, never in its figures, never for a pattern, and never for
/// a text that is itself named as wrong or is one of the other accepted answers.
pub fn meets_text<'a>(key: &'a TextKey, text: &str) -> Option<Met<'a>> {
    if text.chars().count() > QUIZ_ANSWER_CHARS_MAX {
        return None;
    }
    let said = normal(text);
    if said.is_empty() || key.refused.iter().any(|refused| normal(refused) == said) {
        return None;
    }
    let best = |with_slip: bool, meets: &dyn Fn(&Accepted) -> bool| {
        key.accepted
            .iter()
            .filter(|accepted| meets(accepted))
            .reduce(|best, next| if next.share > best.share { next } else { best })
            .map(|accepted| Met { accepted, with_slip })
    };
    best(false, &|accepted| is_exact(accepted, &said))
        .or_else(|| (key.typos == Typos::One).then(|| best(true, &|accepted| is_near(accepted, &said))).flatten())
}

fn is_exact(accepted: &Accepted, said: &str) -> bool {
    let pattern = Pattern::of(&accepted.text);
    if pattern.stars() == 0 {
        return normal(&unescaped(&accepted.text)) == said;
    }
    pattern.map(|piece| normal_piece(&piece)).matches(said)
}

/// A space at a piece's edge stays, so that `a *` asks for a word after `a`.
fn normal_piece(piece: &str) -> String {
    let edge = |is_space: bool| if is_space { " " } else { "" };
    let (before, after) = (piece.starts_with(char::is_whitespace), piece.ends_with(char::is_whitespace));
    match normal(piece) {
        bare if bare.is_empty() => edge(before || after).to_owned(),
        bare => format!("{}{bare}{}", edge(before), edge(after)),
    }
}

fn is_near(accepted: &Accepted, said: &str) -> bool {
    if Pattern::of(&accepted.text).stars() > 0 {
        return false;
    }
    let wanted = normal(&unescaped(&accepted.text));
    let digits = |text: &str| text.chars().filter(|c| c.is_numeric()).collect::<String>();
    wanted.chars().count() >= QUIZ_TYPO_CHARS_MIN && digits(&wanted) == digits(said) && within_one_edit(&wanted, said)
}

fn unescaped(text: &str) -> String {
    text.replace("\\*", "*")
}

pub(super) fn short_text(key: &TextKey, text: &str) -> Judged {
    match meets_text(key, text) {
        Some(met) => {
            (met.accepted.share, vec![Note::Met { accepted: unescaped(&met.accepted.text), with_slip: met.with_slip }])
        }
        None => (0.0, vec![Note::Wrong { part: text.trim().to_owned(), expected: expected(key) }]),
    }
}

fn expected(key: &TextKey) -> Option<String> {
    key.accepted.first().map(|accepted| unescaped(&accepted.text))
}

/// The best key whose tolerance holds the value, its bounds included.
pub fn meets_number(keys: &[NumericKey], value: f64) -> Option<&NumericKey> {
    keys.iter()
        .filter(|key| {
            let tolerance = match key.tolerance {
                Tolerance::Absolute(tolerance) => tolerance,
                Tolerance::Relative(share) => share * key.value.abs(),
            };
            // 0.4 is within 0.1 of 0.3, whatever binary fractions say.
            let slack = 1e-12 * key.value.abs().max(value.abs()).max(tolerance);
            (value - key.value).abs() <= tolerance + slack
        })
        .reduce(|best, next| if next.share > best.share { next } else { best })
}

pub(super) fn numeric(keys: &[NumericKey], unit: Option<&str>, text: &str, language: &str) -> Judged {
    let key = number(text, unit, language).and_then(|value| meets_number(keys, value));
    let shown = |key: &NumericKey| unit.map_or_else(|| key.value.to_string(), |unit| format!("{} {unit}", key.value));
    match key {
        Some(key) => (key.share, vec![Note::Met { accepted: shown(key), with_slip: false }]),
        None => (0.0, vec![Note::Wrong { part: text.trim().to_owned(), expected: keys.first().map(shown) }]),
    }
}

pub(super) fn cloze(parts: &[Part], rule: PairRule, gaps: &Gaps, language: &str) -> Judged {
    let mut notes = Vec::new();
    let (mut reached, mut whole) = (0.0, 0.0);
    for part in parts {
        let Part::Gap(gap) = part else { continue };
        let said = gaps.get(&gap.id).map(|text| text.trim()).filter(|text| !text.is_empty());
        let share = said.map_or(0.0, |said| gap_share(&gap.kind, said, language));
        whole += gap.weight;
        reached += gap.weight * share;
        let (part, expected) = (gap.id.to_string(), gap.filled());
        notes.push(match said {
            _ if share >= 1.0 => Note::Hit { part },
            Some(_) => Note::Wrong { part, expected },
            None => Note::Missed { part, expected },
        });
    }
    let has = |id: &GapId| parts.iter().any(|part| matches!(part, Part::Gap(gap) if gap.id == *id));
    notes.extend(gaps.keys().filter(|id| !has(id)).map(|id| Note::Misfit { part: id.to_string() }));
    let share = if whole > 0.0 { reached / whole } else { 0.0 };
    match rule {
        PairRule::Each => (share, notes),
        PairRule::Exact => (if share >= 1.0 { 1.0 } else { 0.0 }, notes),
    }
}

fn gap_share(kind: &GapKind, said: &str, language: &str) -> f64 {
    match kind {
        GapKind::Text { key } => meets_text(key, said).map_or(0.0, |met| met.accepted.share),
        GapKind::Numeric { keys } => {
            number(said, None, language).and_then(|value| meets_number(keys, value)).map_or(0.0, |key| key.share)
        }
        GapKind::Choice { options, key } => {
            let by_text = || text_of(options, key).is_some_and(|text| normal(&text) == normal(said));
            if key.as_str() == said || by_text() { 1.0 } else { 0.0 }
        }
    }
}
