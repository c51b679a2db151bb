//! The function that makes items: what it makes, whom it starts, and orders that nobody needs.

use crate::classroom::{Classroom, tom};
use crate::rig::{ann, clock, invocation};
use serde_json::{Value, json};
use std::sync::Arc;
use viva::config::limits::QUIZ_MAKING_FAREWELL_MS;
use viva::embedded::builtin::BuiltinModel;
use viva::embedded::scripted_model::{ModelScript, ScriptedModel};
use viva::handlers::notices::Notices;
use viva::handlers::quiz_maker::QuizMaker;
use viva::lambda::quiz::MakeQuiz;
use viva::lambda::{Function as _, Invocation};
use viva::ports::budgets::BudgetLimits;
use viva::ports::documents::{Content, Document, DocumentKey, DocumentState, Documents as _, NewDocument, Step};
use viva::ports::extraction::Locator;
use viva::ports::ids::{CourseId, DocumentId, QuizId, UserId};
use viva::ports::objects::ObjectKey;
use viva::ports::passages::{Passage, Passages as _};
use viva::ports::quiz_making::QuizOrder;
use viva::ports::quizzes::QuizKey;
use viva::ports::text_model::TextModel;

const TEXT: &str = include_str!("../quiz/texts/tides.txt");

fn function(classroom: &Classroom, model: Arc<dyn TextModel>) -> MakeQuiz {
    let store = &classroom.stage.store;
    let maker = QuizMaker {
        quizzes: store.clone(),
        documents: store.clone(),
        passages: store.clone(),
        model,
        budgets: store.clone(),
        limits: BudgetLimits::default(),
        notices: Notices { register: classroom.stage.register.clone(), connections: classroom.stage.clients.clone() },
        clock: clock(),
        ids: Arc::new(viva::embedded::system::RandomIds),
    };
    MakeQuiz { maker, making: classroom.orders.clone() }
}

/// A document of the course that is ready.
async fn file(classroom: &Classroom) -> String {
    let store = &classroom.stage.store;
    let key = DocumentKey { tenant: ann().tenant, document: DocumentId::new("d1") };
    let content = Content {
        object: ObjectKey("uploads/d1/1".into()),
        name: "numbers.md".into(),
        media_type: "text/markdown".into(),
        bytes: TEXT.len() as u64,
        sha256: "0".repeat(64),
    };
    let course = CourseId::new("maths");
    let new =
        NewDocument { key: key.clone(), course: course.clone(), owner: UserId::new("tom"), content, at: clock().now() };
    let mut document: Document = store.create(new).await.unwrap();
    for state in [DocumentState::Checking, DocumentState::Extracting, DocumentState::Chunking, DocumentState::Ready] {
        let step = Step { passages: Some(1), ..Step::to(&document, state, clock().now()) };
        document = store.advance(&key, document.revision, step).await.unwrap();
    }
    let passage = Passage {
        document: key.document.clone(),
        version: document.version,
        ordinal: 1,
        course,
        name: "numbers.md".into(),
        text: TEXT.into(),
        locator: Locator::page(1),
    };
    store.put(&key.tenant, &key.document, document.version, vec![passage]).await.unwrap();
    "d1".to_owned()
}

/// A quiz whose items are wanted, and whose maker was asked for.
async fn begun(classroom: &Classroom) -> QuizKey {
    let make = json!({ "documents": [file(classroom).await], "counts": { "true_false": 2 } });
    let wanted = json!({ "course": "maths", "title": "Numbers", "make": make });
    let quiz = classroom.ask(&tom(), "POST", "/api/quizzes", wanted, 202).await;
    let key = QuizKey { tenant: ann().tenant, quiz: QuizId::new(quiz["id"].as_str().unwrap()) };
    assert_eq!(std::mem::take(&mut *classroom.orders.asked.lock().unwrap()), std::slice::from_ref(&key));
    key
}

async fn run(function: &MakeQuiz, key: &QuizKey, invocation: Invocation) -> Value {
    function.call(QuizOrder::of(key), invocation).await.unwrap()["outcome"].clone()
}

async fn seen(classroom: &Classroom, key: &QuizKey) -> Value {
    classroom.ask(&tom(), "GET", &format!("/api/quizzes/{}", key.quiz), Value::Null, 200).await
}

#[tokio::test]
async fn a_quiz_s_items_are_made_of_a_file_and_a_second_order_does_nothing() {
    let classroom = Classroom::new();
    let key = begun(&classroom).await;
    let function = function(&classroom, Arc::new(BuiltinModel::new()));
    assert_eq!(run(&function, &key, invocation()).await, "settled");
    let quiz = seen(&classroom, &key).await;
    assert_eq!(quiz["making"]["state"], "done", "{quiz}");
    assert!(!quiz["items"].as_array().unwrap().is_empty(), "{quiz}");
    assert_eq!(run(&function, &key, invocation()).await, "not needed");
    assert_eq!(seen(&classroom, &key).await["version"], quiz["version"]);
}

#[tokio::test]
async fn before_an_invocation_ends_the_quiz_is_handed_over() {
    let classroom = Classroom::new();
    let key = begun(&classroom).await;
    let slow: ModelScript = serde_json::from_value(json!({ "usual": { "firstAfterMs": 600_000 } })).unwrap();
    let slow = function(&classroom, Arc::new(ScriptedModel::new(slow)));
    let ending = Invocation { deadline: clock().now().plus_ms(QUIZ_MAKING_FAREWELL_MS + 500) };
    assert_eq!(run(&slow, &key, ending).await, "handed over");
    assert_eq!(*classroom.orders.asked.lock().unwrap(), std::slice::from_ref(&key));
    assert_eq!(seen(&classroom, &key).await["making"]["state"], "queued");
    let successor = function(&classroom, Arc::new(BuiltinModel::new()));
    assert_eq!(run(&successor, &key, invocation()).await, "settled");
}

#[tokio::test]
async fn orders_for_nothing_and_of_another_release_change_nothing() {
    let classroom = Classroom::new();
    let function = function(&classroom, Arc::new(BuiltinModel::new()));
    let key = QuizKey { tenant: ann().tenant, quiz: QuizId::new("none") };
    assert_eq!(run(&function, &key, invocation()).await, "not needed");
    let order = json!({ "version": 2, "tenant": "school", "quiz": "none" });
    let order: QuizOrder = serde_json::from_value(order).unwrap();
    assert!(function.call(order, invocation()).await.unwrap_err().to_string().contains("another release"));
    assert_eq!(*classroom.orders.asked.lock().unwrap(), []);
}
