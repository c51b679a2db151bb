//! REST behind the HTTP API.

use crate::rig::{ann, event, invocation, speaker};
use serde_json::{Value, json};
use viva::lambda::Function as _;
use viva::lambda::me::WhoAmI;

const ME: &str = include_str!("events/me.json");

#[tokio::test]
async fn whoever_holds_a_token_can_see_what_it_says() {
    let ann = ann();
    let answer = WhoAmI.call(event(ME, &[("SPEAKER", &speaker(&ann))]), invocation()).await.unwrap();
    assert_eq!(answer["statusCode"], 200);
    assert_eq!(answer["headers"]["content-type"], "application/json");
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!(
        body,
        json!({
            "tenant": "school", "user": "ann", "role": "learner", "courses": { "maths": "student" },
            "expiresUnixMs": ann.expires.0,
        })
    );
}

#[tokio::test]
async fn a_route_without_its_authorizer_tells_nothing() {
    let answer = WhoAmI.call(event(ME, &[("SPEAKER", "?")]), invocation()).await.unwrap();
    assert_eq!(answer["statusCode"], 401);
}
