//! Who is let in.

use crate::stack::{Ears, Stack};
use loadtest::client::{Client, ClientError, ConnectError, Connector};

/// What API Gateway answers where an authorizer's policy denies.
const DENIED: u16 = 403;

async fn refusal(stack: &Stack, token: &str) -> u16 {
    match Client::connect(Connector::new(stack.web_socket_url(), token)).await {
        Err(ClientError::Connect(ConnectError::Refused(status))) => status,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_forged_an_expired_and_a_foreign_token_are_refused_and_a_good_one_is_let_in() {
    let stack = Stack::start(Ears::Scripted).await;
    assert_eq!(refusal(&stack, &stack.forged_token("ann")).await, DENIED, "forged");
    assert_eq!(refusal(&stack, &stack.expired_token("ann")).await, DENIED, "expired");
    assert_eq!(refusal(&stack, &stack.foreign_token("ann")).await, DENIED, "foreign");
    assert_eq!(refusal(&stack, "not-a-token").await, DENIED, "nonsense");
    Client::connect(stack.connector("ann")).await.expect("a good token");
}
