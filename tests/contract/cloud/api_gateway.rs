//! The connections behind API Gateway: what is sent arrives in order, and each way in which AWS refuses has its meaning.

use crate::cloud::answers::{Answer, Answers};
use crate::cloud::ministack::{Ministack, aws_at};
use std::sync::Arc;
use viva::cloud::api_gateway::ApiGatewayConnections;
use viva::config::limits::{CONNECTIONS_ATTEMPTS_MAX, CONNECTIONS_MESSAGE_BYTES_MAX};
use viva::ports::connections::{Connections, SendError};
use viva::ports::ids::ConnectionId;

/// A stage that answers so, in turn, and then accepts everything.
async fn stage(answers: impl IntoIterator<Item = Answer>) -> (Answers, ApiGatewayConnections) {
    let server = Answers::new(answers).await;
    let connections = ApiGatewayConnections::new(&aws_at("http://127.0.0.1:9"), &format!("{}/live", server.url));
    (server, connections)
}

fn client() -> ConnectionId {
    // As API Gateway makes them.
    ConnectionId::new("L0SM9cOFvHcCIhw=")
}

async fn sent_after(answers: impl IntoIterator<Item = Answer>) -> (Result<(), SendError>, usize) {
    let (server, connections) = stage(answers).await;
    let sent = connections.send(&client(), Arc::from("{}")).await;
    (sent, server.asked().len())
}

#[tokio::test]
async fn what_is_sent_one_after_another_arrives_in_that_order() {
    let (server, connections) = stage([]).await;
    for text in ["{\"n\":1}", "{\"n\":2}", "{\"n\":\"ü\"}"] {
        connections.send(&client(), Arc::from(text)).await.unwrap();
    }
    let asked = server.asked();
    let bodies: Vec<_> = asked.iter().map(|asked| String::from_utf8(asked.body.clone()).unwrap()).collect();
    assert_eq!(bodies, ["{\"n\":1}", "{\"n\":2}", "{\"n\":\"ü\"}"]);
    assert_eq!(asked[0].path, "/live/@connections/L0SM9cOFvHcCIhw%3D");
}

#[tokio::test]
async fn a_client_that_has_left_is_gone() {
    assert_eq!(sent_after([Answer::Refuse(410, "GoneException")]).await, (Err(SendError::Gone), 1));
}

#[tokio::test]
async fn a_message_that_is_too_large_is_told_so() {
    let refused = sent_after([Answer::Refuse(413, "PayloadTooLargeException")]).await;
    assert_eq!(refused, (Err(SendError::TooLarge), 1));
}

#[tokio::test]
async fn a_message_beyond_the_limit_is_not_even_tried() {
    let (server, connections) = stage([]).await;
    let text = "x".repeat(CONNECTIONS_MESSAGE_BYTES_MAX + 1);
    assert_eq!(connections.send(&client(), text.into()).await, Err(SendError::TooLarge));
    assert_eq!(server.asked(), []);
}

#[tokio::test]
async fn a_busy_client_is_told_of_at_once_so_that_messages_can_be_merged() {
    let refused = sent_after([Answer::Refuse(429, "LimitExceededException")]).await;
    assert_eq!(refused, (Err(SendError::Busy), 1));
}

#[tokio::test]
async fn a_fault_of_the_service_is_tried_again() {
    let fault = || Answer::Refuse(500, "InternalServerError");
    assert_eq!(sent_after([fault()]).await, (Ok(()), 2));
    let (sent, attempts) = sent_after([fault(), fault(), fault(), fault(), fault()]).await;
    assert!(matches!(sent, Err(SendError::Failed(_))), "{sent:?}");
    assert_eq!(attempts, CONNECTIONS_ATTEMPTS_MAX as usize);
}

#[tokio::test]
async fn a_request_that_hangs_is_given_up_and_made_again() {
    assert_eq!(sent_after([Answer::Silence]).await, (Ok(()), 2));
}

#[tokio::test]
async fn what_we_may_not_do_is_no_reason_to_try_again() {
    let (sent, attempts) = sent_after([Answer::Refuse(403, "ForbiddenException")]).await;
    assert!(matches!(sent, Err(SendError::Failed(_))), "{sent:?}");
    assert_eq!(attempts, 1);
}

#[tokio::test]
async fn closing_a_connection_that_is_gone_is_done() {
    let (server, connections) = stage([Answer::Refuse(410, "GoneException")]).await;
    assert_eq!(connections.close(&client()).await, Ok(()));
    assert_eq!(server.asked()[0].method, hyper::Method::DELETE);
}

#[tokio::test]
async fn the_emulator_knows_no_such_connection() {
    let emulator = Ministack::shared();
    let url = format!("{}/_aws/execute-api/nothere/live", emulator.url());
    let connections = ApiGatewayConnections::new(&emulator.aws(), &url);
    assert_eq!(connections.send(&client(), Arc::from("{}")).await, Err(SendError::Gone));
    assert_eq!(connections.close(&client()).await, Ok(()));
}
