//! The connections of clients: sending to one, closing one.

use crate::ports::ids::ConnectionId;
use async_trait::async_trait;
use std::sync::Arc;

/// Sends text to a client's connection.
///
/// Contract: messages sent one after another arrive in that order; a message is never sent in part; `send` does not wait for a slow
/// client: when its buffer is full it answers `Busy`, and nothing was sent.
#[async_trait]
pub trait Connections: Send + Sync {
    async fn send(&self, connection: &ConnectionId, text: Arc<str>) -> Result<(), SendError>;

    async fn close(&self, connection: &ConnectionId) -> Result<(), SendError>;
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// 410: nobody is there any more.
    #[error("the connection is gone")]
    Gone,
    /// 413: over 128 KB.
    #[error("the message is too large")]
    TooLarge,
    /// 429: too many messages, or the client's buffer is full. Merge what is pending and try again.
    #[error("the connection is busy")]
    Busy,
    #[error("the message could not be sent: {0}")]
    Failed(String),
}
