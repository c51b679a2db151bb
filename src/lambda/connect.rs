//! `$connect`: the authorizer has said who it is; the connection goes on the register, or the handshake is refused.

use crate::handlers::connect::{ConnectError, connect};
use crate::handlers::door;
use crate::lambda::authorizer::identity_of;
use crate::lambda::{Function, FunctionError, Invocation, connection_of};
use crate::ports::clock::Clock;
use crate::ports::register::Register;
use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest;
use protocol::v1::SUBPROTOCOL;
use serde_json::{Value, json};
use std::sync::Arc;

/// Opens connections.
pub struct Connect {
    pub register: Arc<dyn Register>,
    pub clock: Arc<dyn Clock>,
    pub connections_per_user_max: u64,
}

impl std::fmt::Debug for Connect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connect").finish_non_exhaustive()
    }
}

impl Function for Connect {
    type Event = ApiGatewayWebsocketProxyRequest;
    type Answer = Value;

    async fn call(&self, event: Self::Event, _: Invocation) -> Result<Value, FunctionError> {
        let connection = connection_of(&event)?;
        let ours = [&event.multi_value_headers, &event.headers].into_iter().any(|headers| {
            let lines = headers.get_all("sec-websocket-protocol").into_iter();
            door::offers_ours(lines.filter_map(|line| line.to_str().ok()))
        });
        if !ours {
            return Ok(refusal(400, "offer the sub-protocol viva.v1"));
        }
        let Some(identity) = identity_of(&event.request_context.authorizer.fields) else {
            tracing::error!("the authorizer said nothing of who it is: is it in front of $connect?");
            return Ok(refusal(401, "no token"));
        };
        let entered =
            connect(&*self.register, &*self.clock, &connection, &identity, self.connections_per_user_max).await;
        match entered {
            Ok(()) => {
                metrics::counter!("viva_connections_total").increment(1);
                Ok(json!({ "statusCode": 200, "headers": { "Sec-WebSocket-Protocol": SUBPROTOCOL } }))
            }
            Err(ConnectError::TooMany) => Ok(refusal(429, "this user has as many connections as there may be")),
            Err(error @ ConnectError::Failed(_)) => {
                tracing::error!(%error, "a connection was not opened");
                Ok(refusal(503, "the connection could not be registered"))
            }
        }
    }
}

fn refusal(status: u16, reason: &str) -> Value {
    metrics::counter!("viva_connections_refused_total", "status" => status.to_string()).increment(1);
    json!({ "statusCode": status, "body": reason })
}
