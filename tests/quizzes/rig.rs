//! A server with quizzes, what is known of whoever should make their items, and clients that say which version they have seen.

pub(crate) use crate::school::{COURSE, id, identity, token};

use crate::school;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::oneshot;
use viva::auth::{CourseRole, Identity};
use viva::embedded::sqlite::Store;
use viva::embedded::system::SystemClock;
use viva::handlers::Quizzes;
use viva::ports::clock::Clock;
use viva::ports::ids::{QuizId, TenantId};
use viva::ports::quiz_making::QuizMaking;
use viva::ports::quizzes::{QuizKey, Quizzes as QuizStore};
use viva::quiz::paper::Paper;

const PATIENCE: Duration = Duration::from_secs(10);

/// Notes which quizzes' items are asked for, and makes none: what happens next is a test's to say.
#[derive(Default)]
pub(crate) struct Asked(pub(crate) Mutex<Vec<QuizKey>>);

#[async_trait::async_trait]
impl QuizMaking for Asked {
    async fn start(&self, key: &QuizKey) {
        self.0.lock().unwrap().push(key.clone());
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Makers {
    Noted,
    AtWork,
}

pub(crate) struct School {
    pub(crate) asked: Arc<Asked>,
    pub(crate) store: Arc<Store>,
    addr: SocketAddr,
    http: reqwest::Client,
    _stop: oneshot::Sender<()>,
    _data: TempDir,
    _quizzes: TempDir,
}

#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Reply {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    /// The quiz of an answer with this status; its `ETag` is its version.
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        let json = self.json();
        if let (Some(version), Some(_)) = (json["version"].as_u64(), json.get("findings")) {
            assert_eq!(self.headers["etag"], format!("\"v{version}\""));
        }
        json
    }

    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> String {
        assert_eq!((self.status, &self.json()["code"]), (status, &json!(code)), "{}", self.text());
        assert_eq!(self.headers["content-type"], "application/problem+json");
        self.json()["detail"].as_str().unwrap().to_owned()
    }
}

impl School {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    pub(crate) async fn start_with(more: &[(&str, &str)]) -> Self {
        Self::start_as(Makers::Noted, more).await
    }

    /// With whoever makes items at work.
    pub(crate) async fn at_work() -> Self {
        Self::start_as(Makers::AtWork, &[]).await
    }

    async fn start_as(makers: Makers, more: &[(&str, &str)]) -> Self {
        let (data, own) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let config = school::config(data.path(), more);
        let mut parts = viva::wiring::embedded(&config).await.unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = Store::open(own.path(), Arc::clone(&clock)).unwrap();
        let asked = Arc::new(Asked::default());
        let files = parts.handlers.files.as_ref().unwrap();
        if makers == Makers::Noted {
            parts.handlers.quizzes = Some(Quizzes {
                quizzes: store.clone(),
                attempts: store.clone(),
                evidence: store.clone(),
                documents: files.documents.clone(),
                passages: files.passages.clone(),
                making: asked.clone(),
                notices: files.notices.clone(),
                clock,
                ids: parts.ids.clone(),
                quota: config.quizzes.quota(),
            });
        }
        let (addr, stop) = school::serve(&config, parts);
        Self { asked, store, addr, http: reqwest::Client::new(), _stop: stop, _data: data, _quizzes: own }
    }

    pub(crate) async fn send(
        &self,
        who: &Identity,
        method: &str,
        path: &str,
        body: Option<Vec<u8>>,
        headers: &[(&str, &str)],
    ) -> Reply {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.url()) };
        let mut request = self.http.request(method.parse().unwrap(), url);
        request = request.bearer_auth(token(who));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.body(body.unwrap_or_default()).send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Reply { status, headers, bytes: response.bytes().await.unwrap().to_vec() }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    pub(crate) async fn get(&self, who: &Identity, path: &str) -> Reply {
        self.send(who, "GET", path, None, &[]).await
    }

    pub(crate) async fn post(&self, who: &Identity, path: &str, body: Value) -> Reply {
        self.send(who, "POST", path, Some(body.to_string().into()), &[]).await
    }

    /// A change of a quiz as it was seen; null for no body.
    pub(crate) async fn change(&self, who: &Identity, method: &str, quiz: &Value, rest: &str, body: Value) -> Reply {
        let tag = format!("\"v{}\"", quiz["version"]);
        let path = format!("/api/quizzes/{}{rest}", id(quiz));
        let body = (!body.is_null()).then(|| body.to_string().into());
        self.send(who, method, &path, body, &[("if-match", &tag)]).await
    }

    /// The same judged anew: its items are put in the order that they have.
    pub(crate) async fn judged(&self, who: &Identity, quiz: &Value) -> Value {
        let ids: Vec<&Value> = quiz["items"].as_array().unwrap().iter().map(|item| &item["item"]["id"]).collect();
        self.change(who, "POST", quiz, "/items/order", json!({"items": ids})).await.is(200)
    }

    /// A draft in the course.
    pub(crate) async fn begun(&self, who: &Identity) -> Value {
        self.post(who, "/api/quizzes", json!({"course": COURSE, "title": "Torts"})).await.is(201)
    }

    /// A draft with an item of true or false.
    pub(crate) async fn with_statement(&self, who: &Identity) -> Value {
        let quiz = self.begun(who).await;
        self.change(who, "POST", &quiz, "/items", statement()).await.is(201)
    }

    pub(crate) async fn published(&self, who: &Identity) -> Value {
        let quiz = self.with_statement(who).await;
        self.change(who, "POST", &quiz, "/publish", Value::Null).await.is(200)
    }

    /// What is stored of a quiz is changed as its worker would.
    pub(crate) async fn worked_on(&self, quiz: &str, work: impl FnOnce(&mut Paper)) {
        let key = QuizKey { tenant: TenantId::new("default"), quiz: QuizId::new(quiz) };
        let quiz = self.store.get(&key).await.unwrap().unwrap();
        let mut paper = Paper::from_json(&quiz.paper_json).unwrap();
        work(&mut paper);
        let summary = quiz.summary;
        let change = viva::ports::quizzes::QuizChange {
            title: summary.title,
            state: summary.state,
            items: paper.items.len() as u32,
            sources: paper.sources(),
            work_due: paper.is_at_work().then_some(SystemClock.now()),
            paper_json: paper.to_json(),
            edition_json: None,
            at: SystemClock.now(),
        };
        QuizStore::change(&*self.store, &key, summary.version, change).await.unwrap();
    }

    /// A file that is read and searchable: its document, and its passages.
    pub(crate) async fn uploaded(&self, who: &Identity, text: &str, more: Value) -> Value {
        let content = text.as_bytes();
        let sha256: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
        let mut body = json!({"name": "torts.md", "bytes": content.len(), "sha256": sha256});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let ticket = self.post(who, "/api/uploads", body).await.is(201);
        let url = ticket["send"]["url"].as_str().unwrap();
        let mut put = self.http.put(format!("{}{url}", self.url()));
        for (name, value) in ticket["send"]["headers"].as_object().unwrap() {
            put = put.header(name, value.as_str().unwrap());
        }
        assert_eq!(put.body(content.to_vec()).send().await.unwrap().status(), 200);
        let complete = format!("/api/uploads/{}/complete", ticket["upload"]["id"].as_str().unwrap());
        let document = self.post(who, &complete, Value::Null).await.is(200);
        let path = format!("/api/documents/{}", id(&document));
        let deadline = SystemClock.now().plus_ms(PATIENCE.as_millis() as u64);
        loop {
            let document = self.get(who, &path).await.is(200);
            if ["ready", "failed"].contains(&document["state"].as_str().unwrap()) {
                return document;
            }
            assert!(SystemClock.now() < deadline, "in time: {document}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// A quiz whose items are made of documents, once that is over.
    pub(crate) async fn made(&self, who: &Identity, asked: Value) -> Value {
        let quiz = self.post(who, "/api/quizzes", asked).await.is(202);
        let deadline = SystemClock.now().plus_ms(PATIENCE.as_millis() as u64);
        loop {
            let quiz = self.get(who, &format!("/api/quizzes/{}", id(&quiz))).await.is(200);
            if !["queued", "running"].contains(&quiz["making"]["state"].as_str().unwrap()) {
                return quiz;
            }
            assert!(SystemClock.now() < deadline, "in time: {}", quiz["making"]);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The best passage to a question, in the course.
    pub(crate) async fn passage(&self, who: &Identity, course: &str, query: &str) -> Value {
        let url = format!("{}/api/passages", self.url());
        let url = reqwest::Url::parse_with_params(&url, [("query", query), ("course", course)]).unwrap();
        self.get(who, url.as_str()).await.is(200)["passages"][0].take()
    }
}

pub(crate) fn teacher() -> Identity {
    identity("tom", &[(COURSE, CourseRole::Teacher)])
}

pub(crate) fn student() -> Identity {
    identity("sue", &[(COURSE, CourseRole::Student)])
}

pub(crate) fn statement() -> Value {
    json!({"stem": "A tort is a civil wrong.", "body": {"type": "true_false", "key": true}})
}

/// A single choice whose options are called `a` and on by whoever writes it.
pub(crate) fn choice(stem: &str, options: &[&str], key: &str) -> Value {
    let options: Vec<Value> =
        options.iter().zip('a'..).map(|(text, id)| json!({"id": id.to_string(), "text": text})).collect();
    json!({"stem": stem, "body": {"type": "single_choice", "options": options, "keys": [key]}})
}

/// The codes of what was found of an item.
pub(crate) fn codes(item: &Value) -> Vec<&str> {
    item["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap()).collect()
}
