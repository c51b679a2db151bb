//! Functions over a store of this machine, clients whose messages are kept, and workers whose starts are counted.

use async_trait::async_trait;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use viva::auth::{CourseRole, Identity, LocalKey, TokenKeys, VerifyingKeys};
use viva::config::{BudgetsConfig, Environment};
use viva::embedded::objects::FileObjects;
use viva::embedded::sqlite::Store;
use viva::embedded::system::SystemClock;
use viva::gateway::Sockets;
use viva::handlers::{HandlerLimits, Handlers, Offer};
use viva::lambda::Invocation;
use viva::ports::clock::{Clock, UnixMs};
use viva::ports::connections::{Connections, SendError};
use viva::ports::ids::{ConnectionId, SessionKey, TenantId, UserId};
use viva::ports::text_model::{ModelInfo, ModelKind};
use viva::ports::workers::{StartError, Workers};

pub(crate) const SECRET: &str = "a secret of thirty-two bytes or more";
/// The connection of the events.
pub(crate) const CONNECTION: &str = "S5DIAcb1joECIPQ=";

pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

/// Far enough from now for any test.
pub(crate) fn invocation() -> Invocation {
    Invocation { deadline: SystemClock.now().plus_ms(900_000) }
}

pub(crate) fn ann() -> Identity {
    Identity {
        tenant: TenantId::new("school"),
        user: UserId::new("ann"),
        role: Some("learner".to_owned()),
        courses: BTreeMap::from([("maths".to_owned(), CourseRole::Student)]),
        expires: UnixMs(SystemClock.now().0 / 1_000 * 1_000 + 3_600_000),
    }
}

pub(crate) fn token(identity: &Identity) -> String {
    LocalKey::new(SECRET).issue(identity).unwrap()
}

pub(crate) fn keys() -> Arc<dyn TokenKeys> {
    Arc::new(VerifyingKeys::new(vec![LocalKey::new(SECRET).verifying()]))
}

/// An event with what differs from one to the next put in.
pub(crate) fn event<T: DeserializeOwned>(text: &str, filled: &[(&str, &str)]) -> T {
    let mut text = text.to_owned();
    for (mark, value) in filled {
        let escaped = serde_json::to_string(value).unwrap();
        text = text.replace(mark, &escaped[1..escaped.len() - 1]);
    }
    serde_json::from_str(&text).unwrap()
}

pub(crate) fn speaker(identity: &Identity) -> String {
    serde_json::to_string(identity).unwrap()
}

/// What was sent to clients.
#[derive(Debug, Default)]
pub(crate) struct Clients {
    pub(crate) sent: Mutex<Vec<(String, Value)>>,
}

#[async_trait]
impl Connections for Clients {
    async fn send(&self, connection: &ConnectionId, text: Arc<str>) -> Result<(), SendError> {
        let message = serde_json::from_str(&text).unwrap();
        self.sent.lock().unwrap().push((connection.to_string(), message));
        Ok(())
    }

    async fn close(&self, _: &ConnectionId) -> Result<(), SendError> {
        Ok(())
    }
}

/// The sessions that were started, in order.
#[derive(Debug, Default)]
pub(crate) struct Starts {
    pub(crate) started: Mutex<Vec<SessionKey>>,
}

#[async_trait]
impl Workers for Starts {
    async fn start(&self, key: &SessionKey) -> Result<(), StartError> {
        self.started.lock().unwrap().push(key.clone());
        Ok(())
    }
}

/// All that the functions stand on.
pub(crate) struct Stage {
    pub(crate) store: Arc<Store>,
    pub(crate) objects: Arc<FileObjects>,
    pub(crate) register: Arc<Sockets>,
    pub(crate) clients: Arc<Clients>,
    pub(crate) starts: Arc<Starts>,
    _data: TempDir,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let data = TempDir::new().unwrap();
        Self {
            store: Store::open(data.path(), clock()).unwrap(),
            objects: Arc::new(FileObjects::open(data.path(), clock()).unwrap()),
            register: Sockets::new(),
            clients: Arc::default(),
            starts: Arc::default(),
            _data: data,
        }
    }

    pub(crate) fn handlers(&self) -> Handlers {
        Handlers {
            feed: self.store.clone(),
            journal: self.store.clone(),
            reports: self.store.clone(),
            budgets: self.store.clone(),
            objects: self.objects.clone(),
            connections: self.clients.clone(),
            register: self.register.clone(),
            conversations: None,
            workers: self.starts.clone(),
            files: None,
            quizzes: None,
            evidence: None,
            clock: clock(),
            keys: keys(),
            offer: Offer {
                recognizer: None,
                recognizer_absent: "answers are typed here".into(),
                model: ModelInfo { name: "builtin".into(), kind: ModelKind::Builtin },
            },
            limits: HandlerLimits {
                budgets: BudgetsConfig::read(&Environment::default()).unwrap(),
                connections_per_user_max: 2,
            },
        }
    }

    /// The last message that was sent to the connection of the events.
    pub(crate) fn last_sent(&self) -> Value {
        let sent = self.clients.sent.lock().unwrap();
        let (connection, message) = sent.last().expect("something was sent");
        assert_eq!(connection, CONNECTION);
        message.clone()
    }
}
