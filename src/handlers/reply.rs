//! Saying something to a client: encoded once, sent in order, with patience for a client that is slow.

use crate::handlers::Handlers;
use crate::handlers::refusal::Refusal;
use crate::ports::connections::SendError;
use crate::ports::ids::ConnectionId;
use protocol::v1::{self, Re, ServerMessage};
use std::sync::Arc;
use std::time::Duration;

impl Handlers {
    /// Sends one message. A client that is gone is no fault; one that takes nothing for too long loses its connection, because a reply
    /// that is left out would never be missed by it.
    pub(crate) async fn reply(&self, connection: &ConnectionId, message: &ServerMessage) {
        self.reply_text(connection, v1::encode_server(message).into()).await;
    }

    /// The same for a message that is text already.
    pub(crate) async fn reply_text(&self, connection: &ConnectionId, text: Arc<str>) {
        let mut wait = FIRST_WAIT;
        loop {
            match self.connections.send(connection, Arc::clone(&text)).await {
                Ok(()) | Err(SendError::Gone) => return,
                Err(SendError::Busy) if wait <= LAST_WAIT => {
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                }
                Err(error) => {
                    tracing::warn!(%connection, %error, bytes = text.len(), "a reply could not be sent: closing");
                    if let Err(error) = self.connections.close(connection).await {
                        tracing::debug!(%connection, %error, "it was closed already");
                    }
                    return;
                }
            }
        }
    }

    pub(crate) async fn refuse(&self, connection: &ConnectionId, refusal: Refusal, re: Re) {
        metrics::counter!("viva_errors_total", "code" => refusal.code.as_str()).increment(1);
        tracing::debug!(%connection, code = refusal.code.as_str(), seq = re.seq, "refused");
        self.reply(connection, &ServerMessage::Error(refusal.into_error(re))).await;
    }
}

const FIRST_WAIT: Duration = Duration::from_millis(20);
/// With doubling, a little over five seconds in all.
const LAST_WAIT: Duration = Duration::from_millis(2_560);
