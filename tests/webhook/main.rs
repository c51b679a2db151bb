//! The webhook against a receiver over HTTP: what arrives, that it is signed, and that nothing is lost when the receiver fails or the
//! process ends.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

mod receiver;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use receiver::{Receiver, Request};
use serde_json::{Value, json};
use sha2::Sha256;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use viva::config::WebhookConfig;
use viva::embedded::sqlite::{Announcing, Store, StoreOptions};
use viva::embedded::system::SystemClock;
use viva::embedded::webhook::Webhook;
use viva::embedded::webhook::courier::{Courier, Patience};
use viva::ports::clock::{Clock, UnixMs};
use viva::ports::ids::{SessionId, SessionKey, TenantId, UserId};
use viva::ports::journal::{SessionKind, SessionState};
use viva::ports::reports::{Reports, SessionSummary};

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
const SOON: Patience = Patience { first_ms: 5, longest_ms: 40, give_up_ms: 60_000 };

fn store(folder: &Path) -> Arc<Store> {
    let options = StoreOptions { announcements: Announcing::On, ..StoreOptions::default() };
    Store::open_with(folder, Arc::new(SystemClock), options).unwrap()
}

fn webhook(url: &str) -> Arc<Webhook> {
    drop(rustls::crypto::ring::default_provider().install_default());
    let config = WebhookConfig { url: url.to_owned(), secret: SECRET.to_vec() };
    Arc::new(Webhook::new(&config, Arc::new(SystemClock)).unwrap())
}

fn courier(store: &Arc<Store>, url: &str, patience: Patience) -> Courier {
    Courier::start(Arc::clone(store), webhook(url), Arc::new(SystemClock), patience)
}

fn summary(session: &str, state: SessionState) -> SessionSummary {
    SessionSummary {
        key: SessionKey::new(TenantId::new("my-school"), UserId::new("ada"), SessionId::new(session)),
        kind: SessionKind::Interview,
        state,
        title: "Rust ownership".into(),
        course: Some("cs-1".into()),
        created: UnixMs(1_795_414_000_000),
        updated: UnixMs(1_795_414_080_250),
        questions: 5,
        duration_ms: 61_000,
        usage_json: (state != SessionState::Open).then(|| r#"{"audioMs":60000}"#.into()),
    }
}

/// As a receiver checks it (Standard Webhooks).
fn check_signature(request: &Request) {
    let [id, timestamp, signature] =
        ["webhook-id", "webhook-timestamp", "webhook-signature"].map(|name| request.headers[name].clone());
    let now_s = SystemClock.now().0 / 1_000;
    assert!(now_s.abs_diff(timestamp.parse().unwrap()) <= 60, "{timestamp}");
    let mut signed = Hmac::<Sha256>::new_from_slice(SECRET).unwrap();
    signed.update(format!("{id}.{timestamp}.{}", request.body).as_bytes());
    let signature = STANDARD.decode(signature.strip_prefix("v1,").unwrap()).unwrap();
    signed.verify_slice(&signature).unwrap();
}

async fn until_told(store: &Store) {
    let told = async {
        while store.next_untold().await.unwrap().is_some() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), told).await.expect("no end stays untold");
}

#[tokio::test]
async fn a_finished_interview_is_told_once_and_signed() {
    let (folder, receiver) = (tempfile::tempdir().unwrap(), Receiver::start(|_| 204));
    let store = store(folder.path());
    let courier = courier(&store, &receiver.url("/hook/?key=1"), SOON);
    store.put(summary("s1", SessionState::Open)).await.unwrap();
    store.put(summary("s1", SessionState::Finished)).await.unwrap();
    let told = receiver.next().await;
    store.put(summary("s1", SessionState::Finished)).await.unwrap();
    until_told(&store).await;
    assert_eq!((told.method.as_str(), told.target.as_str()), ("POST", "/hook/?key=1"));
    assert_eq!(told.headers["content-type"], "application/json");
    check_signature(&told);
    let expected = json!({
        "type": "interview.finished",
        "timestamp": "2026-11-23T06:08:00.250Z",
        "data": {
            "tenant": "my-school", "user": "ada", "session": "s1", "state": "finished", "course": "cs-1",
            "title": "Rust ownership", "questions": 5, "durationMs": 61_000, "finishedUnixMs": 1_795_414_080_250_u64,
            "usage": {"audioMs": 60_000},
        },
    });
    assert_eq!(serde_json::from_str::<Value>(&told.body).unwrap(), expected);
    courier.stop().await;
    assert_eq!(receiver.count(), 1, "neither an open interview nor a second storing of the end is told");
}

#[tokio::test]
async fn a_receiver_that_fails_is_tried_again_with_the_same_id() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(|count| [500, 404, 302, 200][count.min(3)]);
    let store = store(folder.path());
    let courier = courier(&store, &receiver.url("/"), SOON);
    store.put(summary("s1", SessionState::Abandoned)).await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..4 {
        let request = receiver.next().await;
        check_signature(&request);
        assert_eq!(request.target, "/", "a redirect is not followed");
        ids.push(request.headers["webhook-id"].clone());
    }
    until_told(&store).await;
    courier.stop().await;
    ids.dedup();
    assert_eq!((ids.len(), receiver.count()), (1, 4));
}

#[tokio::test]
async fn what_was_not_told_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let refusing = Receiver::start(|_| 503);
    let first = store(folder.path());
    let told = courier(&first, &refusing.url("/"), SOON);
    for session in ["s1", "s2"] {
        first.put(summary(session, SessionState::Finished)).await.unwrap();
    }
    refusing.next().await;
    told.stop().await;
    drop(first);
    let receiver = Receiver::start(|_| 200);
    let second = store(folder.path());
    let told = courier(&second, &receiver.url("/"), SOON);
    let mut sessions = Vec::new();
    for _ in 0..2 {
        let body: Value = serde_json::from_str(&receiver.next().await.body).unwrap();
        sessions.push(body["data"]["session"].as_str().unwrap().to_owned());
    }
    sessions.sort();
    assert_eq!(sessions, ["s1", "s2"]);
    until_told(&second).await;
    told.stop().await;
}

#[tokio::test]
async fn after_its_time_an_end_is_given_up() {
    let (folder, receiver) = (tempfile::tempdir().unwrap(), Receiver::start(|_| 500));
    let store = store(folder.path());
    let courier = courier(&store, &receiver.url("/"), Patience { give_up_ms: 50, ..SOON });
    store.put(summary("s1", SessionState::Finished)).await.unwrap();
    until_told(&store).await;
    courier.stop().await;
    assert!(receiver.count() >= 1);
}

#[tokio::test]
async fn the_end_of_a_deleted_interview_is_not_told() {
    let (folder, receiver) = (tempfile::tempdir().unwrap(), Receiver::start(|_| 200));
    let store = store(folder.path());
    let gone = summary("gone", SessionState::Finished);
    store.put(gone.clone()).await.unwrap();
    store.delete(&gone.key).await.unwrap();
    store.put(gone).await.unwrap();
    assert_eq!(store.next_untold().await.unwrap(), None);
    let courier = courier(&store, &receiver.url("/"), SOON);
    store.put(summary("stays", SessionState::Finished)).await.unwrap();
    let told: Value = serde_json::from_str(&receiver.next().await.body).unwrap();
    assert_eq!(told["data"]["session"], "stays");
    courier.stop().await;
}

#[tokio::test]
async fn a_receiver_that_hangs_up_or_is_not_there_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(|count| if count < 2 { receiver::HANG_UP } else { 200 });
    let store = store(folder.path());
    let absent = courier(&store, "http://127.0.0.1:9", SOON);
    store.put(summary("s1", SessionState::Finished)).await.unwrap();
    absent.stop().await;
    let courier = courier(&store, &receiver.url("/"), SOON);
    until_told(&store).await;
    courier.stop().await;
    assert_eq!(receiver.count(), 3);
}

#[tokio::test]
async fn nobody_is_told_where_nobody_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Arc::new(SystemClock)).unwrap();
    store.put(summary("s1", SessionState::Finished)).await.unwrap();
    assert_eq!(store.next_untold().await.unwrap(), None);
}
