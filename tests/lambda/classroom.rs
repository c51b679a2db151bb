//! Quizzes on a stage: the function that serves them, and who was asked to make their items.

use crate::asking::{json_of, request, with_header};
use crate::rig::{Stage, ann, clock, invocation, speaker};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use viva::auth::{CourseRole, Identity};
use viva::embedded::system::RandomIds;
use viva::handlers::Quizzes;
use viva::handlers::notices::Notices;
use viva::lambda::Function as _;
use viva::lambda::rest::ServeRest;
use viva::ports::ids::UserId;
use viva::ports::quiz_making::QuizMaking;
use viva::ports::quizzes::{QuizKey, QuizQuota};

/// The quizzes that were asked for, in order.
#[derive(Debug, Default)]
pub(crate) struct QuizOrders {
    pub(crate) asked: Mutex<Vec<QuizKey>>,
}

#[async_trait]
impl QuizMaking for QuizOrders {
    async fn start(&self, key: &QuizKey) {
        self.asked.lock().unwrap().push(key.clone());
    }
}

/// Teaches what ann learns.
pub(crate) fn tom() -> Identity {
    let courses = BTreeMap::from([("maths".to_owned(), CourseRole::Teacher)]);
    Identity { user: UserId::new("tom"), role: None, courses, ..ann() }
}

pub(crate) struct Classroom {
    pub(crate) stage: Stage,
    pub(crate) orders: Arc<QuizOrders>,
    pub(crate) quizzes: ServeRest,
}

impl Classroom {
    pub(crate) fn new() -> Self {
        let (stage, orders) = (Stage::new(), Arc::<QuizOrders>::default());
        let quizzes = ServeRest::quizzes(Quizzes {
            quizzes: stage.store.clone(),
            attempts: stage.store.clone(),
            evidence: stage.store.clone(),
            documents: stage.store.clone(),
            passages: stage.store.clone(),
            making: orders.clone(),
            notices: Notices { register: stage.register.clone(), connections: stage.clients.clone() },
            clock: clock(),
            ids: Arc::new(RandomIds),
            quota: QuizQuota { quizzes_max: 10, making_max: 3 },
        });
        Self { stage, orders, quizzes }
    }

    pub(crate) async fn answer(&self, request: Value) -> Value {
        self.quizzes.call(serde_json::from_value(request).unwrap(), invocation()).await.unwrap()
    }

    /// The JSON of an answer with this status.
    pub(crate) async fn ask(&self, who: &Identity, method: &str, path: &str, body: Value, status: u16) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.answer(request(&speaker(who), method, path, &body)).await;
        assert_eq!(answer["statusCode"], json!(status), "{method} {path}: {answer}");
        json_of(&answer)
    }

    /// A change of a quiz as it was last seen.
    pub(crate) async fn change(&self, quiz: &Value, method: &str, path: &str, body: Value, status: u16) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let path = format!("/api/quizzes/{}{path}", quiz["id"].as_str().unwrap());
        let request = request(&speaker(&tom()), method, &path, &body);
        let answer = self.answer(with_header(request, "if-match", &format!("\"v{}\"", quiz["version"]))).await;
        assert_eq!(answer["statusCode"], json!(status), "{method} {path}: {answer}");
        json_of(&answer)
    }

    /// Two statements, of which the first is true.
    pub(crate) async fn written(&self) -> Value {
        let quiz = json!({ "course": "maths", "title": "Primes" });
        let mut quiz = self.ask(&tom(), "POST", "/api/quizzes", quiz, 201).await;
        for (stem, key) in [("Two is a prime number.", true), ("Nine is a prime number.", false)] {
            let item = json!({ "stem": stem, "body": { "type": "true_false", "key": key }, "skill": "Primes",
                "explanation": "A prime number has two divisors." });
            quiz = self.change(&quiz, "POST", "/items", item, 201).await;
        }
        quiz
    }
}
