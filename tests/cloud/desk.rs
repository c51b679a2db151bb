//! Somebody at a desk: asks the REST API, sends files where it says, and speaks and listens over one WebSocket, all as a browser does.

use crate::stack::Stack;
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, interval, timeout_at};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Far longer than anything here takes, also on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct Desk<'s> {
    stack: &'s Stack,
    token: String,
    http: reqwest::Client,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    told: Vec<Value>,
}

impl<'s> Desk<'s> {
    pub(crate) async fn open(stack: &'s Stack, user: &str) -> Self {
        Self::open_with(stack, stack.token(user)).await
    }

    pub(crate) async fn open_with(stack: &'s Stack, token: String) -> Self {
        let mut request = stack.web_socket_url().into_client_request().expect("an address");
        let protocols = format!("viva.v1, viva.bearer.{token}");
        request.headers_mut().insert("sec-websocket-protocol", protocols.parse().expect("visible ASCII"));
        let (socket, _) = connect_async(request).await.expect("a connection");
        let http = loadtest::token::http_client().expect("a client of HTTP can be made");
        Self { stack, token, http, socket, told: Vec::new() }
    }

    /// Status and JSON of the answer; null for none.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        self.ask_with(method, path, body, &[]).await
    }

    pub(crate) async fn ask_with(
        &self,
        method: &str,
        path: &str,
        body: Value,
        headers: &[(&str, &str)],
    ) -> (u16, Value) {
        let url = format!("{}{path}", self.stack.output("ApiUrl"));
        let mut request = self.http.request(method.parse().unwrap(), url).bearer_auth(&self.token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !body.is_null() {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("a text");
        let json =
            if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap_or(Value::String(text)) };
        (status, json)
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, json) = self.ask("GET", path, Value::Null).await;
        assert_eq!(status, 200, "{path}: {json}\n{}", self.stack.said());
        json
    }

    /// Permission to send a file.
    pub(crate) async fn begin(&self, name: &str, content: &[u8]) -> Value {
        self.begin_with(name, content, json!({})).await
    }

    async fn begin_with(&self, name: &str, content: &[u8], more: Value) -> Value {
        let sha256: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
        let mut wanted = json!({ "name": name, "bytes": content.len(), "sha256": sha256 });
        wanted.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let (status, ticket) = self.ask("POST", "/api/uploads", wanted).await;
        assert_eq!(status, 201, "{ticket}\n{}", self.stack.said());
        ticket
    }

    /// Sends bytes as a ticket says; the status.
    pub(crate) async fn send(&self, ticket: &Value, content: &[u8]) -> u16 {
        let send = &ticket["send"];
        let method = send["method"].as_str().unwrap().parse().unwrap();
        let mut request = self.http.request(method, send["url"].as_str().unwrap());
        for (name, value) in send["headers"].as_object().unwrap() {
            request = request.header(name, value.as_str().unwrap());
        }
        request.body(content.to_vec()).send().await.expect("an answer").status().as_u16()
    }

    /// Where a part of a file goes.
    pub(crate) async fn part_address(&self, ticket: &Value, number: usize) -> Value {
        let path = format!("/api/uploads/{}/parts/{number}", ticket["upload"]["id"].as_str().unwrap());
        let (status, send) = self.ask("POST", &path, Value::Null).await;
        assert_eq!(status, 200, "{send}\n{}", self.stack.said());
        json!({ "send": send })
    }

    /// What a signed link shows; `None`: it is not there.
    pub(crate) async fn fetch(&self, url: &str) -> Option<Vec<u8>> {
        let answer = self.http.get(url).send().await.expect("an answer");
        match answer.status().as_u16() {
            200 => Some(answer.bytes().await.expect("a body").to_vec()),
            404 => None,
            other => panic!("{url}: {other}: {}", answer.text().await.unwrap_or_default()),
        }
    }

    /// A file on its way, and the document that it becomes once it has come.
    pub(crate) async fn upload(&self, name: &str, content: &[u8]) -> (Value, String) {
        let ticket = self.begin(name, content).await;
        assert_eq!(self.send(&ticket, content).await, 200, "{ticket}\n{}", self.stack.said());
        let document = ticket["upload"]["document"].as_str().unwrap().to_owned();
        (ticket, document)
    }

    /// A document of a course, once it is ready.
    pub(crate) async fn course_file(&mut self, course: &str, name: &str, content: &[u8]) -> String {
        let ticket = self.begin_with(name, content, json!({ "course": course })).await;
        assert_eq!(self.send(&ticket, content).await, 200, "{ticket}\n{}", self.stack.said());
        let id = ticket["upload"]["document"].as_str().unwrap().to_owned();
        let settled = self.document(&id, &["ready", "failed"]).await;
        assert_eq!(settled["state"], "ready", "{settled}\n{}", self.stack.said());
        id
    }

    pub(crate) async fn say(&mut self, message: Value) {
        self.socket.send(Message::text(message.to_string())).await.expect("it is sent");
    }

    /// The first message like that, told before or to come; batches are taken apart. While it waits it asks after the session, if one is
    /// named, as clients do that hear nothing.
    pub(crate) async fn told(&mut self, session: Option<&str>, what: &str, so: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        let mut pings = interval(Duration::from_secs(3));
        let mut seen = 0;
        loop {
            if let Some(found) = self.told[seen..].iter().find(|message| so(message)) {
                return found.clone();
            }
            seen = self.told.len();
            tokio::select! {
                next = timeout_at(deadline, self.socket.next()) => {
                    let Ok(next) = next else { panic!("not told of {what}: {:#?}\n{}", self.told, self.stack.said()) };
                    match next {
                        Some(Ok(Message::Text(text))) => self.hear(&text),
                        Some(Ok(_)) => {}
                        other => panic!("{what}: the connection is gone: {other:?}\n{}", self.stack.said()),
                    }
                }
                _ = pings.tick(), if session.is_some() => {
                    self.say(json!({ "type": "ping", "session": session })).await;
                }
            }
        }
    }

    fn hear(&mut self, text: &str) {
        let message: Value = serde_json::from_str(text).expect("JSON");
        match message["events"].as_array() {
            Some(events) => self.told.extend(events.clone()),
            None => self.told.push(message),
        }
    }

    /// Everything of one type that was told so far.
    pub(crate) fn all(&self, kind: &str) -> Vec<&Value> {
        self.told.iter().filter(|message| message["type"] == kind).collect()
    }

    /// Waits until a document is in one of these states, as it is told.
    pub(crate) async fn document(&mut self, id: &str, states: &[&str]) -> Value {
        let what = format!("{id} as {states:?}");
        let told = self.told(None, &what, |message| {
            message["type"] == "document.status"
                && message["document"]["document"] == id
                && states.iter().any(|state| message["document"]["state"] == *state)
        });
        told.await["document"].clone()
    }

    /// Waits until a link shows nothing any more.
    pub(crate) async fn until_gone(&self, url: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.fetch(url).await.is_some() {
            assert!(Instant::now() < deadline, "the file is still there:\n{}", self.stack.said());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}
