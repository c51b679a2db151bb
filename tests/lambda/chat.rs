//! The worker of a conversation: starts that nobody needs, an answer from a file, and the hand-over.

use crate::rig::{Stage, ann, clock, event, invocation, speaker};
use serde_json::Value;
use std::sync::Arc;
use viva::chat::driver::Deps;
use viva::config::limits::HAND_OVER_HARD_MS;
use viva::embedded::builtin::BuiltinModel;
use viva::embedded::scripted_model::{ModelScript, ScriptedModel};
use viva::embedded::system::RandomIds;
use viva::handlers::Handlers;
use viva::lambda::chat::Converser;
use viva::lambda::message::Message;
use viva::lambda::{Function as _, Invocation};
use viva::ports::budgets::BudgetLimits;
use viva::ports::extraction::Locator;
use viva::ports::ids::{CourseId, DocumentId, SessionKey};
use viva::ports::journal::Journal as _;
use viva::ports::passages::{Passage, Passages as _};
use viva::ports::text_model::TextModel;
use viva::ports::workers::StartOrder;

const MESSAGE: &str = include_str!("events/message.json");
const SEND: &str = r#"{"type":"chat.send","id":"r1","session":"c1","messageId":"m1","text":"What is a tort?"}"#;

fn converser(stage: &Stage, model: Arc<dyn TextModel>) -> Converser {
    Converser {
        deps: Deps {
            feed: stage.store.clone(),
            journal: stage.store.clone(),
            conversations: stage.store.clone(),
            passages: stage.store.clone(),
            connections: stage.clients.clone(),
            model,
            budgets: stage.store.clone(),
            clock: clock(),
            ids: Arc::new(RandomIds),
            limits: BudgetLimits::default(),
        },
        workers: stage.starts.clone(),
    }
}

/// A conversation in which something is due, and whose worker was asked for.
async fn asked(stage: &Stage) -> SessionKey {
    let ann = ann();
    let (document, text) =
        (DocumentId::new("d1"), "A tort is a civil wrong, other than a breach of contract.".to_owned());
    let passage = Passage {
        document: document.clone(),
        version: 1,
        ordinal: 1,
        course: CourseId::new("ann"),
        name: "torts.pdf".into(),
        text,
        locator: Locator::page(3),
    };
    stage.store.put(&ann.tenant, &document, 1, vec![passage]).await.unwrap();
    let handlers = Handlers { conversations: Some(stage.store.clone()), ..stage.handlers() };
    let message = event(MESSAGE, &[("SPEAKER", &speaker(&ann)), ("BODY", SEND)]);
    Message { handlers }.call(message, invocation()).await.unwrap();
    let key = ann.session_key("c1");
    assert_eq!(*stage.starts.started.lock().unwrap(), std::slice::from_ref(&key));
    key
}

fn sent(stage: &Stage, kind: &str) -> Option<Value> {
    let sent = stage.clients.sent.lock().unwrap();
    let messages = sent.iter().flat_map(|(_, message)| match message["events"].as_array() {
        Some(events) => events.clone(),
        None => vec![message.clone()],
    });
    messages.into_iter().find(|message| message["type"] == kind)
}

async fn run(converser: &Converser, key: &SessionKey, invocation: Invocation) -> String {
    let answer = converser.call(StartOrder::of(key), invocation).await.unwrap();
    answer["outcome"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_start_of_a_conversation_that_is_not_there_does_nothing() {
    let stage = Stage::new();
    let converser = converser(&stage, Arc::new(BuiltinModel::new()));
    assert_eq!(run(&converser, &ann().session_key("c1"), invocation()).await, "not needed");
}

#[tokio::test]
async fn a_question_is_answered_from_a_file_with_its_place_and_then_the_worker_leaves() {
    let stage = Stage::new();
    let key = asked(&stage).await;
    let converser = converser(&stage, Arc::new(BuiltinModel::new()));
    assert_eq!(run(&converser, &key, invocation()).await, "ended");
    let done = sent(&stage, "chat.done").expect("the answer");
    let citation = &done["citations"][0];
    assert_eq!((&citation["name"], &citation["locator"]["page"]), (&"torts.pdf".into(), &3.into()), "{done}");
    let row = stage.store.row(&key).await.unwrap().unwrap();
    assert_eq!((row.owner, row.due_at.is_some()), (None, true));
}

#[tokio::test]
async fn in_the_middle_of_an_answer_the_conversation_is_handed_over() {
    let stage = Stage::new();
    let key = asked(&stage).await;
    let slow: ModelScript =
        serde_json::from_value(serde_json::json!({ "usual": { "firstAfterMs": 600_000 } })).unwrap();
    let converser = converser(&stage, Arc::new(ScriptedModel::new(slow)));
    stage.starts.started.lock().unwrap().clear();
    let ending = Invocation { deadline: clock().now().plus_ms(HAND_OVER_HARD_MS + 1_500) };
    assert_eq!(run(&converser, &key, ending).await, "retired");
    assert_eq!(*stage.starts.started.lock().unwrap(), std::slice::from_ref(&key));
    let row = stage.store.row(&key).await.unwrap().unwrap();
    assert_eq!((row.epoch, row.owner, row.due_at), (1, None, None), "the sweep would find it, too");
    assert!(sent(&stage, "chat.started").is_some() && sent(&stage, "chat.done").is_none());
    let successor = self::converser(&stage, Arc::new(BuiltinModel::new()));
    assert_eq!(run(&successor, &key, invocation()).await, "ended");
    assert!(sent(&stage, "chat.done").is_some());
}
