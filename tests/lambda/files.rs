//! The REST API behind the HTTP API: the same routes, answers and refusals as on one machine.

use crate::asking::json_of;
use crate::rig::{ann, speaker};
use crate::routes::read;
use crate::shelf::{Shelf, TORTS, document_key};
use serde_json::{Value, json};

#[tokio::test]
async fn the_description_is_the_one_that_is_checked_in_and_needs_no_token() {
    let shelf = Shelf::new();
    let answer = shelf.answer("?", "GET", "/api/openapi.json", "").await;
    assert_eq!((&answer["statusCode"], &answer["headers"]["content-type"]), (&json!(200), &json!("application/json")));
    assert!(
        answer["body"].as_str() == Some(&read("docs/openapi.json")),
        "docs/openapi.json has drifted: run `make generate`"
    );
}

#[tokio::test]
async fn a_file_is_uploaded_completed_and_asked_to_be_ingested() {
    let shelf = Shelf::new();
    let upload = shelf.sent("torts.md", TORTS).await;
    let path = format!("/api/uploads/{}/complete", upload["id"].as_str().unwrap());
    let (status, document) = shelf.ask(&ann(), "POST", &path, Value::Null).await;
    assert_eq!((status, &document["state"], &document["name"]), (200, &json!("uploaded"), &json!("torts.md")));
    let id = document["id"].as_str().unwrap();
    assert_eq!(*shelf.orders.asked.lock().unwrap(), [document_key(id)]);
    let (status, list) = shelf.ask(&ann(), "GET", "/api/documents?limit=1", Value::Null).await;
    assert_eq!((status, &list["documents"][0]["id"]), (200, &json!(id)));
}

#[tokio::test]
async fn the_same_request_again_gives_the_same_upload() {
    let shelf = Shelf::new();
    let wanted = json!({ "name": "a.md", "bytes": 3, "sha256": "0".repeat(64) });
    let (first, made) = shelf.ask(&ann(), "POST", "/api/uploads", wanted.clone()).await;
    let (again, same) = shelf.ask(&ann(), "POST", "/api/uploads", wanted).await;
    assert_eq!((first, again), (201, 200));
    assert_eq!(made["upload"], same["upload"]);
}

#[tokio::test]
async fn refusals_are_problem_details() {
    let shelf = Shelf::new();
    let refused = async |speaker: &str, method: &str, path: &str, body: &str| {
        let answer = shelf.answer(speaker, method, path, body).await;
        assert_eq!(answer["headers"]["content-type"], "application/problem+json", "{answer}");
        let problem = json_of(&answer);
        assert_eq!(problem["status"], answer["statusCode"]);
        (answer["statusCode"].as_u64().unwrap(), problem["code"].as_str().unwrap().to_owned())
    };
    let ann = speaker(&ann());
    for (speaker, method, path, body, status, code) in [
        ("?", "GET", "/api/documents", "", 401, "unauthorized"),
        (&ann, "GET", "/api/documents/none", "", 404, "not_found"),
        (&ann, "GET", "/api/documents?course=law", "", 403, "forbidden"),
        (&ann, "GET", "/api/documents?limit=many", "", 400, "malformed_request"),
        (&ann, "POST", "/api/uploads", "{", 400, "malformed_request"),
        (&ann, "POST", "/api/uploads", &"x".repeat(20_000), 413, "body_too_large"),
    ] {
        assert_eq!(refused(speaker, method, path, body).await, (status, code.to_owned()), "{method} {path}");
    }
}
