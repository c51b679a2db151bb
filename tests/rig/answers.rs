//! An HTTP server that gives the answers that it was told to give, in turn, and keeps what it was asked: for what no emulator does, such as a
//! service that is busy or fails. Once it has nothing more to give, it answers 200 and nothing else.

#![allow(dead_code, reason = "each test crate uses its part")]

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// One answer.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// As AWS's REST services refuse: the kind of the error in a header.
    Refuse(u16, &'static str),
    /// Nothing, ever.
    Silence,
}

/// What came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) invocation_type: Option<String>,
    pub(crate) body: Vec<u8>,
}

#[derive(Debug)]
pub(crate) struct Answers {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct State {
    answers: VecDeque<Answer>,
    asked: Vec<Asked>,
}

impl Answers {
    pub(crate) async fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port of this machine is free");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let state = Arc::new(Mutex::new(State { answers: answers.into_iter().collect(), asked: Vec::new() }));
        let serving = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&serving);
                let service = service_fn(move |request| answer(Arc::clone(&state), request));
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        Self { url, state, task }
    }

    /// What came so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.state.lock().expect("nothing panics while it is held").asked.clone()
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(state: Arc<Mutex<State>>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes().to_vec()).unwrap_or_default();
    let invocation_type = head.headers.get("x-amz-invocation-type").and_then(|value| value.to_str().ok());
    let asked = Asked {
        method: head.method.clone(),
        path: head.uri.path().to_owned(),
        invocation_type: invocation_type.map(str::to_owned),
        body,
    };
    let next = {
        let mut state = state.lock().expect("nothing panics while it is held");
        state.asked.push(asked);
        state.answers.pop_front()
    };
    let mut response = Response::new(Full::new(Bytes::new()));
    match next {
        None if head.uri.path().ends_with("/invocations") => *response.status_mut() = StatusCode::ACCEPTED,
        None => {}
        Some(Answer::Refuse(status, kind)) => {
            *response.status_mut() = StatusCode::from_u16(status).expect("a status of HTTP");
            response.headers_mut().insert("x-amzn-errortype", kind.parse().expect("a name"));
            *response.body_mut() = Full::new(Bytes::from(format!(r#"{{"message":"{kind}"}}"#)));
        }
        Some(Answer::Silence) => std::future::pending().await,
    }
    Ok(response)
}
