//! The admin address: `@connections` with API Gateway's codes, metrics, and who may come.

use crate::rig::{Client, Options, Server, eventually};
use serde_json::{Value, json};

async fn id_of(client: &mut Client) -> String {
    let welcome = client.ask(json!({"type": "hello", "client": {"name": "t", "version": "1"}, "features": []})).await;
    welcome["connection"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_connection_can_be_posted_to_looked_at_and_deleted() {
    let server = Server::start().await;
    let mut client = server.connect("ann").await;
    let url = server.admin_url(&format!("/@connections/{}", id_of(&mut client).await));
    let http = reqwest::Client::new();
    let posted = http.post(&url).body(r#"{"type":"later","n":1}"#).send().await.unwrap();
    assert_eq!(posted.status(), 200);
    assert_eq!(client.next().await, json!({"type": "later", "n": 1}));
    let shown: Value = http.get(&url).send().await.unwrap().json().await.unwrap();
    assert!(shown["connectedAt"].as_str().unwrap().ends_with('Z') && shown["lastActiveAt"].is_string());
    assert_eq!(http.delete(&url).send().await.unwrap().status(), 204);
    assert_eq!(client.close_code().await, 1000);
    eventually("the connection is gone", async || http.get(&url).send().await.unwrap().status() == 410).await;
    assert_eq!(http.post(&url).body("x").send().await.unwrap().status(), 410);
    assert_eq!(http.delete(&url).send().await.unwrap().status(), 410);
}

#[tokio::test]
async fn a_post_above_128_kb_is_413_and_one_to_a_full_client_429() {
    let server = Server::start().await;
    let mut client = server.connect("ann").await;
    let url = server.admin_url(&format!("/@connections/{}", id_of(&mut client).await));
    let http = reqwest::Client::new();
    assert_eq!(http.post(&url).body("x".repeat(128 * 1024 + 1)).send().await.unwrap().status(), 413);
    assert_eq!(http.post(&url).body("x".repeat(300_000)).send().await.unwrap().status(), 413);
    assert_eq!(http.post(&url).body(vec![0xff]).send().await.unwrap().status(), 400);
    let mut full = 0;
    for _ in 0..400 {
        let status = http.post(&url).body(format!("\"{}\"", "x".repeat(127 * 1024))).send().await.unwrap().status();
        if status == 429 {
            full += 1;
            break;
        }
        assert_eq!(status, 200);
    }
    assert_eq!(full, 1, "a client that reads nothing is full in the end");
    assert!(client.next().await.is_string());
}

#[tokio::test]
async fn metrics_are_told_in_prometheus_own_words() {
    let server = Server::start().await;
    let mut client = server.connect("ann").await;
    client.settled().await;
    client.send_text("{").await;
    client.next().await;
    let text = reqwest::get(server.admin_url("/metrics")).await.unwrap().text().await.unwrap();
    for line in [
        "# TYPE viva_connections gauge",
        "viva_messages_total{type=\"ping\"}",
        "viva_errors_total{code=\"malformed_json\"}",
        "viva_message_seconds_bucket",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(!text.contains("ann"));
    assert_eq!(reqwest::get(server.url("/metrics")).await.unwrap().status(), 200, "the page finds its own way");
    assert!(!reqwest::get(server.url("/metrics")).await.unwrap().text().await.unwrap().contains("viva_connections"));
}

#[tokio::test]
async fn with_a_secret_the_admin_address_asks_for_it() {
    let server = Server::start_with(Options::default().set("VIVA_ADMIN_SECRET", "open sesame")).await;
    let http = reqwest::Client::new();
    for (given, expected) in [(None, 403), (Some("open"), 403), (Some("open sesame"), 200)] {
        let mut request = http.get(server.admin_url("/metrics"));
        if let Some(given) = given {
            request = request.bearer_auth(given);
        }
        assert_eq!(request.send().await.unwrap().status(), expected, "{given:?}");
    }
    assert_eq!(http.get(server.admin_url("/healthz")).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn without_a_secret_pages_are_kept_off_the_admin_address() {
    let server = Server::start().await;
    let http = reqwest::Client::new();
    let url = server.admin_url("/metrics");
    assert_eq!(http.get(&url).send().await.unwrap().status(), 200);
    assert_eq!(http.get(&url).header("origin", "http://evil.example").send().await.unwrap().status(), 403);
    assert_eq!(http.get(&url).header("host", "evil.example").send().await.unwrap().status(), 403);
}
