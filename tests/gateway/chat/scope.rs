//! Whose files an answer draws on: those that its asker may read, and of them those that were asked for.

use super::{options, send, to};
use crate::files::rest::Rest;
use crate::rig::{Seen, identity, in_course, token_of};
use serde_json::{Value, json};
use viva::auth::{CourseRole, Identity};

async fn ready(rest: &Rest, who: &Identity, name: &str, text: &str, more: Value) -> String {
    let document = rest.uploaded_as(who, name, text.as_bytes(), more).await;
    let id = document["id"].as_str().unwrap().to_owned();
    assert_eq!(rest.settled_as(who, &id).await["state"], "ready");
    id
}

/// The end of a reply to a question of one's own.
async fn answered(rest: &Rest, who: &Identity, text: &str, scope: Option<Value>) -> Value {
    let mut client = rest.server.connect_with(&token_of(who)).await;
    let mut question = send("q", "m1", text);
    question["session"] = json!(format!("c{}", rest.asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed)));
    if let Some(scope) = scope {
        question["scope"] = scope;
    }
    client.send(question).await;
    to(&mut client, "chat.done", &mut Seen::default()).await.1
}

fn cited(done: &Value) -> Vec<&str> {
    done["citations"].as_array().unwrap().iter().map(|citation| citation["name"].as_str().unwrap()).collect()
}

const QUESTION: &str = "What does equity regard as done?";

#[tokio::test]
async fn nobody_elses_file_is_read_whatever_is_asked_for() {
    let rest = Rest::start_with(options()).await;
    let teacher = in_course("tom", "law-1", CourseRole::Teacher);
    let student = in_course("sue", "law-1", CourseRole::Student);
    let stranger = in_course("eve", "law-2", CourseRole::Teacher);
    let text = "# Equity\n\nEquity regards as done what ought to be done.\n";
    let id = ready(&rest, &teacher, "course.md", text, json!({"course": "law-1"})).await;
    let own = ready(&rest, &identity("bob"), "own.md", text, json!({})).await;

    assert_eq!(cited(&answered(&rest, &student, QUESTION, None).await), ["course.md"]);
    assert_eq!(cited(&answered(&rest, &teacher, QUESTION, Some(json!({"course": "law-1"}))).await), ["course.md"]);
    assert_eq!(cited(&answered(&rest, &identity("bob"), QUESTION, None).await), ["own.md"]);
    for scope in [None, Some(json!({"documents": [id, own]})), Some(json!({"course": "law-2", "documents": [id, own]}))]
    {
        let done = answered(&rest, &stranger, QUESTION, scope).await;
        assert_eq!((&done["finishReason"], cited(&done)), (&json!("not_found"), vec![]), "{done}");
    }
    // A teacher reads a student's own files no more than anybody else.
    let scope = Some(json!({"documents": [own]}));
    assert_eq!(answered(&rest, &teacher, QUESTION, scope).await["finishReason"], "not_found");
}

#[tokio::test]
async fn an_answer_keeps_to_the_documents_that_were_asked_for() {
    let rest = Rest::start_with(options()).await;
    let ann = identity("ann");
    let one = "# One\n\nEquity regards as done what ought to be done.\n";
    let two = "# Two\n\nEquity regards as done what was promised for value.\n";
    let first = ready(&rest, &ann, "one.md", one, json!({})).await;
    let second = ready(&rest, &ann, "two.md", two, json!({})).await;
    for (id, name) in [(&first, "one.md"), (&second, "two.md")] {
        let done = answered(&rest, &ann, QUESTION, Some(json!({"documents": [id]}))).await;
        assert_eq!(cited(&done), [name]);
    }
    let done = answered(&rest, &ann, QUESTION, Some(json!({"documents": []}))).await;
    assert_eq!(done["finishReason"], "not_found", "no document at all was asked for: {done}");
}

#[tokio::test]
async fn who_leaves_a_course_loses_its_files_with_the_next_question() {
    let rest = Rest::start_with(options()).await;
    let teacher = in_course("tom", "law-1", CourseRole::Teacher);
    let text = "# Equity\n\nEquity regards as done what ought to be done.\n";
    ready(&rest, &teacher, "course.md", text, json!({"course": "law-1"})).await;
    let member = in_course("sue", "law-1", CourseRole::Student);
    let mut client = rest.server.connect_with(&token_of(&member)).await;
    let mut seen = Seen::default();
    client.send(send("q1", "m1", QUESTION)).await;
    assert_eq!(to(&mut client, "chat.done", &mut seen).await.1["finishReason"], "complete");
    to(&mut client, "chat.titled", &mut seen).await;
    let mut left = rest.server.connect("sue").await;
    left.send(json!({"type": "chat.regenerate", "id": "q2", "session": "c1", "messageId": "m1", "attempt": 2})).await;
    let mut seen = Seen { last_seq: seen.last_seq, ..Seen::default() };
    assert_eq!(to(&mut left, "chat.done", &mut seen).await.1["finishReason"], "not_found");
}
