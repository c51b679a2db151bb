//! Connecting and leaving, and the token that stands at the door.

use crate::auth::{AuthError, Identity};
use crate::handlers::Handlers;
use crate::ports::ids::ConnectionId;
use crate::ports::register::{RegisterError, Registered};

#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error("this user has as many connections as are allowed")]
    TooMany,
    #[error("the connection could not be registered: {0}")]
    Failed(String),
}

impl Handlers {
    /// The authorizer: whose token is this?
    pub async fn authorize(&self, token: &str) -> Result<Identity, AuthError> {
        self.keys.verify(token, self.clock.now()).await
    }

    /// `$connect`: notes who is behind the connection.
    pub async fn connect(&self, connection: &ConnectionId, identity: &Identity) -> Result<(), ConnectError> {
        let registered = Registered {
            tenant: identity.tenant.clone(),
            user: identity.user.clone(),
            speaker: speaker(identity),
            expires: identity.expires,
            connected: self.clock.now(),
            sessions: Vec::new(),
        };
        let of_user_max = self.limits.connections_per_user_max;
        self.register.enter(connection, registered, of_user_max).await.map_err(|error| match error {
            RegisterError::TooMany => ConnectError::TooMany,
            RegisterError::Failed(detail) => ConnectError::Failed(detail),
        })
    }

    /// `$disconnect`: unbinds what was bound, and lets the workers know. Idempotent.
    pub async fn disconnect(&self, connection: &ConnectionId) {
        let registered = match self.register.leave(connection).await {
            Ok(Some(registered)) => registered,
            Ok(None) => return,
            Err(error) => {
                tracing::error!(%connection, %error, "a connection could not be taken off the register");
                return;
            }
        };
        let now = self.clock.now();
        for key in &registered.sessions {
            if let Err(error) = self.journal.unbind(key, connection, now).await {
                tracing::warn!(%connection, %error, "a session could not be unbound; its worker will find out");
                continue;
            }
            if let Err(error) = self.feed.nudge(key).await {
                tracing::debug!(%connection, %error, "nobody was there to be nudged");
            }
        }
    }
}

/// The speaker as the register keeps it.
pub(crate) fn speaker(identity: &Identity) -> String {
    serde_json::to_string(identity).expect("an identity holds nothing that JSON cannot")
}
