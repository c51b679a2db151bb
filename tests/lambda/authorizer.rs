//! Who may come in: the WebSocket API's policy and the HTTP API's simple answer.

use crate::rig::{ann, clock, event, invocation, keys, speaker, token};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use viva::auth::{AuthError, CourseRole, Identity, TokenKeys};
use viva::lambda::Function as _;
use viva::lambda::authorizer::Authorizer;
use viva::ports::clock::UnixMs;
use viva::ports::ids::{TenantId, UserId};

const CONNECT: &str = include_str!("events/authorize_connect.json");
const HTTP: &str = include_str!("events/authorize_http.json");

async fn answer(text: &str, token: &str) -> Value {
    let authorizer = Authorizer { keys: keys(), clock: clock() };
    authorizer.call(event(text, &[("TOKEN", token)]), invocation()).await.unwrap()
}

#[tokio::test]
async fn a_token_among_the_sub_protocols_opens_the_stage_and_says_who_speaks() {
    let ann = ann();
    assert_eq!(
        answer(CONNECT, &token(&ann)).await,
        json!({
            "principalId": "ann",
            "policyDocument": {
                "Version": "2012-10-17",
                "Statement": [{
                    "Action": "execute-api:Invoke",
                    "Effect": "Allow",
                    "Resource": "arn:aws:execute-api:eu-west-1:123456789012:abcd123456/live/*",
                }],
            },
            "context": { "speaker": speaker(&ann) },
        })
    );
}

#[tokio::test]
async fn a_token_in_the_header_opens_the_http_api() {
    let ann = ann();
    let expected = json!({ "isAuthorized": true, "context": { "speaker": speaker(&ann) } });
    assert_eq!(answer(HTTP, &token(&ann)).await, expected);
}

#[tokio::test]
async fn a_forged_an_expired_and_a_missing_token_open_nothing() {
    let expired = Identity { expires: UnixMs(1_000), ..ann() };
    let mut forged = token(&ann());
    forged.replace_range(forged.len() - 4.., "AAAA");
    for bad in [token(&expired), forged, "nonsense".to_owned(), String::new()] {
        let denied = answer(CONNECT, &bad).await;
        let statement = &denied["policyDocument"]["Statement"][0];
        assert_eq!(statement["Effect"], "Deny", "{bad}");
        assert_eq!(denied.get("context"), None);
        assert_eq!(answer(HTTP, &bad).await, json!({ "isAuthorized": false }), "{bad}");
    }
}

#[tokio::test]
async fn a_header_in_several_lines_is_read_whole() {
    let mut request: Value = event(CONNECT, &[]);
    let offered = format!("viva.bearer.{}", token(&ann()));
    request["headers"]["Sec-WebSocket-Protocol"] = json!("viva.v1");
    request["multiValueHeaders"]["Sec-WebSocket-Protocol"] = json!(["viva.v1", offered]);
    let authorizer = Authorizer { keys: keys(), clock: clock() };
    let allowed = authorizer.call(request, invocation()).await.unwrap();
    assert_eq!(allowed["policyDocument"]["Statement"][0]["Effect"], "Allow");
}

/// Keys that cannot be had.
struct Unreachable;

#[async_trait]
impl TokenKeys for Unreachable {
    async fn verify(&self, _: &str, _: UnixMs) -> Result<Identity, AuthError> {
        Err(AuthError::Unavailable)
    }
}

#[tokio::test]
async fn keys_that_cannot_be_reached_are_an_error_and_no_refusal() {
    let authorizer = Authorizer { keys: Arc::new(Unreachable), clock: clock() };
    let error = authorizer.call(event(CONNECT, &[("TOKEN", "a.b.c")]), invocation()).await.unwrap_err();
    assert!(error.to_string().contains("cannot be reached"), "{error}");
}

#[tokio::test]
async fn an_event_of_another_kind_is_an_error() {
    let authorizer = Authorizer { keys: keys(), clock: clock() };
    assert!(authorizer.call(json!({ "requestContext": {} }), invocation()).await.is_err());
    assert!(authorizer.call(json!({ "version": "2.0", "headers": 3 }), invocation()).await.is_err());
}

/// The gateway takes 8 KB from an authorizer. The longest speaker that fits a token of the longest length stays below that.
#[tokio::test]
async fn the_longest_token_stays_within_what_the_gateway_takes() {
    let id = |number: usize| format!("{number:0>width$}", width = COURSE_ID_CHARS);
    let courses: BTreeMap<_, _> = (0..100).map(|number| (id(number), CourseRole::Teacher)).collect();
    let identity =
        Identity { user: UserId::new("u".repeat(64)), tenant: TenantId::new("t".repeat(64)), courses, ..ann() };
    let token = token(&identity);
    assert!((7_900..=8_192).contains(&token.len()), "the token has {} bytes", token.len());
    let allowed = answer(CONNECT, &token).await;
    assert_eq!(allowed["context"]["speaker"], speaker(&identity));
    assert!(allowed.to_string().len() <= 8_192, "{}", allowed.to_string().len());
}

/// So long that a token with 100 courses is as long as a token may be.
const COURSE_ID_CHARS: usize = 44;
