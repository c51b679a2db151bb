//! `$disconnect`: best effort, maybe twice, maybe late, maybe never. What was bound is unbound.

use crate::handlers::connect::disconnect;
use crate::lambda::{Function, FunctionError, Invocation, connection_of};
use crate::ports::clock::Clock;
use crate::ports::feed::Feed;
use crate::ports::journal::Journal;
use crate::ports::register::Register;
use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest;
use serde_json::{Value, json};
use std::sync::Arc;

/// Takes connections off the register.
pub struct Disconnect {
    pub register: Arc<dyn Register>,
    pub journal: Arc<dyn Journal>,
    pub feed: Arc<dyn Feed>,
    pub clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Disconnect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Disconnect").finish_non_exhaustive()
    }
}

impl Function for Disconnect {
    type Event = ApiGatewayWebsocketProxyRequest;
    type Answer = Value;

    async fn call(&self, event: Self::Event, _: Invocation) -> Result<Value, FunctionError> {
        let connection = connection_of(&event)?;
        let context = &event.request_context;
        tracing::debug!(%connection, code = context.disconnect_status_code, reason = context.disconnect_reason);
        disconnect(&*self.register, &*self.journal, &*self.feed, &*self.clock, &connection).await;
        Ok(json!({ "statusCode": 200 }))
    }
}
