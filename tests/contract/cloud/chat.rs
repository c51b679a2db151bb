//! A conversation as it is kept on AWS, driven by its worker: log, inbox and budgets in DynamoDB, requests and history in Postgres. Each has
//! its suite; this shows that they fit together.

use super::dynamo::fresh;
use super::postgres_server::Postgres;
use crate::conversations::QUOTA;
use crate::embedded::open;
use crate::fixtures::key;
use async_trait::async_trait;
use protocol::v1::limits::CHAT_CONNECTIONS_MAX;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use viva::chat::driver::{self, Deps, Ended};
use viva::cloud::dynamo::{DynamoBudgets, DynamoFeed, DynamoJournal};
use viva::cloud::postgres::migrate::migrate;
use viva::cloud::postgres::{Database, PostgresConversations};
use viva::embedded::builtin::BuiltinModel;
use viva::embedded::system::{RandomIds, SystemClock};
use viva::ports::budgets::{Allowance, BudgetLimits};
use viva::ports::clock::Clock;
use viva::ports::connections::{Connections, SendError};
use viva::ports::conversations::{Ask, MessageId, ReplyId, ReplyState, Request, Submitted};
use viva::ports::extraction::Locator;
use viva::ports::ids::{ConnectionId, CourseId, DocumentId, SessionKey};
use viva::ports::journal::SessionKind;
use viva::ports::passages::{Passage, Passages};

/// What every connection was told, by the numbers of its durable events.
#[derive(Debug, Default)]
struct Tabs {
    told: Mutex<BTreeMap<String, BTreeMap<u64, Value>>>,
    news: Notify,
}

#[async_trait]
impl Connections for Tabs {
    async fn send(&self, connection: &ConnectionId, text: Arc<str>) -> Result<(), SendError> {
        let message: Value = serde_json::from_str(&text).unwrap();
        let batch = message["events"].as_array().cloned().unwrap_or_else(|| vec![message]);
        let mut told = self.told.lock().unwrap();
        let events = told.entry(connection.to_string()).or_default();
        events.extend(batch.into_iter().filter_map(|event| Some((event["seq"].as_u64()?, event))));
        self.news.notify_waiters();
        Ok(())
    }

    async fn close(&self, _: &ConnectionId) -> Result<(), SendError> {
        Ok(())
    }
}

impl Tabs {
    /// How many events of a type a connection was told.
    fn count(&self, connection: &str, kind: &str) -> usize {
        let told = self.told.lock().unwrap();
        told.get(connection).map_or(0, |events| events.values().filter(|event| event["type"] == kind).count())
    }

    /// As soon as all of these connections have been told of so many replies.
    async fn all_told(&self, tabs: &[ConnectionId], replies: usize) {
        loop {
            let mut news = std::pin::pin!(self.news.notified());
            news.as_mut().enable();
            if tabs.iter().all(|tab| self.count(tab.as_str(), "chat.done") >= replies) {
                return;
            }
            news.await;
        }
    }
}

struct World {
    deps: Deps,
    tabs: Arc<Tabs>,
    of: SessionKey,
    _kept: (Postgres, TempDir),
}

async fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let passages = open(folder.path());
    let server = Postgres::start();
    migrate(&server.url(), None).await.unwrap();
    let (aws, sessions) = fresh("sessions").await;
    let ((_, inbox), (_, budgets)) = (fresh("inbox").await, fresh("budgets").await);
    let (clock, tabs, of): (Arc<dyn Clock>, _, _) =
        (Arc::new(SystemClock), Arc::new(Tabs::default()), key("ada", "c1"));
    let passage = Passage {
        document: DocumentId::new("doc-1"),
        version: 1,
        ordinal: 1,
        course: CourseId::new("web"),
        name: "caching.pdf".into(),
        text: "An ETag names one version of a resource. A client sends it back to ask whether its copy is good.".into(),
        locator: Locator::page(3),
    };
    passages.put(&of.tenant, &DocumentId::new("doc-1"), 1, vec![passage]).await.unwrap();
    let allowance = Allowance { tokens_per_day: 1_000_000, ..Allowance::default() };
    let deps = Deps {
        feed: Arc::new(DynamoFeed::new(&aws, &inbox, Arc::clone(&clock))),
        journal: Arc::new(DynamoJournal::new(&aws, &sessions, Arc::clone(&clock))),
        conversations: Arc::new(PostgresConversations::new(Database::at(&server.url()))),
        passages,
        connections: tabs.clone(),
        model: Arc::new(BuiltinModel::new()),
        budgets: Arc::new(DynamoBudgets::new(&aws, &budgets, Arc::clone(&clock))),
        clock,
        ids: Arc::new(RandomIds),
        limits: BudgetLimits { user: allowance, tenant: allowance },
    };
    World { deps, tabs, of, _kept: (server, folder) }
}

impl World {
    async fn ask(&self, message: &str, parent: Option<&str>) -> Submitted {
        let (message, parent) = (MessageId::new(message), parent.map(ReplyId::new));
        let ask = Ask::Send { message, parent, text: "What does an ETag name?".into(), asked: None };
        let request = Request { ask, courses: vec![CourseId::new("web")] };
        self.deps.conversations.submit(&self.of, request, &QUOTA, self.deps.clock.now()).await.unwrap()
    }
}

#[tokio::test]
async fn a_conversation_goes_on_from_worker_to_worker_before_all_who_look_on() {
    let world = world().await;
    let World { deps, tabs, of, .. } = &world;
    deps.journal.create(of, SessionKind::Chat, deps.clock.now()).await.unwrap();
    let looking_on: Vec<_> = (0..CHAT_CONNECTIONS_MAX).map(|n| ConnectionId::new(format!("tab{n}"))).collect();
    for tab in &looking_on {
        deps.conversations.bind(of, tab, 0).await.unwrap();
    }
    world.ask("m1", None).await;

    // One worker answers, is asked again while it waits, and is stopped.
    let stop = CancellationToken::new();
    let asking = async {
        tabs.all_told(&looking_on, 1).await;
        world.ask("m2", Some("r1")).await;
        deps.feed.nudge(of).await.unwrap();
        tabs.all_told(&looking_on, 2).await;
        stop.cancel();
    };
    let (ended, ()) = tokio::join!(driver::run(deps, of, &stop), asking);
    assert_eq!(ended.unwrap(), Ended::Stopped);

    // The next one goes on from the log, and rests when nothing is due.
    world.ask("m3", Some("r2")).await;
    let ended = driver::run(deps, of, &CancellationToken::new()).await.unwrap();
    assert_eq!(ended, Ended::Idle);
    let row = deps.journal.row(of).await.unwrap().unwrap();
    assert_eq!((row.epoch, row.owner.is_some(), row.due_at.is_some()), (2, false, true));
    let (head_seq, snapshot) = (deps.journal.head_seq(of).await.unwrap(), deps.journal.snapshot(of).await.unwrap());
    assert_eq!(snapshot.map(|snapshot| snapshot.outbox_seq), Some(head_seq));

    // A third finds the state where the second left it.
    world.ask("m4", Some("r3")).await;
    let stop = CancellationToken::new();
    let told = async {
        tabs.all_told(&looking_on, 4).await;
        stop.cancel();
    };
    let (ended, ()) = tokio::join!(driver::run(deps, of, &stop), told);
    assert_eq!(ended.unwrap(), Ended::Stopped);
    let head_seq = deps.journal.head_seq(of).await.unwrap();
    for tab in &looking_on {
        let seqs: BTreeSet<u64> = tabs.told.lock().unwrap()[tab.as_str()].keys().copied().collect();
        assert_eq!(seqs, (1..=head_seq).collect(), "{tab} was told everything");
    }
    let history = deps.conversations.history(of, None, 10).await.unwrap();
    assert_eq!(history.iter().map(|entry| entry.number).collect::<Vec<_>>(), [4, 3, 2, 1]);
    let settled = history.iter().filter(|entry| entry.state == ReplyState::Done && entry.text.contains("ETag")).count();
    assert!(settled >= 3, "all but what was said at the very end is filed: {history:?}");
}
