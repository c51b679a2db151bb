//! What a worker makes of the answers of `@connections`: a client that is gone, one that is busy, a message that is too large. Over the wire.

use crate::answers::{Answer, Answers, Asked};
use crate::ministack::aws_at;
use crate::rig::{Stage, clock};
use crate::worker::{interviewer, started};
use serde_json::Value;
use std::sync::Arc;
use viva::cloud::api_gateway::ApiGatewayConnections;
use viva::config::limits::HAND_OVER_SOFT_MS;
use viva::lambda::{Function as _, Invocation};
use viva::ports::ids::SessionKey;
use viva::ports::journal::Journal as _;
use viva::ports::workers::StartOrder;

/// Long enough for a first question.
const LIFE_MS: u64 = 2_500;

/// Lets a worker live for a while before a stage that answers so, in turn, and then accepts everything. What the stage was sent.
async fn driven(stage: &Stage, answers: impl IntoIterator<Item = Answer>) -> (SessionKey, Vec<Asked>) {
    let key = started(stage).await;
    let server = Answers::new(answers).await;
    let mut interviewer = interviewer(stage);
    let connections = ApiGatewayConnections::new(&aws_at("http://127.0.0.1:9"), &format!("{}/live", server.url));
    interviewer.deps.connections = Arc::new(connections);
    let ending = Invocation { deadline: clock().now().plus_ms(HAND_OVER_SOFT_MS + LIFE_MS) };
    interviewer.call(StartOrder::of(&key), ending).await.unwrap();
    (key, server.asked())
}

fn messages(asked: &[Asked]) -> Vec<Value> {
    asked.iter().map(|asked| serde_json::from_slice(&asked.body).unwrap()).collect()
}

/// The numbered events in the order in which they were sent, those of batches one by one.
fn seqs(messages: &[Value]) -> Vec<u64> {
    let events = messages.iter().flat_map(|message| match message["events"].as_array() {
        Some(events) => events.clone(),
        None => vec![message.clone()],
    });
    events.filter_map(|event| event["seq"].as_u64()).collect()
}

async fn head(stage: &Stage, key: &SessionKey) -> u64 {
    stage.store.head_seq(key).await.unwrap()
}

#[tokio::test]
async fn a_client_that_is_gone_is_unbound_and_sent_nothing_more() {
    let stage = Stage::new();
    let (key, asked) = driven(&stage, [Answer::Refuse(410, "GoneException")]).await;
    assert_eq!(asked.len(), 1, "{asked:?}");
    let row = stage.store.row(&key).await.unwrap().unwrap();
    assert_eq!(row.connection, None);
    assert!(row.unbound_since.is_some());
    assert!(head(&stage, &key).await > 0);
}

#[tokio::test]
async fn a_busy_client_gets_what_has_piled_up_as_one_message_and_each_event_once() {
    let stage = Stage::new();
    let busy = || Answer::Refuse(429, "LimitExceededException");
    let refused = 6;
    let (key, asked) = driven(&stage, (0..refused).map(|_| busy())).await;
    let taken = messages(&asked[refused..]);
    assert!(taken.iter().any(|message| message["type"] == "session.events"), "{taken:?}");
    let expected: Vec<u64> = (1..=head(&stage, &key).await).collect();
    assert!(expected.len() > 3, "{expected:?}");
    assert_eq!(seqs(&taken), expected);
}

#[tokio::test]
async fn a_message_that_is_too_large_does_not_hold_up_those_behind_it() {
    let stage = Stage::new();
    let (key, asked) = driven(&stage, [Answer::Refuse(413, "PayloadTooLargeException")]).await;
    let dropped = seqs(&messages(&asked[..1]));
    let expected: Vec<u64> = (1..=head(&stage, &key).await).filter(|seq| !dropped.contains(seq)).collect();
    assert_eq!(seqs(&messages(&asked[1..])), expected);
}
