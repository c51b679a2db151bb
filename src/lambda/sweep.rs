//! The sweep, by a schedule: sessions that are due, or that lost their worker, get one; so do conversations in which a reply is
//! overdue; quizzes whose items nobody makes are asked for.

use crate::config::limits::QUIZZES_SWEPT_MAX;
use crate::lambda::{Function, FunctionError, Invocation};
use crate::ports::clock::Clock;
use crate::ports::conversations::Conversations;
use crate::ports::journal::Journal;
use crate::ports::quiz_making::QuizMaking;
use crate::ports::quizzes::{Quizzes, QuizzesError};
use crate::ports::workers::Workers;
use crate::session::{SweepError, Swept, sweep, sweep_conversations};
use serde_json::{Value, json};
use std::sync::Arc;

/// Sweeps once for each event, whatever it holds.
pub struct Sweep {
    pub journal: Arc<dyn Journal>,
    pub conversations: Arc<dyn Conversations>,
    pub workers: Arc<dyn Workers>,
    pub quizzes: Arc<dyn Quizzes>,
    pub making: Arc<dyn QuizMaking>,
    pub clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Sweep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sweep").finish_non_exhaustive()
    }
}

impl Function for Sweep {
    type Event = Value;
    type Answer = Value;

    async fn call(&self, _: Value, _: Invocation) -> Result<Value, FunctionError> {
        // What one of them depends on may be down without the other's.
        let (swept, quizzes) = (self.sweep().await, self.sweep_quizzes().await);
        let Swept { started, postponed, failed } = swept.map_err(|error| FunctionError::Failed(error.to_string()))?;
        let quizzes = quizzes.map_err(|error| FunctionError::Failed(error.to_string()))?;
        tracing::info!(started, postponed, failed, quizzes, "swept");
        metrics::counter!("viva_quizzes_stalled_total").increment(quizzes as u64);
        metrics::counter!("viva_swept_total").increment(started as u64);
        metrics::counter!("viva_throttled_total", "by" => "workers").increment(postponed as u64);
        Ok(json!({ "started": started, "postponed": postponed, "failed": failed, "quizzes": quizzes }))
    }
}

impl Sweep {
    async fn sweep(&self) -> Result<Swept, SweepError> {
        let mut swept = sweep(&*self.journal, &*self.workers, &*self.clock).await?;
        swept += sweep_conversations(&*self.conversations, &*self.workers, &*self.clock).await?;
        Ok(swept)
    }

    /// How many stood still.
    async fn sweep_quizzes(&self) -> Result<usize, QuizzesError> {
        let waiting = self.quizzes.waiting(self.clock.now(), QUIZZES_SWEPT_MAX).await?;
        for key in &waiting {
            self.making.start(key).await;
        }
        Ok(waiting.len())
    }
}
