//! Marks: what an attempt comes to when it is submitted, and what a teacher gives for a free text afterwards.
//!
//! Every rule is `quiz::score`'s. What is learnt of the user's skills goes along with the marks, so that a store keeps both or neither.

use super::Quizzes;
use super::attempt_views::{GiveMarks, ResultsView};
use super::attempts::attempt_key;
use crate::auth::Identity;
use crate::config::limits::ATTEMPT_TRIES_MAX;
use crate::handlers::files::may_write;
use crate::handlers::problem::{Problem, ProblemCode};
use crate::ports::attempts::{Attempt, AttemptState, AttemptsError, Marks};
use crate::ports::clock::UnixMs;
use crate::ports::evidence::Observation;
use crate::quiz::paper::{Edition, PaperError};
use crate::quiz::progress::{Evidence, evidence_of};
use crate::quiz::score::{confirm, total};
use crate::quiz::sitting::{Sitting, bare};

impl Quizzes {
    /// A teacher gives points for a free text, or gives others instead.
    pub async fn give_marks(&self, who: &Identity, id: &str, given: GiveMarks) -> Result<ResultsView, Problem> {
        let mut attempt = self.taught_attempt(who, id).await?;
        let edition = self.edition(&attempt.quiz_key(), attempt.edition).await?;
        let GiveMarks { item, awarded } = given;
        let place = edition.items.iter().position(|known| known.id == item);
        let place = place.ok_or_else(|| Problem::field("item", "the quiz has no such item"))?;
        let confirmed =
            confirm(&edition.items[place], &awarded).map_err(|error| Problem::field("awarded", error)).map(bare)?;
        for _ in 0..ATTEMPT_TRIES_MAX {
            if attempt.state == AttemptState::Open {
                return Err(still_open());
            }
            let mut sitting = Sitting::from_json(&attempt.sitting_json)?;
            let result = sitting.results.get_mut(place).filter(|result| result.item == item);
            let result = result.ok_or_else(|| PaperError::Unreadable("it has other items than its edition".into()))?;
            *result = confirmed.clone();
            let at = attempt.submitted.unwrap_or(attempt.started);
            let marks = marks(&attempt, &edition, &sitting, at);
            match self.attempts.mark(&attempt.key, attempt.revision, marks).await {
                Ok(marked) => return self.results_of(who, &marked).await,
                Err(AttemptsError::Stale) => attempt = self.taught_attempt(who, id).await?,
                Err(error) => return Err(error.into()),
            }
        }
        Err(AttemptsError::Stale.into())
    }

    async fn taught_attempt(&self, who: &Identity, id: &str) -> Result<Attempt, Problem> {
        let attempt = self.attempts.get(&attempt_key(who, id)?).await?;
        let attempt = attempt.filter(|attempt| attempt.user == who.user || may_write(who, &attempt.course));
        let attempt = attempt.ok_or_else(|| Problem::not_found("attempt"))?;
        if !may_write(who, &attempt.course) {
            return Err(Problem::new(ProblemCode::Forbidden, "only the course's teachers give marks"));
        }
        self.settled(attempt).await
    }
}

pub(super) fn still_open() -> Problem {
    Problem::new(ProblemCode::AttemptOpen, "its answers are its user's alone until it is submitted")
}

/// What a marked sitting comes to. `at` is when it was submitted, which is when its evidence was seen, however late it is marked.
pub(super) fn marks(attempt: &Attempt, edition: &Edition, sitting: &Sitting, at: UnixMs) -> Marks {
    let sum = total(&sitting.results);
    Marks {
        sitting_json: sitting.to_json(),
        points: sum.points,
        max: sum.max,
        pending: sum.pending > 0,
        observations: if attempt.preview { Vec::new() } else { observations(attempt, edition, sitting, at) },
        at,
    }
}

fn observations(attempt: &Attempt, edition: &Edition, sitting: &Sitting, at: UnixMs) -> Vec<Observation> {
    let at_ms = i64::try_from(at.0).unwrap_or(i64::MAX);
    let results = edition.items.iter().zip(&sitting.results);
    let seen = results.filter_map(|(item, result)| evidence_of(item, result, attempt.key.attempt.as_str(), at_ms));
    seen.map(|evidence| observation(&evidence, at)).collect()
}

/// Evidence as it is kept.
pub(crate) fn observation(evidence: &Evidence, at: UnixMs) -> Observation {
    Observation { id: evidence.id.clone(), at, evidence_json: evidence.to_json() }
}
