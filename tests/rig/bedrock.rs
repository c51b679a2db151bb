//! Amazon Bedrock as its clients see it: ConverseStream and InvokeAgent over the real event-stream encoding, faults included.
//!
//! What Bedrock refuses, it refuses: unsigned requests, turns out of order, empty texts, sessions used again. It does what it is told with one
//! request after another; it generates nothing.

#![allow(dead_code, reason = "each test crate uses its part")]

#[path = "bedrock/wire.rs"]
mod wire;

pub(crate) use wire::{Event, chunk, exception, metadata, of_agent, stop, text, thought, tool};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response};
use axum::routing::post;
use futures::{Stream, StreamExt, stream};
use serde_json::{Value, json};
use std::collections::{HashSet, VecDeque};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// What it does with one request.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Stream(Vec<Event>),
    /// Then it stays silent with the connection open.
    StreamAndStall(Vec<Event>),
    StreamAndCut(Vec<Event>),
    Flood(Event),
    /// Accepts, and sends nothing at all.
    Silence,
    Refuse {
        status: u16,
        code: &'static str,
        message: &'static str,
        retry_after: Option<&'static str>,
    },
    /// Bytes that are no event.
    Garbage,
}

/// What reached it.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// The model's id, or agent and alias.
    pub(crate) of: String,
    pub(crate) session: Option<String>,
    pub(crate) body: Value,
}

pub(crate) struct Bedrock {
    pub(crate) url: String,
    shared: Shared,
    closed: mpsc::UnboundedReceiver<()>,
}

#[derive(Clone)]
struct Shared {
    acts: Arc<Mutex<VecDeque<Act>>>,
    requests: Arc<Mutex<Vec<Request>>>,
    sessions: Arc<Mutex<HashSet<String>>>,
    closed: mpsc::UnboundedSender<()>,
}

type Frames = Pin<Box<dyn Stream<Item = Result<Bytes, io::Error>> + Send>>;

impl Bedrock {
    /// Serves one act after another; after the last one, an internal error.
    pub(crate) async fn start(acts: Vec<Act>) -> Self {
        let (closed_sender, closed) = mpsc::unbounded_channel();
        let shared = Shared {
            acts: Arc::new(Mutex::new(acts.into())),
            requests: Arc::default(),
            sessions: Arc::default(),
            closed: closed_sender,
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new()
            .route("/model/{model}/converse-stream", post(converse))
            .route("/agents/{agent}/agentAliases/{alias}/sessions/{session}/text", post(invoke))
            .with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url: format!("http://{address}"), shared, closed }
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().expect("not poisoned").clone()
    }

    /// Waits until a stream is closed from the other side.
    pub(crate) async fn closed(&mut self) {
        self.closed.recv().await.expect("the server lives");
    }
}

async fn converse(
    State(shared): State<Shared>,
    Path(model): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let body = serde_json::from_slice::<Value>(&body).expect("requests are JSON");
    let wrong = wire::unsigned(&headers).or_else(|| wire::wrong_converse(&body));
    shared.answer(Request { of: model, session: None, body }, wrong)
}

async fn invoke(
    State(shared): State<Shared>,
    Path((agent, alias, session)): Path<(String, String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let body = serde_json::from_slice::<Value>(&body).expect("requests are JSON");
    let fresh = shared.sessions.lock().expect("not poisoned").insert(session.clone());
    let used = (!fresh).then(|| "the session has been used before".to_owned());
    let wrong = wire::unsigned(&headers).or_else(|| wire::wrong_invoke(&session, &body)).or(used);
    shared.answer(Request { of: format!("{agent}/{alias}"), session: Some(session), body }, wrong)
}

impl Shared {
    fn answer(&self, request: Request, wrong: Option<String>) -> Response<Body> {
        self.requests.lock().expect("not poisoned").push(request);
        if let Some(wrong) = wrong {
            return refusal(400, "ValidationException", &wrong, None);
        }
        let next = self.acts.lock().expect("not poisoned").pop_front();
        let told = |events: Vec<Event>| stream::iter(events).map(|event| Ok(event.encoded()));
        let frames: Frames = match next {
            Some(Act::Stream(events)) => Box::pin(told(events)),
            Some(Act::StreamAndStall(events)) => Box::pin(told(events).chain(stream::pending())),
            Some(Act::StreamAndCut(events)) => Box::pin(told(events).chain(stream::once(async {
                // What was said goes out before the cut.
                tokio::task::yield_now().await;
                Err(io::Error::other("cut"))
            }))),
            Some(Act::Flood(event)) => Box::pin(stream::repeat_with(move || Ok(event.encoded()))),
            Some(Act::Silence) => Box::pin(stream::pending()),
            Some(Act::Garbage) => Box::pin(stream::iter([Ok(Bytes::from_static(&[0xff; 64]))])),
            Some(Act::Refuse { status, code, message, retry_after }) => {
                return refusal(status, code, message, retry_after);
            }
            None => return refusal(500, "InternalServerException", "nothing is left to do", None),
        };
        let guarded = Guarded { frames, over: false, closed: self.closed.clone() };
        Response::builder()
            .header("content-type", "application/vnd.amazon.eventstream")
            .body(Body::from_stream(guarded))
            .expect("a response")
    }
}

fn refusal(status: u16, code: &str, message: &str, retry_after: Option<&str>) -> Response<Body> {
    let mut response = Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .header("x-amzn-errortype", format!("{code}:http://internal.amazon.com/coral/com.amazon.bedrock/"));
    if let Some(retry_after) = retry_after {
        response = response.header("retry-after", retry_after);
    }
    response.body(Body::from(json!({"message": message}).to_string())).expect("a response")
}

/// Tells when it is dropped before its end.
struct Guarded {
    frames: Frames,
    over: bool,
    closed: mpsc::UnboundedSender<()>,
}

impl Stream for Guarded {
    type Item = Result<Bytes, io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self.frames.as_mut().poll_next(context);
        if let Poll::Ready(None) = next {
            self.over = true;
        }
        next
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if !self.over {
            // The test may be over.
            let _ = self.closed.send(());
        }
    }
}
