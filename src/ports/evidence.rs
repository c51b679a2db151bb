//! What was observed of people's skills, in quizzes and interviews alike: the ground that progress is worked out from.
//!
//! Progress itself is never stored: `quiz::progress` folds it from these.

use crate::ports::clock::UnixMs;
use crate::ports::ids::{CourseId, TenantId, UserId};
use async_trait::async_trait;
use std::collections::BTreeMap;

/// One observation of one skill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// Unique for its user and course; the same id again replaces what was observed.
    pub id: String,
    pub at: UnixMs,
    /// As `quiz::progress` writes it.
    pub evidence_json: String,
}

/// Contract: `record` is idempotent by user, course and id, and replaces. What one reads is in the order of `at`, then `id`.
#[async_trait]
pub trait EvidenceLog: Send + Sync {
    async fn record(
        &self,
        tenant: &TenantId,
        course: &CourseId,
        user: &UserId,
        observations: Vec<Observation>,
    ) -> Result<(), EvidenceError>;

    async fn of_user(
        &self,
        tenant: &TenantId,
        course: &CourseId,
        user: &UserId,
    ) -> Result<Vec<Observation>, EvidenceError>;

    /// Of everybody who has any.
    async fn of_course(
        &self,
        tenant: &TenantId,
        course: &CourseId,
    ) -> Result<BTreeMap<UserId, Vec<Observation>>, EvidenceError>;
}

#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    #[error("storage is full")]
    Full,
    #[error("the evidence could not be read or written: {0}")]
    Failed(String),
}
