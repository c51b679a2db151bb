//! Course files on the deployed stack: sent to S3 by a signed link, told of by S3 through the queue, made searchable, asked about with a
//! citation that opens, and deleted for good. The emulator itself carries S3's events to the queue and the queue's messages to the function.

use crate::desk::Desk;
use crate::making;
use crate::stack::{Ears, Stack};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, sleep};

fn torts() -> Vec<u8> {
    let page = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    making::pdf(&[
        page(&["A tort is a civil wrong that is not a breach of contract."]),
        page(&["Negligence is the breach of a duty of care that causes damage."]),
    ])
}

#[tokio::test]
async fn a_file_is_uploaded_made_ready_by_its_event_asked_about_opened_and_deleted_for_good() {
    let stack = Stack::start(Ears::Scripted).await;
    let mut ann = Desk::open(&stack, "ann").await;
    let content = torts();
    let ticket = ann.begin("torts.pdf", &content).await;
    let mut other = content.clone();
    other[40] ^= 1;
    assert!((400..500).contains(&ann.send(&ticket, &other).await), "other content of the same length");
    assert!((400..500).contains(&ann.send(&ticket, &content[1..]).await), "another length");
    assert_eq!(ann.send(&ticket, &content).await, 200);
    let id = ticket["upload"]["document"].as_str().unwrap().to_owned();

    // Nobody says that it is complete: the event does.
    let ready = ann.document(&id, &["ready", "failed"]).await;
    assert_eq!((&ready["state"], &ready["pages"]), (&json!("ready"), &json!(2)), "{ready}\n{}", stack.said());
    let path = format!("/api/uploads/{}/complete", ticket["upload"]["id"].as_str().unwrap());
    assert_eq!(ann.ask("POST", &path, Value::Null).await.1["state"], "ready");

    let send = json!({ "type": "chat.send", "id": "r1", "session": "c1", "messageId": "m1",
        "text": "What is negligence?", "scope": { "documents": [id] } });
    ann.say(send).await;
    let done = ann.told(Some("c1"), "the answer", |message| message["type"] == "chat.done").await;
    let citation = &done["citations"][0];
    assert_eq!((&citation["document"], &citation["locator"]["label"]), (&json!(id), &json!("p. 2")), "{done}");
    assert_eq!(citation["quote"], "Negligence is the breach of a duty of care that causes damage.");
    let passage = ann.get(&format!("/api/passages/{}", citation["passage"].as_str().unwrap())).await;
    assert!(passage["text"].as_str().unwrap().contains(citation["quote"].as_str().unwrap()), "{passage} {citation}");
    let link = ann.get(&format!("/api/documents/{id}/file")).await["url"].as_str().unwrap().to_owned();
    assert_eq!(ann.fetch(&link).await.as_deref(), Some(&content[..]));
    assert_eq!(ann.ask("GET", "/api/documents?course=law", Value::Null).await.0, 403);
    let ben = Desk::open(&stack, "ben").await;
    assert_eq!(ben.ask("GET", &format!("/api/documents/{id}"), Value::Null).await.0, 404);

    assert_eq!(ann.ask("DELETE", &format!("/api/documents/{id}"), Value::Null).await.0, 204);
    ann.until_gone(&link).await;
    // The link that it was sent by still works: S3 tells of a file whose document is deleted.
    assert_eq!(ann.send(&ticket, &content).await, 200);
    ann.until_gone(&link).await;
    assert_eq!(ann.ask("GET", &format!("/api/documents/{id}"), Value::Null).await.0, 404);
    assert_eq!(ann.get("/api/passages?query=negligence").await["passages"], json!([]));
    assert_eq!(ann.get("/api/documents").await["documents"], json!([]));
}

#[tokio::test]
async fn a_poisonous_file_ends_as_failed_and_a_poisonous_message_in_the_queue_for_those() {
    let stack = Stack::start(Ears::Scripted).await;
    let mut ann = Desk::open(&stack, "ann").await;
    let (_, bomb) = ann.upload("notes.docx", b"PK\x03\x04 but nothing that follows").await;
    let failed = ann.document(&bomb, &["ready", "failed"]).await;
    assert_eq!(failed["state"], "failed", "{failed}");
    assert!(failed["failure"]["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{failed}");

    let arrivals = stack.output("Arrivals").to_owned();
    // A second in place of an hour: what is tried three times is tried within seconds.
    stack.aws(&["sqs", "set-queue-attributes", "--queue-url", &arrivals, "--attributes", "VisibilityTimeout=1"]);
    stack.aws(&["sqs", "send-message", "--queue-url", &arrivals, "--message-body", "not what S3 writes"]);
    let deadline = Instant::now() + Duration::from_secs(120);
    let given_up = loop {
        let received = stack.bodies(stack.output("UningestedFiles"));
        if !received.is_empty() {
            break received;
        }
        assert!(Instant::now() < deadline, "the message is still tried:\n{}", stack.said());
        sleep(Duration::from_millis(500)).await;
    };
    assert_eq!(given_up, ["not what S3 writes"]);
    let (_, good) = ann.upload("torts.pdf", &torts()).await;
    assert_eq!(ann.document(&good, &["ready", "failed"]).await["state"], "ready", "others go on");
}
