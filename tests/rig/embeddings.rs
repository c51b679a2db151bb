//! Servers that make embeddings, as their clients see them: an OpenAI-compatible one, and Titan Text Embeddings V2 on Bedrock.
//!
//! What the real ones refuse, these refuse. They answer by the rig's small model of meaning; a test tells them what goes wrong, and when.

#![allow(dead_code, reason = "each test crate uses its part")]

use crate::meaning::meaning;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response};
use axum::routing::post;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// What it does with one request in place of answering it.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    Refuse {
        status: u16,
        code: &'static str,
        retry_after: Option<&'static str>,
    },
    Silence,
    /// An answer that is none, whatever was asked.
    Answer(Value),
    /// In another order than asked, with their places.
    Shuffled,
}

pub(crate) const BUSY: Fault = Fault::Refuse { status: 429, code: "ThrottlingException", retry_after: None };

pub(crate) struct EmbeddingsServer {
    pub(crate) url: String,
    shared: Shared,
}

#[derive(Clone)]
struct Shared {
    faults: Arc<Mutex<VecDeque<Fault>>>,
    /// While it is down, all requests are refused.
    down: Arc<Mutex<bool>>,
    texts: Arc<Mutex<Vec<Vec<String>>>>,
    dimensions: usize,
    key: Option<&'static str>,
}

impl EmbeddingsServer {
    pub(crate) async fn start(dimensions: usize) -> Self {
        Self::start_with(dimensions, None, Vec::new()).await
    }

    pub(crate) async fn start_with(dimensions: usize, key: Option<&'static str>, faults: Vec<Fault>) -> Self {
        let shared = Shared {
            faults: Arc::new(Mutex::new(faults.into())),
            down: Arc::default(),
            texts: Arc::default(),
            dimensions,
            key,
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new()
            .route("/v1/embeddings", post(embeddings))
            .route("/model/{model}/invoke", post(invoke))
            .with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url: format!("http://{address}"), shared }
    }

    pub(crate) fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        self.shared.faults.lock().expect("not poisoned").extend(faults);
    }

    pub(crate) fn set_down(&self, down: bool) {
        *self.shared.down.lock().expect("not poisoned") = down;
    }

    /// The texts of each request that was answered.
    pub(crate) fn asked(&self) -> Vec<Vec<String>> {
        self.shared.texts.lock().expect("not poisoned").clone()
    }
}

async fn embeddings(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let Ok(body) = serde_json::from_slice::<Value>(&body) else { return refusal(400, "not JSON", None) };
    let bearer = headers.get("authorization").and_then(|value| value.to_str().ok());
    if shared.key.is_some() && bearer != shared.key.map(|key| format!("Bearer {key}")).as_deref() {
        return refusal(401, "invalid_api_key", None);
    }
    if let Some(wrong) = wrong_request(&body, &shared) {
        return refusal(400, &wrong, None);
    }
    let texts: Vec<String> = strings(&body["input"]);
    let fault = shared.fault();
    let mut data: Vec<Value> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| json!({"object": "embedding", "index": index, "embedding": meaning(text, shared.dimensions)}))
        .collect();
    match fault {
        Some(Fault::Refuse { status, code, retry_after }) => return refusal(status, code, retry_after),
        Some(Fault::Silence) => std::future::pending().await,
        Some(Fault::Answer(answer)) => return answered(&answer),
        Some(Fault::Shuffled) => data.reverse(),
        None => {}
    }
    shared.texts.lock().expect("not poisoned").push(texts);
    let usage = json!({"prompt_tokens": 1, "total_tokens": 1});
    answered(&json!({"object": "list", "model": body["model"], "data": data, "usage": usage}))
}

fn wrong_request(body: &Value, shared: &Shared) -> Option<String> {
    let object = body.as_object()?;
    let known = ["model", "input", "encoding_format", "dimensions"];
    if let Some(unknown) = object.keys().find(|key| !known.contains(&key.as_str())) {
        return Some(format!("unknown parameter {unknown}"));
    }
    if body["model"].as_str().is_none_or(str::is_empty) {
        return Some("model is missing".to_owned());
    }
    if body.get("dimensions").is_some_and(|wanted| wanted.as_u64() != Some(shared.dimensions as u64)) {
        return Some("this model has other dimensions".to_owned());
    }
    let input = body["input"].as_array()?;
    let fits = |text: &Value| text.as_str().is_some_and(|text| !text.is_empty() && text.chars().count() <= 8_100);
    (input.is_empty() || input.len() > 16 || !input.iter().all(fits)).then(|| "input is not accepted".to_owned())
}

async fn invoke(
    State(shared): State<Shared>,
    Path(model): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let signed = headers.get("authorization").and_then(|value| value.to_str().ok());
    if !signed.is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256 ")) {
        return refusal(403, "UnrecognizedClientException", None);
    }
    if !model.starts_with("amazon.titan-embed-text-v2") {
        return refusal(404, "ResourceNotFoundException", None);
    }
    let body = serde_json::from_slice::<Value>(&body).unwrap_or_default();
    let known = ["inputText", "dimensions", "normalize"];
    let exact = body.as_object().is_some_and(|object| object.keys().all(|key| known.contains(&key.as_str())));
    let text = body["inputText"].as_str().unwrap_or_default().to_owned();
    let fits = !text.is_empty() && text.chars().count() <= 50_000 && body["normalize"] == true;
    if !exact || !fits || body["dimensions"] != shared.dimensions {
        return refusal(400, "ValidationException", None);
    }
    match shared.fault() {
        Some(Fault::Refuse { status, code, retry_after }) => return refusal(status, code, retry_after),
        Some(Fault::Silence) => std::future::pending().await,
        Some(Fault::Answer(answer)) => return answered(&answer),
        Some(Fault::Shuffled) | None => {}
    }
    shared.texts.lock().expect("not poisoned").push(vec![text.clone()]);
    let embedding = meaning(&text, shared.dimensions);
    answered(&json!({"embedding": embedding, "embeddingsByType": {"float": embedding}, "inputTextTokenCount": 3}))
}

impl Shared {
    fn fault(&self) -> Option<Fault> {
        if *self.down.lock().expect("not poisoned") {
            return Some(Fault::Refuse { status: 503, code: "ServiceUnavailableException", retry_after: None });
        }
        self.faults.lock().expect("not poisoned").pop_front()
    }
}

fn strings(values: &Value) -> Vec<String> {
    values.as_array().into_iter().flatten().filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

fn answered(answer: &Value) -> Response<Body> {
    let response = Response::builder().header("content-type", "application/json");
    response.body(Body::from(answer.to_string())).expect("it is right")
}

fn refusal(status: u16, code: &str, retry_after: Option<&str>) -> Response<Body> {
    let mut response =
        Response::builder().status(status).header("content-type", "application/json").header("x-amzn-errortype", code);
    if let Some(retry_after) = retry_after {
        response = response.header("retry-after", retry_after);
    }
    let error = json!({"message": code, "error": {"message": code}});
    response.body(Body::from(error.to_string())).expect("it is right")
}
