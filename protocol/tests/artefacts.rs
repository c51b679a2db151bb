//! The published artefacts are up to date and say what the decoder does.
#![cfg(feature = "schema")]
#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use protocol::artefacts;
use protocol::v1::{ClientMessage, ErrorCode, decode_client, limits};
use serde_json::{Value, json};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn vectors(folder: &str) -> BTreeMap<String, Value> {
    fs::read_dir(root().join("vectors/v1").join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, serde_json::from_slice(&fs::read(path).unwrap()).unwrap())
        })
        .collect()
}

fn schema() -> Value {
    serde_json::from_slice(&fs::read(root().join("schema/v1.schema.json")).unwrap()).unwrap()
}

/// A validator for one definition of the schema.
fn validator(definition: &str) -> jsonschema::Validator {
    let schema = json!({ "$ref": format!("#/$defs/{definition}"), "$defs": schema()["$defs"] });
    jsonschema::draft202012::new(&schema).unwrap()
}

fn direction(kind: &str) -> &'static str {
    if ClientMessage::TYPES.contains(&kind) { "ClientMessage" } else { "ServerMessage" }
}

#[test]
fn the_artefacts_are_up_to_date() {
    for (name, content) in artefacts::v1(&vectors("")) {
        let stored = fs::read_to_string(root().join("schema").join(name)).unwrap_or_default();
        assert!(stored == content, "protocol/schema/{name} is out of date: run\n    {}", artefacts::WRITE_COMMAND);
    }
}

#[test]
fn every_vector_is_valid_by_the_json_schema() {
    let whole = jsonschema::draft202012::new(&schema()).unwrap();
    for (name, vector) in vectors("") {
        assert!(
            whole.is_valid(&vector),
            "{name}: {:?}",
            whole.iter_errors(&vector).map(|e| e.to_string()).collect::<Vec<_>>()
        );
        let validator = validator(direction(vector["type"].as_str().unwrap()));
        assert!(validator.is_valid(&vector), "{name}");
    }
}

#[test]
fn the_json_schema_refuses_what_the_decoder_refuses() {
    // What a schema cannot say: bytes instead of characters, and that a start comes first.
    let beyond_a_schema = ["message-too-large", "audio-too-many-bytes", "start-not-first"];
    let validator = validator("ClientMessage");
    for (name, vector) in vectors("invalid") {
        let Some(message) = vector.get("message").filter(|_| !beyond_a_schema.contains(&name.as_str())) else {
            continue;
        };
        assert!(!validator.is_valid(message), "the schema takes {name}");
    }
}

#[test]
fn a_vector_has_every_field_and_its_least_form_only_the_required_ones() {
    let definitions = schema()["$defs"].clone();
    let vectors = vectors("");
    for definition in definitions.as_object().unwrap().values() {
        let Some(kind) = definition["properties"]["type"]["const"].as_str().filter(|kind| *kind != "result") else {
            continue;
        };
        let all: BTreeSet<&str> = definition["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        let required: BTreeSet<&str> =
            definition["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        let fields = |vector: &'_ Value| -> BTreeSet<String> { vector.as_object().unwrap().keys().cloned().collect() };
        let set =
            |names: &BTreeSet<&str>| -> BTreeSet<String> { names.iter().map(|name| (*name).to_owned()).collect() };
        assert_eq!(fields(&vectors[kind]), set(&all), "{kind}");
        if required != all {
            let least = vectors.get(&format!("{kind}.min")).unwrap_or_else(|| panic!("{kind}.min.json is missing"));
            assert_eq!(fields(least), set(&required), "{kind}.min");
        }
    }
}

#[test]
fn every_shared_body_is_shown_whole_in_some_vector() {
    let schema = schema();
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for vector in vectors("").values() {
        let kind = vector["type"].as_str().unwrap();
        let definitions = schema["$defs"].as_object().unwrap();
        for definition in definitions.values().filter(|one| one["properties"]["type"]["const"] == kind) {
            note_fields(definition, vector, &schema, &mut seen);
        }
    }
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        let Some(properties) = definition["properties"].as_object().filter(|fields| !fields.contains_key("type"))
        else {
            continue;
        };
        let all: BTreeSet<String> = properties.keys().cloned().collect();
        assert_eq!(seen.get(name), Some(&all), "no vector shows all fields of {name}");
    }
}

/// Notes which fields of each definition a value shows.
fn note_fields(definition: &Value, value: &Value, schema: &Value, seen: &mut BTreeMap<String, BTreeSet<String>>) {
    if let Some(path) = definition["$ref"].as_str() {
        let name = path.rsplit('/').next().unwrap();
        if let Some(fields) = value.as_object() {
            seen.entry(name.to_owned()).or_default().extend(fields.keys().cloned());
        }
        if name != "ServerMessage" {
            note_fields(&schema["$defs"][name], value, schema, seen);
        }
    }
    if let Some(items) = value.as_array() {
        items.iter().for_each(|item| note_fields(&definition["items"], item, schema, seen));
    }
    for (name, field) in definition["properties"].as_object().into_iter().flatten() {
        if let Some(value) = value.get(name) {
            note_fields(field, value, schema, seen);
        }
    }
}

#[test]
fn limits_in_the_schema_are_the_limits_of_the_decoder() {
    let definitions = schema()["$defs"].clone();
    let field = |message: &str, name: &str| definitions[message]["properties"][name].clone();
    assert_eq!(field("Params", "topic")["maxLength"], limits::TOPIC_CHARS_MAX);
    assert_eq!(field("Params", "role")["maxLength"], limits::ROLE_CHARS_MAX);
    assert_eq!(field("Params", "level")["maxLength"], limits::LEVEL_CHARS_MAX);
    assert_eq!(field("Params", "documents")["maxItems"], limits::DOCUMENTS_MAX);
    assert_eq!(field("Params", "questions")["minimum"], limits::QUESTIONS_MIN);
    assert_eq!(field("Params", "questions")["maximum"], limits::QUESTIONS_MAX);
    assert_eq!(field("Params", "durationMs")["minimum"], limits::DURATION_MS_MIN);
    assert_eq!(field("Params", "durationMs")["maximum"], limits::DURATION_MS_MAX);
    assert_eq!(field("AudioFormat", "channels")["maximum"], limits::CHANNELS_MAX);
    assert_eq!(field("AudioFormat", "sampleRateHz")["enum"], json!(limits::SAMPLE_RATES_HZ));
    assert_eq!(field("Audio", "data")["maxLength"], limits::AUDIO_BYTES_MAX.div_ceil(3) * 4);
    assert_eq!(field("AnswerText", "text")["maxLength"], limits::ANSWER_CHARS_MAX);
    assert_eq!(field("AnswerCorrect", "text")["maxLength"], limits::ANSWER_CHARS_MAX);
    assert_eq!(field("SessionList", "query")["maxLength"], limits::QUERY_CHARS_MAX);
    assert_eq!(field("SessionList", "cursor")["maxLength"], limits::CURSOR_CHARS_MAX);
    assert_eq!(field("SessionGet", "cursor")["maxLength"], limits::CURSOR_CHARS_MAX);
    assert_eq!(field("AuthRefresh", "token")["maxLength"], limits::TOKEN_BYTES_MAX);
    assert_eq!(field("ReportReview", "criterion")["maxLength"], limits::CRITERION_CHARS_MAX);
    assert_eq!(field("ReportReview", "comment")["maxLength"], limits::COMMENT_CHARS_MAX);
    assert_eq!(field("ReportReview", "rating")["minimum"], limits::RATING_MIN);
    assert_eq!(field("ReportReview", "rating")["maximum"], limits::RATING_MAX);
    assert_eq!(field("ClientInfo", "name")["maxLength"], limits::CLIENT_CHARS_MAX);
    assert_eq!(field("Hello", "features")["maxItems"], limits::FEATURES_MAX);
    assert_eq!(field("Hello", "features")["items"]["maxLength"], limits::FEATURE_CHARS_MAX);
    assert_eq!(field("SessionStatus", "missing")["maxItems"], limits::MISSING_RANGES_MAX);
    assert_eq!(field("ChatSend", "text")["maxLength"], limits::CHAT_TEXT_CHARS_MAX);
    assert_eq!(field("ChatEdit", "text")["maxLength"], limits::CHAT_TEXT_CHARS_MAX);
    assert_eq!(field("ChatScope", "documents")["maxItems"], limits::DOCUMENTS_MAX);
    assert_eq!(field("ChatRegenerate", "attempt")["maximum"], limits::CHAT_ATTEMPTS_MAX);
    assert_eq!(field("ChatRename", "title")["maxLength"], limits::CHAT_TITLE_CHARS_MAX);
    assert_eq!(field("ChatHistory", "limit")["maximum"], limits::CHAT_HISTORY_ENTRIES_MAX);
    assert_eq!(field("AnswerEnd", "seq")["maximum"], limits::SAFE_INTEGER_MAX);
}

#[test]
fn no_optional_field_may_be_null() {
    let schema = schema().to_string();
    assert!(!schema.contains("\"null\""), "some field takes null");
    for (name, vector) in vectors("") {
        let kind = vector["type"].as_str().unwrap();
        if direction(kind) != "ClientMessage" || name.ends_with(".min") {
            continue;
        }
        for field in vector.as_object().unwrap().keys() {
            let mut message = vector.clone();
            message[field] = Value::Null;
            let error = decode_client(message.to_string().as_bytes()).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidField, "{name}.{field}: {error}");
        }
    }
}
