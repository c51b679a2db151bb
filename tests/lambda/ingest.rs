//! Ingestion by events: S3's through the queue, orders of other functions, the schedule. Twice, late, out of order, and not to be read.

use crate::rig::{CONNECTION, ann, clock, invocation, speaker};
use crate::shelf::{Shelf, TORTS, document_key};
use bytes::Bytes;
use serde_json::{Value, json};
use viva::config::limits::{INGEST_FAREWELL_MS, INGEST_LIVE_MS};
use viva::lambda::{Function as _, Invocation};
use viva::ports::documents::{DocumentState, Documents, Step};
use viva::ports::ids::ConnectionId;
use viva::ports::objects::{ObjectKey, Objects as _};
use viva::ports::register::{Register as _, Registered};

fn none() -> Value {
    json!({ "batchItemFailures": [] })
}

fn id(upload: &Value) -> String {
    upload["document"].as_str().unwrap().to_owned()
}

async fn schedule(shelf: &Shelf) -> Value {
    let schedule = json!({ "version": "0", "detail-type": "Scheduled Event", "source": "aws.events", "detail": {} });
    shelf.ingest.call(serde_json::from_value(schedule).unwrap(), invocation()).await.unwrap()
}

#[tokio::test]
async fn a_file_that_has_come_becomes_ready_whether_or_not_its_client_says_so_and_its_user_is_told() {
    let shelf = Shelf::new();
    let ann = ann();
    let connected = Registered {
        tenant: ann.tenant.clone(),
        user: ann.user.clone(),
        speaker: speaker(&ann),
        expires: ann.expires,
        connected: clock().now(),
        sessions: Vec::new(),
    };
    shelf.stage.register.enter(&ConnectionId::new(CONNECTION), connected, 5).await.unwrap();
    let upload = shelf.sent("torts.md", TORTS).await;
    assert_eq!(shelf.arrives(&shelf.object(&upload).await).await, none());
    let (status, document) = shelf.document(&id(&upload)).await;
    assert_eq!((status, &document["state"]), (200, &json!("ready")), "{document}");
    assert!(document["passages"].as_u64().unwrap() > 0);
    let told = shelf.stage.last_sent();
    assert_eq!((&told["type"], &told["document"]["state"]), (&json!("document.status"), &json!("ready")));
    let path = format!("/api/uploads/{}/complete", upload["id"].as_str().unwrap());
    let (status, completed) = shelf.ask(&ann, "POST", &path, Value::Null).await;
    assert_eq!((status, &completed["state"]), (200, &json!("ready")));
}

#[tokio::test]
async fn events_that_come_again_and_orders_besides_change_nothing() {
    let shelf = Shelf::new();
    let upload = shelf.sent("torts.md", TORTS).await;
    let object = shelf.object(&upload).await;
    shelf.arrives(&object).await;
    let (_, before) = shelf.document(&id(&upload)).await;
    assert_eq!(shelf.arrives(&object).await, none());
    assert_eq!(shelf.order(&id(&upload)).await, json!({ "outcome": "nothing" }));
    assert_eq!(shelf.document(&id(&upload)).await, (200, before));
}

#[tokio::test]
async fn a_document_that_another_works_on_is_left_to_it() {
    let shelf = Shelf::new();
    let upload = shelf.sent("torts.md", TORTS).await;
    let path = format!("/api/uploads/{}/complete", upload["id"].as_str().unwrap());
    shelf.ask(&ann(), "POST", &path, Value::Null).await;
    let (store, key) = (&shelf.stage.store, document_key(&id(&upload)));
    let document = Documents::get(&**store, &key).await.unwrap().unwrap();
    let begun = Step::to(&document, DocumentState::Extracting, clock().now());
    let begun = store.advance(&key, document.revision, begun).await.unwrap();
    assert_eq!(shelf.arrives(&shelf.object(&upload).await).await, none());
    assert_eq!(shelf.order(&id(&upload)).await, json!({ "outcome": "elsewhere" }));
    assert_eq!(Documents::get(&**store, &key).await.unwrap().unwrap().revision, begun.revision);
    assert_eq!(schedule(&shelf).await, json!({ "still": 0 }));

    let long_ago = viva::ports::clock::UnixMs(clock().now().0 - INGEST_LIVE_MS);
    let abandoned = Step::to(&begun, DocumentState::Extracting, long_ago);
    store.advance(&key, begun.revision, abandoned).await.unwrap();
    shelf.orders.asked.lock().unwrap().clear();
    assert_eq!(schedule(&shelf).await, json!({ "still": 1 }));
    assert_eq!(*shelf.orders.asked.lock().unwrap(), [key]);
    assert_eq!(shelf.order(&id(&upload)).await, json!({ "outcome": "done" }));
    assert_eq!(shelf.document(&id(&upload)).await.1["state"], "ready");
}

#[tokio::test]
async fn what_was_deleted_is_removed_and_no_late_event_brings_it_back() {
    let shelf = Shelf::new();
    let upload = shelf.sent("torts.md", TORTS).await;
    let object = shelf.object(&upload).await;
    shelf.arrives(&object).await;
    let path = format!("/api/documents/{}", id(&upload));
    assert_eq!(shelf.ask(&ann(), "DELETE", &path, Value::Null).await.0, 204);
    assert!(shelf.has(&object).await);
    assert_eq!(shelf.order(&id(&upload)).await, json!({ "outcome": "done" }));
    assert!(!shelf.has(&object).await);
    // The link that it was sent by still works for a while.
    shelf.stage.objects.put(&object, "text/markdown", Bytes::from_static(TORTS)).await.unwrap();
    assert_eq!(shelf.arrives(&object).await, none());
    assert!(!shelf.has(&object).await, "a file without a document goes away again");
    assert_eq!(shelf.document(&id(&upload)).await.0, 404);
    assert_eq!(shelf.order(&id(&upload)).await, json!({ "outcome": "nothing" }));
    let (_, found) = shelf.ask(&ann(), "GET", "/api/passages?query=negligence", Value::Null).await;
    assert_eq!(found["passages"], json!([]));
}

#[tokio::test]
async fn a_file_that_is_not_what_it_says_ends_as_failed_and_not_as_an_error() {
    let shelf = Shelf::new();
    let upload = shelf.sent("torts.pdf", b"this is no PDF at all, whatever its name says").await;
    assert_eq!(shelf.arrives(&shelf.object(&upload).await).await, none());
    let (_, document) = shelf.document(&id(&upload)).await;
    assert_eq!(
        (&document["state"], &document["failure"]["code"]),
        (&json!("failed"), &json!("wrong_type")),
        "{document}"
    );
}

#[tokio::test]
async fn objects_of_nobody_and_the_test_event_are_passed_over() {
    let shelf = Shelf::new();
    for key in ["recordings/school/ann/s1.ogg", "documents/school/d1", "documents/a/b/c/d"] {
        let object = ObjectKey(key.into());
        shelf.stage.objects.put(&object, "audio/ogg", Bytes::from_static(b"x")).await.unwrap();
        assert_eq!(shelf.arrives(&object).await, none());
        assert!(shelf.has(&object).await, "{key} is none of ours");
    }
    let stray = ObjectKey("documents/school/d1/u1".into());
    shelf.stage.objects.put(&stray, "text/plain", Bytes::from_static(b"x")).await.unwrap();
    assert_eq!(shelf.arrives(&stray).await, none());
    assert!(!shelf.has(&stray).await, "no upload promised it");
    let test = r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-02-09T18:11:43.421Z","Bucket":"b"}"#;
    assert_eq!(shelf.message(test).await, none());
}

#[tokio::test]
async fn a_message_that_cannot_be_read_fails_until_the_queue_gives_it_up() {
    let shelf = Shelf::new();
    assert_eq!(shelf.message("poison").await, json!({ "batchItemFailures": [{ "itemIdentifier": "m1" }] }));
}

#[tokio::test]
async fn an_upload_that_broke_the_promise_is_no_document() {
    let shelf = Shelf::new();
    let upload = shelf.sent("torts.md", TORTS).await;
    let object = shelf.object(&upload).await;
    shelf.stage.objects.put(&object, "text/markdown", Bytes::from_static(b"other")).await.unwrap();
    assert_eq!(shelf.arrives(&object).await, none());
    assert_eq!(shelf.document(&id(&upload)).await.0, 404);
}

#[tokio::test]
async fn what_takes_longer_than_an_invocation_has_comes_again() {
    let shelf = Shelf::new();
    let upload = shelf.sent("torts.md", TORTS).await;
    let path = format!("/api/uploads/{}/complete", upload["id"].as_str().unwrap());
    shelf.ask(&ann(), "POST", &path, Value::Null).await;
    let ending = Invocation { deadline: clock().now().plus_ms(INGEST_FAREWELL_MS) };
    let order = viva::ports::ingestion::IngestOrder::of(&document_key(&id(&upload)));
    let order = serde_json::from_value(serde_json::to_value(order).unwrap()).unwrap();
    let failed = shelf.ingest.call(order, ending).await;
    assert!(failed.is_err_and(|error| error.to_string().contains("no time")));
}
