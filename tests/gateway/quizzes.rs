//! What whoever made a quiz is told of its making over the WebSocket: until it is done, and when it is given up.

use crate::endpoint::{Act, Endpoint};
use crate::files::rest::Rest;
use crate::rig::{Client, Options};
use serde_json::{Value, json};

const TEXT: &[u8] = include_bytes!("../quiz/texts/tides.txt");

/// A room with a document of ann's, her connection and somebody else's.
async fn room(options: Options) -> (Rest, String, Client, Client) {
    let rest = Rest::start_with(options).await;
    let document = rest.uploaded("ann", "tides.md", TEXT).await["id"].as_str().unwrap().to_owned();
    assert_eq!(rest.settled("ann", &document).await["state"], "ready");
    let (ann, bob) = (rest.server.connect("ann").await, rest.server.connect("bob").await);
    (rest, document, ann, bob)
}

async fn asked(rest: &Rest, document: &str, counts: Value) -> String {
    let make = json!({"documents": [document], "counts": counts});
    let (status, quiz) = rest.ask("ann", "POST", "/api/quizzes", Some(json!({"title": "Tides", "make": make}))).await;
    assert_eq!(status, 202, "{quiz}");
    quiz["id"].as_str().unwrap().to_owned()
}

async fn told(client: &mut Client, id: &str) -> Value {
    let mut message = client.next_of("quiz.status").await;
    assert_eq!((&message["quiz"]["quiz"], &message["quiz"]["title"]), (&json!(id), &json!("Tides")));
    message["quiz"].take()
}

async fn cancelled(rest: &Rest, id: &str) -> Value {
    let (status, quiz) = rest.ask("ann", "POST", &format!("/api/quizzes/{id}/cancel"), None).await;
    assert_eq!((status, &quiz["making"]["state"]), (200, &json!("cancelled")), "{quiz}");
    quiz
}

fn behind(endpoint: &Endpoint) -> Options {
    Options::default().set("VIVA_MODEL", "openai").set("VIVA_MODEL_NAME", "tiny").set("VIVA_MODEL_URL", &endpoint.url)
}

#[tokio::test]
async fn a_quiz_is_told_of_from_its_first_item_to_its_last() {
    let (rest, document, mut ann, mut bob) = room(Options::default().set("VIVA_MODEL", "builtin")).await;
    let id = asked(&rest, &document, json!({"true_false": 2})).await;
    let mut states = Vec::new();
    let mut made = 0;
    let last = loop {
        let quiz = told(&mut ann, &id).await;
        assert!(quiz["made"].as_u64().unwrap() >= made && quiz["wanted"] == 2, "{quiz}");
        made = quiz["made"].as_u64().unwrap();
        states.push(quiz["state"].as_str().unwrap().to_owned());
        if states.last().is_some_and(|state| state != "running") {
            break quiz;
        }
    };
    assert_eq!((states[0].as_str(), &last["state"]), ("running", &json!("done")), "{states:?}");
    assert!(made > 0, "{last}");
    // What was told is what is there.
    let quiz = rest.get("ann", &format!("/api/quizzes/{id}")).await;
    assert_eq!((&quiz["making"]["state"], &quiz["making"]["made"]), (&json!("done"), &json!(made)), "{quiz}");
    assert_eq!(quiz["items"].as_array().unwrap().len() as u64, made);
    assert!(bob.settled().await.iter().all(|message| message["type"] != "quiz.status"), "it is nobody else's");
}

#[tokio::test]
async fn a_quiz_that_waits_for_its_model_is_told_to_be_cancelled() {
    let body = json!({"error": {"message": "later"}}).to_string();
    let busy = Act::Answer { status: 429, retry_after: Some("60"), content_type: "application/json", body };
    let endpoint = Endpoint::start(vec![busy]).await;
    let (rest, document, mut ann, mut bob) = room(behind(&endpoint)).await;
    let id = asked(&rest, &document, json!({"true_false": 3})).await;
    assert_eq!(told(&mut ann, &id).await["state"], "running");
    let waits = told(&mut ann, &id).await;
    assert_eq!((&waits["state"], &waits["failure"]["code"]), (&json!("queued"), &json!("model_busy")));
    let quiz = cancelled(&rest, &id).await;
    assert_eq!(quiz["making"]["missing"], json!({"true_false": 3}));
    let told = told(&mut ann, &id).await;
    assert_eq!((&told["state"], &told["made"], &told["wanted"]), (&json!("cancelled"), &json!(0), &json!(3)));
    assert!(bob.settled().await.iter().all(|message| message["type"] != "quiz.status"), "it is nobody else's");
    assert_eq!(rest.get("ann", "/api/quizzes").await["quizzes"][0]["isAtWork"], false);
}

#[tokio::test]
async fn a_quiz_that_is_being_made_is_told_to_be_cancelled() {
    let endpoint = Endpoint::start(vec![Act::Silence]).await;
    let (rest, document, mut ann, _) = room(behind(&endpoint)).await;
    let id = asked(&rest, &document, json!({"true_false": 3})).await;
    assert_eq!(told(&mut ann, &id).await["state"], "running");
    let quiz = cancelled(&rest, &id).await;
    assert_eq!(told(&mut ann, &id).await["state"], "cancelled");
    // Again is no change, and nothing to tell; the worker, which finds out by itself, says nothing else.
    assert_eq!(cancelled(&rest, &id).await, quiz);
    let later = ann.settled().await;
    let states =
        later.iter().filter(|message| message["type"] == "quiz.status").map(|message| &message["quiz"]["state"]);
    assert!(states.clone().all(|state| state == "cancelled"), "{later:?}");
}
