//! Requests of the HTTP API as a function gets them, and what the API would answer.

use crate::rig::event;
use serde_json::{Value, json};

const REST: &str = include_str!("events/rest.json");

/// `path` as the API hands it on: decoded.
pub(crate) fn request(speaker: &str, method: &str, path: &str, body: &str) -> Value {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let route = format!("{method} {path}");
    let filled = [
        ("ROUTE", route.as_str()),
        ("PATH", path),
        ("QUERY", query),
        ("METHOD", method),
        ("SPEAKER", speaker),
        ("IDEMPOTENCY", "key-1"),
        ("BODY", body),
    ];
    event(REST, &filled)
}

pub(crate) fn with_header(mut request: Value, name: &str, value: &str) -> Value {
    request["headers"][name] = json!(value);
    request
}

/// Null for an empty body.
pub(crate) fn json_of(answer: &Value) -> Value {
    let body = answer["body"].as_str().unwrap();
    if body.is_empty() { Value::Null } else { serde_json::from_str(body).unwrap() }
}
