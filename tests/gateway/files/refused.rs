//! Requests that are refused, each with its code.

use super::rest::{Rest, sha256};
use crate::rig::{Server, identity, now};
use serde_json::{Value, json};
use viva::auth::Identity;
use viva::ports::clock::UnixMs;

#[tokio::test]
async fn without_a_valid_token_nothing_is_answered() {
    let rest = Rest::start().await;
    let expired = Identity { expires: UnixMs(now().0 - 2_000), ..identity("ann") };
    for (method, path) in [
        ("POST", "/api/uploads"),
        ("GET", "/api/uploads"),
        ("GET", "/api/uploads/u"),
        ("DELETE", "/api/uploads/u"),
        ("POST", "/api/uploads/u/parts/1"),
        ("POST", "/api/uploads/u/complete"),
        ("GET", "/api/documents"),
        ("GET", "/api/documents/d"),
        ("GET", "/api/documents/d/file"),
        ("DELETE", "/api/documents/d"),
        ("GET", "/api/passages?query=x"),
        ("GET", "/api/passages/p"),
    ] {
        let (status, problem) = rest.ask_as(&expired, method, path, None).await;
        assert_eq!((status, &problem["code"]), (401, &json!("unauthorized")), "{method} {path}");
        let request = reqwest::Client::new().request(method.parse().unwrap(), rest.server.url(path));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 401, "{method} {path}");
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
    }
}

#[tokio::test]
async fn a_wrong_request_is_told_what_is_wrong_with_it() {
    let rest = Rest::start().await;
    let good = json!({"name": "a.md", "bytes": 5, "sha256": sha256(b"hello")});
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    let hex = "A".repeat(64);
    for (body, status, code) in [
        (json!([]), 400, "malformed_request"),
        (json!({}), 400, "malformed_request"),
        (with("bytes", json!("5")), 400, "malformed_request"),
        (with("name", json!("")), 422, "invalid_field"),
        (with("name", json!("a/b.md")), 422, "invalid_field"),
        (with("name", json!("a\u{0}.md")), 422, "invalid_field"),
        (with("name", json!(format!("{}.md", "x".repeat(300)))), 422, "invalid_field"),
        (with("name", json!("a.exe")), 415, "unsupported_kind"),
        (with("name", json!("md")), 415, "unsupported_kind"),
        (with("bytes", json!(0)), 422, "invalid_field"),
        (with("bytes", json!(1_u64 << 40)), 413, "file_too_large"),
        (with("sha256", json!(hex)), 422, "invalid_field"),
        (with("sha256", json!("ab")), 422, "invalid_field"),
        (with("course", json!("law-1")), 403, "forbidden"),
        (with("replaces", json!("nothing")), 404, "not_found"),
        (with("name", json!("x".repeat(100_000))), 413, "body_too_large"),
    ] {
        let (found, problem) = rest.ask("ann", "POST", "/api/uploads", Some(body.clone())).await;
        assert_eq!((found, &problem["code"]), (status, &json!(code)), "{problem}");
    }
    for (path, status, code) in [
        ("/api/documents?limit=many", 400, "malformed_request"),
        ("/api/documents?limit=0", 422, "invalid_field"),
        ("/api/uploads?limit=201", 422, "invalid_field"),
        ("/api/passages?query=x&limit=4294967295", 422, "invalid_field"),
        ("/api/documents?cursor=%25", 422, "invalid_field"),
        ("/api/uploads?cursor=x", 422, "invalid_field"),
        ("/api/documents?course=law-1", 403, "forbidden"),
        ("/api/passages", 400, "malformed_request"),
        ("/api/passages?query=x&course=law-1", 403, "forbidden"),
        ("/api/documents/none", 404, "not_found"),
        ("/api/documents/none/file", 404, "not_found"),
        ("/api/uploads/none", 404, "not_found"),
        ("/api/passages/none", 404, "not_found"),
    ] {
        let (found, problem) = rest.ask("ann", "GET", path, None).await;
        assert_eq!((found, &problem["code"]), (status, &json!(code)), "{path}: {problem}");
    }
}

#[tokio::test]
async fn where_there_are_no_files_lists_are_empty_and_rest_says_so() {
    let server = Server::start().await;
    let mut client = server.connect("ann").await;
    assert_eq!(client.ask(json!({"type": "documents.list"})).await["documents"], json!([]));
    let request = reqwest::Client::new().get(server.url("/api/documents")).bearer_auth(crate::rig::token("ann"));
    assert_eq!(request.send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_list_over_the_websocket_is_refused_as_rest_refuses_it() {
    let rest = Rest::start().await;
    let mut client = rest.server.connect("ann").await;
    let refused = client.ask(json!({"type": "documents.list", "course": "law-1"})).await;
    assert_eq!(crate::rig::code(&refused), "forbidden");
    let refused = client.ask(json!({"type": "documents.list", "cursor": "x"})).await;
    assert_eq!(crate::rig::code(&refused), "invalid_field");
}
