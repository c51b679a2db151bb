//! One observation of a skill: an answer in a quiz, or a confirmed rating from an interview.

use crate::quiz::item::{Body, Item, ItemId};
use crate::quiz::paper::PaperError;
use crate::quiz::score::{Outcome, Scored};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// Unique for its student; the same observation told twice counts once.
    pub id: String,
    pub skill: String,
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// Of what could be reached, from 0 to 1.
    pub share: f64,
    /// The share that blind guessing earns.
    pub guess: f64,
    pub origin: Origin,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Origin {
    Quiz { attempt: String, item: ItemId },
    Interview { session: String },
}

/// What a scored answer shows, if the item has a skill. An answer that was left out shows that it was not known; one that waits for a
/// person shows nothing yet.
pub fn evidence_of(item: &Item, scored: &Scored, attempt: &str, at_ms: i64) -> Option<Evidence> {
    let points = match scored.outcome {
        Outcome::Pending => return None,
        Outcome::Right | Outcome::Partial | Outcome::Wrong | Outcome::Unanswered => scored.points?,
    };
    let share = if scored.max > 0.0 { (points / scored.max).clamp(0.0, 1.0) } else { 0.0 };
    // What is no number is no evidence: it could not be read again.
    if !share.is_finite() {
        return None;
    }
    Some(Evidence {
        id: format!("{attempt}/{}", item.id),
        skill: item.skill.clone()?,
        at_ms,
        share,
        guess: guess(&item.body),
        origin: Origin::Quiz { attempt: attempt.to_owned(), item: item.id.clone() },
    })
}

impl Evidence {
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("it holds no number that was not checked, and no map")
    }

    pub fn from_json(json: &str) -> Result<Self, PaperError> {
        serde_json::from_str(json).map_err(|error| PaperError::Unreadable(error.to_string()))
    }

    /// What a teacher's confirmed rating of an interview shows: `rating` on a scale from `worst` to `best`. Nothing on a scale of one step,
    /// and nothing for a rating that is not on it.
    pub fn of_interview(session: &str, skill: &str, at_ms: i64, rating: f64, worst: f64, best: f64) -> Option<Self> {
        let on_scale = best > worst && (worst..=best).contains(&rating);
        on_scale.then(|| Self {
            id: format!("{session}/{skill}"),
            skill: skill.to_owned(),
            at_ms,
            share: (rating - worst) / (best - worst),
            guess: SPOKEN_GUESS,
            origin: Origin::Interview { session: session.to_owned() },
        })
    }
}

/// Nobody talks a teacher into a rating by chance, but some luck of the question there is.
const SPOKEN_GUESS: f64 = 0.05;
const TYPED_GUESS: f64 = 0.05;

/// What blind guessing earns, on average.
pub fn guess(body: &Body) -> f64 {
    match body {
        Body::SingleChoice { options, .. } => 1.0 / options.len().max(1) as f64,
        Body::TrueFalse { .. } => 0.5,
        Body::MultipleChoice { .. } => 0.2,
        Body::Matching { targets, .. } => 1.0 / targets.len().max(1) as f64,
        Body::Ordering { .. } => 0.1,
        Body::ShortText { .. } | Body::Numeric { .. } | Body::Cloze { .. } | Body::FreeText { .. } => TYPED_GUESS,
    }
}
