//! A conversation in a room of its own: the real store, a model that a test chooses, and clients that take down what they are told.

use async_trait::async_trait;
use serde_json::Value;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use viva::chat::driver::{self, Deps, Ended, RunError};
use viva::chat::wire;
use viva::chat::{Chat, Event};
use viva::embedded::scripted_model::{ModelScript, Play, ScriptedModel};
use viva::embedded::sqlite::Store;
use viva::embedded::system::RandomIds;
use viva::ports::budgets::{Allowance, BudgetError, BudgetLimits, Budgets, Reserved, Spent, Totals};
use viva::ports::clock::{Clock, UnixMs};
use viva::ports::connections::{Connections, SendError};
use viva::ports::conversations::{Ask, ChatQuota, Conversations, Entry, MessageId, ReplyId, Request, Submitted};
use viva::ports::extraction::Locator;
use viva::ports::ids::{ConnectionId, CourseId, DocumentId, SessionId, SessionKey, TenantId, UserId};
use viva::ports::journal::{Journal, SessionKind};
use viva::ports::passages::{Passage, Passages};
use viva::ports::text_model::TextModel;
use viva::session::{OpenError, log};

const QUOTA: ChatQuota = ChatQuota { conversations_max: 100, replies_due_max: 100 };

pub(crate) const ETAG: &str =
    "An ETag names one version of a resource. A client sends it back to ask whether its copy is still good.";
pub(crate) const WHALE: &str = "Whales are mammals that live in the sea and breathe air.";
/// What the scripted model says where a test does not say otherwise.
pub(crate) const ANSWER: &str = "An ETag names one version of a resource [1].";

pub(crate) struct Room {
    pub(crate) deps: Deps,
    pub(crate) store: Arc<Store>,
    pub(crate) clients: Arc<Clients>,
    /// Tokens that the conversation is booked with.
    pub(crate) booked: Arc<Mutex<u64>>,
    _data: TempDir,
}

/// The clock of tokio, which stands still while there is something to do.
#[derive(Debug)]
struct TokioClock(Instant);

impl Clock for TokioClock {
    fn now(&self) -> UnixMs {
        UnixMs(1_800_000_000_000 + self.0.elapsed().as_millis() as u64)
    }
}

/// What every connection was told.
#[derive(Debug, Default)]
pub(crate) struct Clients {
    told: Mutex<BTreeMap<String, Vec<Value>>>,
    gone: Mutex<Vec<String>>,
    news: Notify,
}

impl Clients {
    /// The durable events that a connection was told, in order, batches taken apart.
    pub(crate) fn events(&self, connection: &str) -> Vec<Value> {
        let told = self.told.lock().unwrap().get(connection).cloned().unwrap_or_default();
        let flat = told.into_iter().flat_map(|message| match message["events"].as_array() {
            Some(events) => events.clone(),
            None => vec![message],
        });
        flat.filter(|message| message.get("seq").is_some()).collect()
    }

    /// The first event of a type that a connection is told, as soon as it is.
    pub(crate) async fn told(&self, connection: &str, kind: &str) -> Value {
        loop {
            let mut news = std::pin::pin!(self.news.notified());
            news.as_mut().enable();
            if let Some(event) = self.events(connection).into_iter().find(|event| event["type"] == kind) {
                return event;
            }
            news.await;
        }
    }

    pub(crate) fn hang_up(&self, connection: &str) {
        self.gone.lock().unwrap().push(connection.to_owned());
    }
}

#[async_trait]
impl Connections for Clients {
    async fn send(&self, connection: &ConnectionId, text: Arc<str>) -> Result<(), SendError> {
        if self.gone.lock().unwrap().iter().any(|gone| gone == connection.as_str()) {
            return Err(SendError::Gone);
        }
        let message = serde_json::from_str(&text).unwrap();
        self.told.lock().unwrap().entry(connection.to_string()).or_default().push(message);
        self.news.notify_waiters();
        Ok(())
    }

    async fn close(&self, _: &ConnectionId) -> Result<(), SendError> {
        Ok(())
    }
}

/// A tenant's day, of which so much is used, and what was booked last.
#[derive(Debug)]
struct Purse {
    totals: Totals,
    booked: Arc<Mutex<u64>>,
}

#[async_trait]
impl Budgets for Purse {
    async fn reserve(&self, _: &SessionKey, _: u64, _: &BudgetLimits) -> Result<Reserved, BudgetError> {
        Ok(Reserved::Granted)
    }

    async fn book(&self, _: &SessionKey, _: u64, in_all: Spent) -> Result<Totals, BudgetError> {
        *self.booked.lock().unwrap() = in_all.tokens;
        Ok(self.totals)
    }

    async fn release(&self, _: &SessionKey) -> Result<(), BudgetError> {
        Ok(())
    }
}

pub(crate) fn key() -> SessionKey {
    SessionKey::new(TenantId::new("default"), UserId::new("ann"), SessionId::new("chat-1"))
}

pub(crate) fn play(text: &str) -> Play {
    Play { text: Some(text.to_owned()), interval_ms: 0, ..Play::default() }
}

pub(crate) fn scripted(usual: Play) -> Arc<dyn TextModel> {
    Arc::new(ScriptedModel::new(ModelScript { usual, plays: Vec::new() }))
}

pub(crate) fn send(message: &str, parent: Option<&str>, text: &str) -> Ask {
    Ask::Send { message: MessageId::new(message), parent: parent.map(ReplyId::new), text: text.to_owned(), asked: None }
}

impl Room {
    pub(crate) async fn new(model: Arc<dyn TextModel>) -> Self {
        Self::with_tokens_used(model, 0).await
    }

    /// A room whose user has used so many of a thousand tokens.
    #[expect(clippy::disallowed_methods, reason = "the virtual clock of the test is tokio's paused one")]
    pub(crate) async fn with_tokens_used(model: Arc<dyn TextModel>, tokens: u64) -> Self {
        let data = TempDir::new().unwrap();
        let clock: Arc<dyn Clock> = Arc::new(TokioClock(Instant::now()));
        let store = Store::open(data.path(), Arc::clone(&clock)).unwrap();
        let clients = Arc::new(Clients::default());
        let (mut totals, booked) = (Totals::default(), Arc::default());
        totals.user.spent.tokens = tokens;
        let allowance = Allowance { tokens_per_day: 1_000, ..Allowance::default() };
        let deps = Deps {
            feed: store.clone(),
            journal: store.clone(),
            conversations: store.clone(),
            passages: store.clone(),
            connections: clients.clone(),
            model,
            budgets: Arc::new(Purse { totals, booked: Arc::clone(&booked) }),
            clock,
            ids: Arc::new(RandomIds),
            limits: BudgetLimits { user: allowance, ..BudgetLimits::default() },
        };
        let room = Self { deps, store, clients, booked, _data: data };
        room.shelve("doc-1", "caching.pdf", ETAG).await;
        room.shelve("doc-2", "whales.pdf", WHALE).await;
        room.store.create(&key(), SessionKind::Chat, room.deps.clock.now()).await.unwrap();
        room
    }

    pub(crate) async fn shelve(&self, document: &str, name: &str, text: &str) {
        let document = DocumentId::new(document);
        let passage = Passage {
            document: document.clone(),
            version: 1,
            ordinal: 1,
            course: CourseId::new("web"),
            name: name.to_owned(),
            text: text.to_owned(),
            locator: Locator::page(3),
        };
        Passages::put(&*self.store, &key().tenant, &document, 1, vec![passage]).await.unwrap();
    }

    pub(crate) async fn ask(&self, ask: Ask) -> Submitted {
        let request = Request { ask, courses: vec![CourseId::new("web")] };
        self.store.submit(&key(), request, &QUOTA, self.deps.clock.now()).await.unwrap()
    }

    pub(crate) async fn look_on(&self, connection: &str) {
        Conversations::bind(&*self.store, &key(), &ConnectionId::new(connection), 0).await.unwrap();
    }

    /// Runs a worker until nothing is due.
    pub(crate) async fn run(&self) -> Ended {
        loop {
            match driver::run(&self.deps, &key(), &CancellationToken::new()).await {
                // The store did what a worker had asked for before it was stopped.
                Err(RunError::Open(OpenError::Held { lease_until })) => {
                    let left_ms = lease_until.since_ms(self.deps.clock.now());
                    tokio::time::advance(Duration::from_millis(left_ms)).await;
                }
                ran => return ran.unwrap(),
            }
        }
    }

    /// Runs a worker for so many polls at most; `None`: it was stopped in the middle, and its lease is over.
    pub(crate) async fn run_polls(&self, polls: usize) -> Option<Ended> {
        let stop = CancellationToken::new();
        let key = key();
        let ended = Polls { run: Box::pin(driver::run(&self.deps, &key, &stop)), left: polls }.await;
        if ended.is_none() {
            tokio::time::advance(Duration::from_secs(5)).await;
        }
        ended.map(Result::unwrap)
    }

    pub(crate) async fn events(&self) -> Vec<Event> {
        let records = log::read(&*self.store, &key(), 0).await.unwrap();
        records.iter().flat_map(|record| &record.events).map(|stored| wire::decode_event(stored).unwrap()).collect()
    }

    pub(crate) async fn chat(&self) -> Chat {
        let mut chat = Chat::new();
        self.events().await.iter().for_each(|event| chat.apply(event));
        chat
    }

    /// The history, oldest first.
    pub(crate) async fn history(&self) -> Vec<Entry> {
        let mut entries = self.store.history(&key(), None, 100).await.unwrap();
        entries.reverse();
        entries
    }

    /// How the only reply ended.
    pub(crate) async fn done(&self) -> Event {
        let done = self.events().await.into_iter().filter(|event| matches!(event, Event::Done { .. }));
        let mut done: Vec<Event> = done.collect();
        assert_eq!(done.len(), 1, "{done:?}");
        done.remove(0)
    }
}

/// A future that is dropped after so many polls.
struct Polls<'r> {
    run: Pin<Box<dyn Future<Output = Result<Ended, RunError>> + Send + 'r>>,
    left: usize,
}

impl Future for Polls<'_> {
    type Output = Option<Result<Ended, RunError>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= 1;
        match self.run.as_mut().poll(cx) {
            Poll::Ready(ended) => Poll::Ready(Some(ended)),
            Poll::Pending if self.left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}
