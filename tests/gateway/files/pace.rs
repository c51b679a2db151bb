//! Whoever asks too much in a short time is told when to come again, and nobody else is.

use super::rest::Rest;
use crate::rig::{Options, token};
use reqwest::Response;
use serde_json::{Value, json};

async fn created(rest: &Rest, user: &str) -> Response {
    let url = rest.server.url("/api/uploads");
    // No handler would take this body.
    let request = reqwest::Client::new().post(url).bearer_auth(token(user)).body("not JSON");
    request.send().await.unwrap()
}

#[tokio::test]
async fn requests_beyond_a_user_s_pace_are_refused_before_anything_is_done() {
    let rest = Rest::start_with(Options::default().set("VIVA_RATE_REQUESTS", 1)).await;
    for _ in 0..10 {
        assert_eq!(created(&rest, "ann").await.status(), 400);
    }
    let refused = created(&rest, "ann").await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["content-type"], "application/problem+json");
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(refused.headers()["cache-control"], "no-store");
    let problem: Value = serde_json::from_str(&refused.text().await.unwrap()).unwrap();
    assert_eq!(
        (&problem["code"], &problem["status"], &problem["type"]),
        (&json!("too_many_requests"), &json!(429), &json!("urn:viva:problem:too_many_requests")),
    );
    assert!((1..=1_000).contains(&problem["retryAfterMs"].as_u64().unwrap()), "{problem}");

    // Others, and what needs no token, are answered.
    assert_eq!(created(&rest, "bob").await.status(), 400);
    assert_eq!(reqwest::get(rest.server.url("/api/openapi.json")).await.unwrap().status(), 200);
}
