//! A small server that speaks the chat completions API, and does what it is told, faults included.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::post;
use futures::{Stream, StreamExt, stream};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;

/// What it does with one request.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Streams these pieces and ends well.
    Say(Vec<String>),
    /// Streams these pieces, then stays silent with the connection open.
    SayAndStall(Vec<String>),
    /// Streams these pieces, then cuts the connection.
    SayAndCut(Vec<String>),
    /// Accepts, and sends nothing at all.
    Silence,
    /// Streams this piece for ever.
    Flood(String),
    /// Streams these events as they are.
    Events(Vec<String>),
    Answer {
        status: u16,
        retry_after: Option<&'static str>,
        content_type: &'static str,
        body: String,
    },
}

/// What reached it.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) authorization: Option<String>,
    pub(crate) body: Value,
}

pub(crate) struct Endpoint {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
    closed: mpsc::UnboundedReceiver<()>,
}

#[derive(Clone)]
struct Shared {
    acts: Arc<Mutex<VecDeque<Act>>>,
    requests: Arc<Mutex<Vec<Request>>>,
    closed: mpsc::UnboundedSender<()>,
}

type Frames = Pin<Box<dyn Stream<Item = Result<Bytes, io::Error>> + Send>>;

impl Endpoint {
    /// Serves one act after another; after the last one, 500.
    pub(crate) async fn start(acts: Vec<Act>) -> Self {
        let (closed_sender, closed) = mpsc::unbounded_channel();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let shared =
            Shared { acts: Arc::new(Mutex::new(acts.into())), requests: requests.clone(), closed: closed_sender };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().route("/v1/chat/completions", post(complete)).with_state(shared);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url: format!("http://{address}/v1"), requests, closed }
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("not poisoned").clone()
    }

    /// Waits until a stream is closed from the other side.
    pub(crate) async fn closed(&mut self) {
        self.closed.recv().await.expect("the server lives");
    }
}

pub(crate) fn pieces(text: &str) -> Vec<String> {
    text.split_inclusive(' ').map(str::to_owned).collect()
}

pub(crate) fn failing(status: u16) -> Act {
    let body = json!({"error": {"message": "sk-secret is the key"}}).to_string();
    Act::Answer { status, retry_after: None, content_type: "application/json", body }
}

pub(crate) fn delta(text: &str) -> String {
    json!({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]}).to_string()
}

pub(crate) fn finish(reason: &str) -> String {
    json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}).to_string()
}

fn usage() -> String {
    json!({"choices": [], "usage": {"prompt_tokens": 321, "completion_tokens": 12}}).to_string()
}

async fn complete(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let authorization = headers.get("authorization").map(|value| value.to_str().expect("text").to_owned());
    let body = serde_json::from_slice(&body).expect("requests are JSON");
    shared.requests.lock().expect("not poisoned").push(Request { authorization, body });
    let act = shared.acts.lock().expect("not poisoned").pop_front().unwrap_or_else(|| failing(500));
    let deltas = |pieces: Vec<String>| {
        stream::iter(pieces.into_iter().map(|piece| delta(&piece)).collect::<Vec<_>>()).map(|event| Ok(frame(&event)))
    };
    let frames: Frames = match act {
        Act::Say(pieces) => {
            let end = [finish("stop"), usage(), "[DONE]".to_owned()].map(|event| Ok(frame(&event)));
            Box::pin(deltas(pieces).chain(stream::iter(end)))
        }
        Act::SayAndStall(pieces) => Box::pin(deltas(pieces).chain(stream::pending())),
        Act::SayAndCut(pieces) => {
            // What was said goes out before the cut.
            let cut = stream::once(async {
                tokio::task::yield_now().await;
                Err(io::Error::other("cut"))
            });
            Box::pin(deltas(pieces).chain(cut))
        }
        Act::Silence => Box::pin(stream::pending()),
        Act::Flood(piece) => Box::pin(stream::repeat_with(move || Ok(frame(&delta(&piece))))),
        Act::Events(events) => Box::pin(stream::iter(events.into_iter().map(|event| Ok(frame(&event))))),
        Act::Answer { status, retry_after, content_type, body } => {
            let mut response = Response::builder()
                .status(StatusCode::from_u16(status).expect("a status"))
                .header("content-type", content_type);
            if let Some(retry_after) = retry_after {
                response = response.header("retry-after", retry_after);
            }
            return response.body(Body::from(body)).expect("a response");
        }
    };
    let guarded = Guarded { frames, over: false, closed: shared.closed.clone() };
    Response::builder()
        .header("content-type", "text/event-stream; charset=utf-8")
        .body(Body::from_stream(guarded))
        .expect("a response")
}

fn frame(event: &str) -> Bytes {
    Bytes::from(format!("data: {event}\n\n"))
}

/// Tells when it is dropped before its end.
struct Guarded {
    frames: Frames,
    over: bool,
    closed: mpsc::UnboundedSender<()>,
}

impl Stream for Guarded {
    type Item = Result<Bytes, io::Error>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        let next = self.frames.as_mut().poll_next(context);
        if let std::task::Poll::Ready(None) = next {
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
