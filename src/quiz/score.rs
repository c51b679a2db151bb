//! What an answer is worth, and why. Deterministic: the same item and answer give the same result in every release with the same `RULES`.
//!
//! Free text is never graded here: it stays pending until a person has given points, which `confirm` takes. The rules of multiple choice are
//! those of Canvas (penalty) and Brightspace (right minus wrong); short text is compared after NFKC, case folding and without punctuation.

mod choices;
mod orders;
mod typed;

pub use typed::{Met, meets_number, meets_text};

use super::answer::Answer;
use super::item::{Body, GapId, Item, ItemId, OptionId, Source};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The version of the rules; kept with every result.
pub const RULES: u32 = 1;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ScoreOutcome)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Right,
    Partial,
    Wrong,
    Unanswered,
    /// A person has to grade it.
    Pending,
}

/// A result with its reasons: what a student sees after submission.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Scored {
    pub item: ItemId,
    pub rules: u32,
    pub outcome: Outcome,
    /// From 0 to `max`; `None` while pending.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<f64>,
    pub max: f64,
    pub notes: Vec<Note>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

/// What was said of one part of the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ScoreNote)]
#[serde(tag = "note", rename_all = "snake_case")]
pub enum Note {
    /// A key that was chosen, or a line, pair or gap that is right.
    Hit { part: String },
    /// An option that was chosen and is no key, or a line, pair or gap that is wrong; `expected` shows what is right, where one thing is.
    Wrong {
        part: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        expected: Option<String>,
    },
    /// A key that was not chosen, or a part that was left out.
    Missed {
        part: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        expected: Option<String>,
    },
    /// The accepted answer that a typed one met.
    Met { accepted: String, with_slip: bool },
    /// The answer does not fit the kind of item, or names what it does not have.
    Misfit { part: String },
}

/// The share of the points, from 0 to 1, and the reasons.
type Judged = (f64, Vec<Note>);

/// Scores an answer; `None` and an empty one are unanswered.
pub fn score(item: &Item, answer: Option<&Answer>) -> Scored {
    let Some(answer) = answer.filter(|answer| !answer.is_empty()) else {
        return result(item, Outcome::Unanswered, Some(0.0), Vec::new());
    };
    let (share, notes) = match (&item.body, answer) {
        (Body::SingleChoice { options, keys }, Answer::Choice(chosen)) => choices::single(options, keys, chosen),
        (Body::MultipleChoice { options, keys, rule }, Answer::Choices(chosen)) => {
            choices::multiple(options, keys, *rule, chosen)
        }
        (Body::TrueFalse { key }, Answer::TrueFalse(said)) => choices::true_false(*key, *said),
        (Body::ShortText { key }, Answer::Text(text)) => typed::short_text(key, text),
        (Body::Numeric { keys, unit }, Answer::Text(text)) => {
            typed::numeric(keys, unit.as_deref(), text, &item.language)
        }
        (Body::Ordering { options, key, rule }, Answer::Order(order)) => orders::ordering(options, key, *rule, order),
        (Body::Matching { prompts, targets, key, rule }, Answer::Pairs(pairs)) => {
            orders::matching(prompts, targets, key, *rule, pairs)
        }
        (Body::Cloze { parts, rule }, Answer::Gaps(gaps)) => typed::cloze(parts, *rule, gaps, &item.language),
        (Body::FreeText { .. }, Answer::Text(_)) => return result(item, Outcome::Pending, None, Vec::new()),
        (_, _) => (0.0, vec![Note::Misfit { part: item.body.kind().to_string() }]),
    };
    let share = sound(share);
    let outcome = match share {
        1.0 => Outcome::Right,
        0.0 => Outcome::Wrong,
        _ => Outcome::Partial,
    };
    result(item, outcome, Some(share * item.points), notes)
}

/// From 0 to 1, whatever an item weighs: what is no number is worth nothing.
fn sound(share: f64) -> f64 {
    if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 }
}

fn result(item: &Item, outcome: Outcome, points: Option<f64>, notes: Vec<Note>) -> Scored {
    Scored {
        item: item.id.clone(),
        rules: RULES,
        outcome,
        points,
        max: item.points,
        notes,
        explanation: item.explanation.clone(),
        source: item.source.clone(),
    }
}

/// A free text with what a person gave for each criterion, each from 0 to 1. Criteria left out are worth nothing; unknown ones are refused.
pub fn confirm(item: &Item, awarded: &BTreeMap<OptionId, f64>) -> Result<Scored, ConfirmError> {
    let Body::FreeText { rubric, .. } = &item.body else {
        return Err(ConfirmError::NotPending);
    };
    if let Some(unknown) = awarded.keys().find(|id| !rubric.iter().any(|criterion| criterion.id == **id)) {
        return Err(ConfirmError::UnknownCriterion(unknown.clone()));
    }
    if let Some((id, _)) = awarded.iter().find(|(_, share)| !(0.0..=1.0).contains(*share)) {
        return Err(ConfirmError::OutOfRange(id.clone()));
    }
    let whole: f64 = rubric.iter().map(|criterion| criterion.weight).sum();
    let reached: f64 =
        rubric.iter().map(|criterion| criterion.weight * awarded.get(&criterion.id).copied().unwrap_or(0.0)).sum();
    let share = sound(reached / whole);
    let notes = rubric
        .iter()
        .map(|criterion| match awarded.get(&criterion.id).copied().unwrap_or(0.0) {
            1.0 => Note::Hit { part: criterion.text.clone() },
            0.0 => Note::Missed { part: criterion.text.clone(), expected: None },
            _ => Note::Wrong { part: criterion.text.clone(), expected: None },
        })
        .collect();
    let outcome = match share {
        1.0 => Outcome::Right,
        0.0 => Outcome::Wrong,
        _ => Outcome::Partial,
    };
    Ok(result(item, outcome, Some(share * item.points), notes))
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfirmError {
    #[error("only free text waits for a person")]
    NotPending,
    #[error("the rubric has no criterion {0}")]
    UnknownCriterion(OptionId),
    #[error("criterion {0} takes a share from 0 to 1")]
    OutOfRange(OptionId),
}

/// What a whole attempt comes to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Total {
    pub points: f64,
    pub max: f64,
    /// Items that still wait for a person; the points may grow by theirs.
    pub pending: usize,
}

pub fn total(results: &[Scored]) -> Total {
    Total {
        points: results.iter().filter_map(|result| result.points).sum(),
        max: results.iter().map(|result| result.max).sum(),
        pending: results.iter().filter(|result| result.outcome == Outcome::Pending).count(),
    }
}

/// The gaps of an answer by id, as `typed` reads them.
type Gaps = BTreeMap<GapId, String>;
