//! The OpenAPI document: served, checked in, and true.

use super::rest::Rest;
use serde_json::Value;

#[tokio::test]
async fn the_document_is_the_one_that_is_checked_in() {
    let rest = Rest::start().await;
    let response = reqwest::get(rest.server.url("/api/openapi.json")).await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/json");
    let served = response.text().await.unwrap();
    let checked_in = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/openapi.json")).unwrap();
    assert!(served == checked_in, "docs/openapi.json has drifted: run `make generate`");
}

#[tokio::test]
async fn everything_that_it_describes_is_there() {
    let rest = Rest::start().await;
    let document: Value = reqwest::get(rest.server.url("/api/openapi.json")).await.unwrap().json().await.unwrap();
    assert_eq!(document["openapi"].as_str().unwrap().split('.').take(2).collect::<Vec<_>>(), ["3", "1"]);
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() >= 8);
    for (path, operations) in paths {
        for method in operations.as_object().unwrap().keys() {
            let (status, _) = rest
                .ask("ann", &method.to_uppercase(), &path.replace("{id}", "none").replace("{number}", "1"), None)
                .await;
            assert_ne!(status, 405, "{method} {path}");
        }
    }
}
