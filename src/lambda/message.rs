//! `$default`: every message of every client. Whatever comes of it is told to the client over `@connections`; the gateway always hears 200.

use crate::handlers::{Caller, Handlers};
use crate::lambda::authorizer::identity_of;
use crate::lambda::{Function, FunctionError, Invocation, connection_of};
use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest;
use serde_json::{Value, json};

/// Gives messages to the handlers. Nothing is remembered from one to the next.
#[derive(Debug)]
pub struct Message {
    pub handlers: Handlers,
}

impl Function for Message {
    type Event = ApiGatewayWebsocketProxyRequest;
    type Answer = Value;

    async fn call(&self, event: Self::Event, _: Invocation) -> Result<Value, FunctionError> {
        let connection = connection_of(&event)?;
        match identity_of(&event.request_context.authorizer.fields) {
            Some(identity) => {
                // The gateway closes a connection that sends binary frames; text is never encoded.
                let text = event.body.as_deref().filter(|_| !event.is_base64_encoded).unwrap_or_default();
                let mut caller = Caller { connection, identity, memory: None };
                self.handlers.message(&mut caller, text).await;
            }
            None => {
                tracing::error!("the authorizer said nothing of who it is: is it in front of $connect?");
                self.handlers.refuse_stranger(&connection).await;
            }
        }
        Ok(json!({ "statusCode": 200 }))
    }
}
