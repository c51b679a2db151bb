//! The register of connections: who is behind each, and which sessions it is bound to.
//!
//! A shell that keeps its sockets in one process holds it in memory; one that gives every message to another process stores it.

use crate::ports::clock::UnixMs;
use crate::ports::ids::{ConnectionId, SessionKey, TenantId, UserId};
use async_trait::async_trait;

/// What is known of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    pub tenant: TenantId,
    pub user: UserId,
    /// The verified speaker as JSON; the register does not read it.
    pub speaker: String,
    pub expires: UnixMs,
    pub connected: UnixMs,
    pub sessions: Vec<SessionKey>,
}

/// Contract: `leave` gives what `enter` and `bind` put in, once; everything else about a connection that is not there answers `None` or
/// does nothing.
#[async_trait]
pub trait Register: Send + Sync {
    /// Refused with `TooMany` when the user has `of_user_max` connections.
    async fn enter(
        &self,
        connection: &ConnectionId,
        registered: Registered,
        of_user_max: u64,
    ) -> Result<(), RegisterError>;

    async fn get(&self, connection: &ConnectionId) -> Result<Option<Registered>, RegisterError>;

    /// The connections of one user, in no order; one that is gone may still be among them.
    async fn of_user(&self, tenant: &TenantId, user: &UserId) -> Result<Vec<ConnectionId>, RegisterError>;

    /// The speaker showed a new token.
    async fn refresh(&self, connection: &ConnectionId, speaker: String, expires: UnixMs) -> Result<(), RegisterError>;

    /// Notes that a session is bound to the connection; idempotent. Refused with `TooMany` beyond `sessions_max`.
    async fn bind(&self, connection: &ConnectionId, key: &SessionKey, sessions_max: usize)
    -> Result<(), RegisterError>;

    /// Notes that it no longer is.
    async fn unbind(&self, connection: &ConnectionId, key: &SessionKey) -> Result<(), RegisterError>;

    async fn leave(&self, connection: &ConnectionId) -> Result<Option<Registered>, RegisterError>;
}

#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    #[error("too many")]
    TooMany,
    #[error("the register of connections could not be read or written: {0}")]
    Failed(String),
}
