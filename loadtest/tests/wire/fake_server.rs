//! A server of interviews that are over once `answer.end` was said often enough. Everything is kept in memory, nothing is heard.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use protocol::v1::{
    AnswerCommitted, AnswerReason, ClientMessage, Error, ErrorCode, FinishReason, InterviewFinished, InterviewStarted,
    Model, ModelKind, Params, Pong, QuestionDelta, QuestionDone, QuestionStarted, Re, RequestResult, ResultBody,
    SeqRange, ServerMessage, SessionEvents, SessionId, SessionResumed, SessionState, SessionStatus, TranscriptFinal,
    TranscriptPartial, Usage, Welcome, decode_client, encode_server,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::interval;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};

/// What goes wrong.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trouble {
    /// These messages are lost when they come first.
    pub lost: BTreeSet<u64>,
    /// These are refused when they come first, though the same may be sent again.
    pub refused_once: BTreeSet<u64>,
    /// These are refused for good.
    pub refused: BTreeSet<u64>,
    /// These events are never pushed.
    pub unpushed: BTreeSet<u64>,
    /// The connection breaks after each so many messages.
    pub breaks_every: Option<u64>,
    /// No status ever comes.
    pub silent: bool,
}

/// What the server has.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    pub params: Option<Params>,
    pub inbox: BTreeMap<u64, ClientMessage>,
    pub events: Vec<ServerMessage>,
    pub pings: u64,
    pub resumes: u64,
    turn: u32,
    lost: BTreeSet<u64>,
}

#[derive(Debug, Clone)]
pub(crate) struct FakeServer {
    pub url: String,
    sessions: Arc<Mutex<BTreeMap<SessionId, Stored>>>,
}

impl FakeServer {
    pub(crate) async fn start(trouble: Trouble) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/ws", listener.local_addr().unwrap());
        let sessions = Arc::new(Mutex::default());
        let server = Self { url, sessions };
        let serving = server.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serving.clone().serve(stream, trouble.clone()));
            }
        });
        server
    }

    pub(crate) fn stored<T>(&self, session: &SessionId, look: impl FnOnce(&mut Stored) -> T) -> T {
        look(self.sessions.lock().unwrap().entry(session.clone()).or_default())
    }

    #[expect(clippy::result_large_err, reason = "the library's own type")]
    async fn serve(self, stream: TcpStream, trouble: Trouble) {
        let echo = |request: &Request, mut response: Response| {
            assert!(request.headers()["authorization"].to_str().unwrap().starts_with("Bearer "));
            let protocol = request.headers()["sec-websocket-protocol"].clone();
            response.headers_mut().insert("sec-websocket-protocol", protocol);
            Ok(response)
        };
        let mut socket = tokio_tungstenite::accept_hdr_async(stream, echo).await.unwrap();
        let mut status = interval(Duration::from_millis(100));
        let (mut bound, mut pushed, mut count) = (None, 0, 0);
        loop {
            let mut out = Vec::new();
            tokio::select! {
                message = socket.next() => {
                    let Some(Ok(message)) = message else { return };
                    let Message::Text(text) = message else { continue };
                    count += 1;
                    if trouble.breaks_every.is_some_and(|every| count > every) {
                        return;
                    }
                    let message = decode_client(text.as_bytes()).unwrap();
                    self.handle(message, &trouble, &mut bound, &mut pushed, &mut out);
                }
                _ = status.tick() => {
                    if let Some(session) = bound.as_ref().filter(|_| !trouble.silent) {
                        out.push(self.stored(session, |stored| stored.status(session)));
                    }
                }
            }
            if let Some(session) = &bound {
                let events = self.stored(session, |stored| stored.events[pushed..].to_vec());
                pushed += events.len();
                out.extend(events.into_iter().filter(|event| !trouble.unpushed.contains(&event.seq().unwrap())));
            }
            for message in out {
                if socket.send(Message::Text(encode_server(&message).into())).await.is_err() {
                    return;
                }
            }
        }
    }

    fn handle(
        &self,
        message: ClientMessage,
        trouble: &Trouble,
        bound: &mut Option<SessionId>,
        pushed: &mut usize,
        out: &mut Vec<ServerMessage>,
    ) {
        match message {
            ClientMessage::Hello(hello) => out.push(welcome(hello.id)),
            ClientMessage::Ping(ping) => {
                if let Some(session) = &ping.session {
                    self.stored(session, |stored| stored.pings += 1);
                }
                out.push(Pong { id: ping.id, session: ping.session }.into());
            }
            ClientMessage::SessionResume(resume) => self.stored(&resume.session, |stored| {
                if stored.params.is_none() {
                    let re = Re { id: Some(resume.id), session: Some(resume.session.clone()), seq: None };
                    return out.push(error(ErrorCode::SessionUnknown, re));
                }
                stored.resumes += 1;
                *bound = Some(resume.session.clone());
                *pushed = stored.events.len();
                out.push(
                    RequestResult {
                        id: resume.id,
                        body: ResultBody::Resumed(Box::new(stored.resumed(&resume.session))),
                    }
                    .into(),
                );
                out.push(stored.events_after(&resume.session, resume.last_seq));
            }),
            message => {
                let (session, seq) = (message.session().unwrap().clone(), message.seq().unwrap());
                let re = Re { id: None, session: Some(session.clone()), seq: Some(seq) };
                self.stored(&session, |stored| {
                    let first = stored.lost.insert(seq);
                    if first && trouble.lost.contains(&seq) {
                        return;
                    }
                    if first && trouble.refused_once.contains(&seq) {
                        let mut error = Error {
                            code: ErrorCode::RateLimited,
                            message: "later".into(),
                            retryable: true,
                            re,
                            retry_after_ms: Some(20),
                        };
                        error.retry_after_ms = Some(20);
                        return out.push(error.into());
                    }
                    if trouble.refused.contains(&seq) {
                        out.push(error(ErrorCode::AudioInvalid, re));
                    }
                    if let ClientMessage::InterviewStart(start) = &message {
                        stored.params = Some(start.params.clone());
                        *bound = Some(session.clone());
                    }
                    if stored.inbox.insert(seq, message.clone()).is_none() {
                        stored.react(&session, &message, out);
                    }
                });
            }
        }
    }
}

impl Stored {
    fn through(&self) -> u64 {
        (1..).take_while(|seq| self.inbox.contains_key(seq)).last().unwrap_or(0)
    }

    fn media_ms(&self) -> u64 {
        self.inbox
            .values()
            .filter_map(|message| match message {
                ClientMessage::Audio(audio) => Some(audio.media_ms + 100),
                _ => None,
            })
            .max()
            .unwrap_or(0)
    }

    fn status(&self, session: &SessionId) -> ServerMessage {
        let (through, head) = (self.through(), self.inbox.keys().max().copied().unwrap_or(0));
        let missing = (through + 1..head).filter(|seq| !self.inbox.contains_key(seq));
        SessionStatus {
            session: session.clone(),
            epoch: 1,
            inbox_through_seq: through,
            window_through_seq: through + 64,
            missing: missing.map(|seq| SeqRange { from_seq: seq, through_seq: seq }).take(32).collect(),
            outbox_head_seq: self.events.len() as u64,
            buffered_ms: 0,
        }
        .into()
    }

    fn resumed(&self, session: &SessionId) -> SessionResumed {
        SessionResumed {
            session: session.clone(),
            state: SessionState::Open,
            epoch: 1,
            outbox_head_seq: self.events.len() as u64,
            inbox_through_seq: self.through(),
            inbox_head_seq: self.inbox.keys().max().copied().unwrap_or(0),
            window_through_seq: self.through() + 64,
            media_ms: self.media_ms(),
        }
    }

    fn events_after(&self, session: &SessionId, last_seq: u64) -> ServerMessage {
        SessionEvents {
            session: session.clone(),
            from_seq: last_seq + 1,
            through_seq: self.events.len() as u64,
            events: self.events[last_seq as usize..].to_vec(),
        }
        .into()
    }

    fn react(&mut self, session: &SessionId, message: &ClientMessage, out: &mut Vec<ServerMessage>) {
        match message {
            ClientMessage::InterviewStart(start) => {
                let model = Model { name: "fake".into(), kind: ModelKind::Scripted };
                let params = start.params.clone();
                self.emit(|seq| {
                    InterviewStarted {
                        session: session.clone(),
                        seq,
                        params,
                        model,
                        recognizer: None,
                        guide: None,
                        media_ms: None,
                    }
                    .into()
                });
                self.ask(session);
            }
            ClientMessage::Audio(audio) => {
                let (turn, media_ms) = (self.turn, Some(audio.media_ms + 50));
                out.push(
                    TranscriptPartial {
                        session: session.clone(),
                        epoch: 1,
                        turn,
                        segment: 1,
                        revision: 1,
                        text: "one".into(),
                        stable_chars: 0,
                        media_ms,
                    }
                    .into(),
                );
            }
            ClientMessage::AnswerEnd(end) if end.turn == self.turn => {
                let (turn, media_ms) = (self.turn, Some(self.media_ms()));
                self.emit(|seq| {
                    TranscriptFinal {
                        session: session.clone(),
                        seq,
                        turn,
                        segment: 1,
                        text: "one two".into(),
                        words: vec![],
                        media_ms,
                    }
                    .into()
                });
                self.emit(|seq| {
                    AnswerCommitted {
                        session: session.clone(),
                        seq,
                        turn,
                        text: "One, two.".into(),
                        metrics: vec![],
                        reason: AnswerReason::Ended,
                        media_ms,
                    }
                    .into()
                });
                if turn < self.params.as_ref().unwrap().questions {
                    self.ask(session);
                } else {
                    self.emit(|seq| {
                        InterviewFinished {
                            session: session.clone(),
                            seq,
                            reason: FinishReason::Completed,
                            usage: usage(),
                            media_ms,
                        }
                        .into()
                    });
                }
            }
            _ => {}
        }
    }

    fn ask(&mut self, session: &SessionId) {
        self.turn += 1;
        let turn = self.turn;
        self.emit(|seq| {
            QuestionStarted {
                session: session.clone(),
                seq,
                turn,
                attempt: 1,
                guide: None,
                limit_ms: None,
                media_ms: None,
            }
            .into()
        });
        for text in ["What ", "then?"] {
            self.emit(|seq| {
                QuestionDelta { session: session.clone(), seq, turn, attempt: 1, text: text.into(), media_ms: None }
                    .into()
            });
        }
        self.emit(|seq| {
            QuestionDone { session: session.clone(), seq, turn, attempt: 1, text: "What then?".into(), media_ms: None }
                .into()
        });
    }

    fn emit(&mut self, event: impl FnOnce(u64) -> ServerMessage) {
        self.events.push(event(self.events.len() as u64 + 1));
    }
}

fn error(code: ErrorCode, re: Re) -> ServerMessage {
    Error { code, message: code.to_string(), retryable: code.retryable(), re, retry_after_ms: None }.into()
}

fn welcome(id: Option<protocol::v1::RequestId>) -> ServerMessage {
    let text = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../protocol/vectors/v1/welcome.json")).unwrap();
    let ServerMessage::Welcome(welcome) = protocol::v1::decode_server(&text).unwrap() else {
        panic!("another message")
    };
    Welcome { id, ..welcome }.into()
}

fn usage() -> Usage {
    Usage {
        audio_ms: 0,
        speech_ms: 0,
        recognizer_ms: 0,
        recognizer_streams: 0,
        model_requests: 0,
        model_input_tokens: 0,
        model_output_tokens: 0,
        speculative_requests: 0,
        speculative_dropped_tokens: 0,
        messages: 0,
        services: None,
        cost_micro_usd: None,
    }
}
