//! TypeScript types from the JSON Schema: exact unions, discriminated by `type`, with limits and error codes.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::v1::{ErrorCode, SUBPROTOCOL, limits};

/// The whole module.
pub(super) fn v1(schema: &Value) -> String {
    let mut out = String::from("// The viva protocol v1. Generated from protocol/src/v1: do not edit.\n");
    let definitions = schema["$defs"].as_object().expect("a schema has definitions");
    for (name, definition) in definitions {
        out.push('\n');
        definition_of(&mut out, name, definition);
    }
    results_by_request(&mut out);
    constants(&mut out);
    out
}

fn definition_of(out: &mut String, name: &str, definition: &Value) {
    comment(out, "", definition);
    match definition.get("properties") {
        Some(Value::Object(properties)) => {
            line(out, &format!("export interface {name} {{"));
            fields(out, properties, definition);
            line(out, "}");
        }
        _ if definition.get("type").is_some_and(|kind| kind == "object") => {
            line(out, &format!("export type {name} = Record<string, never>;"));
        }
        _ => match choices(definition) {
            Some(choices) => {
                line(out, &format!("export type {name} ="));
                for choice in choices {
                    comment(out, "  ", choice);
                    line(out, &format!("  | {}", type_of(choice)));
                }
                out.truncate(out.trim_end().len());
                line(out, ";");
            }
            None => line(out, &format!("export type {name} = {};", type_of(definition))),
        },
    }
}

fn fields(out: &mut String, properties: &Map<String, Value>, definition: &Value) {
    let required = definition.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let is_optional = |name: &str| !required.iter().any(|one| one == name);
    let mut properties: Vec<_> = properties.iter().collect();
    properties.sort_by_key(|(name, _)| {
        (FIRST.iter().position(|first| first == name).unwrap_or(FIRST.len()), is_optional(name))
    });
    for (name, schema) in properties {
        comment(out, "  ", schema);
        let mark = if is_optional(name) { "?" } else { "" };
        line(out, &format!("  {name}{mark}: {};", type_of(schema)));
    }
}

fn type_of(schema: &Value) -> String {
    if let Some(path) = schema.get("$ref").and_then(Value::as_str) {
        return path.rsplit('/').next().unwrap_or(path).to_owned();
    }
    if let Some(value) = schema.get("const") {
        return value.to_string();
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return values.iter().map(Value::to_string).collect::<Vec<_>>().join(" | ");
    }
    if let Some(choices) = choices(schema) {
        return choices.iter().map(type_of).collect::<Vec<_>>().join(" | ");
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => "string".to_owned(),
        Some("integer" | "number") => "number".to_owned(),
        Some("boolean") => "boolean".to_owned(),
        Some("array") => {
            let item = schema.get("items").map_or_else(|| "unknown".to_owned(), type_of);
            if item.contains('|') { format!("({item})[]") } else { format!("{item}[]") }
        }
        other => unreachable!("v1 holds no schema of the type {other:?}: {schema}"),
    }
}

fn choices(schema: &Value) -> Option<&Vec<Value>> {
    ["oneOf", "anyOf"].iter().find_map(|key| schema.get(key)).and_then(Value::as_array)
}

fn results_by_request(out: &mut String) {
    line(out, "\n/** The answer to each request that is answered by `result`. */");
    line(out, "export interface ResultOf {");
    for (request, result) in [
        ("auth.refresh", "AuthRefreshedResult"),
        ("session.resume", "SessionResumedResult"),
        ("session.list", "SessionPageResult"),
        ("session.get", "SessionDetailResult"),
        ("session.delete", "DoneResult"),
        ("report.review", "ReportReviewedResult"),
        ("chat.send", "ChatAcceptedResult"),
        ("chat.edit", "ChatAcceptedResult"),
        ("chat.regenerate", "ChatAcceptedResult"),
        ("chat.stop", "DoneResult"),
        ("chat.rename", "DoneResult"),
        ("chat.feedback", "DoneResult"),
        ("chat.history", "ChatPageResult"),
        ("documents.list", "DocumentPageResult"),
    ] {
        line(out, &format!("  \"{request}\": {result};"));
    }
    line(out, "}");
}

fn constants(out: &mut String) {
    line(out, &format!("\nexport const subprotocol = \"{SUBPROTOCOL}\";"));
    line(out, "\n/** Every limit of the protocol. */\nexport const limits = {");
    for (name, value, doc) in limits::ALL {
        line(out, &format!("  /** {} */\n  {}: {value},", doc.trim(), camel_case(name)));
    }
    line(out, "} as const;");
    line(out, "\n/** Whether sending the same again, later, may succeed. */");
    line(out, "export const retryable: Readonly<Record<ErrorCode, boolean>> = {");
    for code in ErrorCode::ALL {
        line(out, &format!("  {code}: {},", code.retryable()));
    }
    line(out, "};");
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_').map(str::to_lowercase);
    let mut camel = words.next().unwrap_or_default();
    for word in words {
        let (head, tail) = word.split_at(1);
        write!(camel, "{}{tail}", head.to_uppercase()).expect("a string takes all that is written");
    }
    camel
}

fn comment(out: &mut String, indent: &str, schema: &Value) {
    let Some(text) = schema.get("description").and_then(Value::as_str) else { return };
    let text = text.replace("*/", "* /").replace('\n', &format!("\n{indent} * "));
    line(out, &format!("{indent}/** {text} */"));
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

/// The envelope comes first.
const FIRST: &[&str] = &["type", "id", "session", "seq", "epoch"];
