//! Summaries and reports of sessions: what is listed, opened and reviewed after the live part.

use crate::ports::clock::UnixMs;
use crate::ports::ids::{SessionKey, TenantId, UserId};
use crate::ports::journal::{SessionKind, SessionState};
use async_trait::async_trait;

/// What a list shows of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionSummary {
    pub key: SessionKey,
    pub kind: SessionKind,
    pub state: SessionState,
    pub title: String,
    pub course: Option<String>,
    pub created: UnixMs,
    pub updated: UnixMs,
    pub questions: u32,
    pub duration_ms: u64,
    /// What the session used, once it is over: the wire's `usage` of `interview.finished`, as JSON.
    pub usage_json: Option<String>,
}

/// A teacher's word on one rating of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    pub criterion: String,
    /// 1, 2, 3, … for each criterion of a session.
    pub revision: u32,
    pub rating: u8,
    pub comment: Option<String>,
    pub reviewer: UserId,
    pub at: UnixMs,
}

/// A review that is not stored yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewReview {
    pub criterion: String,
    pub rating: u8,
    pub comment: Option<String>,
    pub reviewer: UserId,
    pub at: UnixMs,
    /// The last revision that the reviewer has seen, 0: none; `None`: it does not matter.
    pub seen: Option<u32>,
}

impl NewReview {
    /// Whether it only says again what was said last.
    pub fn repeats(&self, last: &Review) -> bool {
        let Self { criterion, rating, comment, reviewer, at: _, seen: _ } = self;
        (criterion, rating, comment, reviewer) == (&last.criterion, &last.rating, &last.comment, &last.reviewer)
    }

    /// Later than what was said last of the session, whatever the clock says: the order of reviews is that of their times.
    #[must_use]
    pub fn later_than(self, newest: Option<UnixMs>) -> Self {
        let at = newest.map_or(self.at, |newest| self.at.max(newest.plus_ms(1)));
        Self { at, ..self }
    }

    /// As it is stored.
    pub fn numbered(self, revision: u32) -> Review {
        let Self { criterion, rating, comment, reviewer, at, seen: _ } = self;
        Review { criterion, revision, rating, comment, reviewer, at }
    }
}

/// What became of a review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reviewed {
    New(Review),
    /// The same was said last, by the same: nothing was stored.
    Same(Review),
    /// More was said than the reviewer has seen, this last: nothing was stored.
    Conflict(Review),
    /// There is no such session.
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryQuery {
    pub tenant: TenantId,
    /// Sessions of this user.
    pub user: Option<UserId>,
    /// Sessions of these courses (a teacher's); both filters hold together.
    pub courses: Option<Vec<String>>,
    /// Words that the title must contain, case folded.
    pub text: Option<String>,
    /// Opaque; from the previous page.
    pub cursor: Option<String>,
    pub limit: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SummaryPage {
    /// Newest first.
    pub sessions: Vec<SessionSummary>,
    pub cursor: Option<String>,
}

/// Contract: `put` is idempotent by key and replaces; `put` of a deleted session is a no-op.
#[async_trait]
pub trait Reports: Send + Sync {
    async fn put(&self, summary: SessionSummary) -> Result<(), ReportsError>;

    /// Stores the finished report as JSON (the core's `Report`).
    async fn put_report(&self, key: &SessionKey, report_json: String) -> Result<(), ReportsError>;

    async fn get(&self, key: &SessionKey) -> Result<Option<(SessionSummary, Option<String>)>, ReportsError>;

    async fn list(&self, query: SummaryQuery) -> Result<SummaryPage, ReportsError>;

    /// Every review is kept; the last one of a criterion stands. Who says the same again says nothing new.
    async fn review(&self, key: &SessionKey, review: NewReview) -> Result<Reviewed, ReportsError>;

    /// All of them, oldest first: no two of a session have the same time.
    async fn reviews(&self, key: &SessionKey) -> Result<Vec<Review>, ReportsError>;

    async fn delete(&self, key: &SessionKey) -> Result<(), ReportsError>;
}

#[derive(Debug, thiserror::Error)]
pub enum ReportsError {
    #[error("the cursor is not one of ours")]
    Cursor,
    #[error("the records could not be read or written: {0}")]
    Failed(String),
}
