//! A client of the protocol: one connection and one session, numbered, resent, resumed. It plays no audio and measures
//! only what it alone can know ([`Tally`]).
//!
//! Whoever drives it calls [`Client::next`] all the time, since that also sends; the call may be dropped at any await.

mod connect;
mod incoming;
mod outgoing;

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use std::{fmt, mem};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::{FutureExt, Sink, Stream};
use protocol::v1::{
    ClientMessage, DecodeError, Error, ErrorCode, InterviewStart, Params, Ping, RequestId, RequestResult, ResultBody,
    ServerMessage, SessionId, SessionResume, decode_server, encode_client,
};
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::{self, Message, Utf8Bytes};

use connect::Socket;
pub use connect::{ConnectError, Connector};
use incoming::Incoming;
use outgoing::{Next, Outgoing};

/// One connection after another, and the session that is carried over them.
pub struct Client {
    connector: Connector,
    link: Link,
    session: Option<SessionId>,
    outgoing: Outgoing,
    incoming: Incoming,
    ready: VecDeque<ServerMessage>,
    urgent: VecDeque<Utf8Bytes>,
    /// Whether numbered messages may be sent on this connection.
    bound: bool,
    over: bool,
    resuming: Option<RequestId>,
    asked: Option<RequestId>,
    answer: Option<ServerMessage>,
    requests: u64,
    last_status: Instant,
    last_ping: Instant,
    tally: Tally,
}

enum Link {
    Up(Box<Socket>),
    Connecting { begun: Instant, attempt: u32, connection: Connection },
    Down { until: Instant, attempt: u32 },
}

type Connection = Pin<Box<dyn Future<Output = Result<Socket, ConnectError>> + Send>>;

/// What a client alone can know.
#[derive(Debug, Default)]
pub struct Tally {
    /// How long each connection took to open.
    pub connects: Vec<Duration>,
    /// How long each message took from being sent first to being acknowledged.
    pub acknowledgements: Vec<Duration>,
    /// How often the session was resumed.
    pub resumes: u64,
    /// How often a connection was lost that the client had not dropped itself.
    pub losses: u64,
    /// How often the server gave no sign for 3 s.
    pub pings: u64,
}

/// Why a client cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The connection is closed, and there is no session to open another for.
    #[error("the connection was closed with {0:?}")]
    Closed(Option<u16>),
    /// The server refused to have the session resumed.
    #[error("the session cannot be resumed: {0}: {1}")]
    NotResumed(ErrorCode, String),
    /// The server said what the protocol does not know.
    #[error("the server's message cannot be read: {0}")]
    Unreadable(#[from] DecodeError),
}

/// Audio as it stands in a message, made once for many sessions.
#[derive(Debug, Clone)]
pub struct EncodedAudio {
    base64: String,
    duration: Duration,
    bytes: usize,
}

impl EncodedAudio {
    /// `data` is in the codec that the session announced.
    pub fn new(data: &[u8], duration: Duration) -> Self {
        Self { base64: STANDARD.encode(data), duration, bytes: data.len() }
    }

    /// How long it lasts.
    pub fn duration(&self) -> Duration {
        self.duration
    }

    /// How many bytes it has before base64.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Client {
    /// Opens the first connection.
    pub async fn connect(connector: Connector) -> Result<Self, ClientError> {
        let begun = Instant::now();
        let socket = connector.clone().connect().await?;
        let tally = Tally { connects: vec![begun.elapsed()], ..Tally::default() };
        Ok(Self {
            connector,
            link: Link::Up(Box::new(socket)),
            session: None,
            outgoing: Outgoing::default(),
            incoming: Incoming::default(),
            ready: VecDeque::new(),
            urgent: VecDeque::new(),
            bound: false,
            over: false,
            resuming: None,
            asked: None,
            answer: None,
            requests: 0,
            last_status: begun,
            last_ping: begun,
            tally,
        })
    }

    /// Starts an interview: `seq` 1.
    pub fn start_interview(&mut self, session: SessionId, params: Params) {
        self.session = Some(session);
        self.bound = true;
        self.last_status = Instant::now();
        self.say(|session, seq| InterviewStart { session, seq, params }.into());
    }

    /// Takes up a session that another client left: its events come from the first, and numbering goes on after the last.
    pub fn resume(&mut self, session: SessionId) {
        self.session = Some(session);
        self.ask_to_resume(Instant::now());
    }

    /// Says the next numbered message, as soon as credit allows, and gives back its number.
    pub fn say(&mut self, message: impl FnOnce(SessionId, u64) -> ClientMessage) -> u64 {
        let seq = self.outgoing.next_seq();
        let session = self.session.clone().expect("a session was started or resumed before anything is said in it");
        self.outgoing.say(encode_client(&message(session, seq)).into(), Duration::ZERO);
        seq
    }

    /// Says audio, without encoding it anew for each session, and gives back its number.
    pub fn say_audio(&mut self, media_ms: u64, audio: &EncodedAudio) -> u64 {
        let seq = self.outgoing.next_seq();
        let session = self.session.as_ref().expect("a session was started or resumed before anything is said in it");
        // Ids and base64 need no escapes.
        let text = format!(
            r#"{{"type":"audio","session":"{session}","seq":{seq},"mediaMs":{media_ms},"data":"{}"}}"#,
            audio.base64
        );
        self.outgoing.say(text.into(), audio.duration);
        seq
    }

    /// Sends a request and waits for its answer; what else comes meanwhile is kept for [`Self::next`].
    pub async fn request(
        &mut self,
        request: impl FnOnce(RequestId) -> ClientMessage,
    ) -> Result<ServerMessage, ClientError> {
        let id = self.next_request_id();
        self.urgent.push_back(encode_client(&request(id.clone())).into());
        self.asked = Some(id);
        loop {
            if let Some(answer) = self.answer.take() {
                return Ok(answer);
            }
            self.step().await?;
        }
    }

    /// Sends a text as it is, whatever it holds.
    pub fn send_text(&mut self, text: impl Into<String>) {
        self.urgent.push_back(text.into().into());
    }

    /// The next message, durable ones in order and once. Also sends, resends, pings, reconnects and resumes.
    pub async fn next(&mut self) -> Result<ServerMessage, ClientError> {
        loop {
            if let Some(message) = self.ready.pop_front() {
                return Ok(message);
            }
            self.step().await?;
        }
    }

    /// Drops the connection as a bad network does, without a word, and opens another after `away`.
    pub fn drop_connection(&mut self, away: Duration) {
        self.link = Link::Down { until: Instant::now() + away, attempt: 0 };
        self.bound = false;
        self.resuming = None;
    }

    /// What was counted since the last call.
    pub fn take_tally(&mut self) -> Tally {
        mem::take(&mut self.tally)
    }

    /// How many messages were sent more than once.
    pub fn resent(&self) -> u64 {
        self.outgoing.resent()
    }

    /// How many events came that had come before.
    pub fn repeated(&self) -> u64 {
        self.incoming.repeated()
    }

    /// The last event given out.
    pub fn last_seq(&self) -> u64 {
        self.incoming.applied_seq()
    }

    /// The last number that the server has acknowledged.
    pub fn acknowledged_seq(&self) -> u64 {
        self.outgoing.through_seq()
    }

    /// The number that the next message will have.
    pub fn next_seq(&self) -> u64 {
        self.outgoing.next_seq()
    }

    async fn step(&mut self) -> Result<(), ClientError> {
        match &mut self.link {
            Link::Down { until, attempt } => {
                let attempt = *attempt;
                sleep_until(*until).await;
                let connection = Box::pin(self.connector.clone().connect());
                self.link = Link::Connecting { begun: Instant::now(), attempt, connection };
                Ok(())
            }
            Link::Connecting { begun, attempt, connection } => {
                let (begun, attempt) = (*begun, *attempt);
                match connection.await {
                    Ok(socket) => {
                        self.tally.connects.push(begun.elapsed());
                        self.link = Link::Up(Box::new(socket));
                        self.ask_to_resume(Instant::now());
                        Ok(())
                    }
                    Err(error) if attempt >= ATTEMPTS_MAX => Err(error.into()),
                    Err(_) => {
                        let until = Instant::now() + RECONNECT_AFTER * (attempt + 1);
                        self.link = Link::Down { until, attempt: attempt + 1 };
                        Ok(())
                    }
                }
            }
            Link::Up(_) => self.exchange().await,
        }
    }

    /// Sends what may be sent, then waits for a message or for something to do.
    async fn exchange(&mut self) -> Result<(), ClientError> {
        let now = Instant::now();
        self.keep_alive(now);
        let Some(until) = self.send_all(now) else { return self.handle_loss(None) };
        let Link::Up(socket) = &mut self.link else { return Ok(()) };
        let heard = tokio::select! {
            heard = poll_fn(|cx| poll_flush_and_next(Pin::new(&mut **socket), cx)) => heard,
            () = sleep_until(until) => return Ok(()),
        };
        match heard {
            Some(Ok(Message::Text(text))) => self.handle_message(decode_server(text.as_bytes())?, Instant::now()),
            Some(Ok(Message::Close(frame))) => self.handle_loss(frame.map(|frame| frame.code.into())),
            Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Ok(()),
            Some(Err(_)) | None => self.handle_loss(None),
        }
    }

    /// `None`: the connection is broken. Otherwise the moment when there will be something to do.
    fn send_all(&mut self, now: Instant) -> Option<Instant> {
        let Link::Up(socket) = &mut self.link else { return Some(now) };
        let mut socket = Pin::new(&mut **socket);
        let mut until = now + IDLE;
        loop {
            match poll_fn(|cx| socket.as_mut().poll_ready(cx)).now_or_never() {
                Some(Ok(())) => {}
                Some(Err(_)) => return None,
                None => return Some(now + BLOCKED),
            }
            let text = match self.urgent.pop_front() {
                Some(text) => text,
                None if !self.bound => break,
                None => match self.outgoing.poll(now) {
                    Next::Send(text) => text,
                    Next::Wait(at) => {
                        until = until.min(at);
                        break;
                    }
                    Next::Idle => break,
                },
            };
            socket.as_mut().start_send(Message::Text(text)).ok()?;
        }
        if self.alive() {
            until = until.min(self.last_status.max(self.last_ping) + SILENCE_MAX);
            until = self.incoming.resume_at().map_or(until, |at| until.min(at));
        }
        Some(until)
    }

    fn keep_alive(&mut self, now: Instant) {
        if !self.alive() {
            return;
        }
        if now >= self.last_status.max(self.last_ping) + SILENCE_MAX {
            self.last_ping = now;
            self.tally.pings += 1;
            let ping = Ping { id: None, session: self.session.clone() };
            self.urgent.push_back(encode_client(&ping.into()).into());
        }
        if self.resuming.is_none() && self.incoming.resume_at().is_some_and(|at| now >= at) {
            self.ask_to_resume(now);
        }
    }

    /// Whether there is a session of which statuses are due.
    fn alive(&self) -> bool {
        self.bound && !self.over
    }

    fn ask_to_resume(&mut self, now: Instant) {
        let Some(session) = self.session.clone() else { return };
        let id = self.next_request_id();
        let resume = SessionResume { id: id.clone(), session, last_seq: self.incoming.applied_seq() };
        self.urgent.push_back(encode_client(&resume.into()).into());
        self.resuming = Some(id);
        self.incoming.handle_resume_sent();
        self.last_status = now;
        self.tally.resumes += 1;
    }

    fn handle_message(&mut self, message: ServerMessage, now: Instant) -> Result<(), ClientError> {
        let id = answered_id(&message);
        if id.is_some() && id == self.asked.as_ref() {
            self.asked = None;
            self.answer = Some(message);
            return Ok(());
        }
        let resumes = id.is_some() && id == self.resuming.as_ref();
        match &message {
            ServerMessage::RequestResult(RequestResult { body: ResultBody::Resumed(at), .. }) if resumes => {
                self.resuming = None;
                self.bound = true;
                self.last_status = now;
                let waits = self.outgoing.handle_resumed(at, now);
                self.tally.acknowledgements.extend(waits);
            }
            ServerMessage::Error(Error { code, message, retryable, .. }) if resumes => {
                self.resuming = None;
                if *code == ErrorCode::SessionUnknown && self.outgoing.through_seq() == 0 {
                    self.outgoing.restart();
                    self.bound = true;
                } else if !retryable || *code == ErrorCode::SessionUnknown {
                    return Err(ClientError::NotResumed(*code, message.clone()));
                } else {
                    self.link = Link::Down { until: now + RECONNECT_AFTER, attempt: 0 };
                }
            }
            ServerMessage::Error(Error { re, retryable, retry_after_ms, .. }) => {
                if let Some(seq) = re.seq.filter(|_| re.session == self.session) {
                    let after = Duration::from_millis(retry_after_ms.unwrap_or(RETRY_AFTER_MS));
                    self.outgoing.handle_refusal(seq, *retryable, after, now);
                }
            }
            ServerMessage::SessionStatus(status) if Some(&status.session) == self.session.as_ref() => {
                self.last_status = now;
                let waits = self.outgoing.handle_status(status, now);
                self.tally.acknowledgements.extend(waits);
            }
            ServerMessage::SessionMoved(_) => self.bound = false,
            ServerMessage::GoAway(_) if self.session.is_some() && !self.over => self.drop_connection(Duration::ZERO),
            ServerMessage::InterviewFinished(_) => self.over = true,
            _ => {}
        }
        if message.session().is_none_or(|session| Some(session) == self.session.as_ref()) {
            self.incoming.handle(message, now, &mut self.ready);
        } else {
            self.ready.push_back(message);
        }
        Ok(())
    }

    /// With a session that goes on, another connection is opened.
    fn handle_loss(&mut self, code: Option<u16>) -> Result<(), ClientError> {
        if self.session.is_none() || self.over {
            return Err(ClientError::Closed(code));
        }
        self.tally.losses += 1;
        self.drop_connection(RECONNECT_AFTER);
        Ok(())
    }

    fn next_request_id(&mut self) -> RequestId {
        self.requests += 1;
        RequestId::new(format!("r{}", self.requests)).expect("letters and digits make an id")
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("session", &self.session).field("tally", &self.tally).finish_non_exhaustive()
    }
}

/// Which request a message answers.
fn answered_id(message: &ServerMessage) -> Option<&RequestId> {
    match message {
        ServerMessage::RequestResult(result) => Some(&result.id),
        ServerMessage::Error(error) => error.re.id.as_ref(),
        ServerMessage::Welcome(welcome) => welcome.id.as_ref(),
        ServerMessage::Pong(pong) => pong.id.as_ref(),
        _ => None,
    }
}

/// Reads, while what was written goes out.
fn poll_flush_and_next(
    mut socket: Pin<&mut Socket>,
    cx: &mut Context<'_>,
) -> Poll<Option<Result<Message, tungstenite::Error>>> {
    if let Poll::Ready(Err(error)) = socket.as_mut().poll_flush(cx) {
        return Poll::Ready(Some(Err(error)));
    }
    socket.poll_next(cx)
}

/// Without a status for so long, a client asks.
const SILENCE_MAX: Duration = Duration::from_secs(3);
/// The wait before another connection is opened; it grows with each attempt.
const RECONNECT_AFTER: Duration = Duration::from_millis(250);
/// How often a connection is tried before the client gives up.
const ATTEMPTS_MAX: u32 = 20;
/// The wait before a refused message is sent again, where the server names none.
const RETRY_AFTER_MS: u64 = 500;
/// The wait before a connection that takes nothing is tried again.
const BLOCKED: Duration = Duration::from_millis(20);
/// With nothing to do, the client still looks up so often.
const IDLE: Duration = Duration::from_secs(60);
