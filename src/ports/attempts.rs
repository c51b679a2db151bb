//! Attempts: people's ways through quizzes, from the start until they are marked.
//!
//! What was answered and what it is worth is JSON to a store; `quiz::sitting` reads it. Marking is done before: a store only sees to it that it
//! happens once. Who may see an attempt is the handlers' business.

use crate::ports::clock::UnixMs;
use crate::ports::evidence::Observation;
use crate::ports::ids::{AttemptId, CourseId, QuizId, TenantId, UserId};
use crate::ports::quizzes::QuizKey;
use async_trait::async_trait;

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttemptKey {
    pub tenant: TenantId,
    pub attempt: AttemptId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AttemptState {
    /// Answers may come.
    Open,
    /// Marked, but for what waits for a teacher.
    Pending,
    /// Marked.
    Marked,
}

impl AttemptState {
    pub const ALL: [Self; 3] = [Self::Open, Self::Pending, Self::Marked];

    /// As it is stored and told.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Pending => "pending",
            Self::Marked => "marked",
        }
    }

    pub fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// An attempt that is not there yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAttempt {
    pub key: AttemptKey,
    pub quiz: QuizId,
    pub course: CourseId,
    pub user: UserId,
    /// The edition that it is about.
    pub edition: u32,
    /// A teacher's own, which no figure counts.
    pub preview: bool,
    /// Where shuffling begins; never told.
    pub seed: u64,
    pub started: UnixMs,
    /// When time is over.
    pub due: Option<UnixMs>,
    /// As `quiz::sitting` writes it.
    pub sitting_json: String,
}

impl NewAttempt {
    /// As it begins: open, at its first revision.
    pub fn numbered(self, number: u32) -> Attempt {
        let Self { key, quiz, course, user, edition, preview, seed, started, due, sitting_json } = self;
        Attempt {
            key,
            quiz,
            course,
            user,
            number,
            edition,
            preview,
            seed,
            state: AttemptState::Open,
            started,
            due,
            submitted: None,
            points: None,
            max: None,
            sitting_json,
            revision: 1,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    pub key: AttemptKey,
    pub quiz: QuizId,
    pub course: CourseId,
    pub user: UserId,
    /// 1, 2, 3 … for each user and quiz.
    pub number: u32,
    pub edition: u32,
    pub preview: bool,
    pub seed: u64,
    pub state: AttemptState,
    pub started: UnixMs,
    pub due: Option<UnixMs>,
    pub submitted: Option<UnixMs>,
    /// What has been given so far; `None`: it is open.
    pub points: Option<f64>,
    pub max: Option<f64>,
    pub sitting_json: String,
    /// Counts every change from 1; what compare-and-set compares.
    pub revision: u64,
}

impl Attempt {
    pub fn quiz_key(&self) -> QuizKey {
        QuizKey { tenant: self.key.tenant.clone(), quiz: self.quiz.clone() }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Started {
    New(Attempt),
    /// One is open: it goes on.
    Open(Attempt),
    /// As many were begun as there may be.
    Exhausted,
    /// There is no such quiz (any more).
    Unknown,
    /// The quiz is not published, or with another edition: read it again.
    Changed,
}

/// An attempt as it was marked.
#[derive(Clone, Debug, PartialEq)]
pub struct Marks {
    pub sitting_json: String,
    pub points: f64,
    pub max: f64,
    /// Whether something waits for a teacher.
    pub pending: bool,
    /// What it shows of the user's skills in the attempt's course; stored with the marks, or not at all.
    pub observations: Vec<Observation>,
    pub at: UnixMs,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Submitted {
    Now(Attempt),
    /// It had been submitted; nothing was changed.
    Before(Attempt),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttemptFilter {
    pub user: Option<UserId>,
    pub edition: Option<u32>,
    /// None: of any state.
    pub states: Vec<AttemptState>,
    /// Whether teachers' own are among them.
    pub previews: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptQuery {
    pub quiz: QuizKey,
    pub filter: AttemptFilter,
    /// Opaque; from the previous page.
    pub cursor: Option<String>,
    pub limit: usize,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AttemptPage {
    /// Newest first.
    pub attempts: Vec<Attempt>,
    pub cursor: Option<String>,
}

/// Contract: a user has at most one open attempt at a quiz, and numbers without gaps, however many start at once. An attempt is submitted
/// once: of many that try, one does, and the others are told what it did. `save`, `submit` and `mark` take place only where the attempt is
/// as it was seen at `revision`.
#[async_trait]
pub trait Attempts: Send + Sync {
    /// Where the quiz is published with the attempt's edition. `attempts_max`: how many there may be, previews and others each for
    /// themselves; `None`: any number.
    async fn start(&self, new: NewAttempt, attempts_max: Option<u32>) -> Result<Started, AttemptsError>;

    async fn get(&self, key: &AttemptKey) -> Result<Option<Attempt>, AttemptsError>;

    /// Answers of an open attempt; [`AttemptsError::Closed`] once it is submitted.
    async fn save(&self, key: &AttemptKey, revision: u64, sitting_json: String) -> Result<Attempt, AttemptsError>;

    async fn submit(&self, key: &AttemptKey, revision: u64, marks: Marks) -> Result<Submitted, AttemptsError>;

    /// Marks a submitted attempt anew: a teacher gave points. One that is open is not as anybody saw it submitted:
    /// [`AttemptsError::Stale`].
    async fn mark(&self, key: &AttemptKey, revision: u64, marks: Marks) -> Result<Attempt, AttemptsError>;

    async fn list(&self, query: AttemptQuery) -> Result<AttemptPage, AttemptsError>;

    /// Open attempts at a quiz whose time was over at `now`, longest over first.
    async fn overdue(&self, quiz: &QuizKey, now: UnixMs, limit: usize) -> Result<Vec<Attempt>, AttemptsError>;
}

#[derive(Debug, thiserror::Error)]
pub enum AttemptsError {
    #[error("there is no such attempt")]
    Unknown,
    /// Another was faster; read again.
    #[error("the attempt has changed meanwhile")]
    Stale,
    #[error("the attempt is submitted")]
    Closed,
    #[error("the cursor is not one of ours")]
    Cursor,
    #[error("storage is full")]
    Full,
    #[error("the attempts could not be read or written: {0}")]
    Failed(String),
}
