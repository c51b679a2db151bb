//! Starting the worker of a session.

use crate::ports::ids::SessionKey;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

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

/// A start as it is sent to a worker that runs elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartOrder {
    version: u32,
    #[serde(flatten)]
    key: SessionKey,
}

impl StartOrder {
    pub fn of(key: &SessionKey) -> Self {
        Self { version: START_ORDER_VERSION, key: key.clone() }
    }

    /// The session to be driven; `None`: an order of a version that this program does not know.
    pub fn key(self) -> Option<SessionKey> {
        (self.version == START_ORDER_VERSION).then_some(self.key)
    }
}

const START_ORDER_VERSION: u32 = 1;
