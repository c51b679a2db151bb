//! The JSON Schema of v1: one definition for each message with its `type`, and the unions of both directions.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::v1::limits::SAFE_INTEGER_MAX;
use crate::v1::{ClientMessage, RequestId, ServerMessage};

/// The whole schema.
pub(super) fn v1() -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let mut messages = Map::new();
    let client = add_messages(&mut messages, ClientMessage::body_schemas(&mut generator));
    let server = add_messages(&mut messages, ServerMessage::body_schemas(&mut generator));
    generator.subschema_for::<RequestId>();
    let mut definitions = definitions(generator);
    split_results(&mut messages, &mut definitions);
    definitions.extend(messages);
    definitions.insert("ClientMessage".into(), json!({ "description": "A message from a client.", "oneOf": client }));
    definitions.insert("ServerMessage".into(), json!({ "description": "A message from a server.", "anyOf": server }));
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:viva:protocol:v1",
        "title": "viva protocol v1",
        "description": "Every message of the sub-protocol viva.v1. Receivers ignore unknown fields.",
        "anyOf": [{ "$ref": "#/$defs/ClientMessage" }, { "$ref": "#/$defs/ServerMessage" }],
        "$defs": definitions,
    });
    tidy(&mut schema);
    schema
}

fn definitions(mut generator: SchemaGenerator) -> Map<String, Value> {
    generator.take_definitions(true)
}

/// Adds a message's definition under its type's name, and gives back the references to all of them.
fn add_messages(
    definitions: &mut Map<String, Value>,
    bodies: Vec<(&'static str, &'static str, schemars::Schema)>,
) -> Vec<Value> {
    let mut references = Vec::new();
    for (kind, name, body) in bodies {
        definitions.insert(name.into(), with_fields(body.to_value(), &[("type", json!({ "const": kind }))]));
        references.push(json!({ "$ref": format!("#/$defs/{name}") }));
    }
    references
}

/// `result` has as many shapes as there are requests: each becomes a definition of its own with `type` and `id`.
fn split_results(messages: &mut Map<String, Value>, definitions: &mut Map<String, Value>) {
    let result = messages.get_mut("RequestResult").expect("the server answers requests");
    let alternatives = result["anyOf"].as_array().expect("a result has alternatives").clone();
    let mut references = Vec::new();
    for alternative in alternatives {
        let path = alternative["$ref"].as_str().expect("an alternative is a reference");
        let name = path.rsplit('/').next().expect("a path has an end").to_owned();
        let body = definitions.remove(&name).expect("a reference has a definition");
        let id = json!({ "description": "The request's own `id`.", "$ref": "#/$defs/RequestId" });
        let name = format!("{name}Result");
        references.push(json!({ "$ref": format!("#/$defs/{name}") }));
        definitions.insert(name, with_fields(body, &[("type", json!({ "const": "result" })), ("id", id)]));
    }
    *result = json!({ "description": result["description"], "anyOf": references });
}

/// Puts required fields before an object's own.
fn with_fields(mut object: Value, fields: &[(&str, Value)]) -> Value {
    if object.get("anyOf").is_some() {
        return object;
    }
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (name, schema) in fields {
        properties.insert((*name).into(), schema.clone());
        required.push(json!(name));
    }
    if let Some(Value::Object(own)) = object.get("properties").cloned() {
        properties.extend(own);
    }
    if let Some(Value::Array(own)) = object.get("required").cloned() {
        required.extend(own);
    }
    object["properties"] = Value::Object(properties);
    object["required"] = Value::Array(required);
    object
}

/// An optional field is absent, never null; and integers stay within what every client holds exactly.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Object(object) => {
            object
                .remove("default")
                .filter(|default| !default.is_null())
                .map(|kept| object.insert("default".into(), kept));
            if let Some(Value::Array(types)) = object.get("type") {
                let only: Vec<_> = types.iter().filter(|kind| *kind != "null").cloned().collect();
                object.insert("type".into(), only.into_iter().next().unwrap_or(Value::Null));
            }
            if let Some(Value::Array(choices)) = object.get("anyOf") {
                let null = json!({ "type": "null" });
                let only: Vec<_> = choices.iter().filter(|choice| **choice != null).cloned().collect();
                if let ([Value::Object(one)], true) = (only.as_slice(), choices.contains(&null)) {
                    object.extend(one.clone());
                    object.remove("anyOf");
                }
            }
            if let Some(format) = object.remove("format") {
                let max = match format.as_str() {
                    Some("uint64") => Some(SAFE_INTEGER_MAX),
                    Some("uint32") => Some(u64::from(u32::MAX)),
                    _ => None,
                };
                if let (Some(max), false) = (max, object.contains_key("maximum")) {
                    object.insert("maximum".into(), json!(max));
                }
            }
            object.values_mut().for_each(tidy);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
