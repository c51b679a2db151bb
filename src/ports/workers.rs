//! Starting the worker of a session.

use crate::ports::ids::SessionKey;
use async_trait::async_trait;

/// Starts a worker and does not wait for it.
///
/// Contract: duplicate starts are harmless, because a worker takes the session's row before it does anything.
#[async_trait]
pub trait Workers: Send + Sync {
    async fn start(&self, key: &SessionKey) -> Result<(), StartError>;
}

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// As many workers run as this place allows.
    #[error("too many sessions are live")]
    Full,
    #[error("the worker could not be started: {0}")]
    Failed(String),
}
