//! Quizzes as REST asks for them: made and reviewed by teachers, taken by students, marked, looked into. It knows no transport; the gateway and
//! a Lambda function call the same code.
//!
//! Teachers make the quizzes of their course, everybody those of their own, from their own files. A student sees what is published, and of it
//! nothing but [`PublicItem`](crate::quiz::public::PublicItem)s until an attempt is submitted. What one may not see looks the same as what is
//! not there. How items are made is the worker's business.

mod analytics;
mod attempt_views;
mod attempts;
mod class;
mod create;
mod drafts;
mod exchange;
mod items;
mod lists;
pub(crate) mod marking;
mod progress;
mod progress_views;
mod results;
mod views;

pub use attempt_views::{
    AnalysedItem, AnalyticsView, AskAnalytics, AttemptList, AttemptSummary, AttemptView, Counted, CoverView, GiveMarks,
    ItemResult, ListAttempts, ResultsView, SaveAnswers, SavedView, Shown,
};
pub(crate) use drafts::judged;
pub use exchange::{ExportContent, ExportedQuiz};
pub use progress_views::{AskClass, AskProgress, CourseProgressView, ProgressView, SkillStanding, StudentSkills};
pub use views::{
    CreateQuiz, ExportFormat, ExportQuiz, ImportQuiz, ImportedFormat, ImportedQuiz, ItemOrder, ItemView, ListQuizzes,
    Make, MakingFailureView, MakingView, PatchQuiz, QuizList, QuizSummaryView, QuizView, RejectedView, Stale,
    UnreadQuestion,
};

use crate::auth::Identity;
use crate::auth::claims::is_id;
use crate::handlers::files::{may_read, may_write};
use crate::handlers::notices::Notices;
use crate::handlers::problem::Problem;
use crate::ports::attempts::Attempts;
use crate::ports::clock::Clock;
use crate::ports::documents::Documents;
use crate::ports::evidence::EvidenceLog;
use crate::ports::ids::{Ids, QuizId, UserId};
use crate::ports::passages::Passages;
use crate::ports::quiz_making::QuizMaking;
use crate::ports::quizzes::{Quiz, QuizKey, QuizQuota, Quizzes as QuizStore};
use crate::quiz::paper::{Edition, Paper};
use std::sync::Arc;

/// The handlers of quizzes and the roles that they speak with.
#[derive(Clone)]
pub struct Quizzes {
    pub quizzes: Arc<dyn QuizStore>,
    pub attempts: Arc<dyn Attempts>,
    pub evidence: Arc<dyn EvidenceLog>,
    pub documents: Arc<dyn Documents>,
    pub passages: Arc<dyn Passages>,
    pub making: Arc<dyn QuizMaking>,
    pub notices: Notices,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub quota: QuizQuota,
}

impl std::fmt::Debug for Quizzes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Quizzes").field("quota", &self.quota).finish_non_exhaustive()
    }
}

impl Quizzes {
    /// A quiz that the caller may change, with its draft.
    pub(crate) async fn taught(&self, who: &Identity, id: &str) -> Result<(Quiz, Paper), Problem> {
        let quiz = self.quizzes.get(&key(who, id)?).await?.filter(|quiz| may_write(who, &quiz.summary.course));
        let quiz = quiz.ok_or_else(|| Problem::not_found("quiz"))?;
        let paper = Paper::from_json(&quiz.paper_json)?;
        Ok((quiz, paper))
    }

    /// A quiz that was published to the caller, or that the caller teaches, with its newest edition. Its draft is not for students.
    pub(crate) async fn given(&self, who: &Identity, id: &str) -> Result<(Quiz, u32, Edition), Problem> {
        let key = key(who, id)?;
        let quiz = self.quizzes.get(&key).await?.filter(|quiz| may_read(who, &quiz.summary.course));
        let quiz = quiz.ok_or_else(|| Problem::not_found("quiz"))?;
        let number = quiz.summary.edition().ok_or_else(|| Problem::not_found("quiz"))?;
        Ok((quiz, number, self.edition(&key, number).await?))
    }

    pub(crate) async fn edition(&self, key: &QuizKey, number: u32) -> Result<Edition, Problem> {
        let edition = self.quizzes.edition(key, number).await?.ok_or_else(|| Problem::not_found("quiz"))?;
        Ok(Edition::from_json(&edition)?)
    }
}

/// What a client names, in the caller's tenant alone. What is no id names nothing, and no store is asked for it.
pub(crate) fn key(who: &Identity, id: &str) -> Result<QuizKey, Problem> {
    if !is_id(id) {
        return Err(Problem::not_found("quiz"));
    }
    Ok(QuizKey { tenant: who.tenant.clone(), quiz: QuizId::new(id) })
}

/// A user whom a client names.
fn user_id(user: &str) -> Result<UserId, Problem> {
    if is_id(user) { Ok(UserId::new(user)) } else { Err(Problem::not_found("user")) }
}
