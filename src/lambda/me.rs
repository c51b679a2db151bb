//! `GET /api/me` behind the HTTP API, whose authorizer has said who it is.

use crate::handlers::me::me;
use crate::lambda::authorizer::identity_of;
use crate::lambda::{Function, FunctionError, Invocation};
use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use serde_json::{Value, json};

/// Tells a client who it is.
#[derive(Debug)]
pub struct WhoAmI;

impl Function for WhoAmI {
    type Event = ApiGatewayV2httpRequest;
    type Answer = Value;

    async fn call(&self, event: Self::Event, _: Invocation) -> Result<Value, FunctionError> {
        let identity = event.request_context.authorizer.as_ref().and_then(|authorizer| identity_of(&authorizer.fields));
        let Some(identity) = identity else {
            tracing::error!("the authorizer said nothing of who it is: is it in front of this route?");
            return Ok(answer(401, &json!({ "message": "no token" })));
        };
        Ok(answer(200, &serde_json::to_value(me(&identity))?))
    }
}

fn answer(status: u16, body: &Value) -> Value {
    json!({
        "statusCode": status,
        "headers": { "content-type": "application/json", "cache-control": "no-store" },
        "body": body.to_string(),
    })
}
