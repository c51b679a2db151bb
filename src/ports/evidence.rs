//! What was observed of people's skills, in quizzes and interviews alike: the ground that progress is worked out from.
//!
//! Progress itself is never stored: `quiz::progress` folds it from these.

use crate::ports::clock::UnixMs;
use crate::ports::ids::{CourseId, TenantId, UserId};
use async_trait::async_trait;

/// One observation of one skill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// Unique for its user and course; the same id again replaces what was observed.
    pub id: String,
    pub at: UnixMs,
    /// As `quiz::progress` writes it.
    pub evidence_json: String,
}

/// The newest of what was observed of somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// In the order of `at`, then `id`.
    pub observations: Vec<Observation>,
    /// Whether older ones were left out.
    pub truncated: bool,
}

/// Contract: `record` is idempotent by user, course and id, and replaces. No read takes more than it is asked for, however much there is.
#[async_trait]
pub trait EvidenceLog: Send + Sync {
    async fn record(
        &self,
        tenant: &TenantId,
        course: &CourseId,
        user: &UserId,
        observations: Vec<Observation>,
    ) -> Result<(), EvidenceError>;

    /// Up to `limit` observations of a user, the newest of them.
    async fn newest(
        &self,
        tenant: &TenantId,
        course: &CourseId,
        user: &UserId,
        limit: usize,
    ) -> Result<Observed, EvidenceError>;

    /// Up to `limit` of those who have any, in the order of their ids, after that one.
    async fn users(
        &self,
        tenant: &TenantId,
        course: &CourseId,
        after: Option<&UserId>,
        limit: usize,
    ) -> Result<Vec<UserId>, EvidenceError>;
}

impl Observed {
    /// Of what a store found, the newest first, and one more than wanted where there is more.
    pub fn of(mut found: Vec<Observation>, limit: usize) -> Self {
        let truncated = found.len() > limit;
        found.truncate(limit);
        found.reverse();
        Self { observations: found, truncated }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    #[error("storage is full")]
    Full,
    #[error("the evidence could not be read or written: {0}")]
    Failed(String),
}
