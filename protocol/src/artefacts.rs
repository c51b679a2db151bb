//! What is published for those who write clients: JSON Schema, AsyncAPI 3 document and TypeScript types, all made from
//! the message types. Nothing here reads or writes files: see `src/bin/protocol_schema.rs`.

mod asyncapi;
mod json_schema;
mod typescript;

use std::collections::BTreeMap;

use serde_json::Value;

/// The command that brings the artefacts up to date.
pub const WRITE_COMMAND: &str = "cargo run -p protocol --features schema --bin protocol-schema -- --write";

/// Makes every artefact of v1: file name and content. `vectors` are the golden vectors by name, for the examples.
pub fn v1(vectors: &BTreeMap<String, Value>) -> Vec<(&'static str, String)> {
    let schema = sorted(json_schema::v1());
    vec![
        ("v1.schema.json", pretty(&schema)),
        ("asyncapi.v1.json", pretty(&sorted(asyncapi::v1(&schema, vectors)))),
        ("v1.ts", typescript::v1(&schema)),
    ]
}

fn pretty(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("a JSON value can be written");
    text.push('\n');
    text
}

/// Keys in the order of the alphabet: whether a map keeps the order of insertion depends on who else is in the build.
fn sorted(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        Value::Object(object) => {
            let object: BTreeMap<_, _> = object.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            Value::Object(object.into_iter().collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}
