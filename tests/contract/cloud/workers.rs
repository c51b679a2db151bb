//! Workers on Lambda: a start is one asynchronous invocation that names the session, and a full house is told from a fault.

use crate::cloud::answers::{Answer, Answers};
use crate::cloud::ministack::aws_at;
use viva::cloud::lambda_workers::LambdaWorkers;
use viva::ports::ids::{SessionId, SessionKey, TenantId, UserId};
use viva::ports::workers::{StartError, StartOrder, Workers};

fn key() -> SessionKey {
    SessionKey::new(TenantId::new("school"), UserId::new("ann"), SessionId::new("s1"))
}

async fn started_after(answers: impl IntoIterator<Item = Answer>) -> (Result<(), StartError>, Answers) {
    let server = Answers::new(answers).await;
    let workers = LambdaWorkers::new(&aws_at(&server.url), "arn:aws:lambda:eu-west-1:123456789012:function:iv:live");
    (workers.start(&key()).await, server)
}

#[tokio::test]
async fn a_start_is_an_invocation_that_nobody_waits_for() {
    let (started, server) = started_after([]).await;
    started.unwrap();
    let asked = server.asked();
    assert_eq!(asked.len(), 1);
    let function = "arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Aiv%3Alive";
    assert_eq!(asked[0].path, format!("/2015-03-31/functions/{function}/invocations"));
    assert_eq!(asked[0].invocation_type.as_deref(), Some("Event"));
    let order: StartOrder = serde_json::from_slice(&asked[0].body).unwrap();
    assert_eq!(order.key(), Some(key()));
    assert_eq!(
        serde_json::from_slice::<serde_json::Value>(&asked[0].body).unwrap(),
        serde_json::json!({ "version": 1, "tenant": "school", "user": "ann", "session": "s1" })
    );
}

#[tokio::test]
async fn as_many_as_may_run_is_no_fault() {
    let throttle = || Answer::Refuse(429, "TooManyRequestsException");
    let (started, _server) = started_after([throttle(), throttle(), throttle(), throttle()]).await;
    assert!(matches!(started, Err(StartError::Full)), "{started:?}");
}

#[tokio::test]
async fn a_moment_of_throttling_passes() {
    let (started, _server) = started_after([Answer::Refuse(429, "TooManyRequestsException")]).await;
    started.unwrap();
}

#[tokio::test]
async fn a_function_that_is_not_there_is_a_fault() {
    let (started, server) = started_after([Answer::Refuse(404, "ResourceNotFoundException")]).await;
    assert!(matches!(started, Err(StartError::Failed(_))), "{started:?}");
    assert_eq!(server.asked().len(), 1);
}
