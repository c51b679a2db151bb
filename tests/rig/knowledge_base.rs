//! A knowledge base of Amazon Bedrock as its clients see it: direct ingestion into a data source of kind CUSTOM, and `Retrieve`.
//!
//! What Bedrock refuses, it refuses: unsigned requests, more than ten documents, empty texts and attributes, filters it does not know. A
//! document is indexed a few requests after it was taken.

#![allow(dead_code, reason = "each test crate uses its part")]

use crate::meaning::meaning;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response};
use axum::routing::{post, put};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

pub(crate) const BASE: &str = "KB12345678";
pub(crate) const SOURCE: &str = "DS12345678";
const DIMENSIONS: usize = 1_024;

pub(crate) struct KnowledgeBaseServer {
    pub(crate) url: String,
    base: Arc<Mutex<Base>>,
}

struct Base {
    /// Requests after which a document is indexed, or gone.
    lag: usize,
    requests: usize,
    documents: BTreeMap<String, Document>,
    refuse: VecDeque<(u16, &'static str)>,
    /// A document that says this cannot be indexed.
    indigestible: Option<&'static str>,
}

struct Document {
    vector: Vec<f32>,
    metadata: Map<String, Value>,
    ready_at: usize,
    deleting: bool,
    failed: bool,
}

type Refused = (u16, &'static str);
type Shared = Arc<Mutex<Base>>;

impl KnowledgeBaseServer {
    pub(crate) async fn start(lag: usize) -> Self {
        let base = Base { lag, requests: 0, documents: BTreeMap::new(), refuse: VecDeque::new(), indigestible: None };
        let base = Arc::new(Mutex::new(base));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let documents = "/knowledgebases/{base}/datasources/{source}/documents";
        let router = Router::new()
            .route(documents, put(ingest))
            .route(&format!("{documents}/getDocuments"), post(tell))
            .route(&format!("{documents}/deleteDocuments"), post(delete))
            .route("/knowledgebases/{base}/retrieve", post(retrieve))
            .with_state(Arc::clone(&base));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url: format!("http://{address}"), base }
    }

    pub(crate) fn refuse(&self, answers: impl IntoIterator<Item = Refused>) {
        self.lock().refuse.extend(answers);
    }

    pub(crate) fn set_indigestible(&self, word: &'static str) {
        self.lock().indigestible = Some(word);
    }

    /// The names of all documents that are there.
    pub(crate) fn held(&self) -> Vec<String> {
        let mut base = self.lock();
        base.requests += base.lag + 1;
        base.settle();
        base.documents.keys().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Base> {
        self.base.lock().expect("not poisoned")
    }
}

impl Base {
    fn begin(&mut self, headers: &HeaderMap, place: (&str, Option<&str>)) -> Result<(), Refused> {
        self.requests += 1;
        self.settle();
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let authorization = header("authorization");
        let signed = authorization.starts_with("AWS4-HMAC-SHA256 ")
            && authorization.contains("/us-east-1/bedrock/aws4_request")
            && authorization.contains("SignedHeaders=")
            && !header("x-amz-date").is_empty();
        if !signed {
            return Err((403, "AccessDeniedException"));
        }
        if place.0 != BASE || place.1.is_some_and(|source| source != SOURCE) {
            return Err((404, "ResourceNotFoundException"));
        }
        self.refuse.pop_front().map_or(Ok(()), Err)
    }

    fn settle(&mut self) {
        let now = self.requests;
        self.documents.retain(|_, document| !document.deleting || document.ready_at > now);
    }

    fn status(&self, name: &str) -> &'static str {
        match self.documents.get(name) {
            None => "NOT_FOUND",
            Some(document) if document.deleting => "DELETING",
            Some(document) if document.ready_at <= self.requests && document.failed => "FAILED",
            Some(document) if document.ready_at <= self.requests => "INDEXED",
            Some(_) => "IN_PROGRESS",
        }
    }

    fn details(&self, names: &[String]) -> Value {
        let detail = |name: &String| {
            json!({
                "knowledgeBaseId": BASE,
                "dataSourceId": SOURCE,
                "identifier": {"dataSourceType": "CUSTOM", "custom": {"id": name}},
                "status": self.status(name),
            })
        };
        json!({"documentDetails": names.iter().map(detail).collect::<Vec<_>>()})
    }
}

async fn ingest(
    State(base): State<Shared>,
    Path((of, source)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let mut base = base.lock().expect("not poisoned");
    let done = base.begin(&headers, (&of, Some(&source))).and_then(|()| {
        let request = parsed(&body)?;
        let documents = request["documents"].as_array().filter(|documents| (1..=10).contains(&documents.len()));
        let mut names = Vec::new();
        for document in documents.ok_or(BAD)? {
            let custom = &document["content"]["custom"];
            let text = custom["inlineContent"]["textContent"]["data"].as_str().filter(|text| !text.is_empty());
            let name =
                custom["customDocumentIdentifier"]["id"].as_str().filter(|name| (1..=2_048).contains(&name.len()));
            let whole = document["content"]["dataSourceType"] == "CUSTOM"
                && custom["sourceType"] == "IN_LINE"
                && custom["inlineContent"]["type"] == "TEXT"
                && document["metadata"]["type"] == "IN_LINE_ATTRIBUTE";
            let (Some(text), Some(name), true) = (text, name, whole) else { return Err(BAD) };
            let metadata = attributes(&document["metadata"]["inlineAttributes"])?;
            let ready_at = base.requests + base.lag;
            let failed = base.indigestible.is_some_and(|word| text.contains(word));
            let vector = meaning(text, DIMENSIONS);
            let document = Document { vector, metadata, ready_at, deleting: false, failed };
            base.documents.insert(name.to_owned(), document);
            names.push(name.to_owned());
        }
        Ok(base.details(&names))
    });
    response(done)
}

fn attributes(given: &Value) -> Result<Map<String, Value>, Refused> {
    let given = given.as_array().filter(|given| (1..=50).contains(&given.len())).ok_or(BAD)?;
    let attribute = |attribute: &Value| {
        let key = attribute["key"].as_str().filter(|key| !key.is_empty())?;
        let value = attribute["value"]["stringValue"].as_str().filter(|value| (1..=2_048).contains(&value.len()))?;
        (attribute["value"]["type"] == "STRING").then(|| (key.to_owned(), Value::from(value)))
    };
    given.iter().map(|given| attribute(given).ok_or(BAD)).collect()
}

async fn tell(
    State(base): State<Shared>,
    Path((of, source)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let mut base = base.lock().expect("not poisoned");
    let done = base.begin(&headers, (&of, Some(&source)));
    response(done.and_then(|()| identifiers(&body)).map(|names| base.details(&names)))
}

async fn delete(
    State(base): State<Shared>,
    Path((of, source)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let mut base = base.lock().expect("not poisoned");
    let done = base.begin(&headers, (&of, Some(&source))).and_then(|()| {
        let names = identifiers(&body)?;
        let gone_at = base.requests + base.lag;
        for name in &names {
            if let Some(document) = base.documents.get_mut(name) {
                (document.deleting, document.ready_at) = (true, gone_at);
            }
        }
        Ok(base.details(&names))
    });
    response(done)
}

async fn retrieve(
    State(base): State<Shared>,
    Path(of): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let mut base = base.lock().expect("not poisoned");
    let done = base.begin(&headers, (&of, None)).and_then(|()| {
        let request = parsed(&body)?;
        let text = request["retrievalQuery"]["text"].as_str().filter(|text| (1..=1_000).contains(&text.chars().count()));
        let search = &request["retrievalConfiguration"]["vectorSearchConfiguration"];
        let limit = search["numberOfResults"].as_u64().filter(|limit| (1..=100).contains(limit)).ok_or(BAD)?;
        let vector = meaning(text.ok_or(BAD)?, DIMENSIONS);
        let mut found = Vec::new();
        for document in base.documents.values().filter(|document| document.ready_at <= base.requests && !document.failed) {
            if passes(&search["filter"], &document.metadata)? {
                let score: f32 = document.vector.iter().zip(&vector).map(|(one, other)| one * other).sum();
                found.push((score, &document.metadata));
            }
        }
        found.sort_by(|one, other| other.0.total_cmp(&one.0));
        let result = |(score, metadata): (f32, &Map<String, Value>)| {
            json!({"content": {"type": "TEXT", "text": "…"}, "location": {"type": "CUSTOM"}, "metadata": metadata, "score": score})
        };
        Ok(json!({"retrievalResults": found.into_iter().take(limit as usize).map(result).collect::<Vec<_>>()}))
    });
    response(done)
}

fn passes(filter: &Value, metadata: &Map<String, Value>) -> Result<bool, Refused> {
    let (name, condition) = filter.as_object().and_then(|filter| filter.iter().next()).ok_or(BAD)?;
    let value = || metadata.get(condition["key"].as_str().unwrap_or_default());
    match (name.as_str(), condition.as_array(), condition["value"].as_array()) {
        ("andAll", Some(parts), _) if parts.len() >= 2 => {
            let passed = parts.iter().map(|part| passes(part, metadata)).collect::<Result<Vec<_>, _>>()?;
            Ok(passed.into_iter().all(|pass| pass))
        }
        ("equals", None, None) => Ok(value() == Some(&condition["value"])),
        ("in", None, Some(values)) if !values.is_empty() => Ok(value().is_some_and(|value| values.contains(value))),
        _ => Err(BAD),
    }
}

fn identifiers(body: &Bytes) -> Result<Vec<String>, Refused> {
    let request = parsed(body)?;
    let given = request["documentIdentifiers"].as_array().filter(|given| (1..=10).contains(&given.len()));
    let name = |given: &Value| {
        let name = given["custom"]["id"].as_str().filter(|_| given["dataSourceType"] == "CUSTOM");
        name.map(str::to_owned).ok_or(BAD)
    };
    given.ok_or(BAD)?.iter().map(name).collect()
}

fn parsed(body: &Bytes) -> Result<Value, Refused> {
    serde_json::from_slice(body).map_err(|_| BAD)
}

const BAD: Refused = (400, "ValidationException");

fn response(done: Result<Value, Refused>) -> Response<Body> {
    let response = Response::builder().header("content-type", "application/json");
    match done {
        Ok(answer) => response.body(Body::from(answer.to_string())),
        Err((status, code)) => {
            let body = json!({"message": "hunter2"}).to_string();
            response.status(status).header("x-amzn-errortype", code).body(Body::from(body))
        }
    }
    .expect("it is right")
}
