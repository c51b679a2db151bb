//! Events as Bedrock encodes them, and what it refuses in a request.

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use axum::body::Bytes;
use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// One event or exception of a stream.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    kind: &'static str,
    name: &'static str,
    payload: Value,
}

impl Event {
    pub(crate) fn encoded(&self) -> Bytes {
        let header = |name: &'static str, value: &'static str| Header::new(name, HeaderValue::String(value.into()));
        let name = if self.kind == "event" { ":event-type" } else { ":exception-type" };
        let message = Message::new(self.payload.to_string())
            .add_header(header(":message-type", self.kind))
            .add_header(header(name, self.name))
            .add_header(header(":content-type", "application/json"));
        let mut bytes = Vec::new();
        write_message_to(&message, &mut bytes).expect("a message is encoded");
        bytes.into()
    }
}

fn event(name: &'static str, payload: Value) -> Event {
    Event { kind: "event", name, payload }
}

fn delta(delta: Value) -> Event {
    event("contentBlockDelta", json!({"contentBlockIndex": 0, "delta": delta}))
}

pub(crate) fn text(piece: &str) -> Event {
    delta(json!({"text": piece}))
}

pub(crate) fn thought(piece: &str) -> Event {
    delta(json!({"reasoningContent": {"text": piece}}))
}

/// A tool that is called, its input cut into pieces.
pub(crate) fn tool(input: &str) -> Vec<Event> {
    let start = json!({"contentBlockIndex": 0, "start": {"toolUse": {"toolUseId": "tool-1", "name": "debrief"}}});
    let mut events = vec![event("messageStart", json!({"role": "assistant"})), event("contentBlockStart", start)];
    let letters = input.chars().collect::<Vec<_>>();
    events.extend(letters.chunks(17).map(|piece| delta(json!({"toolUse": {"input": String::from_iter(piece)}}))));
    events.push(event("contentBlockStop", json!({"contentBlockIndex": 0})));
    events
}

pub(crate) fn stop(reason: &str) -> Event {
    event("messageStop", json!({"stopReason": reason}))
}

/// What comes last, after the stop.
pub(crate) fn metadata(usage: Value) -> Event {
    event("metadata", json!({"usage": usage, "metrics": {"latencyMs": 5}}))
}

/// A part of an agent's reply.
pub(crate) fn chunk(bytes: &[u8]) -> Event {
    event("chunk", json!({"bytes": STANDARD.encode(bytes)}))
}

/// Any other event of an agent.
pub(crate) fn of_agent(name: &'static str, payload: Value) -> Event {
    event(name, payload)
}

/// An error in mid-stream; as on AWS, its payload does not name it.
pub(crate) fn exception(name: &'static str) -> Event {
    Event { kind: "exception", name, payload: json!({"message": "the prompt was: secret"}) }
}

/// Why a request is refused, if it is.
pub(super) fn unsigned(headers: &HeaderMap) -> Option<String> {
    let signature = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let signed = signature.starts_with("AWS4-HMAC-SHA256 ") && signature.contains("/bedrock/aws4_request");
    (!signed).then(|| "the request is not signed for bedrock".to_owned())
}

pub(super) fn wrong_converse(body: &Value) -> Option<String> {
    let turns = body["messages"].as_array().cloned().unwrap_or_default();
    if turns.is_empty() {
        return Some("a conversation must have a turn".to_owned());
    }
    for (index, turn) in turns.iter().enumerate() {
        if turn["role"] != ["user", "assistant"][index % 2] {
            return Some("a conversation must begin with the user and alternate".to_owned());
        }
        let blocks = turn["content"].as_array().cloned().unwrap_or_default();
        if blocks.is_empty() || blocks.iter().any(|block| is_blank(&block["text"])) {
            return Some("a text must not be blank".to_owned());
        }
    }
    let system = body["system"].as_array().cloned().unwrap_or_default();
    if system.iter().any(|block| block.get("cachePoint").is_none() && is_blank(&block["text"])) {
        return Some("a system text must not be blank".to_owned());
    }
    if body["inferenceConfig"]["maxTokens"].as_u64().is_none_or(|tokens| tokens == 0) {
        return Some("maxTokens must be at least 1".to_owned());
    }
    if let Some(guardrail) = body.get("guardrailConfig")
        && (is_blank(&guardrail["guardrailIdentifier"]) || is_blank(&guardrail["guardrailVersion"]))
    {
        return Some("a guardrail has an identifier and a version".to_owned());
    }
    if let Some(tools) = body.get("toolConfig") {
        let named = &tools["tools"][0]["toolSpec"];
        let chosen = &tools["toolChoice"]["tool"]["name"];
        if named["inputSchema"]["json"]["type"] != "object" || named["name"] != *chosen {
            return Some("a tool has a schema of an object and the name that is chosen".to_owned());
        }
    }
    None
}

pub(super) fn wrong_invoke(session: &str, body: &Value) -> Option<String> {
    let letters = session.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte));
    if !letters || !(2..=100).contains(&session.len()) {
        return Some("the session's id is malformed".to_owned());
    }
    is_blank(&body["inputText"]).then(|| "inputText must not be blank".to_owned())
}

fn is_blank(value: &Value) -> bool {
    value.as_str().is_none_or(|text| text.trim().is_empty())
}
