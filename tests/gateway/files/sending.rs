//! The bytes of an upload: exactly what was promised, or nothing.

use super::rest::{Rest, guide, sha256};
use crate::rig::{Options, identity};
use serde_json::{Value, json};

async fn code(response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let problem: Value = response.json().await.unwrap();
    (status, problem["code"].clone())
}

#[tokio::test]
async fn what_was_not_promised_is_not_stored() {
    let rest = Rest::start().await;
    let ann = identity("ann");
    let ticket = rest.begun(&ann, "torts.md", &guide(), json!({})).await;
    let id = ticket["upload"]["id"].as_str().unwrap();
    let complete = format!("/api/uploads/{id}/complete");
    let incomplete = async || rest.ask_as(&ann, "POST", &complete, None).await;
    assert_eq!(incomplete().await.1["code"], "upload_incomplete");

    let mut other = guide();
    other[7] ^= 1;
    assert_eq!(code(rest.send(&ticket, &other).await).await, (422, json!("checksum_mismatch")));
    assert_eq!(code(rest.send(&ticket, b"short").await).await, (400, json!("length_mismatch")));
    assert_eq!(incomplete().await.1["code"], "upload_incomplete");

    let url = rest.server.url(ticket["send"]["url"].as_str().unwrap());
    let http = reqwest::Client::new();
    let pieces = futures::stream::iter([Ok::<_, std::io::Error>(guide())]);
    let chunked = http.put(&url).body(reqwest::Body::wrap_stream(pieces)).send().await.unwrap();
    assert_eq!(code(chunked).await, (411, json!("length_required")));
    let forged = url.replace("/api/objects/A", "/api/objects/B");
    assert_ne!(forged, url);
    let forged = http.put(&forged).body(guide()).send().await.unwrap();
    assert_eq!(code(forged).await, (403, json!("link_invalid")));
    // An address for writing does not read.
    let read = http.get(url.replace("/objects/", "/recordings/")).send().await.unwrap();
    assert_eq!(read.status(), 403);

    assert_eq!(rest.send(&ticket, &guide()).await.status(), 200);
    for _ in 0..2 {
        let (status, document) = incomplete().await;
        assert_eq!((status, &document["version"]), (200, &json!(1)), "{document}");
    }
}

#[tokio::test]
async fn an_upload_is_looked_at_listed_and_given_up() {
    let rest = Rest::start().await;
    let ann = identity("ann");
    let ticket = rest.begun(&ann, "torts.md", &guide(), json!({})).await;
    let path = format!("/api/uploads/{}", ticket["upload"]["id"].as_str().unwrap());
    assert_eq!(rest.get("ann", &path).await["upload"], ticket["upload"]);
    assert_eq!(rest.get("ann", "/api/uploads").await["uploads"], json!([ticket["upload"]]));
    assert_eq!(rest.get("bob", "/api/uploads").await["uploads"], json!([]));
    for (method, path) in [("GET", path.clone()), ("DELETE", path.clone()), ("POST", format!("{path}/complete"))] {
        assert_eq!(rest.ask("bob", method, &path, None).await.0, 404, "{method}");
    }
    rest.send(&ticket, &guide()).await;
    for _ in 0..2 {
        assert_eq!(rest.ask("ann", "DELETE", &path, None).await.0, 204);
    }
    let (status, problem) = rest.ask("ann", "POST", &format!("{path}/complete"), None).await;
    assert_eq!((status, &problem["code"]), (409, &json!("upload_aborted")));
    assert_eq!(rest.get("ann", "/api/uploads").await["uploads"], json!([]));
    assert!(rest.get("ann", &path).await.get("send").is_none());
}

#[tokio::test]
async fn the_same_idempotency_key_begins_one_upload() {
    let rest = Rest::start().await;
    let ann = identity("ann");
    let body = json!({"name": "torts.md", "bytes": 5, "sha256": sha256(b"hello")});
    let begin = async |key: &str, body: &Value| {
        let headers = [("idempotency-key", key)];
        rest.ask_with(&ann, "POST", "/api/uploads", Some(body.clone()), &headers).await
    };
    let (status, first) = begin("k1", &body).await;
    assert_eq!(status, 201);
    let (status, again) = begin("k1", &body).await;
    assert_eq!((status, &again["upload"]), (200, &first["upload"]));
    let other = json!({"name": "other.md", "bytes": 5, "sha256": sha256(b"hello")});
    let (status, conflict) = begin("k1", &other).await;
    assert_eq!((status, &conflict["code"]), (422, &json!("idempotency_conflict")));
    assert_eq!(begin("k2", &other).await.0, 201);
    assert_eq!(begin(&"x".repeat(200), &other).await.1["code"], "invalid_field");
}

#[tokio::test]
async fn a_user_has_no_more_than_the_quota() {
    let options = Options::default().set("VIVA_FILES_PER_USER", 2).set("VIVA_FILE_BYTES_PER_USER", 100);
    let rest = Rest::start_with(options).await;
    let begin = async |user: &str, bytes: u64| {
        let body = json!({"name": "a.md", "bytes": bytes, "sha256": sha256(b"")});
        rest.ask(user, "POST", "/api/uploads", Some(body)).await
    };
    let (status, refused) = begin("ann", 101).await;
    assert_eq!((status, &refused["code"]), (403, &json!("quota_exceeded")));
    let first = begin("ann", 10).await;
    assert_eq!((first.0, begin("ann", 10).await.0), (201, 201));
    assert_eq!(begin("ann", 10).await.1["code"], "quota_exceeded");
    assert_eq!(begin("bob", 10).await.0, 201);
    let path = format!("/api/uploads/{}", first.1["upload"]["id"].as_str().unwrap());
    assert_eq!(rest.ask("ann", "DELETE", &path, None).await.0, 204);
    assert_eq!(begin("ann", 10).await.0, 201);
    // A document counts as its upload did.
    let document = rest.uploaded("eve", "a.md", b"# A\n\nWords.\n").await;
    assert_eq!(begin("eve", 90).await.1["code"], "quota_exceeded");
    rest.ask("eve", "DELETE", &format!("/api/documents/{}", document["id"].as_str().unwrap()), None).await;
    assert_eq!(begin("eve", 90).await.0, 201);
}
