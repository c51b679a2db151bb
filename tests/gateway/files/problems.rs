//! Refusals that need a clock, a slow client or a broken disk; and that no code is without a test.

use super::rest::{Rest, guide};
use crate::rig::{Options, identity};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use viva::gateway::SocketLimits;
use viva::handlers::Files;
use viva::handlers::problem::{Problem, ProblemCode};
use viva::ports::clock::{Clock, UnixMs};
use viva::ports::documents::DocumentsError;
use viva::ports::objects::{ObjectError, ObjectKey, Objects, UploadTerms};

/// A day and a half from now.
#[derive(Debug)]
struct Later;

impl Clock for Later {
    fn now(&self) -> UnixMs {
        crate::rig::now().plus_ms(36 * 3_600_000)
    }
}

fn later(rest: &Rest) -> Files {
    let files = rest.server.handlers.files.clone().unwrap();
    Files { clock: Arc::new(Later), ..files }
}

#[tokio::test]
async fn an_upload_whose_time_is_over_is_not_completed_and_its_address_takes_nothing() {
    let rest = Rest::start().await;
    let ann = identity("ann");
    let ticket = rest.begun(&ann, "torts.md", &guide(), json!({})).await;
    let id = ticket["upload"]["id"].as_str().unwrap();
    let refused = later(&rest).complete_upload(&ann, id).await.unwrap_err();
    assert_eq!((refused.code.as_str(), refused.status), ("upload_expired", 410));

    let terms = UploadTerms { bytes: 5, sha256: "0".repeat(64), content_type: "text/plain".into() };
    let key = ObjectKey("documents/default/d/u".into());
    let expired = rest.server.objects.signed_upload(&key, &terms, Duration::ZERO).await.unwrap();
    let put = reqwest::Client::new().put(rest.server.url(&expired.url)).body("hello").send().await.unwrap();
    let status = put.status();
    assert_eq!((status.as_u16(), &put.json::<Value>().await.unwrap()["code"]), (403, &json!("link_expired")));
}

#[tokio::test]
async fn an_upload_that_nobody_completes_is_removed_with_what_came_of_it() {
    let rest = Rest::start().await;
    let ann = identity("ann");
    let ticket = rest.begun(&ann, "torts.md", &guide(), json!({})).await;
    assert_eq!(rest.send(&ticket, &guide()).await.status(), 200);
    let kept = rest.uploaded("ann", "kept.md", b"# Kept\n\nWords.\n").await;
    let files = later(&rest);
    assert_eq!(files.sweep_uploads().await.unwrap(), 2);
    assert_eq!(files.sweep_uploads().await.unwrap(), 0);
    let path = format!("/api/uploads/{}", ticket["upload"]["id"].as_str().unwrap());
    assert_eq!(rest.ask("ann", "GET", &path, None).await.0, 404);
    // What became a document keeps its file.
    let file = rest.get("ann", &format!("/api/documents/{}/file", kept["id"].as_str().unwrap())).await;
    assert_eq!(reqwest::get(rest.server.url(file["url"].as_str().unwrap())).await.unwrap().status(), 200);
}

#[tokio::test]
async fn completing_again_after_the_document_was_deleted_says_so() {
    let rest = Rest::start().await;
    let ann = identity("ann");
    let ticket = rest.begun(&ann, "torts.md", &guide(), json!({})).await;
    assert_eq!(rest.send(&ticket, &guide()).await.status(), 200);
    let complete = format!("/api/uploads/{}/complete", ticket["upload"]["id"].as_str().unwrap());
    let document = rest.ask("ann", "POST", &complete, None).await.1;
    let path = format!("/api/documents/{}", document["id"].as_str().unwrap());
    assert_eq!(rest.ask("ann", "DELETE", &path, None).await.0, 204);
    let (status, refused) = rest.ask("ann", "POST", &complete, None).await;
    assert_eq!((status, &refused["code"]), (410, &json!("document_deleted")));
}

#[tokio::test]
async fn whoever_begins_to_send_and_falls_silent_is_not_waited_for() {
    let limits = SocketLimits { upload_silent_ms_max: 50, ..SocketLimits::default() };
    let rest = Rest::start_with(Options { limits, ..Options::default() }).await;
    let ticket = rest.begun(&identity("ann"), "torts.md", &guide(), json!({})).await;
    let mut socket = TcpStream::connect(rest.server.addr).await.unwrap();
    let (path, bytes) = (ticket["send"]["url"].as_str().unwrap(), guide().len());
    let head =
        format!("PUT {path} HTTP/1.1\r\nHost: viva\r\nContent-Length: {bytes}\r\nConnection: close\r\n\r\n# Torts");
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    let body: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(body["code"], "too_slow");
}

#[tokio::test]
async fn what_stores_say_is_told_in_our_words_alone() {
    for (problem, code, status) in [
        (Problem::from(ObjectError::Full), "storage_full", 507),
        (Problem::from(DocumentsError::Full), "storage_full", 507),
        (Problem::from(ObjectError::Failed("the disk at /secret".into())), "unavailable", 503),
        (Problem::from(DocumentsError::Failed("the disk at /secret".into())), "unavailable", 503),
        (Problem::from(DocumentsError::Stale), "conflict", 409),
    ] {
        assert_eq!((problem.code.as_str(), problem.status), (code, status));
        assert!(!serde_json::to_string(&problem).unwrap().contains("/secret"));
    }
}

#[test]
fn every_problem_has_a_test() {
    let folders =
        ["gateway/files", "quizzes", "attempts"].map(|folder| format!("{}/tests/{folder}", env!("CARGO_MANIFEST_DIR")));
    let tests: String = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap())
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    let untested: Vec<&str> = ProblemCode::ALL
        .iter()
        .map(|code| code.as_str())
        .filter(|code| !tests.contains(&format!("\"{code}\"")))
        .collect();
    assert_eq!(untested, Vec::<&str>::new());
}
