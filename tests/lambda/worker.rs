//! The worker of an interview: starts that nobody needs, the hand-over, and the sweep.

use crate::classroom::QuizOrders;
use crate::rig::{Stage, ann, clock, event, invocation, speaker};
use serde_json::json;
use std::sync::Arc;
use viva::config::limits::HAND_OVER_HARD_MS;
use viva::embedded::builtin::BuiltinModel;
use viva::embedded::system::RandomIds;
use viva::interview::driver::{Deps, Settings};
use viva::lambda::interview::Interviewer;
use viva::lambda::message::Message;
use viva::lambda::sweep::Sweep;
use viva::lambda::{Function as _, Invocation};
use viva::ports::ids::{SessionKey, WorkerId};
use viva::ports::journal::Journal as _;
use viva::ports::workers::StartOrder;

const MESSAGE: &str = include_str!("events/message.json");
const START: &str = r#"{"type":"interview.start","session":"s1","seq":1,"params":{"topic":"HTTP","language":"en-US","questions":5,"playback":"text","turnTaking":"auto","recording":false}}"#;

pub(crate) fn interviewer(stage: &Stage) -> Interviewer {
    Interviewer {
        deps: Deps {
            feed: stage.store.clone(),
            journal: stage.store.clone(),
            connections: stage.clients.clone(),
            recognizer: None,
            model: Arc::new(BuiltinModel::new()),
            objects: stage.objects.clone(),
            passages: None,
            reports: stage.store.clone(),
            budgets: stage.store.clone(),
            clock: clock(),
            ids: Arc::new(RandomIds),
            settings: Settings::default(),
        },
        workers: stage.starts.clone(),
    }
}

/// An interview that was started, and whose worker was asked for.
pub(crate) async fn started(stage: &Stage) -> SessionKey {
    let ann = ann();
    let function = Message { handlers: stage.handlers() };
    let message = event(MESSAGE, &[("SPEAKER", &speaker(&ann)), ("BODY", START)]);
    function.call(message, invocation()).await.unwrap();
    let key = ann.session_key("s1");
    assert_eq!(*stage.starts.started.lock().unwrap(), std::slice::from_ref(&key));
    key
}

async fn run(stage: &Stage, key: &SessionKey, invocation: Invocation) -> String {
    let answer = interviewer(stage).call(StartOrder::of(key), invocation).await.unwrap();
    answer["outcome"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_start_of_a_session_that_is_not_there_does_nothing() {
    let stage = Stage::new();
    assert_eq!(run(&stage, &ann().session_key("s1"), invocation()).await, "not needed");
}

#[tokio::test]
async fn a_second_start_of_a_session_does_nothing() {
    let stage = Stage::new();
    let key = started(&stage).await;
    let (now, worker) = (clock().now(), WorkerId::new("the first"));
    stage.store.take(&key, &worker, 0, now, now.plus_ms(60_000)).await.unwrap();
    assert_eq!(run(&stage, &key, invocation()).await, "not needed");
    assert_eq!(stage.store.row(&key).await.unwrap().unwrap().owner, Some(worker));
}

#[tokio::test]
async fn before_an_invocation_ends_the_session_is_handed_over() {
    let stage = Stage::new();
    let key = started(&stage).await;
    let ending = Invocation { deadline: clock().now().plus_ms(HAND_OVER_HARD_MS + 500) };
    assert_eq!(run(&stage, &key, ending).await, "retired");
    let row = stage.store.row(&key).await.unwrap().unwrap();
    assert_eq!((row.epoch, row.owner), (1, None));
    assert_eq!(*stage.starts.started.lock().unwrap(), [key.clone(), key.clone()]);
    let sent = stage.clients.sent.lock().unwrap();
    assert!(sent.iter().any(|(_, message)| message["type"] == "interview.started"), "{sent:?}");
}

#[tokio::test]
async fn an_order_of_another_release_is_dropped() {
    let stage = Stage::new();
    let order = json!({ "version": 2, "tenant": "school", "user": "ann", "session": "s1" });
    let order: StartOrder = serde_json::from_value(order).unwrap();
    let answer = interviewer(&stage).call(order, invocation()).await.unwrap();
    assert_eq!(answer, json!({ "outcome": "version" }));
}

#[tokio::test]
async fn the_sweep_starts_what_lost_its_worker() {
    let stage = Stage::new();
    let key = started(&stage).await;
    stage.starts.started.lock().unwrap().clear();
    let sweep = Sweep {
        journal: stage.store.clone(),
        conversations: stage.store.clone(),
        workers: stage.starts.clone(),
        quizzes: stage.store.clone(),
        making: Arc::<QuizOrders>::default(),
        clock: clock(),
    };
    // As EventBridge sends it.
    let schedule = json!({ "version": "0", "detail-type": "Scheduled Event", "source": "aws.events", "detail": {} });
    let answer = sweep.call(schedule, invocation()).await.unwrap();
    assert_eq!(answer, json!({ "started": 1, "postponed": 0, "failed": 0, "quizzes": 0 }));
    assert_eq!(*stage.starts.started.lock().unwrap(), [key]);
}
