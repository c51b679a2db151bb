//! Conversations on the deployed stack while their worker dies.

use crate::desk::Desk;
use crate::stack::{Ears, Stack};
use serde_json::json;

#[tokio::test]
async fn a_worker_killed_in_mid_answer_is_followed_by_one_that_answers_once() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("model.json");
    let words = "Slowly and surely one word after another comes out of this model. ".repeat(4);
    let usual = json!({ "text": words, "firstAfterMs": 100, "intervalMs": 150 });
    std::fs::write(&script, json!({ "usual": usual }).to_string()).unwrap();
    let variables = [("Model", "scripted".to_owned()), ("ModelScript", script.display().to_string())];
    let stack = Stack::start_with(Ears::Scripted, &variables).await;
    let mut ann = Desk::open(&stack, "ann").await;
    let (_, document) = ann.upload("models.md", b"# Models\n\nA model says one word after another.\n").await;
    assert_eq!(ann.document(&document, &["ready", "failed"]).await["state"], "ready");
    ann.say(json!({ "type": "chat.send", "id": "r1", "session": "c1", "messageId": "m1", "text": "What does a model say?" })).await;
    ann.told(Some("c1"), "a piece of the answer", |message| message["type"] == "chat.delta").await;
    stack.kill("ChatFunction");
    let done = ann.told(Some("c1"), "the whole answer", |message| message["type"] == "chat.done").await;
    assert!(words.trim().contains(done["text"].as_str().unwrap().trim()), "{done}");
    assert_eq!(ann.all("chat.done").len(), 1);
    assert!(!ann.all("session.continued").is_empty(), "another worker went on");
    ann.say(json!({ "type": "chat.history", "id": "r2", "session": "c1" })).await;
    let page = ann.told(None, "the history", |message| message["type"] == "result" && message["id"] == "r2").await;
    assert!(page.to_string().contains("What does a model say?"), "{page}");
}
