//! Telling the platform around us that an interview is over.

use crate::ports::clock::UnixMs;
use crate::ports::ids::SessionKey;
use crate::ports::journal::SessionState;
use crate::ports::reports::SessionSummary;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What the platform is told. What was said is not in it: whoever may see that asks for the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterviewFinished {
    pub key: SessionKey,
    pub state: SessionState,
    pub course: Option<String>,
    pub title: String,
    pub questions: u32,
    pub duration_ms: u64,
    /// The wire's `usage` of `interview.finished`.
    pub usage_json: Option<String>,
    pub finished: UnixMs,
}

impl InterviewFinished {
    /// The name of the event wherever it goes.
    pub const TYPE: &str = "interview.finished";

    /// `None`: the session is not over, or it was deleted.
    pub fn of(summary: &SessionSummary) -> Option<Self> {
        let SessionSummary {
            key,
            kind: _,
            state,
            title,
            course,
            created: _,
            updated,
            questions,
            duration_ms,
            usage_json,
        } = summary.clone();
        match state {
            SessionState::Open | SessionState::Deleted => None,
            SessionState::Finished | SessionState::Abandoned => {
                Some(Self { key, state, course, title, questions, duration_ms, usage_json, finished: updated })
            }
        }
    }

    /// The event's data as JSON, the same over every way.
    pub fn data(&self) -> Value {
        let Self { key, state, course, title, questions, duration_ms, usage_json, finished } = self;
        let usage = usage_json.as_deref().and_then(|json| serde_json::from_str::<Value>(json).ok());
        json!({
            "tenant": key.tenant, "user": key.user, "session": key.session, "state": state, "course": course, "title": title,
            "questions": questions, "durationMs": duration_ms, "finishedUnixMs": finished, "usage": usage,
        })
    }
}

/// Contract: `publish` returns once the other side has taken the event over. It may be called again for the same session; the other side
/// may then be told twice, and tells by tenant, user and session.
#[async_trait]
pub trait Announcements: Send + Sync {
    async fn publish(&self, finished: &InterviewFinished) -> Result<(), AnnounceError>;
}

#[derive(Debug, thiserror::Error)]
pub enum AnnounceError {
    /// Worth another try later.
    #[error("the event could not be delivered: {0}")]
    Failed(String),
}

/// Which sessions' ends have been told.
///
/// Contract: `mark` is idempotent; what was marked stays so for longer than anything that is told is told again.
#[async_trait]
pub trait Announced: Send + Sync {
    async fn is_marked(&self, key: &SessionKey) -> Result<bool, AnnounceError>;

    async fn mark(&self, key: &SessionKey) -> Result<(), AnnounceError>;
}
