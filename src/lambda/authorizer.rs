//! The authorizer in front of the WebSocket API's `$connect` (REQUEST, an IAM policy) and of the HTTP API (payload 2.0, a simple answer).
//!
//! Whoever a token makes its holder travels in the context, as JSON in one field, so that no function behind it verifies a token again.

use crate::auth::{AuthError, Identity, TokenKeys};
use crate::config::limits::AUTHORIZER_SPEAKER_BYTES_MAX;
use crate::handlers::connect::{authorize, speaker};
use crate::handlers::door;
use crate::lambda::{Function, FunctionError, Invocation};
use crate::ports::clock::Clock;
use aws_lambda_events::apigw::{ApiGatewayCustomAuthorizerRequestTypeRequest, ApiGatewayV2CustomAuthorizerV2Request};
use aws_lambda_events::http::HeaderMap;
use protocol::v1::limits::TOKEN_BYTES_MAX;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// Believes tokens, or does not.
pub struct Authorizer {
    pub keys: Arc<dyn TokenKeys>,
    pub clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Authorizer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authorizer").finish_non_exhaustive()
    }
}

impl Function for Authorizer {
    type Event = Value;
    type Answer = Value;

    async fn call(&self, event: Value, _: Invocation) -> Result<Value, FunctionError> {
        if event.get("version").and_then(Value::as_str) == Some("2.0") {
            let request = ApiGatewayV2CustomAuthorizerV2Request::deserialize(event)?;
            Ok(match self.identity(&[&request.headers]).await? {
                Some(identity) => json!({ "isAuthorized": true, "context": context(&identity) }),
                None => json!({ "isAuthorized": false }),
            })
        } else {
            let request = ApiGatewayCustomAuthorizerRequestTypeRequest::deserialize(event)?;
            let arn = request.method_arn.as_deref().ok_or(FunctionError::Event("methodArn"))?;
            // Both hold the same, but for a header that came in several lines.
            let identity = self.identity(&[&request.multi_value_headers, &request.headers]).await?;
            Ok(match identity {
                Some(identity) => json!({
                    "principalId": identity.user.as_str(),
                    "policyDocument": policy("Allow", stage_of(arn)),
                    "context": context(&identity),
                }),
                None => json!({ "principalId": "unknown", "policyDocument": policy("Deny", arn.to_owned()) }),
            })
        }
    }
}

impl Authorizer {
    /// `None`: not believed. An error: it cannot be told, so that the client is answered 500 and comes again.
    async fn identity(&self, headers: &[&HeaderMap]) -> Result<Option<Identity>, FunctionError> {
        let token = headers.iter().find_map(|headers| token(headers)).filter(|token| token.len() <= TOKEN_BYTES_MAX);
        let Some(token) = token else { return Ok(None) };
        match authorize(&*self.keys, &*self.clock, token).await {
            Ok(identity) if speaker(&identity).len() <= AUTHORIZER_SPEAKER_BYTES_MAX => Ok(Some(identity)),
            Ok(_) => {
                tracing::error!("a token was refused: what it says does not fit the authorizer's context");
                Ok(None)
            }
            Err(AuthError::Unavailable) => Err(FunctionError::Failed(AuthError::Unavailable.to_string())),
            Err(error) => {
                tracing::info!(%error, "a token was refused");
                metrics::counter!("viva_tokens_refused_total").increment(1);
                Ok(None)
            }
        }
    }
}

fn token(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all("sec-websocket-protocol").into_iter().filter_map(|line| line.to_str().ok());
    let authorization = headers.get("authorization").and_then(|line| line.to_str().ok());
    door::token(lines, authorization)
}

/// The fields of the context: flat, text only.
fn context(identity: &Identity) -> Value {
    json!({ SPEAKER: speaker(identity) })
}

/// Who speaks, from the context that came with an event.
pub(crate) fn identity_of(fields: &HashMap<String, Value>) -> Option<Identity> {
    serde_json::from_str(fields.get(SPEAKER)?.as_str()?).ok()
}

fn policy(effect: &str, resource: String) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{ "Action": "execute-api:Invoke", "Effect": effect, "Resource": resource }],
    })
}

/// Every route of the stage that the connection is opened on: `arn:aws:execute-api:eu-west-1:123456789012:abc/live/$connect` gives
/// `…:abc/live/*`.
fn stage_of(arn: &str) -> String {
    let mut parts = arn.splitn(3, '/');
    match (parts.next(), parts.next()) {
        (Some(api), Some(stage)) => format!("{api}/{stage}/*"),
        _ => arn.to_owned(),
    }
}

const SPEAKER: &str = "speaker";
