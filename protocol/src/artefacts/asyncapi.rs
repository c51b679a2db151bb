//! The AsyncAPI 3.0 document of v1, from the server's point of view: it receives what a client sends. Payloads come from the JSON
//! Schema, examples from the golden vectors.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::v1::{BEARER_SUBPROTOCOL_PREFIX, ClientMessage, SUBPROTOCOL, ServerMessage};

/// The whole document.
pub(super) fn v1(schema: &Value, vectors: &BTreeMap<String, Value>) -> Value {
    let mut schemas = schema["$defs"].clone();
    for_async_api(&mut schemas);
    let mut messages = Map::new();
    let mut on_channel = Map::new();
    let names = names_by_type(schema);
    for kind in ClientMessage::TYPES.iter().chain(ServerMessage::TYPES) {
        let name = &names[*kind];
        messages.insert(name.clone(), message(kind, name, schema, vectors));
        on_channel.insert(name.clone(), json!({ "$ref": format!("#/components/messages/{name}") }));
    }
    json!({
        "asyncapi": "3.0.0",
        "id": "urn:viva:protocol:v1",
        "info": {
            "title": "viva protocol v1",
            "version": "1.0.0",
            "description": "A spoken interview, and chat over course files, over one WebSocket: numbered both ways, acknowledged once a second with credit, resumed exactly from any connection. Text frames only; receivers ignore unknown fields; a client skips an unknown type but counts its `seq`.",
            "license": { "name": "MIT OR Apache-2.0" },
        },
        "defaultContentType": "application/json",
        "servers": servers(),
        "channels": { "connection": {
            "address": "/ws",
            "title": "One connection",
            "description": format!("The sub-protocol `{SUBPROTOCOL}` is offered and echoed. A browser passes its token as a second one, `{BEARER_SUBPROTOCOL_PREFIX}<jwt>`; others as `Authorization: Bearer`."),
            "servers": [{ "$ref": "#/servers/local" }, { "$ref": "#/servers/tls" }],
            "messages": on_channel,
            "bindings": { "ws": {
                "method": "GET",
                "headers": { "type": "object", "required": ["Sec-WebSocket-Protocol"], "properties": {
                    "Sec-WebSocket-Protocol": { "type": "string", "examples": [format!("{SUBPROTOCOL}, {BEARER_SUBPROTOCOL_PREFIX}eyJhbGciOiJFUzI1NiJ9.e30.c2ln")] },
                } },
                "bindingVersion": "0.1.0",
            } },
        } },
        "operations": operations(&names),
        "components": {
            "messages": messages,
            "schemas": schemas,
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "For all but browsers." },
                "subprotocol": { "type": "httpApiKey", "in": "header", "name": "Sec-WebSocket-Protocol", "description": format!("For browsers: `{BEARER_SUBPROTOCOL_PREFIX}<jwt>` as the second sub-protocol.") },
            },
        },
    })
}

fn servers() -> Value {
    let security = json!([
        { "$ref": "#/components/securitySchemes/bearer" },
        { "$ref": "#/components/securitySchemes/subprotocol" },
    ]);
    json!({
        "local": { "host": "127.0.0.1:8080", "protocol": "ws", "description": "`viva serve` on this machine.", "security": security },
        "tls": {
            "host": "{host}", "protocol": "wss", "description": "Anywhere else.", "security": security,
            "variables": { "host": { "default": "viva.example", "description": "Where the server is." } },
        },
    })
}

/// What comes in, what goes out, and for each request what answers it.
fn operations(names: &BTreeMap<String, String>) -> Value {
    let channel = json!({ "$ref": "#/channels/connection" });
    let references = |kinds: &mut dyn Iterator<Item = &&'static str>| -> Vec<Value> {
        kinds.map(|kind| json!({ "$ref": format!("#/channels/connection/messages/{}", names[*kind]) })).collect()
    };
    let mut operations = Map::new();
    for (kind, answer) in REQUESTS {
        let name = &names[*kind];
        operations.insert(
            format!("receive{name}"),
            json!({
                "action": "receive",
                "channel": channel,
                "summary": format!("Answers `{kind}` by `{answer}` or `error`."),
                "messages": references(&mut [*kind].iter()),
                "reply": { "channel": channel, "messages": references(&mut [*answer, "error"].iter()) },
            }),
        );
    }
    let is_request = |kind: &&&'static str| REQUESTS.iter().any(|(request, _)| request == *kind);
    operations.insert(
        "receiveInterview".into(),
        json!({
            "action": "receive",
            "channel": channel,
            "summary": "Keeps what is said in an interview, in the order of `seq`.",
            "messages": references(&mut ClientMessage::TYPES.iter().filter(|kind| !is_request(kind))),
        }),
    );
    operations.insert(
        "send".into(),
        json!({
            "action": "send",
            "channel": channel,
            "summary": "Answers, shows signs of life, and says what happens in the session.",
            "messages": references(&mut ServerMessage::TYPES.iter()),
        }),
    );
    Value::Object(operations)
}

fn message(kind: &str, name: &str, schema: &Value, vectors: &BTreeMap<String, Value>) -> Value {
    let examples: Vec<_> = vectors
        .iter()
        .filter(|(_, vector)| vector["type"] == kind)
        .map(|(name, vector)| json!({ "name": name, "payload": vector }))
        .collect();
    let description = schema["$defs"][name]["description"].as_str().unwrap_or_default();
    json!({
        "name": kind,
        "title": kind,
        "summary": description.split(". ").next().unwrap_or_default(),
        "description": description,
        "contentType": "application/json",
        "payload": { "$ref": format!("#/components/schemas/{name}") },
        "examples": examples,
    })
}

fn names_by_type(schema: &Value) -> BTreeMap<String, String> {
    let definitions = schema["$defs"].as_object().expect("a schema has definitions");
    let mut names: BTreeMap<String, String> = definitions
        .iter()
        .filter_map(|(name, one)| Some((one["properties"]["type"]["const"].as_str()?.to_owned(), name.clone())))
        .collect();
    names.insert("result".into(), "RequestResult".into());
    names
}

/// AsyncAPI reads schemas as draft 7, in which nothing may stand beside a reference.
fn for_async_api(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(for_async_api),
        Value::Object(object) => {
            if let Some(Value::String(path)) = object.get("$ref") {
                let reference = json!({ "$ref": path.replace("#/$defs/", "#/components/schemas/") });
                object.remove("$ref");
                if object.is_empty() {
                    *schema = reference;
                    return;
                }
                object.insert("allOf".into(), json!([reference]));
                return;
            }
            object.values_mut().for_each(for_async_api);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Each request, and what answers it.
const REQUESTS: &[(&str, &str)] = &[
    ("hello", "welcome"),
    ("ping", "pong"),
    ("auth.refresh", "result"),
    ("session.resume", "result"),
    ("session.list", "result"),
    ("session.get", "result"),
    ("session.delete", "result"),
    ("report.review", "result"),
    ("chat.send", "result"),
    ("chat.edit", "result"),
    ("chat.regenerate", "result"),
    ("chat.stop", "result"),
    ("chat.rename", "result"),
    ("chat.feedback", "result"),
    ("chat.history", "result"),
];
