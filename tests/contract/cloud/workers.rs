//! Workers and ingestion on Lambda: a start is one asynchronous invocation that names the session, or the document, and a full house is told
//! from a fault.

use crate::cloud::answers::{Answer, Answers};
use crate::cloud::ministack::aws_at;
use std::sync::Arc;
use viva::cloud::lambda_ingestion::LambdaIngestion;
use viva::cloud::lambda_workers::{LambdaWorkers, WorkersByKind};
use viva::embedded::sqlite::Store;
use viva::embedded::system::SystemClock;
use viva::ports::clock::Clock;
use viva::ports::documents::DocumentKey;
use viva::ports::ids::{DocumentId, SessionId, SessionKey, TenantId, UserId};
use viva::ports::ingestion::Ingestion;
use viva::ports::journal::{Journal, SessionKind};
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

#[tokio::test]
async fn each_kind_of_session_has_a_function_of_its_own() {
    let (interviews, chats) = (Answers::new([]).await, Answers::new([]).await);
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Arc::new(SystemClock)).unwrap();
    let workers = WorkersByKind {
        journal: Arc::clone(&store) as Arc<dyn Journal>,
        interviews: LambdaWorkers::new(&aws_at(&interviews.url), "interview"),
        chats: LambdaWorkers::new(&aws_at(&chats.url), "chat"),
    };
    let keyed = |session: &str| SessionKey { session: SessionId::new(session), ..key() };
    store.create(&keyed("i1"), SessionKind::Interview, SystemClock.now()).await.unwrap();
    store.create(&keyed("c1"), SessionKind::Chat, SystemClock.now()).await.unwrap();
    for session in ["i1", "c1", "none"] {
        workers.start(&keyed(session)).await.unwrap();
    }
    let orders = |server: &Answers| -> Vec<Option<SessionKey>> {
        let asked = server.asked();
        asked.iter().map(|asked| serde_json::from_slice::<StartOrder>(&asked.body).unwrap().key()).collect()
    };
    assert_eq!(orders(&interviews), [Some(keyed("i1"))]);
    assert_eq!(orders(&chats), [Some(keyed("c1"))]);
}

#[tokio::test]
async fn a_document_is_asked_for_by_an_invocation_whose_failure_is_nobodys_business() {
    let server = Answers::new([]).await;
    let document = DocumentKey { tenant: TenantId::new("school"), document: DocumentId::new("d1") };
    LambdaIngestion::new(&aws_at(&server.url), "ingest").start(&document).await;
    let asked = server.asked();
    assert_eq!((asked.len(), asked[0].invocation_type.as_deref()), (1, Some("Event")));
    assert_eq!(
        serde_json::from_slice::<serde_json::Value>(&asked[0].body).unwrap(),
        serde_json::json!({ "version": 1, "tenant": "school", "document": "d1" })
    );
    let refusing = Answers::new([Answer::Refuse(404, "ResourceNotFoundException")]).await;
    LambdaIngestion::new(&aws_at(&refusing.url), "ingest").start(&document).await;
}
