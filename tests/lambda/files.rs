//! The REST API behind the HTTP API: the same routes, answers and refusals as on one machine.

use crate::rig::{ann, speaker};
use crate::shelf::{Shelf, TORTS, document_key, json_of};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// Method and path of each operation that the document describes.
fn operations() -> BTreeSet<String> {
    let document: Value = serde_json::from_str(&read("docs/openapi.json")).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, operations): (&String, &Value)| -> Vec<String> {
        operations.as_object().unwrap().keys().map(|method| format!("{} {path}", method.to_uppercase())).collect()
    };
    paths.iter().flat_map(of_path).collect()
}

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
async fn everything_that_it_describes_is_there_and_has_a_route_of_its_own() {
    let (shelf, template) = (Shelf::new(), read("template.yaml"));
    let routes = template.lines().filter_map(|line| line.trim().strip_prefix("RouteKey: "));
    let ours: BTreeSet<String> =
        routes.filter(|key| !key.ends_with("/me") && !key.ends_with(".json")).map(str::to_owned).collect();
    assert_eq!(ours, operations());
    for operation in operations() {
        let (method, path) = operation.split_once(' ').unwrap();
        let (status, problem) =
            shelf.ask(&ann(), method, &path.replace("{id}", "none").replace("{number}", "1"), json!({})).await;
        assert!(status != 405 && !(status == 404 && problem.is_null()), "{operation}: {status} {problem}");
    }
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
