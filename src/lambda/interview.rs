//! The worker of an interview: started asynchronously, it holds the session's lease for as long as an invocation lasts, then hands over.
//!
//! A start may come twice, late, or for a session that needs nothing more: whoever does not get the lease has nothing to do. No error
//! leaves this function, because a repeated start would be of no use: the lease ends by itself, and the next `ping`, control message or
//! sweep starts another worker.

use crate::config::limits::{HAND_OVER_HARD_MS, HAND_OVER_SOFT_MS};
use crate::interview::driver::{self, Deps, Ended, RunError};
use crate::lambda::{Function, FunctionError, Invocation};
use crate::ports::clock::UnixMs;
use crate::ports::ids::SessionKey;
use crate::ports::workers::{StartOrder, Workers};
use crate::session::{OpenError, Retirement};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Drives one session at a time.
pub struct Interviewer {
    pub deps: Deps,
    /// Starts the successor.
    pub workers: Arc<dyn Workers>,
}

impl std::fmt::Debug for Interviewer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Interviewer").field("deps", &self.deps).finish_non_exhaustive()
    }
}

impl Function for Interviewer {
    type Event = StartOrder;
    type Answer = Value;

    async fn call(&self, order: StartOrder, invocation: Invocation) -> Result<Value, FunctionError> {
        let Some(key) = order.key() else {
            tracing::error!("a start of another version was dropped: are two releases at work?");
            return Ok(answer("version"));
        };
        let before_end = |ms| UnixMs(invocation.deadline.0.saturating_sub(ms));
        let retirement = Retirement { soft: before_end(HAND_OVER_SOFT_MS), hard: before_end(HAND_OVER_HARD_MS) };
        let ran = driver::run_until(&self.deps, &key, &CancellationToken::new(), retirement).await;
        Ok(answer(self.conclude(&key, ran).await))
    }
}

impl Interviewer {
    async fn conclude(&self, key: &SessionKey, ran: Result<Ended, RunError>) -> &'static str {
        match ran {
            Ok(Ended::Retired) => {
                // Where this fails, the client's next ping starts one, or the sweep.
                if let Err(error) = self.workers.start(key).await {
                    tracing::error!(%error, "a successor could not be started");
                }
                "retired"
            }
            Ok(ended) => {
                tracing::info!(?ended, "a worker ended");
                "ended"
            }
            Err(RunError::Open(error @ (OpenError::Held { .. } | OpenError::Over(_) | OpenError::Unknown))) => {
                tracing::debug!(%error, "a start that was not needed");
                "not needed"
            }
            Err(error) => {
                tracing::error!(%error, "a worker failed");
                metrics::counter!("viva_worker_failures_total").increment(1);
                "failed"
            }
        }
    }
}

fn answer(outcome: &str) -> Value {
    json!({ "outcome": outcome })
}
