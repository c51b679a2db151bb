//! A room with a store, documents and one teacher, whose connection takes down what it is told.

use crate::endpoint::{Act, Endpoint, pieces};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::sync::Notify;
use viva::embedded::chat_completions::{ChatCompletionsConfig, ChatCompletionsModel, TimeOuts};
use viva::embedded::sqlite::Store;
use viva::handlers::notices::Notices;
use viva::handlers::quiz_maker::{QuizMaker, Ran};
use viva::ports::budgets::BudgetLimits;
use viva::ports::clock::{Clock, UnixMs};
use viva::ports::connections::{Connections, SendError};
use viva::ports::documents::{Content, DocumentKey, DocumentState, Documents, NewDocument, Step};
use viva::ports::extraction::Locator;
use viva::ports::ids::{ConnectionId, CourseId, DocumentId, QuizId, SessionKey, TenantId, UserId};
use viva::ports::objects::ObjectKey;
use viva::ports::passages::{Passage, Passages};
use viva::ports::quizzes::{Created, NewQuiz, Quiz, QuizChange, QuizKey, QuizQuota, QuizState, Quizzes};
use viva::ports::register::{Register, RegisterError, Registered};
use viva::ports::text_model::TextModel;
use viva::quiz::item::{Difficulty, Kind};
use viva::quiz::paper::{Making, MakingState, Paper, Settings, Wanted};

pub(crate) const FLOOD: &str = "The moon raises the flood on the side of the earth that faces it. A second flood stands on the far side of the earth.";
pub(crate) const SPRING: &str = "Sun and moon pull along one line at new moon and at full moon. The spring tide that follows is higher than any other tide of the month.";
pub(crate) const NEAP: &str = "At half moon the sun pulls across the pull of the moon. The neap tide that follows is weaker than any other tide of the month.";

#[derive(Debug, Default)]
pub(crate) struct Hands(AtomicU64);

impl Hands {
    pub(crate) fn advance_ms(&self, ms: u64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> UnixMs {
        UnixMs(1_800_000_000_000 + self.0.load(Ordering::SeqCst))
    }
}

/// The teacher's one connection.
#[derive(Debug, Default)]
pub(crate) struct Teacher {
    told: Mutex<Vec<Value>>,
    news: Notify,
}

impl Teacher {
    pub(crate) fn told(&self) -> Vec<Value> {
        self.told.lock().unwrap().clone()
    }

    /// As soon as the teacher has been told of so many items.
    pub(crate) async fn made(&self, made: u64) {
        loop {
            let mut news = std::pin::pin!(self.news.notified());
            news.as_mut().enable();
            if self.told().iter().any(|message| message["quiz"]["made"].as_u64() >= Some(made)) {
                return;
            }
            news.await;
        }
    }
}

#[async_trait]
impl Connections for Teacher {
    async fn send(&self, _: &ConnectionId, text: Arc<str>) -> Result<(), SendError> {
        self.told.lock().unwrap().push(serde_json::from_str(&text).unwrap());
        self.news.notify_waiters();
        Ok(())
    }

    async fn close(&self, _: &ConnectionId) -> Result<(), SendError> {
        Ok(())
    }
}

#[async_trait]
impl Register for Teacher {
    async fn enter(&self, _: &ConnectionId, _: Registered, _: u64) -> Result<(), RegisterError> {
        Ok(())
    }

    async fn get(&self, _: &ConnectionId) -> Result<Option<Registered>, RegisterError> {
        Ok(None)
    }

    async fn of_user(&self, tenant: &TenantId, user: &UserId) -> Result<Vec<ConnectionId>, RegisterError> {
        assert_eq!((tenant.as_str(), user.as_str()), ("default", "ann"), "the owner alone is told");
        Ok(vec![ConnectionId::new("tab")])
    }

    async fn refresh(&self, _: &ConnectionId, _: String, _: UnixMs) -> Result<(), RegisterError> {
        Ok(())
    }

    async fn bind(&self, _: &ConnectionId, _: &SessionKey, _: usize) -> Result<(), RegisterError> {
        Ok(())
    }

    async fn unbind(&self, _: &ConnectionId, _: &SessionKey) -> Result<(), RegisterError> {
        Ok(())
    }

    async fn leave(&self, _: &ConnectionId) -> Result<Option<Registered>, RegisterError> {
        Ok(None)
    }
}

pub(crate) struct Room {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<Hands>,
    pub(crate) teacher: Arc<Teacher>,
    _data: TempDir,
}

impl Room {
    /// With one document on tides.
    pub(crate) async fn new() -> Self {
        let room = Self::empty();
        room.shelve("tides", &[FLOOD, SPRING, NEAP]).await;
        room
    }

    pub(crate) fn empty() -> Self {
        let data = TempDir::new().unwrap();
        let clock = Arc::new(Hands::default());
        let store = Store::open(data.path(), clock.clone()).unwrap();
        Self { store, clock, teacher: Arc::default(), _data: data }
    }

    pub(crate) async fn shelve(&self, document: &str, texts: &[&str]) {
        self.shelve_in(course(), document, texts).await;
    }

    pub(crate) async fn shelve_in(&self, course: CourseId, document: &str, texts: &[&str]) {
        let key = DocumentKey { tenant: tenant(), document: DocumentId::new(document) };
        let content = Content {
            object: ObjectKey(format!("documents/{document}")),
            name: format!("{document}.md"),
            media_type: "text/markdown".to_owned(),
            bytes: 1,
            sha256: "0".repeat(64),
        };
        let new = NewDocument {
            key: key.clone(),
            course: course.clone(),
            owner: UserId::new("ann"),
            content,
            at: self.clock.now(),
        };
        let document = Documents::create(&*self.store, new).await.unwrap();
        let passages = (1..).zip(texts).map(|(ordinal, text)| Passage {
            document: key.document.clone(),
            version: 1,
            ordinal,
            course: course.clone(),
            name: document.content.name.clone(),
            text: (*text).to_owned(),
            locator: Locator { path: vec![format!("Part {ordinal}")], ..Locator::default() },
        });
        Passages::put(&*self.store, &tenant(), &key.document, 1, passages.collect()).await.unwrap();
        let ready = Step::to(&document, DocumentState::Ready, self.clock.now());
        self.store.advance(&key, document.revision, ready).await.unwrap();
    }

    pub(crate) fn maker(&self, model: Arc<dyn TextModel>) -> QuizMaker {
        QuizMaker {
            quizzes: self.store.clone(),
            documents: self.store.clone(),
            passages: self.store.clone(),
            model,
            budgets: self.store.clone(),
            limits: BudgetLimits::default(),
            notices: Notices { register: self.teacher.clone(), connections: self.teacher.clone() },
            clock: self.clock.clone(),
            ids: Arc::new(viva::embedded::system::RandomIds),
        }
    }

    /// Asks for items of a document on tides.
    pub(crate) async fn want(&self, counts: &[(&str, u32)]) {
        self.want_of(Wanted { documents: vec!["tides".to_owned()], ..wanted(counts) }, "en").await;
    }

    pub(crate) async fn want_of(&self, wanted: Wanted, language: &str) {
        self.want_for(wanted, Paper::new(language, Settings::default())).await;
    }

    /// In whatever language the text is.
    pub(crate) async fn want_openly(&self, wanted: Wanted) {
        self.want_for(wanted, Paper::open(Settings::default())).await;
    }

    async fn want_for(&self, wanted: Wanted, mut paper: Paper) {
        paper.making = Some(queued(wanted));
        let draft = self.change(&paper, Some(self.clock.now()));
        let new = NewQuiz { key: key(), course: course(), owner: UserId::new("ann"), draft };
        let quota = QuizQuota { quizzes_max: 10, making_max: 10 };
        assert!(matches!(Quizzes::create(&*self.store, new, None, &quota).await.unwrap(), Created::New(_)));
    }

    fn change(&self, paper: &Paper, work_due: Option<UnixMs>) -> QuizChange {
        QuizChange {
            title: "Tides".to_owned(),
            state: QuizState::Draft,
            items: paper.items.len() as u32,
            sources: paper.sources(),
            work_due,
            paper_json: paper.to_json(),
            edition_json: None,
            at: self.clock.now(),
        }
    }

    pub(crate) async fn quiz(&self) -> (Quiz, Paper) {
        let quiz = Quizzes::get(&*self.store, &key()).await.unwrap().unwrap();
        let paper = Paper::from_json(&quiz.paper_json).unwrap();
        (quiz, paper)
    }

    pub(crate) async fn making(&self) -> Making {
        self.quiz().await.1.making.unwrap()
    }

    /// As its teacher does it.
    pub(crate) async fn cancel(&self) {
        let (quiz, mut paper) = self.quiz().await;
        paper.making.as_mut().unwrap().state = MakingState::Cancelled;
        Quizzes::change(&*self.store, &key(), quiz.summary.version, self.change(&paper, None)).await.unwrap();
    }

    /// More items for the quiz that is there.
    pub(crate) async fn ask_for_more(&self, counts: &[(&str, u32)]) {
        let (quiz, mut paper) = self.quiz().await;
        let wanted = Wanted { documents: vec!["tides".to_owned()], ..wanted(counts) };
        paper.making = Some(queued(wanted));
        let change = self.change(&paper, Some(self.clock.now()));
        Quizzes::change(&*self.store, &key(), quiz.summary.version, change).await.unwrap();
    }

    pub(crate) async fn run(&self, model: Arc<dyn TextModel>) -> Ran {
        self.maker(model).run(&key(), None).await.unwrap()
    }
}

pub(crate) fn wanted(counts: &[(&str, u32)]) -> Wanted {
    Wanted {
        documents: Vec::new(),
        topic: None,
        counts: counts.iter().map(|(kind, count)| (Kind::named(kind).unwrap(), *count)).collect(),
        difficulty: Difficulty::Medium,
    }
}

fn queued(wanted: Wanted) -> Making {
    Making {
        state: MakingState::Queued,
        wanted,
        seed: 7,
        attempts: 0,
        made: 0,
        rejected: Vec::new(),
        missing: BTreeMap::new(),
        failure: None,
        model: None,
    }
}

pub(crate) fn key() -> QuizKey {
    QuizKey { tenant: tenant(), quiz: QuizId::new("quiz-1") }
}

pub(crate) fn tenant() -> TenantId {
    TenantId::new("default")
}

fn course() -> CourseId {
    CourseId::new("sea")
}

/// A model at the stand-in, which is not waited for long.
pub(crate) fn model(endpoint: &Endpoint) -> Arc<dyn TextModel> {
    let quiz_times = TimeOuts { first_ms: 4_000, gap_ms: 300, total_ms: 8_000 };
    let config = ChatCompletionsConfig { quiz_times, ..ChatCompletionsConfig::new(&endpoint.url, "small", None) };
    Arc::new(ChatCompletionsModel::new(config).unwrap())
}

/// A statement of a passage, as an item of the stand-in.
pub(crate) fn statement(text: &str, is_true: bool) -> Value {
    let quote = [FLOOD, SPRING, NEAP].into_iter().find(|passage| passage.contains(text)).unwrap_or(FLOOD);
    json!({"kind": "true_false", "passage": 1, "quote": quote, "stem": text, "explanation": "SECRET", "isTrue": is_true})
}

pub(crate) fn writes(items: &[Value]) -> Act {
    Act::Say(pieces(&json!({ "items": items }).to_string()))
}

/// One answer to each question, in their order.
pub(crate) fn answers(said: &[&str]) -> Act {
    let answers: Vec<Value> =
        (1..).zip(said).map(|(question, said): (u32, _)| json!({"question": question, "answer": [said]})).collect();
    Act::Say(pieces(&json!({ "answers": answers }).to_string()))
}

pub(crate) const SENTENCES: [&str; 6] = [
    "The moon raises the flood on the side of the earth that faces it.",
    "A second flood stands on the far side of the earth.",
    "Sun and moon pull along one line at new moon and at full moon.",
    "The spring tide that follows is higher than any other tide of the month.",
    "At half moon the sun pulls across the pull of the moon.",
    "The neap tide that follows is weaker than any other tide of the month.",
];
