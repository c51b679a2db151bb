//! `scripts/forget-user.sql`, as an operator runs it: what is one person's goes, and stays gone; what is another's stays.

use super::postgres_server::Postgres;
use crate::fixtures::key;
use std::sync::Arc;
use viva::cloud::postgres::migrate::migrate;
use viva::cloud::postgres::{Database, PostgresConversations, PostgresDocuments, PostgresReports};
use viva::ports::clock::UnixMs;
use viva::ports::conversations::{Ask, Conversations as _, MessageId, Request, SubmitError};
use viva::ports::documents::{Content, DocumentKey, DocumentState, Documents as _, NewDocument};
use viva::ports::ids::{ConnectionId, CourseId, DocumentId, TenantId, UserId};
use viva::ports::journal::{SessionKind, SessionState};
use viva::ports::objects::ObjectKey;
use viva::ports::reports::{Reports as _, SessionSummary};

fn document(id: &str, course: &str) -> NewDocument {
    NewDocument {
        key: DocumentKey { tenant: TenantId::new("default"), document: DocumentId::new(id) },
        course: CourseId::new(course),
        owner: UserId::new("ada"),
        content: Content {
            object: ObjectKey(id.to_owned()),
            name: "a.txt".into(),
            media_type: "text/plain".into(),
            bytes: 1,
            sha256: "ab".repeat(32),
        },
        at: UnixMs(1),
    }
}

fn summary(user: &str) -> SessionSummary {
    SessionSummary {
        key: key(user, "s1"),
        kind: SessionKind::Interview,
        state: SessionState::Finished,
        title: "Rust".into(),
        course: None,
        created: UnixMs(1),
        updated: UnixMs(2),
        questions: 1,
        duration_ms: 1,
        usage_json: None,
    }
}

fn send() -> Request {
    let ask = Ask::Send { message: MessageId::new("m1"), parent: None, text: "Why?".into(), asked: None };
    Request { ask, courses: Vec::new() }
}

#[tokio::test]
async fn one_person_is_forgotten_and_nobody_else() {
    let server = Postgres::start();
    migrate(&server.url(), None).await.unwrap();
    let database = Database::at(&server.url());
    let conversations = PostgresConversations::new(Arc::clone(&database));
    let documents = PostgresDocuments::new(Arc::clone(&database));
    let reports = PostgresReports::new(database);
    let (own, of_course) = (document("own", "ada"), document("shared", "law-1"));
    for new in [&own, &of_course] {
        documents.create(new.clone()).await.unwrap();
    }
    for user in ["ada", "bob"] {
        conversations.submit(&key(user, "c1"), send(), UnixMs(1)).await.unwrap();
        conversations.bind(&key(user, "c1"), &ConnectionId::new("tab"), 0).await.unwrap();
        reports.put(summary(user)).await.unwrap();
        reports.put_report(&key(user, "s1"), "{}".into()).await.unwrap();
    }
    for _ in 0..2 {
        server.run_file("scripts/forget-user.sql", &[("tenant", "default"), ("user", "ada")]);
    }
    assert_eq!(conversations.get(&key("ada", "c1")).await.unwrap(), None);
    assert_eq!(reports.get(&key("ada", "s1")).await.unwrap(), None);
    let again = conversations.submit(&key("ada", "c1"), send(), UnixMs(9)).await;
    assert!(matches!(again, Err(SubmitError::Deleted)), "{again:?}");
    reports.put(summary("ada")).await.unwrap();
    assert_eq!(reports.get(&key("ada", "s1")).await.unwrap(), None, "what is filed late");
    let unfinished = documents.unfinished(10).await.unwrap();
    let states: Vec<_> = unfinished.iter().map(|left| (left.key.document.as_str(), left.state)).collect();
    assert!(states.contains(&("own", DocumentState::Deleted)), "its bytes and its text are still to go: {states:?}");
    assert!(documents.get(&of_course.key).await.unwrap().is_some(), "the course's");
    assert!(conversations.get(&key("bob", "c1")).await.unwrap().is_some());
    assert!(reports.get(&key("bob", "s1")).await.unwrap().is_some_and(|(_, report)| report.is_some()));
}
