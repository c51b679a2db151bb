//! A server of its own for each test, and clients that speak raw JSON.

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{Response, StatusCode};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use viva::auth::{CourseRole, Identity, LocalKey, VerifyingKeys};
use viva::config::{Config, Environment};
use viva::embedded::objects::FileObjects;
use viva::embedded::sqlite::Store;
use viva::embedded::system::{RandomIds, SystemClock};
use viva::gateway::{Gateway, Parts, SocketLimits, Sockets, install_provider};
use viva::handlers::{HandlerLimits, Handlers, Offer};
use viva::ports::clock::{Clock, UnixMs};
use viva::ports::ids::{SessionKey, TenantId, UserId};
use viva::ports::recognizer::{RecognizerInfo, RecognizerKind};
use viva::ports::text_model::{ModelInfo, ModelKind};
use viva::ports::workers::{StartError, Workers};

pub(crate) const SECRET: &str = "a secret of the platform, for tests alone";
const PATIENCE: Duration = Duration::from_secs(10);

/// Notes who is to be started and starts nobody: what the handlers do is seen without what a worker does.
#[derive(Default)]
pub(crate) struct Starts(pub(crate) Mutex<Vec<SessionKey>>);

#[async_trait::async_trait]
impl Workers for Starts {
    async fn start(&self, key: &SessionKey) -> Result<(), StartError> {
        self.0.lock().unwrap().push(key.clone());
        Ok(())
    }
}

pub(crate) struct Server {
    pub(crate) addr: SocketAddr,
    pub(crate) admin: SocketAddr,
    pub(crate) starts: Arc<Starts>,
    pub(crate) handlers: Handlers,
    pub(crate) objects: Arc<FileObjects>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
    _data: TempDir,
}

pub(crate) struct Options {
    pub(crate) environment: Vec<(&'static str, String)>,
    pub(crate) limits: SocketLimits,
    pub(crate) recognizer: Option<RecognizerInfo>,
}

impl Default for Options {
    fn default() -> Self {
        let recognizer = RecognizerInfo {
            name: "script".into(),
            kind: RecognizerKind::Scripted,
            languages: vec!["en".into(), "de-AT".into()],
        };
        Self { environment: Vec::new(), limits: SocketLimits::default(), recognizer: Some(recognizer) }
    }
}

impl Options {
    pub(crate) fn set(mut self, name: &'static str, value: impl ToString) -> Self {
        self.environment.push((name, value.to_string()));
        self
    }

    fn environment(&self, data: &TempDir) -> Environment {
        let mut environment = Environment::default();
        environment.set("VIVA_ADDR", "127.0.0.1:0");
        environment.set("VIVA_ADMIN_ADDR", "127.0.0.1:0");
        environment.set("VIVA_DATA", data.path().to_string_lossy());
        environment.set("VIVA_EXTRACTOR", env!("CARGO_BIN_EXE_viva"));
        for (name, value) in &self.environment {
            environment.set(name, value.clone());
        }
        environment
    }
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    /// A server with everything behind it: a worker, a recognizer and a model, by the configuration.
    pub(crate) async fn whole(options: Options) -> Self {
        let data = TempDir::new().unwrap();
        let mut environment = options.environment(&data);
        if environment.text("VIVA_ISSUER").is_none() {
            environment.set("VIVA_TOKEN_SECRET", SECRET);
        }
        let config = Config::read(&environment).unwrap();
        let mut parts = viva::wiring::embedded(&config).await.unwrap();
        parts.limits = options.limits;
        let objects = Arc::new(FileObjects::open(data.path(), Arc::new(SystemClock)).unwrap());
        Self::run(&config, parts, data, objects, Arc::default())
    }

    pub(crate) async fn start_with(options: Options) -> Self {
        install_provider();
        let data = TempDir::new().unwrap();
        let config = Config::read(&options.environment(&data)).unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = Store::open(data.path(), Arc::clone(&clock)).unwrap();
        let objects = Arc::new(FileObjects::open(data.path(), Arc::clone(&clock)).unwrap());
        let sockets = Sockets::new();
        let starts = Arc::new(Starts::default());
        let key = LocalKey::new(SECRET);
        let handlers = Handlers {
            feed: store.clone(),
            journal: store.clone(),
            reports: store.clone(),
            budgets: store.clone(),
            objects: objects.clone(),
            connections: sockets.clone(),
            register: sockets.clone(),
            conversations: Some(store.clone()),
            workers: starts.clone(),
            files: None,
            quizzes: None,
            evidence: None,
            clock,
            keys: Arc::new(VerifyingKeys::new(vec![key.verifying()])),
            offer: Offer {
                recognizer: options.recognizer,
                recognizer_absent: "no recognizer: install libpocketsphinx3".into(),
                model: ModelInfo { name: "builtin".into(), kind: ModelKind::Builtin },
            },
            limits: HandlerLimits {
                budgets: config.budgets,
                connections_per_user_max: config.gateway.connections_per_user_max,
            },
        };
        let verifying = Arc::clone(&objects);
        let parts = Parts {
            upload_door: objects.clone(),
            handlers,
            sockets,
            ids: Arc::new(RandomIds),
            verify_signed: Arc::new(move |token| verifying.verify(token).ok()),
            dev_tokens: config.gateway.dev_tokens(&config.tokens).then_some(key),
            sign_in: config.tokens.sign_in.clone(),
            drain: Arc::new(|| Box::pin(std::future::ready(()))),
            limits: options.limits,
        };
        Self::run(&config, parts, data, objects, starts)
    }

    fn run(config: &Config, parts: Parts, data: TempDir, objects: Arc<FileObjects>, starts: Arc<Starts>) -> Self {
        let handlers = parts.handlers.clone();
        let gateway = Gateway::bind(&config.gateway, parts).unwrap();
        let (addr, admin) = (gateway.addr().unwrap(), gateway.admin_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            let stopped = async {
                // A dropped sender stops the server, too.
                let _ = stopped.await;
            };
            gateway.run(stopped).await.unwrap();
        });
        Self { addr, admin, starts, handlers, objects, stop, task, _data: data }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    pub(crate) fn admin_url(&self, path: &str) -> String {
        format!("http://{}{path}", self.admin)
    }

    pub(crate) async fn connect(&self, user: &str) -> Client {
        self.connect_with(&token(user)).await
    }

    pub(crate) async fn connect_with(&self, token: &str) -> Client {
        self.try_connect(&[("sec-websocket-protocol", &format!("viva.v1, viva.bearer.{token}"))]).await.unwrap()
    }

    pub(crate) async fn try_connect(&self, headers: &[(&'static str, &str)]) -> Result<Client, Refused> {
        let mut request = format!("ws://{}/ws", self.addr).into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().append(*name, value.parse().unwrap());
        }
        match connect_async(request).await {
            Ok((socket, response)) => {
                Ok(Client { socket, protocol: header(&response, "sec-websocket-protocol"), requests: 0 })
            }
            Err(tungstenite::Error::Http(response)) => Err(Refused {
                status: response.status(),
                text: String::from_utf8_lossy(response.body().as_deref().unwrap_or_default()).into_owned(),
            }),
            Err(other) => panic!("{other}"),
        }
    }

    pub(crate) fn asked_to_stop(self) -> JoinHandle<()> {
        self.stop.send(()).unwrap();
        self.task
    }
}

#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) status: StatusCode,
    pub(crate) text: String,
}

fn header(response: &Response<Option<Vec<u8>>>, name: &str) -> Option<String> {
    Some(response.headers().get(name)?.to_str().unwrap().to_owned())
}

pub(crate) fn now() -> UnixMs {
    SystemClock.now()
}

pub(crate) fn token(user: &str) -> String {
    token_of(&identity(user))
}

pub(crate) fn token_of(identity: &Identity) -> String {
    LocalKey::new(SECRET).issue(identity).unwrap()
}

pub(crate) fn identity(user: &str) -> Identity {
    Identity {
        tenant: TenantId::new("default"),
        user: UserId::new(user),
        role: None,
        courses: BTreeMap::new(),
        expires: now().plus_ms(3_600_000),
    }
}

pub(crate) fn in_course(user: &str, course: &str, role: CourseRole) -> Identity {
    Identity { courses: [(course.to_owned(), role)].into(), ..identity(user) }
}

pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub(crate) protocol: Option<String>,
    requests: u32,
}

impl Client {
    pub(crate) fn of(socket: WebSocketStream<MaybeTlsStream<TcpStream>>) -> Self {
        Self { socket, protocol: None, requests: 0 }
    }

    pub(crate) async fn send(&mut self, message: Value) {
        self.send_text(message.to_string()).await;
    }

    pub(crate) async fn send_text(&mut self, text: impl Into<String>) {
        self.socket.send(Message::text(text.into())).await.unwrap();
    }

    /// The next message of the server.
    pub(crate) async fn next(&mut self) -> Value {
        loop {
            match tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("a message comes in time") {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("instead of a message: {other:?}"),
            }
        }
    }

    /// The next message of a type; others are passed over.
    pub(crate) async fn next_of(&mut self, kind: &str) -> Value {
        loop {
            let message = self.next().await;
            if message["type"] == kind {
                return message;
            }
        }
    }

    /// Sends a request with an `id` and gives its answer.
    pub(crate) async fn ask(&mut self, mut message: Value) -> Value {
        self.requests += 1;
        let id = format!("r{}", self.requests);
        message["id"] = json!(id);
        self.send(message).await;
        loop {
            let answer = self.next().await;
            if answer["id"] == json!(id) || answer["re"]["id"] == json!(id) {
                return answer;
            }
        }
    }

    /// Everything that was sent before this was dealt with: gives what came in the meantime.
    pub(crate) async fn settled(&mut self) -> Vec<Value> {
        self.requests += 1;
        let id = format!("r{}", self.requests);
        self.send(json!({ "type": "ping", "id": id })).await;
        let mut came = Vec::new();
        loop {
            let message = self.next().await;
            if message["type"] == "pong" && message["id"] == json!(id) {
                return came;
            }
            came.push(message);
        }
    }

    /// The close frame, once what came before it is read.
    pub(crate) async fn closed(&mut self) -> Option<CloseFrame> {
        loop {
            match tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("the connection is closed in time") {
                Some(Ok(Message::Close(frame))) => return frame,
                Some(Ok(_)) => {}
                None => return None,
                Some(Err(error)) => panic!("instead of a close frame: {error}"),
            }
        }
    }

    /// Numbered events from `first_seq` on, up to and with one of that type, whether pushed or replayed; deltas are left out.
    pub(crate) async fn events_to(&mut self, kind: &str, seen: &mut Seen) -> Value {
        loop {
            let message = self.next().await;
            assert_ne!(message["type"], "error", "{message}");
            if let Some(found) = seen.take(message).into_iter().find(|event| event["type"] == kind) {
                return found;
            }
        }
    }

    pub(crate) async fn close_code(&mut self) -> u16 {
        self.closed().await.map(|frame| frame.code.into()).expect("there is a close frame")
    }

    pub(crate) async fn start_interview(&mut self, session: &str) {
        self.send(start(session)).await;
        assert_eq!(self.settled().await, Vec::<Value>::new());
    }
}

pub(crate) fn start(session: &str) -> Value {
    json!({
        "type": "interview.start", "session": session, "seq": 1,
        "params": {
            "topic": "Rust", "language": "en-US", "questions": 2, "playback": "text", "turnTaking": "auto",
            "recording": false, "audio": {"codec": "pcm_s16le", "sampleRateHz": 16000, "channels": 1},
        },
    })
}

pub(crate) fn audio(session: &str, seq: u64, media_ms: u64, ms: u64) -> Value {
    use base64::Engine;
    let data = base64::engine::general_purpose::STANDARD.encode(vec![0u8; (ms * 32) as usize]);
    json!({ "type": "audio", "session": session, "seq": seq, "mediaMs": media_ms, "data": data })
}

/// Code and the rest of an `error`, for comparison.
pub(crate) fn code(message: &Value) -> &str {
    assert_eq!(message["type"], "error", "{message}");
    message["code"].as_str().unwrap()
}

/// Polls until something holds.
pub(crate) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = now().plus_ms(PATIENCE.as_millis() as u64);
    while !holds().await {
        assert!(now() < deadline, "in time: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The durable events of one session as a client keeps them: in order, without a gap, each once.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) last_seq: u64,
    pub(crate) events: Vec<Value>,
    /// The highest `inboxThroughSeq` that a status told.
    pub(crate) acknowledged: u64,
}

impl Seen {
    /// What is new in a message; it must follow what was there.
    pub(crate) fn take(&mut self, message: Value) -> Vec<Value> {
        if message["type"] == "session.status" {
            self.acknowledged = self.acknowledged.max(message["inboxThroughSeq"].as_u64().unwrap());
        }
        if message["type"] == "session.events" {
            assert!(message["fromSeq"].as_u64().unwrap() <= self.last_seq + 1, "{message}");
            let through = message["throughSeq"].as_u64().unwrap();
            let events = message["events"].as_array().unwrap();
            let new: Vec<Value> =
                events.iter().filter(|event| event["seq"].as_u64().unwrap() > self.last_seq).cloned().collect();
            self.last_seq = self.last_seq.max(through);
            self.events.extend(new.iter().cloned());
            return new;
        }
        // An error's or a request's numbers are the client's own.
        let durable = message.get("session").is_some()
            && message.get("epoch").is_none_or(|_| message["type"] == "session.continued");
        let Some(seq) = message["seq"].as_u64().filter(|_| durable) else { return Vec::new() };
        if seq <= self.last_seq {
            return Vec::new();
        }
        assert_eq!(seq, self.last_seq + 1, "no gap before {message}");
        self.last_seq = seq;
        self.events.push(message.clone());
        vec![message]
    }

    pub(crate) fn of(&self, kind: &str) -> Vec<&Value> {
        self.events.iter().filter(|event| event["type"] == kind).collect()
    }
}

/// A spoken answer that is shipped with the load test, and a second of silence: 16 kHz, mono.
pub(crate) fn speech(name: &str) -> Vec<u8> {
    let path = format!("{}/loadtest/speech/{name}.wav", env!("CARGO_MANIFEST_DIR"));
    let samples: Vec<i16> = hound::WavReader::open(path).unwrap().samples::<i16>().map(Result::unwrap).collect();
    samples.into_iter().chain([0; 16_000]).flat_map(i16::to_le_bytes).collect()
}

pub(crate) fn pcm(session: &str, seq: u64, media_ms: u64, data: &[u8]) -> Value {
    use base64::Engine;
    let data = base64::engine::general_purpose::STANDARD.encode(data);
    json!({ "type": "audio", "session": session, "seq": seq, "mediaMs": media_ms, "data": data })
}
