//! Connecting and leaving, and the token that stands at the door. Each names the roles that it needs, so that a function of its own
//! opens no others.

use crate::auth::{AuthError, Identity, TokenKeys};
use crate::handlers::Handlers;
use crate::ports::clock::Clock;
use crate::ports::feed::Feed;
use crate::ports::ids::ConnectionId;
use crate::ports::journal::Journal;
use crate::ports::register::{Register, RegisterError, Registered};

#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error("this user has as many connections as are allowed")]
    TooMany,
    #[error("the connection could not be registered: {0}")]
    Failed(String),
}

/// The authorizer: whose token is this?
pub async fn authorize(keys: &dyn TokenKeys, clock: &dyn Clock, token: &str) -> Result<Identity, AuthError> {
    keys.verify(token, clock.now()).await
}

/// `$connect`: notes who is behind the connection.
pub async fn connect(
    register: &dyn Register,
    clock: &dyn Clock,
    connection: &ConnectionId,
    identity: &Identity,
    of_user_max: u64,
) -> Result<(), ConnectError> {
    let registered = Registered {
        tenant: identity.tenant.clone(),
        user: identity.user.clone(),
        speaker: speaker(identity),
        expires: identity.expires,
        connected: clock.now(),
        sessions: Vec::new(),
    };
    register.enter(connection, registered, of_user_max).await.map_err(|error| match error {
        RegisterError::TooMany => ConnectError::TooMany,
        RegisterError::Failed(detail) => ConnectError::Failed(detail),
    })
}

/// `$disconnect`: unbinds what was bound, and lets the workers know. Idempotent.
pub async fn disconnect(
    register: &dyn Register,
    journal: &dyn Journal,
    feed: &dyn Feed,
    clock: &dyn Clock,
    connection: &ConnectionId,
) {
    let registered = match register.leave(connection).await {
        Ok(Some(registered)) => registered,
        Ok(None) => return,
        Err(error) => {
            tracing::error!(%connection, %error, "a connection could not be taken off the register");
            return;
        }
    };
    let now = clock.now();
    for key in &registered.sessions {
        if let Err(error) = journal.unbind(key, connection, now).await {
            tracing::warn!(%connection, %error, "a session could not be unbound; its worker will find out");
            continue;
        }
        if let Err(error) = feed.nudge(key).await {
            tracing::debug!(%connection, %error, "nobody was there to be nudged");
        }
    }
}

impl Handlers {
    pub async fn authorize(&self, token: &str) -> Result<Identity, AuthError> {
        authorize(&*self.keys, &*self.clock, token).await
    }

    pub async fn connect(&self, connection: &ConnectionId, identity: &Identity) -> Result<(), ConnectError> {
        let of_user_max = self.limits.connections_per_user_max;
        connect(&*self.register, &*self.clock, connection, identity, of_user_max).await
    }

    pub async fn disconnect(&self, connection: &ConnectionId) {
        disconnect(&*self.register, &*self.journal, &*self.feed, &*self.clock, connection).await;
    }
}

/// The speaker as the register keeps it.
pub(crate) fn speaker(identity: &Identity) -> String {
    serde_json::to_string(identity).expect("an identity holds nothing that JSON cannot")
}
