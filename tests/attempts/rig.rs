//! A school of its own for each test: a whole server, its people, a clock that can be moved on, and quizzes as they are published.

pub(crate) use crate::school::{COURSE, id, identity, token};

use crate::school;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;
use tokio::sync::oneshot;
use viva::auth::{CourseRole, Identity};
use viva::embedded::system::SystemClock;
use viva::handlers::Quizzes;
use viva::ports::clock::{Clock, UnixMs};
use viva::ports::ids::{CourseId, QuizId, TenantId, UserId};
use viva::ports::quizzes::{Created, NewQuiz, QuizChange, QuizKey, QuizQuota, QuizState};
use viva::quiz::item::{Body, Choice, Criterion, Gap, Item, NumericKey, OptionId, PairRule, Part, TextKey, Tolerance};
use viva::quiz::paper::{Paper, Settings};

/// The system's clock, moved on by a test.
#[derive(Default)]
pub(crate) struct TestClock {
    ahead_ms: AtomicU64,
}

impl TestClock {
    pub(crate) fn advance(&self, ms: u64) {
        self.ahead_ms.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> UnixMs {
        SystemClock.now().plus_ms(self.ahead_ms.load(Ordering::SeqCst))
    }
}

pub(crate) struct School {
    pub(crate) addr: SocketAddr,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) quizzes: Quizzes,
    http: reqwest::Client,
    _stop: oneshot::Sender<()>,
    _data: TempDir,
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) text: String,
    pub(crate) json: Value,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert!(self.status < 300, "{} {}", self.status, self.text);
        self.json
    }

    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) {
        assert_eq!((self.status, &self.json["code"]), (status, &json!(code)), "{}", self.text);
    }
}

impl School {
    pub(crate) async fn start() -> Self {
        let data = TempDir::new().unwrap();
        let config = school::config(data.path(), &[("VIVA_RATE_REQUESTS", "10000")]);
        let mut parts = viva::wiring::embedded(&config).await.unwrap();
        let clock = Arc::new(TestClock::default());
        let quizzes = parts.handlers.quizzes.as_mut().expect("this server has quizzes");
        quizzes.clock = clock.clone();
        let quizzes = quizzes.clone();
        let (addr, stop) = school::serve(&config, parts);
        Self { addr, clock, quizzes, http: reqwest::Client::new(), _stop: stop, _data: data }
    }

    pub(crate) async fn send(
        &self,
        token: Option<&str>,
        method: &str,
        path: &str,
        body: Option<String>,
        headers: &[(&str, &str)],
    ) -> Reply {
        let url = format!("http://{}{path}", self.addr);
        let mut request = self.http.request(method.parse().unwrap(), url);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let named = |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = response.headers().iter().map(|(name, value)| (name.to_string(), named(value))).collect();
        let text = String::from_utf8_lossy(&response.bytes().await.unwrap()).into_owned();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Reply { status, headers, text, json }
    }

    pub(crate) async fn ask(&self, who: &Identity, method: &str, path: &str, body: Value) -> Reply {
        let body = (!body.is_null()).then(|| body.to_string());
        self.send(Some(&token(who)), method, path, body, &[]).await
    }

    pub(crate) async fn get(&self, who: &Identity, path: &str) -> Reply {
        self.ask(who, "GET", path, Value::Null).await
    }

    /// A quiz with one edition.
    pub(crate) async fn published(&self, course: &str, owner: &str, settings: Settings, items: Vec<Item>) -> String {
        let paper = Paper { items, ..Paper::new("en", settings) };
        let quiz = self.drafted(course, owner, &paper).await;
        self.edited(&quiz_key(&quiz), &paper).await;
        quiz
    }

    /// A quiz that was never published.
    pub(crate) async fn drafted(&self, course: &str, owner: &str, paper: &Paper) -> String {
        let key = QuizKey { tenant: TenantId::new("default"), quiz: self.quizzes.ids.quiz() };
        let draft = change(paper, QuizState::Draft, None);
        let (course, owner) = (CourseId::new(course), UserId::new(owner));
        let new = NewQuiz { key: key.clone(), course, owner, draft };
        let quota = QuizQuota { quizzes_max: 1_000, making_max: 10 };
        let created = self.quizzes.quizzes.create(new, None, &quota).await.unwrap();
        assert!(matches!(created, Created::New(_)), "{created:?}");
        key.quiz.to_string()
    }

    /// Changes the draft of a published quiz.
    pub(crate) async fn redrafted(&self, quiz: &str, paper: &Paper) {
        self.changed(&quiz_key(quiz), change(paper, QuizState::Published, None)).await;
    }

    /// Publishes another edition.
    pub(crate) async fn edited(&self, key: &QuizKey, paper: &Paper) {
        let edition = paper.edition(TITLE).to_json();
        self.changed(key, change(paper, QuizState::Published, Some(edition))).await;
    }

    pub(crate) async fn archived(&self, quiz: &str, paper: &Paper) {
        self.changed(&quiz_key(quiz), change(paper, QuizState::Archived, None)).await;
    }

    async fn changed(&self, key: &QuizKey, change: QuizChange) {
        let version = self.quizzes.quizzes.get(key).await.unwrap().unwrap().summary.version;
        self.quizzes.quizzes.change(key, version, change).await.unwrap();
    }

    /// The view of an attempt that has just begun.
    pub(crate) async fn begun(&self, who: &Identity, quiz: &str) -> Value {
        // Lists are in the order of moments.
        self.clock.advance(1);
        let reply = self.ask(who, "POST", &format!("/api/quizzes/{quiz}/attempts"), Value::Null).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        reply.json
    }

    /// The results of an attempt that is begun and submitted with these answers.
    pub(crate) async fn taken(&self, who: &Identity, quiz: &str, answers: Value) -> Value {
        let attempt = self.begun(who, quiz).await;
        self.submitted(who, id(&attempt), answers).await
    }

    pub(crate) async fn submitted(&self, who: &Identity, attempt: &str, answers: Value) -> Value {
        self.ask(who, "POST", &format!("/api/attempts/{attempt}/submit"), json!({ "answers": answers })).await.ok()
    }
}

pub(crate) const TITLE: &str = "Torts";

pub(crate) fn quiz_key(quiz: &str) -> QuizKey {
    QuizKey { tenant: TenantId::new("default"), quiz: QuizId::new(quiz) }
}

fn change(paper: &Paper, state: QuizState, edition_json: Option<String>) -> QuizChange {
    QuizChange {
        title: TITLE.into(),
        state,
        items: paper.items.len() as u32,
        sources: Vec::new(),
        work_due: None,
        paper_json: paper.to_json(),
        edition_json,
        at: SystemClock.now(),
    }
}

pub(crate) fn student(user: &str) -> Identity {
    identity(user, &[(COURSE, CourseRole::Student)])
}

pub(crate) fn teacher(user: &str) -> Identity {
    identity(user, &[(COURSE, CourseRole::Teacher)])
}

pub(crate) fn choices(texts: &[&str]) -> Vec<Choice> {
    texts.iter().map(|text| Choice::of(*text)).collect()
}

pub(crate) fn ids(texts: &[&str]) -> Vec<OptionId> {
    texts.iter().map(|text| OptionId::of(text)).collect()
}

/// One item of each kind, worth a point each, with a skill: `basics`, but `writing` for the free text.
pub(crate) fn one_of_each() -> Vec<Item> {
    let lines = ["duty", "breach", "damage"];
    let bodies = [
        Body::SingleChoice { options: choices(&["a wrong", "a crime", "a contract"]), keys: ids(&["a wrong"]) },
        Body::MultipleChoice {
            options: choices(&["smoke", "noise", "light"]),
            keys: ids(&["smoke", "noise"]),
            rule: Default::default(),
        },
        Body::TrueFalse { key: true },
        Body::ShortText { key: TextKey::of(["negligence"]) },
        Body::Numeric { keys: vec![NumericKey::whole(1932.0, Tolerance::Absolute(0.0))], unit: None },
        Body::Ordering { options: choices(&lines), key: ids(&lines), rule: Default::default() },
        Body::Matching {
            prompts: choices(&["Donoghue"]),
            targets: choices(&["snail", "fence"]),
            key: [(OptionId::of("Donoghue"), OptionId::of("snail"))].into(),
            rule: PairRule::Each,
        },
        Body::Cloze {
            parts: vec![Part::Text("A duty of ".into()), Part::Gap(Gap::text("g1", ["care"]))],
            rule: PairRule::Each,
        },
    ];
    let mut items: Vec<Item> = bodies.into_iter().enumerate().map(|(at, body)| item(at + 1, body)).collect();
    items.push(essay(9));
    items
}

pub(crate) fn item(at: usize, body: Body) -> Item {
    let stem = format!("Question {at} asks what?");
    Item {
        skill: Some("basics".into()),
        explanation: Some("It is so.".into()),
        ..Item::new(format!("i{at}"), "en", stem, body)
    }
}

pub(crate) fn essay(at: usize) -> Item {
    let criterion = |id: &str, weight: f64| Criterion { id: OptionId::new(id), text: format!("It is {id}"), weight };
    let rubric = vec![criterion("clear", 1.0), criterion("whole", 3.0)];
    let body = Body::FreeText { rubric, sample: Some("A sample of what is whole.".into()) };
    Item { points: 4.0, skill: Some("writing".into()), ..item(at, body) }
}

/// Right answers to the first eight of [`one_of_each`].
pub(crate) fn right() -> Value {
    json!({
        "i1": {"type": "choice", "value": OptionId::of("a wrong")},
        "i2": {"type": "choices", "value": ids(&["smoke", "noise"])},
        "i3": {"type": "true_false", "value": true},
        "i4": {"type": "text", "value": "Negligence"},
        "i5": {"type": "text", "value": "1932"},
        "i6": {"type": "order", "value": ids(&["duty", "breach", "damage"])},
        "i7": {"type": "pairs", "value": {OptionId::of("Donoghue").as_str(): OptionId::of("snail")}},
        "i8": {"type": "gaps", "value": {"g1": "care"}},
    })
}

/// True or false, right when it is true.
pub(crate) fn statement(at: usize, skill: &str) -> Item {
    Item { skill: Some(skill.into()), ..item(at, Body::TrueFalse { key: true }) }
}

pub(crate) fn said(value: bool) -> Value {
    json!({"type": "true_false", "value": value})
}
