//! A serverless index of Pinecone as its clients see it: upsert, query, list and delete over REST, shown late.
//!
//! What Pinecone refuses, it refuses: a missing key or version, too many vectors or bytes, metadata that is not flat, filters it does not
//! know. A write is shown a few requests after it was answered.

#![allow(dead_code, reason = "each test crate uses its part")]

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::{get, post};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

pub(crate) const KEY: &str = "pcsk_test";
pub(crate) const VERSION: &str = "2025-10";
const UPSERT_BYTES_MAX: usize = 2 * 1024 * 1024;

pub(crate) struct Pinecone {
    pub(crate) url: String,
    index: Arc<Mutex<Index>>,
}

struct Index {
    dimensions: usize,
    /// Requests after which a write is shown.
    lag: usize,
    namespaces: BTreeMap<String, BTreeMap<String, Record>>,
    late: VecDeque<(usize, Write)>,
    requests: usize,
    upserts: Vec<(usize, usize)>,
    refuse: VecDeque<(u16, Option<&'static str>)>,
}

#[derive(Clone)]
struct Record {
    values: Vec<f32>,
    metadata: serde_json::Map<String, Value>,
}

enum Write {
    Upsert { namespace: String, id: String, record: Record },
    Delete { namespace: String, id: String },
}

type Refused = (StatusCode, String);

impl Pinecone {
    pub(crate) async fn start(dimensions: usize, lag: usize) -> Self {
        let index = Index {
            dimensions,
            lag,
            namespaces: BTreeMap::new(),
            late: VecDeque::new(),
            requests: 0,
            upserts: Vec::new(),
            refuse: VecDeque::new(),
        };
        let index = Arc::new(Mutex::new(index));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new()
            .route("/vectors/upsert", post(upsert))
            .route("/vectors/delete", post(delete))
            .route("/vectors/list", get(list))
            .route("/query", post(query))
            .layer(DefaultBodyLimit::max(2 * UPSERT_BYTES_MAX))
            .with_state(Arc::clone(&index));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url: format!("http://{address}"), index }
    }

    /// Vectors and bytes of each upsert.
    pub(crate) fn upserts(&self) -> Vec<(usize, usize)> {
        self.lock().upserts.clone()
    }

    /// Answers the next requests so.
    pub(crate) fn refuse(&self, answers: impl IntoIterator<Item = (u16, Option<&'static str>)>) {
        self.lock().refuse.extend(answers);
    }

    /// All that is there, whether it is shown or not, by namespace.
    pub(crate) fn held(&self) -> BTreeMap<String, Vec<String>> {
        let mut index = self.lock();
        index.requests += index.lag + 1;
        index.settle();
        let held = index.namespaces.iter().map(|(name, records)| (name.clone(), records.keys().cloned().collect()));
        held.filter(|(_, ids): &(String, Vec<String>)| !ids.is_empty()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Index> {
        self.index.lock().expect("not poisoned")
    }
}

impl Index {
    /// Counts a request, and shows what is old enough.
    fn begin(&mut self, headers: &HeaderMap) -> Result<(), Refused> {
        self.requests += 1;
        self.settle();
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        if header("api-key") != Some(KEY) {
            return Err((StatusCode::UNAUTHORIZED, "Unauthorized".into()));
        }
        if header("x-pinecone-api-version") != Some(VERSION) {
            return Err((StatusCode::BAD_REQUEST, "unknown version".into()));
        }
        if let Some((status, retry_after)) = self.refuse.pop_front() {
            let status = StatusCode::from_u16(status).expect("a status");
            return Err((status, retry_after.unwrap_or_default().into()));
        }
        Ok(())
    }

    fn settle(&mut self) {
        while self.late.front().is_some_and(|(at, _)| *at < self.requests) {
            match self.late.pop_front() {
                Some((_, Write::Upsert { namespace, id, record })) => {
                    self.namespaces.entry(namespace).or_default().insert(id, record);
                }
                Some((_, Write::Delete { namespace, id })) => {
                    self.namespaces.entry(namespace).or_default().remove(&id);
                }
                None => {}
            }
        }
    }

    fn later(&mut self, write: Write) {
        self.late.push_back((self.requests + self.lag, write));
    }

    fn knows(&self, namespace: &str) -> Result<(), Refused> {
        let late =
            self.late.iter().any(|(_, write)| matches!(write, Write::Upsert { namespace: of, .. } if of == namespace));
        if late || self.namespaces.contains_key(namespace) {
            return Ok(());
        }
        Err((StatusCode::NOT_FOUND, "Namespace not found".into()))
    }
}

async fn upsert(State(index): State<Arc<Mutex<Index>>>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let mut index = index.lock().expect("not poisoned");
    let done = index.begin(&headers).and_then(|()| {
        let request = parsed(&headers, &body)?;
        let namespace = namespace_of(&request)?;
        let vectors = request["vectors"].as_array().ok_or_else(|| bad("vectors are missing"))?;
        if vectors.is_empty() || vectors.len() > 1_000 || body.len() > UPSERT_BYTES_MAX {
            return Err(bad("too much for one request"));
        }
        let records = vectors.iter().map(|vector| record(vector, index.dimensions)).collect::<Result<Vec<_>, _>>()?;
        index.upserts.push((records.len(), body.len()));
        let count = records.len();
        for (id, record) in records {
            index.later(Write::Upsert { namespace: namespace.clone(), id, record });
        }
        Ok(json!({"upsertedCount": count}))
    });
    response(done)
}

fn record(vector: &Value, dimensions: usize) -> Result<(String, Record), Refused> {
    let id = vector["id"].as_str().filter(|id| id.is_ascii() && (1..=512).contains(&id.len()));
    let id = id.ok_or_else(|| bad("an id is not accepted"))?;
    let values: Vec<f32> =
        vector["values"].as_array().into_iter().flatten().filter_map(Value::as_f64).map(|value| value as f32).collect();
    if values.len() != dimensions || values.iter().all(|value| *value == 0.0) {
        return Err(bad("a vector does not fit the index"));
    }
    let metadata = vector["metadata"].as_object().cloned().unwrap_or_default();
    let flat = metadata.values().all(|value| value.is_string() || value.is_number() || value.is_boolean());
    if !flat || vector["metadata"].to_string().len() > 40 * 1024 {
        return Err(bad("metadata are not accepted"));
    }
    Ok((id.to_owned(), Record { values, metadata }))
}

async fn delete(State(index): State<Arc<Mutex<Index>>>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let mut index = index.lock().expect("not poisoned");
    let done = index.begin(&headers).and_then(|()| {
        let request = parsed(&headers, &body)?;
        let namespace = namespace_of(&request)?;
        index.knows(&namespace)?;
        let ids = request["ids"].as_array().filter(|ids| (1..=1_000).contains(&ids.len()));
        for id in ids.ok_or_else(|| bad("ids are not accepted"))? {
            let id = id.as_str().ok_or_else(|| bad("an id is no text"))?.to_owned();
            index.later(Write::Delete { namespace: namespace.clone(), id });
        }
        Ok(json!({}))
    });
    response(done)
}

async fn list(
    State(index): State<Arc<Mutex<Index>>>,
    headers: HeaderMap,
    Query(asked): Query<HashMap<String, String>>,
) -> Response<Body> {
    let mut index = index.lock().expect("not poisoned");
    let done = index.begin(&headers).and_then(|()| {
        let namespace = asked.get("namespace").cloned().unwrap_or_default();
        index.knows(&namespace)?;
        let limit: usize = asked.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(100);
        let prefix = asked.get("prefix").cloned().unwrap_or_default();
        if !(1..=100).contains(&limit) || prefix.contains(' ') {
            return Err(bad("limit or prefix is not accepted"));
        }
        let after = asked.get("paginationToken").cloned().unwrap_or_default();
        let ids = index.namespaces.get(&namespace).into_iter().flat_map(BTreeMap::keys);
        let mut ids: Vec<&String> = ids.filter(|id| id.starts_with(&prefix) && **id > after).take(limit + 1).collect();
        let more = ids.len() > limit;
        ids.truncate(limit);
        let vectors: Vec<Value> = ids.iter().map(|id| json!({"id": id})).collect();
        let mut answer = json!({"vectors": vectors, "namespace": namespace, "usage": {"readUnits": 1}});
        if more {
            answer["pagination"] = json!({"next": ids.last()});
        }
        Ok(answer)
    });
    response(done)
}

async fn query(State(index): State<Arc<Mutex<Index>>>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let mut index = index.lock().expect("not poisoned");
    let done = index.begin(&headers).and_then(|()| {
        let request = parsed(&headers, &body)?;
        let namespace = namespace_of(&request)?;
        let top = request["topK"].as_u64().filter(|top| (1..=10_000).contains(top)).ok_or_else(|| bad("topK"))?;
        let empty = BTreeMap::new();
        let records = index.namespaces.get(&namespace).unwrap_or(&empty);
        let vector: Vec<f32> = match (request["vector"].as_array(), request["id"].as_str()) {
            (Some(values), None) => values.iter().filter_map(Value::as_f64).map(|value| value as f32).collect(),
            (None, Some(id)) => records.get(id).map(|record| record.values.clone()).unwrap_or_default(),
            _ => return Err(bad("either a vector or an id")),
        };
        if vector.is_empty() && request["id"].is_string() {
            return Ok(json!({"matches": [], "namespace": namespace}));
        }
        if vector.len() != index.dimensions {
            return Err(bad("the vector does not fit the index"));
        }
        let mut matches = Vec::new();
        for (id, record) in records {
            if passes(&request["filter"], &record.metadata)? {
                let score: f32 = record.values.iter().zip(&vector).map(|(one, other)| one * other).sum();
                matches.push((score, id));
            }
        }
        matches.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| one.1.cmp(other.1)));
        let matches: Vec<Value> =
            matches.into_iter().take(top as usize).map(|(score, id)| json!({"id": id, "score": score})).collect();
        Ok(json!({"matches": matches, "namespace": namespace, "usage": {"readUnits": 5}}))
    });
    response(done)
}

fn passes(filter: &Value, metadata: &serde_json::Map<String, Value>) -> Result<bool, Refused> {
    let Some(filter) = filter.as_object() else {
        return if filter.is_null() { Ok(true) } else { Err(bad("a filter is an object")) };
    };
    let mut all = true;
    for (name, condition) in filter {
        all &= if name == "$and" {
            let parts = condition.as_array().ok_or_else(|| bad("$and takes a list"))?;
            parts.iter().map(|part| passes(part, metadata)).collect::<Result<Vec<_>, _>>()?.into_iter().all(|pass| pass)
        } else if let Some(value) = condition.get("$eq") {
            metadata.get(name) == Some(value)
        } else if let Some(values) = condition.get("$in").and_then(Value::as_array) {
            metadata.get(name).is_some_and(|value| values.contains(value))
        } else {
            return Err(bad("a filter is not known"));
        };
    }
    Ok(all)
}

fn parsed(headers: &HeaderMap, body: &Bytes) -> Result<Value, Refused> {
    if headers.get("content-type").is_none_or(|kind| kind != "application/json") {
        return Err(bad("not JSON"));
    }
    serde_json::from_slice(body).map_err(|_| bad("not JSON"))
}

fn namespace_of(request: &Value) -> Result<String, Refused> {
    let name = request["namespace"].as_str().filter(|name| !name.is_empty() && name.is_ascii() && name.len() <= 512);
    name.map(str::to_owned).ok_or_else(|| bad("a namespace is needed"))
}

fn bad(what: &str) -> Refused {
    (StatusCode::BAD_REQUEST, what.to_owned())
}

fn response(done: Result<Value, Refused>) -> Response<Body> {
    let response = Response::builder().header("content-type", "application/json");
    match done {
        Ok(answer) => response.body(Body::from(answer.to_string())),
        Err((status, what)) => {
            let response = if status.as_u16() == 429 && !what.is_empty() {
                response.header("retry-after", &what)
            } else {
                response
            };
            let body = json!({"code": 3, "message": what, "details": []}).to_string();
            response.status(status).body(Body::from(body))
        }
    }
    .expect("it is right")
}
