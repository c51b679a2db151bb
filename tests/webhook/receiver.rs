//! A platform's end of a webhook: an HTTP server that keeps what it was posted and answers as it is told.

use axum::Router;
use axum::extract::{Request as AxumRequest, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

/// In place of a status: the connection ends without an answer.
pub(crate) const HANG_UP: u16 = 0;

#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

pub(crate) struct Receiver {
    address: SocketAddr,
    shared: Arc<Shared>,
    requests: Mutex<UnboundedReceiver<Request>>,
    serving: JoinHandle<()>,
}

struct Shared {
    count: AtomicUsize,
    answer: Box<dyn Fn(usize) -> u16 + Send + Sync>,
    keep: UnboundedSender<Request>,
}

impl Receiver {
    /// `answer` gives the status for each request, by its number from 0.
    pub(crate) fn start(answer: impl Fn(usize) -> u16 + Send + Sync + 'static) -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (keep, requests) = unbounded_channel();
        let shared = Arc::new(Shared { count: AtomicUsize::new(0), answer: Box::new(answer), keep });
        let app = Router::new().fallback(receive).with_state(Arc::clone(&shared));
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { address, shared, requests: Mutex::new(requests), serving }
    }

    pub(crate) fn url(&self, target: &str) -> String {
        format!("http://{}{target}", self.address)
    }

    pub(crate) async fn next(&self) -> Request {
        let mut requests = self.requests.lock().await;
        let next = tokio::time::timeout(Duration::from_secs(30), requests.recv()).await;
        next.expect("a request comes").expect("the receiver runs")
    }

    pub(crate) fn count(&self) -> usize {
        self.shared.count.load(Ordering::SeqCst)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn receive(State(shared): State<Arc<Shared>>, request: AxumRequest) -> Response {
    let number = shared.count.fetch_add(1, Ordering::SeqCst);
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 100_000).await.unwrap();
    let headers = head.headers.iter();
    let received = Request {
        method: head.method.to_string(),
        target: head.uri.to_string(),
        headers: headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect(),
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    // Nobody may wait for it any more.
    drop(shared.keep.send(received));
    match (shared.answer)(number) {
        // A task that ends breaks its connection.
        HANG_UP => std::panic::resume_unwind(Box::new("hung up")),
        status if (300..400).contains(&status) => {
            (StatusCode::from_u16(status).unwrap(), [("location", "/elsewhere")]).into_response()
        }
        status => StatusCode::from_u16(status).unwrap().into_response(),
    }
}
