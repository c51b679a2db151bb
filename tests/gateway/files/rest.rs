//! A client of the REST API.

use crate::rig::{Options, Server, eventually, identity, token_of};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::atomic::AtomicU32;
use viva::auth::Identity;

pub(crate) struct Rest {
    pub(crate) server: Server,
    http: reqwest::Client,
    /// Conversations that were begun here.
    pub(crate) asked: AtomicU32,
}

/// A text with known answers.
pub(crate) fn guide() -> Vec<u8> {
    let mut text = "# Torts\n\nA tort is a civil wrong.\n\n## Negligence\n\nA duty of care is owed to one's neighbours: those whom an \
                    act may closely affect.\n\n## Nuisance\n\n"
        .to_owned();
    for number in 0..50 {
        text += &format!("Example {number}: smoke, noise or smell that spoils the use of land nearby.\n\n");
    }
    text.into_bytes()
}

pub(crate) fn sha256(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Rest {
    pub(crate) async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    pub(crate) async fn start_with(options: Options) -> Self {
        let options = options.set("VIVA_RECOGNIZER", "none");
        let server = Server::whole(options).await;
        Self { server, http: reqwest::Client::new(), asked: AtomicU32::new(1) }
    }

    /// Status and JSON of the answer; null for none.
    pub(crate) async fn ask_as(&self, who: &Identity, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        self.ask_with(who, method, path, body, &[]).await
    }

    pub(crate) async fn ask_with(
        &self,
        who: &Identity,
        method: &str,
        path: &str,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> (u16, Value) {
        let mut request = self.http.request(method.parse().unwrap(), self.server.url(path)).bearer_auth(token_of(who));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        if status >= 400 {
            assert_eq!(response.headers()["content-type"], "application/problem+json", "{method} {path}");
        }
        let text = response.text().await.unwrap();
        let json: Value = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() };
        if status >= 400 {
            assert_eq!(json["status"], json!(status), "{json}");
            assert_eq!(json["type"], json!(format!("urn:viva:problem:{}", json["code"].as_str().unwrap())));
            assert!(json["title"].is_string() && json["detail"].is_string(), "{json}");
        }
        (status, json)
    }

    pub(crate) async fn ask(&self, user: &str, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        self.ask_as(&identity(user), method, path, body).await
    }

    pub(crate) async fn get(&self, user: &str, path: &str) -> Value {
        let (status, json) = self.ask(user, "GET", path, None).await;
        assert_eq!(status, 200, "{json}");
        json
    }

    pub(crate) async fn begun(&self, who: &Identity, name: &str, content: &[u8], more: Value) -> Value {
        let mut body = json!({"name": name, "bytes": content.len(), "sha256": sha256(content)});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let (status, ticket) = self.ask_as(who, "POST", "/api/uploads", Some(body)).await;
        assert_eq!(status, 201, "{ticket}");
        ticket
    }

    /// Sends bytes as a ticket says.
    pub(crate) async fn send(&self, ticket: &Value, content: &[u8]) -> reqwest::Response {
        let send = &ticket["send"];
        let method = send["method"].as_str().unwrap().parse().unwrap();
        let mut request = self.http.request(method, self.server.url(send["url"].as_str().unwrap()));
        for (name, value) in send["headers"].as_object().unwrap() {
            request = request.header(name, value.as_str().unwrap());
        }
        request.body(content.to_vec()).send().await.unwrap()
    }

    pub(crate) async fn uploaded_as(&self, who: &Identity, name: &str, content: &[u8], more: Value) -> Value {
        let ticket = self.begun(who, name, content, more).await;
        assert_eq!(self.send(&ticket, content).await.status(), 200);
        let path = format!("/api/uploads/{}/complete", ticket["upload"]["id"].as_str().unwrap());
        let (status, document) = self.ask_as(who, "POST", &path, None).await;
        assert_eq!(status, 200, "{document}");
        document
    }

    pub(crate) async fn uploaded(&self, user: &str, name: &str, content: &[u8]) -> Value {
        self.uploaded_as(&identity(user), name, content, json!({})).await
    }

    /// A document once nothing more happens to it.
    pub(crate) async fn settled_as(&self, who: &Identity, id: &str) -> Value {
        let mut last = Value::Null;
        eventually("the document is settled", async || {
            last = self.ask_as(who, "GET", &format!("/api/documents/{id}"), None).await.1;
            ["ready", "failed", "needs_ocr"].iter().any(|state| last["state"] == *state)
        })
        .await;
        last
    }

    pub(crate) async fn settled(&self, user: &str, id: &str) -> Value {
        self.settled_as(&identity(user), id).await
    }

    /// What a search finds.
    pub(crate) async fn found(&self, user: &str, query: &str) -> Value {
        let url = reqwest::Url::parse_with_params(&self.server.url("/api/passages"), [("query", query)]).unwrap();
        let path = format!("{}?{}", url.path(), url.query().unwrap());
        self.get(user, &path).await["passages"].take()
    }
}
