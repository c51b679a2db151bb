//! `scripts/forget-user.sql`, as an operator runs it: what is one person's goes, and stays gone; what is another's stays.

use super::postgres_server::Postgres;
use crate::attempts::{Desk, given, marks, new as attempt};
use crate::conversations::QUOTA as CHATS;
use crate::evidence::all as observed;
use crate::fixtures::key;
use crate::quizzes::{QUOTA, key as quiz, new as new_quiz};
use std::sync::Arc;
use viva::cloud::postgres::migrate::migrate;
use viva::cloud::postgres::{Database, PostgresConversations, PostgresDocuments, PostgresReports};
use viva::ports::attempts::{AttemptKey, NewAttempt};
use viva::ports::clock::UnixMs;
use viva::ports::conversations::{Ask, Conversations as _, MessageId, Request, SubmitError};
use viva::ports::documents::{Content, DocumentKey, DocumentState, Documents as _, NewDocument};
use viva::ports::ids::{AttemptId, ConnectionId, CourseId, DocumentId, TenantId, UserId};
use viva::ports::journal::{SessionKind, SessionState};
use viva::ports::objects::ObjectKey;
use viva::ports::quizzes::{NewQuiz, QuizChange};
use viva::ports::reports::{Reports as _, SessionSummary};
use viva::ports::uploads::Idempotency;

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
        conversations.submit(&key(user, "c1"), send(), &CHATS, UnixMs(1)).await.unwrap();
        conversations.bind(&key(user, "c1"), &ConnectionId::new("tab"), 0).await.unwrap();
        reports.put(summary(user)).await.unwrap();
        reports.put_report(&key(user, "s1"), "{}".into()).await.unwrap();
    }
    for _ in 0..2 {
        server.run_file("scripts/forget-user.sql", &[("tenant", "default"), ("user", "ada")]);
    }
    assert_eq!(conversations.get(&key("ada", "c1")).await.unwrap(), None);
    assert_eq!(reports.get(&key("ada", "s1")).await.unwrap(), None);
    let again = conversations.submit(&key("ada", "c1"), send(), &CHATS, UnixMs(9)).await;
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

/// Ada's own quiz, one that she made for a course, and one of Bob's; both have answered the last two, and learnt from it.
async fn quizzed(desk: &Desk) {
    let (ada, law) = ("ada", "law-1");
    for (name, course, owner) in [("own", ada, ada), ("made", law, ada), ("other", law, "bob")] {
        let new = given(name, 1);
        let draft = QuizChange { work_due: Some(UnixMs(1)), ..new.draft };
        let (course, owner) = (CourseId::new(course), UserId::new(owner));
        let idempotency = Idempotency { key: "k".into(), fingerprint: name.into() };
        let idempotency = (name != "made").then_some(idempotency);
        desk.quizzes.create(NewQuiz { course, owner, draft, ..new }, idempotency, &QUOTA).await.unwrap();
    }
    for (name, user) in [("own", ada), ("made", ada), ("made", "bob"), ("other", ada), ("other", "bob")] {
        let new = NewAttempt { quiz: quiz(name).quiz, ..attempt(&format!("{name}-{user}"), user, 5) };
        let key = new.key.clone();
        desk.attempts.start(new, None).await.unwrap();
        desk.attempts.submit(&key, 1, marks(9, 1.0)).await.unwrap();
    }
}

#[tokio::test]
async fn quizzes_attempts_and_skills_of_one_person_are_forgotten() {
    let server = Postgres::start();
    migrate(&server.url(), None).await.unwrap();
    let desk = super::postgres_quizzes::desk_of(&server);
    quizzed(&desk).await;
    let others = desk.quizzes.get(&quiz("other")).await.unwrap();
    for _ in 0..2 {
        server.run_file("scripts/forget-user.sql", &[("tenant", "school"), ("user", "ada")]);
    }
    assert_eq!(desk.quizzes.get(&quiz("own")).await.unwrap(), None);
    assert!(desk.quizzes.create(new_quiz("own", 9), None, &QUOTA).await.is_err(), "its id is not used again");
    let made = desk.quizzes.get(&quiz("made")).await.unwrap().expect("the course's");
    assert_eq!((made.summary.owner.as_str(), made.summary.version), ("", 2));
    assert_eq!(desk.quizzes.edition(&quiz("made"), 1).await.unwrap().as_deref(), Some("{}"));
    assert_eq!(desk.quizzes.get(&quiz("other")).await.unwrap(), others);
    let tenant = TenantId::new("school");
    let left = async |name: &str| {
        let key = AttemptKey { tenant: tenant.clone(), attempt: AttemptId::new(name) };
        desk.attempts.get(&key).await.unwrap().is_some()
    };
    assert!(!left("own-ada").await && !left("made-ada").await && !left("other-ada").await);
    assert!(left("made-bob").await && left("other-bob").await);
    let course = CourseId::new("law-1");
    assert_eq!(observed(&*desk.evidence, &tenant, &course, &UserId::new("ada")).await, []);
    assert_eq!(observed(&*desk.evidence, &tenant, &course, &UserId::new("bob")).await.len(), 2);
    let named = server.psql("viva", "SELECT count(*) FROM viva.quizzes AS q WHERE q::text LIKE '%ada%'");
    assert_eq!(named, "0", "nowhere else either");
}
