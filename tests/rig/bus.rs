//! EventBridge's `PutEvents` as far as it can fail: an answer of 200 whose entry was refused. What was taken is kept.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use tokio::task::JoinHandle;

pub(crate) struct Bus {
    address: SocketAddr,
    state: Arc<Mutex<Kept>>,
    serving: JoinHandle<()>,
}

#[derive(Default)]
struct Kept {
    events: Vec<Value>,
    refusals: usize,
}

impl Bus {
    pub(crate) fn start() -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(Kept::default()));
        let app = Router::new().route("/", post(put_events)).with_state(Arc::clone(&state));
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { address, state, serving }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The next so many entries are refused.
    pub(crate) fn refuse(&self, count: usize) {
        self.state.lock().unwrap().refusals = count;
    }

    /// The entries that were taken, their details read.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.state.lock().unwrap().events.clone()
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn put_events(State(state): State<Arc<Mutex<Kept>>>, headers: HeaderMap, body: String) -> Json<Value> {
    assert_eq!(headers["x-amz-target"], "AWSEvents.PutEvents");
    let mut request: Value = serde_json::from_str(&body).unwrap();
    let mut kept = state.lock().unwrap();
    let mut failed = 0;
    let answers: Vec<Value> = request["Entries"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .map(|entry| {
            if kept.refusals > 0 {
                kept.refusals -= 1;
                failed += 1;
                return json!({ "ErrorCode": "ThrottlingException", "ErrorMessage": "Rate exceeded" });
            }
            entry["Detail"] = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
            kept.events.push(entry.take());
            json!({ "EventId": format!("e-{}", kept.events.len()) })
        })
        .collect();
    Json(json!({ "FailedEntryCount": failed, "Entries": answers }))
}
