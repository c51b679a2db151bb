//! Workers as asynchronous invocations of a Lambda function.
//!
//! Lambda puts a start into its own queue and may run it twice: a worker takes the session's row before it does anything. A start that is
//! lost is found by the client's next `ping` or by the sweep.

use crate::cloud::aws::Aws;
use crate::cloud::lambda_start::{LambdaStart, LambdaStartError};
use crate::ports::ids::SessionKey;
use crate::ports::journal::{Journal, SessionKind};
use crate::ports::workers::{StartError, StartOrder, Workers};
use async_trait::async_trait;
use std::sync::Arc;

/// Starts the function that drives sessions of one kind.
#[derive(Clone, Debug)]
pub struct LambdaWorkers {
    start: LambdaStart,
}

impl LambdaWorkers {
    /// `function`: its name, or the ARN of an alias.
    pub fn new(aws: &Aws, function: &str) -> Self {
        Self { start: LambdaStart::new(aws, function) }
    }
}

#[async_trait]
impl Workers for LambdaWorkers {
    async fn start(&self, key: &SessionKey) -> Result<(), StartError> {
        let order = serde_json::to_vec(&StartOrder::of(key)).expect("a key is text, which JSON can hold");
        self.start.start(order).await.map_err(|error| match error {
            LambdaStartError::Throttled => StartError::Full,
            LambdaStartError::Failed(detail) => StartError::Failed(detail),
        })
    }
}

/// Starts the function that a session's kind asks for, which its row tells.
#[derive(Clone)]
pub struct WorkersByKind {
    pub journal: Arc<dyn Journal>,
    pub interviews: LambdaWorkers,
    pub chats: LambdaWorkers,
}

impl std::fmt::Debug for WorkersByKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { journal: _, interviews, chats } = self;
        f.debug_struct("WorkersByKind").field("interviews", interviews).field("chats", chats).finish_non_exhaustive()
    }
}

#[async_trait]
impl Workers for WorkersByKind {
    async fn start(&self, key: &SessionKey) -> Result<(), StartError> {
        let row = self.journal.row(key).await.map_err(|error| StartError::Failed(error.to_string()))?;
        match row.map(|row| row.kind) {
            Some(SessionKind::Interview) => self.interviews.start(key).await,
            Some(SessionKind::Chat) => self.chats.start(key).await,
            // A worker would find nothing, either.
            None => Ok(()),
        }
    }
}
