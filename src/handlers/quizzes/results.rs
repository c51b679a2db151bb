//! Results: what is shown of a submitted attempt, to whom, and the list of a quiz's attempts for its teachers.
//!
//! Teachers of the course see all. Whoever took it sees what the newest edition's settings say, so that a teacher who changes them changes it
//! for attempts that are over, too.

use super::attempt_views::{AttemptList, AttemptSummary, ItemResult, ListAttempts, ResultsView, Shown};
use super::attempts::{attempt_key, in_earnest};
use super::marking::still_open;
use super::{Quizzes, user_id};
use crate::auth::Identity;
use crate::handlers::files::{may_write, page_size};
use crate::handlers::problem::Problem;
use crate::ports::attempts::{Attempt, AttemptFilter, AttemptPage, AttemptQuery, AttemptState};
use crate::ports::quizzes::{Quiz, QuizState};
use crate::quiz::item::{Body, Criterion, Item};
use crate::quiz::paper::{Edition, Feedback};
use crate::quiz::public::PublicItem;
use crate::quiz::right::right;
use crate::quiz::score::Outcome;
use crate::quiz::sitting::{Sitting, explained, shown};

impl Quizzes {
    pub async fn results(&self, who: &Identity, id: &str) -> Result<ResultsView, Problem> {
        let attempt = self.attempts.get(&attempt_key(who, id)?).await?;
        let attempt = attempt.filter(|attempt| attempt.user == who.user || may_write(who, &attempt.course));
        let attempt = attempt.ok_or_else(|| Problem::not_found("attempt"))?;
        let attempt = self.settled(attempt).await?;
        self.results_of(who, &attempt).await
    }

    pub(super) async fn results_of(&self, who: &Identity, attempt: &Attempt) -> Result<ResultsView, Problem> {
        if attempt.state == AttemptState::Open {
            return Err(still_open());
        }
        let summary = AttemptSummary::of(attempt)?;
        let is_teacher = may_write(who, &attempt.course);
        if !is_teacher && self.shown_of(who, attempt).await? == Shown::Points {
            return Ok(ResultsView { attempt: summary, shown: Shown::Points, items: None });
        }
        let edition = self.edition(&attempt.quiz_key(), attempt.edition).await?;
        let items = item_results(attempt, &edition, is_teacher)?;
        Ok(ResultsView { attempt: summary, shown: Shown::Full, items: Some(items) })
    }

    /// What whoever took it may see.
    async fn shown_of(&self, who: &Identity, attempt: &Attempt) -> Result<Shown, Problem> {
        let quiz = self.quizzes.get(&attempt.quiz_key()).await?.ok_or_else(|| Problem::not_found("quiz"))?;
        let newest = quiz.summary.edition().unwrap_or(attempt.edition);
        let settings = self.edition(&attempt.quiz_key(), newest).await?.settings;
        Ok(match settings.feedback {
            Feedback::Full => Shown::Full,
            Feedback::Points => Shown::Points,
            Feedback::AtEnd if self.has_ended(who, &quiz, settings.attempts_max).await? => Shown::Full,
            Feedback::AtEnd => Shown::Points,
        })
    }

    /// Nobody begins the quiz any more, or as many attempts were begun as there may be; and each of one's own is submitted.
    async fn has_ended(&self, who: &Identity, quiz: &Quiz, attempts_max: Option<u32>) -> Result<bool, Problem> {
        let attempts = self.attempts_of(who, quiz, Vec::new()).await?;
        if attempts.iter().any(|attempt| attempt.state == AttemptState::Open) {
            return Ok(false);
        }
        Ok(quiz.summary.state == QuizState::Archived || attempts_max.is_some_and(|max| in_earnest(&attempts) >= max))
    }

    /// A quiz's attempts for its teachers, their previews among them.
    pub async fn list_attempts(&self, who: &Identity, id: &str, asked: ListAttempts) -> Result<AttemptList, Problem> {
        let (quiz, _) = self.taught(who, id).await?;
        let ListAttempts { user, state, cursor, limit } = asked;
        let state = state.map(|state| AttemptState::of(&state).ok_or_else(unknown_state)).transpose()?;
        let filter = AttemptFilter {
            user: user.map(|user| user_id(&user)).transpose()?,
            edition: None,
            states: state.into_iter().collect(),
            previews: true,
        };
        let limit = page_size(limit)?;
        self.settle_overdue(&quiz.summary.key).await?;
        let query = AttemptQuery { quiz: quiz.summary.key.clone(), filter, cursor, limit };
        let AttemptPage { attempts, cursor } = self.attempts.list(query).await?;
        Ok(AttemptList { attempts: AttemptSummary::of_all(&attempts)?, cursor })
    }
}

fn unknown_state() -> Problem {
    let words = AttemptState::ALL.map(AttemptState::as_str).join(", ");
    Problem::field("state", format!("it must be one of {words}"))
}

/// In the order in which the attempt shows its items.
fn item_results(attempt: &Attempt, edition: &Edition, is_teacher: bool) -> Result<Vec<ItemResult>, Problem> {
    let sitting = Sitting::from_json(&attempt.sitting_json)?;
    let of = |public: PublicItem| {
        let item = edition.items.iter().find(|item| item.id == public.id)?;
        let result = sitting.results.iter().find(|result| result.item == public.id)?;
        let (rubric, sample) = if is_teacher { rubric(item) } else { (None, None) };
        let answer = sitting.answers.get(&public.id).cloned();
        let right = Some(right(item)).filter(|right| result.outcome == Outcome::Unanswered && !right.is_empty());
        Some(ItemResult { item: public, answer, result: explained(result, item), right, rubric, sample })
    };
    Ok(shown(edition, attempt.seed).into_iter().filter_map(of).collect())
}

fn rubric(item: &Item) -> (Option<Vec<Criterion>>, Option<String>) {
    match &item.body {
        Body::FreeText { rubric, sample } => (Some(rubric.clone()), sample.clone()),
        _ => (None, None),
    }
}
