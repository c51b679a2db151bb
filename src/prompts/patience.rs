//! How long a model may take: for its first word, between words, and in all.

use crate::config::limits::{
    MODEL_ANSWER_FIRST_TOKEN_MS_MAX, MODEL_ANSWER_MS_MAX, MODEL_DEBRIEF_FIRST_TOKEN_MS_MAX, MODEL_DEBRIEF_MS_MAX,
    MODEL_FIRST_TOKEN_MS_MAX, MODEL_QUESTION_MS_MAX, MODEL_QUIZ_FIRST_TOKEN_MS_MAX, MODEL_QUIZ_MS_MAX,
    MODEL_TOKEN_GAP_MS_MAX,
};
use crate::ports::text_model::ModelError;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// The time-outs of a kind of task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeOuts {
    /// From the request to the first piece, further attempts included.
    pub first_ms: u64,
    /// Between two pieces; a thought that is not spoken counts as a piece.
    pub gap_ms: u64,
    pub total_ms: u64,
}

impl TimeOuts {
    pub const QUESTION: Self =
        Self { first_ms: MODEL_FIRST_TOKEN_MS_MAX, gap_ms: MODEL_TOKEN_GAP_MS_MAX, total_ms: MODEL_QUESTION_MS_MAX };
    pub const DEBRIEF: Self = Self {
        first_ms: MODEL_DEBRIEF_FIRST_TOKEN_MS_MAX,
        gap_ms: MODEL_TOKEN_GAP_MS_MAX,
        total_ms: MODEL_DEBRIEF_MS_MAX,
    };
    pub const ANSWER: Self = Self {
        first_ms: MODEL_ANSWER_FIRST_TOKEN_MS_MAX,
        gap_ms: MODEL_TOKEN_GAP_MS_MAX,
        total_ms: MODEL_ANSWER_MS_MAX,
    };
    /// For a batch of quiz items, and for answers to it.
    pub const QUIZ: Self =
        Self { first_ms: MODEL_QUIZ_FIRST_TOKEN_MS_MAX, gap_ms: MODEL_TOKEN_GAP_MS_MAX, total_ms: MODEL_QUIZ_MS_MAX };
}

/// Time-outs counting down.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    gap: Duration,
    first_until: Instant,
    until: Instant,
}

impl Patience {
    pub(crate) fn from_now(times: TimeOuts) -> Self {
        let now = now();
        Self {
            gap: Duration::from_millis(times.gap_ms),
            first_until: now + Duration::from_millis(times.first_ms.min(times.total_ms)),
            until: now + Duration::from_millis(times.total_ms),
        }
    }

    /// For what must happen before the first piece.
    pub(crate) async fn at_first<F: Future>(&self, work: F) -> Result<F::Output, ModelError> {
        timeout_at(self.first_until, work).await.map_err(|_| ModelError::TimedOut)
    }

    /// For each piece after the first.
    pub(crate) async fn between<F: Future>(&self, work: F) -> Result<F::Output, ModelError> {
        timeout_at(self.until.min(now() + self.gap), work).await.map_err(|_| ModelError::TimedOut)
    }

    /// The same end, but a first piece is waited for anew.
    pub(crate) fn renewed(&self, times: TimeOuts) -> Self {
        Self { first_until: self.until.min(now() + Duration::from_millis(times.first_ms)), ..*self }
    }
}

#[expect(clippy::disallowed_methods, reason = "an adapter's time-outs run on the runtime's clock")]
fn now() -> Instant {
    Instant::now()
}
