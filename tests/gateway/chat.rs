//! Conversations over the wire, with everything behind the gateway. What replies are made of is held elsewhere (`tests/chat`).

mod asking;
mod lasting;
mod models;
mod scope;

use crate::rig::{Client, Options, Seen, Server};
use serde_json::{Value, json};

fn options() -> Options {
    Options::default().set("VIVA_RECOGNIZER", "none").set("VIVA_MODEL", "builtin")
}

fn send(id: &str, message: &str, text: &str) -> Value {
    json!({"type": "chat.send", "id": id, "session": "c1", "messageId": message, "text": text})
}

/// Reads up to an event of that type; the result of the request comes before or among the events.
async fn to(client: &mut Client, kind: &str, seen: &mut Seen) -> (Option<Value>, Value) {
    let mut result = None;
    loop {
        let message = client.next().await;
        assert_ne!(message["type"], "error", "{message}");
        if message["type"] == "result" {
            result = Some(message);
        } else if let Some(found) = seen.take(message).into_iter().find(|event| event["type"] == kind) {
            return (result, found);
        }
    }
}

#[tokio::test]
async fn a_question_is_answered_kept_listed_renamed_and_deleted() {
    let server = Server::whole(options()).await;
    let mut client = server.connect("ann").await;
    let mut seen = Seen::default();
    client.send(send("q1", "m1", "Who composed the Goldberg Variations?")).await;
    let (result, done) = to(&mut client, "chat.done", &mut seen).await;
    let result = result.unwrap();
    assert_eq!((&result["messageId"], &result["replyId"], &result["attempt"]), (&json!("m1"), &json!("r1"), &json!(1)));
    assert_eq!((&done["replyId"], &done["finishReason"]), (&json!("r1"), &json!("not_found")));
    let kinds: Vec<&str> = seen.events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["chat.message", "chat.started", "chat.delta", "chat.done"]);

    let history = client.ask(json!({"type": "chat.history", "session": "c1"})).await;
    assert_eq!(history["title"], "Who composed the Goldberg Variations?");
    assert_eq!(history["entries"][0]["message"]["text"], "Who composed the Goldberg Variations?");
    let renamed = client.ask(json!({"type": "chat.rename", "session": "c1", "title": "Bach"})).await;
    assert_eq!(renamed["type"], "result");
    let listed = client.ask(json!({"type": "session.list", "kind": "chat", "query": "goldberg"})).await;
    assert_eq!((&listed["sessions"][0]["title"], &listed["sessions"][0]["questions"]), (&json!("Bach"), &json!(1)));
    assert_eq!(client.ask(json!({"type": "session.list"})).await["sessions"], json!([]));
    let rated = json!({"type": "chat.feedback", "session": "c1", "replyId": "r1", "rating": "down"});
    assert_eq!(client.ask(rated).await["type"], "result");
    assert_eq!(client.ask(json!({"type": "session.delete", "session": "c1"})).await["type"], "result");
    let gone = client.ask(json!({"type": "chat.history", "session": "c1"})).await;
    assert_eq!(gone["code"], "session_unknown");
    client.send(send("q2", "m1", "Once more?")).await;
    assert_eq!(client.next_of("error").await["code"], "session_exists");
}

#[tokio::test]
async fn another_device_resumes_and_both_are_served() {
    let server = Server::whole(options()).await;
    let mut phone = server.connect("ann").await;
    let mut on_phone = Seen::default();
    phone.send(send("q1", "m1", "Who composed the Goldberg Variations?")).await;
    to(&mut phone, "chat.done", &mut on_phone).await;
    let mut laptop = server.connect("ann").await;
    let mut on_laptop = Seen::default();
    laptop.send(json!({"type": "session.resume", "id": "q1", "session": "c1", "lastSeq": 0})).await;
    to(&mut laptop, "chat.done", &mut on_laptop).await;
    laptop.send(json!({"type": "chat.regenerate", "id": "q2", "session": "c1", "messageId": "m1", "attempt": 2})).await;
    let (_, again) = to(&mut laptop, "chat.done", &mut on_laptop).await;
    assert_eq!(to(&mut phone, "chat.done", &mut on_phone).await.1, again);
    assert_eq!(again["replyId"], "r2");
}

#[tokio::test]
async fn what_is_not_there_or_not_allowed_is_refused_with_its_code() {
    let server = Server::whole(options()).await;
    let mut ann = server.connect("ann").await;
    let unknown = ann.ask(json!({"type": "chat.stop", "session": "c1", "replyId": "r1"})).await;
    assert_eq!(unknown["code"], "session_unknown");
    let mut scoped = send("x", "m1", "Why?");
    scoped["scope"] = json!({"course": "law-1"});
    assert_eq!(ann.ask(scoped).await["code"], "forbidden");
    assert_eq!(ann.ask(send("x", "m1", "Why?")).await["replyId"], "r1");
    assert_eq!(ann.ask(send("x", "m1", "How?")).await["code"], "message_exists");
    let unknown = ann.ask(json!({"type": "chat.stop", "session": "c1", "replyId": "r9"})).await;
    assert_eq!(unknown["code"], "message_unknown");
    let detail = ann.ask(json!({"type": "session.get", "session": "c1"})).await;
    assert_eq!(detail["code"], "invalid_field");
    let mut bob = server.connect("bob").await;
    let others = bob.ask(json!({"type": "chat.history", "session": "c1"})).await;
    assert_eq!(others["code"], "session_unknown");
    let spoken = json!({"type": "answer.end", "session": "c1", "seq": 2, "turn": 1});
    ann.send(spoken).await;
    assert_eq!(ann.next_of("error").await["code"], "session_unknown");
}
