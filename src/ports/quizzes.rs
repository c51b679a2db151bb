//! Quizzes as teachers make them: drafts that change, and the editions that students were given.
//!
//! What a quiz holds is JSON to a store; `quiz::paper` reads it. Attempts have [a port of their own](crate::ports::attempts). Who may see or
//! change a quiz is the handlers' business.

use crate::ports::clock::UnixMs;
use crate::ports::ids::{CourseId, DocumentId, QuizId, TenantId, UserId};
use crate::ports::uploads::Idempotency;
use async_trait::async_trait;

/// What names a quiz everywhere. Its course is a property: ids are unique in their tenant.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QuizKey {
    pub tenant: TenantId,
    pub quiz: QuizId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QuizState {
    /// Its teachers alone see it.
    Draft,
    /// Students take the newest edition; its teachers may go on changing the draft.
    Published,
    /// Nobody begins it any more.
    Archived,
}

impl QuizState {
    pub const ALL: [Self; 3] = [Self::Draft, Self::Published, Self::Archived];

    /// As it is stored and told.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Archived => "archived",
        }
    }

    pub fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// A version of a document that items rest on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceVersion {
    pub document: DocumentId,
    pub version: u64,
}

/// What a list shows of a quiz.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuizSummary {
    pub key: QuizKey,
    /// A private quiz's is the user.
    pub course: CourseId,
    pub owner: UserId,
    pub title: String,
    pub state: QuizState,
    /// What students have; `None`: it was never published.
    pub given: Option<Given>,
    pub items: u32,
    /// The documents that the draft's items rest on, the oldest version of each.
    pub sources: Vec<SourceVersion>,
    /// When somebody has to go on making its items; `None`: nobody has to.
    pub work_due: Option<UnixMs>,
    /// Counts every change from 1; what compare-and-set compares.
    pub version: u64,
    pub created: UnixMs,
    pub updated: UnixMs,
}

impl QuizSummary {
    /// The newest edition.
    pub fn edition(&self) -> Option<u32> {
        self.given.as_ref().map(|given| given.edition)
    }
}

/// What a list shows of the newest edition, whatever became of the draft since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    pub edition: u32,
    pub title: String,
    pub items: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quiz {
    pub summary: QuizSummary,
    /// The draft, as `quiz::paper` writes it.
    pub paper_json: String,
}

/// What one step makes of a quiz; all else stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuizChange {
    pub title: String,
    pub state: QuizState,
    pub items: u32,
    pub sources: Vec<SourceVersion>,
    pub work_due: Option<UnixMs>,
    pub paper_json: String,
    /// What students are given from now on, under this title and with so many items; a new edition, where there is one.
    pub edition_json: Option<String>,
    pub at: UnixMs,
}

/// A quiz that is not there yet: version 1, no edition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewQuiz {
    pub key: QuizKey,
    pub course: CourseId,
    pub owner: UserId,
    pub draft: QuizChange,
}

/// What one user may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuizQuota {
    pub quizzes_max: u64,
    /// Quizzes whose items are being made.
    pub making_max: u64,
}

/// What became of a making that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Queued {
    Now(Box<Quiz>),
    /// Nothing was stored: as many other quizzes of the owner are being made.
    TooManyAtWork,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Created {
    New(Quiz),
    /// The same request came before; this is what it made, as it is now.
    Same(Quiz),
    /// Another request came with the same key.
    Conflict,
    /// Nothing was stored: the owner has as many quizzes.
    TooMany,
    /// Nothing was stored: as many quizzes of the owner are being made.
    TooManyAtWork,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuizQuery {
    pub tenant: TenantId,
    /// None: nothing is found.
    pub courses: Vec<CourseId>,
    /// Of these courses only those that were published, and no drafts; a subset of `courses`.
    pub published_only: Vec<CourseId>,
    /// Opaque; from the previous page.
    pub cursor: Option<String>,
    pub limit: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuizPage {
    /// Newest first.
    pub quizzes: Vec<QuizSummary>,
    pub cursor: Option<String>,
}

/// Contract: every change counts `version` up by one and is made only where the caller has seen the newest. Of many that create or queue at
/// once, no more are admitted than the quota of the quizzes' owner has room for. An edition never changes. A deleted quiz is gone with its editions and attempts, and its
/// id is not used again; what was learnt from it stays.
#[async_trait]
pub trait Quizzes: Send + Sync {
    async fn create(
        &self,
        new: NewQuiz,
        idempotency: Option<Idempotency>,
        quota: &QuizQuota,
    ) -> Result<Created, QuizzesError>;

    /// What came of an earlier request of this owner with the same key, as `create` would tell it; `None`: there was none, or its quiz is gone.
    async fn begun(
        &self,
        tenant: &TenantId,
        owner: &UserId,
        idempotency: &Idempotency,
    ) -> Result<Option<Created>, QuizzesError>;

    async fn get(&self, key: &QuizKey) -> Result<Option<Quiz>, QuizzesError>;

    async fn list(&self, query: QuizQuery) -> Result<QuizPage, QuizzesError>;

    /// Takes one step, where the quiz is as it was seen at `version`.
    async fn change(&self, key: &QuizKey, version: u64, change: QuizChange) -> Result<Quiz, QuizzesError>;

    /// As `change`, and only where fewer than `making_max` other quizzes of the quiz's owner are being made.
    async fn queue(
        &self,
        key: &QuizKey,
        version: u64,
        change: QuizChange,
        quota: &QuizQuota,
    ) -> Result<Queued, QuizzesError>;

    /// An edition as it was given to students; editions count from 1.
    async fn edition(&self, key: &QuizKey, edition: u32) -> Result<Option<String>, QuizzesError>;

    /// Where the quiz is as it was seen at `version`. Deleting what is not there is no fault.
    async fn delete(&self, key: &QuizKey, version: u64) -> Result<(), QuizzesError>;

    /// Quizzes of all tenants on which somebody has to work at `now`, longest waiting first.
    async fn waiting(&self, now: UnixMs, limit: usize) -> Result<Vec<QuizKey>, QuizzesError>;
}

#[derive(Debug, thiserror::Error)]
pub enum QuizzesError {
    #[error("there is no such quiz")]
    Unknown,
    /// Another was faster; read again.
    #[error("the quiz has changed meanwhile")]
    Stale,
    #[error("the cursor is not one of ours")]
    Cursor,
    #[error("storage is full")]
    Full,
    #[error("the quizzes could not be read or written: {0}")]
    Failed(String),
}
