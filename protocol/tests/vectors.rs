//! The golden vectors: what each message looks like, and what is refused with which code.
#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use protocol::v1::{
    ClientMessage, ErrorCode, ServerMessage, decode_client, decode_server, encode_client, encode_server,
};
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/v1")
}

fn read_folder(folder: &Path) -> Vec<(String, String)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&path).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn every_message_type_has_a_vector() {
    let vectors: BTreeSet<String> = read_folder(&folder()).into_iter().map(|(name, _)| name).collect();
    let without: Vec<_> =
        ClientMessage::TYPES.iter().chain(ServerMessage::TYPES).filter(|kind| !vectors.contains(**kind)).collect();
    assert_eq!(without, Vec::<&&str>::new(), "these types lack vectors/v1/<type>.json");
}

#[test]
fn every_vector_is_decoded_and_encoded_to_the_same_json() {
    for (name, text) in read_folder(&folder()) {
        let golden: Value = serde_json::from_str(&text).unwrap();
        let kind = golden["type"].as_str().unwrap();
        assert!(name == kind || name.starts_with(&format!("{kind}.")), "{name} holds a {kind}");
        let encoded = if ClientMessage::TYPES.contains(&kind) {
            let message = decode_client(text.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(message.kind(), kind);
            assert_eq!(message.seq(), golden.get("seq").and_then(Value::as_u64), "{name}");
            assert_eq!(message.id().map(|id| id.as_str()), golden.get("id").and_then(Value::as_str), "{name}");
            assert_eq!(
                message.session().map(|id| id.as_str()),
                golden.get("session").and_then(Value::as_str),
                "{name}"
            );
            encode_client(&message)
        } else {
            let message = decode_server(text.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(message.kind(), kind);
            assert_eq!(message.seq(), golden.get("seq").and_then(Value::as_u64), "{name}");
            encode_server(&message)
        };
        assert_eq!(serde_json::from_str::<Value>(&encoded).unwrap(), golden, "{name}");
    }
}

#[test]
fn every_invalid_vector_is_refused_with_its_code_and_what_it_is_about() {
    let vectors = read_folder(&folder().join("invalid"));
    assert!(!vectors.is_empty());
    for (name, text) in vectors {
        let golden: Value = serde_json::from_str(&text).unwrap();
        let message = match golden.get("text") {
            Some(text) => text.as_str().unwrap().to_owned(),
            None => golden["message"].to_string(),
        };
        let error =
            decode_client(message.as_bytes()).map(|message| panic!("{name} was read: {message:?}")).unwrap_err();
        assert_eq!(error.code.as_str(), golden["code"].as_str().unwrap(), "{name}: {error}");
        assert_eq!(serde_json::to_value(&error.re).unwrap(), golden["re"], "{name}: {error}");
        let answer = ServerMessage::Error(error.into());
        assert_eq!(decode_server(encode_server(&answer).as_bytes()).unwrap(), answer, "{name}");
    }
}

#[test]
fn an_error_names_the_field_that_is_wrong() {
    let reason = |text: &str| decode_client(text.as_bytes()).unwrap_err().message;
    assert!(
        reason(r#"{"type":"rendered","session":"s","seq":1,"turn":"x","attempt":1,"chars":1,"state":"done"}"#)
            .starts_with("turn: ")
    );
    assert!(reason(r#"{"type":"session.list","id":"1","user":"a b"}"#).starts_with("user: an id is 1 to 64"));
    assert!(reason(r#"{"type":"audio","session":"s","seq":1,"mediaMs":"0","data":"AAAA"}"#).starts_with("mediaMs: "));
    assert!(reason(r#"{"type":"question.skip","session":"s","seq":1}"#).contains("missing field `turn`"));
}

#[test]
fn an_error_quotes_no_more_than_a_line() {
    let error = decode_client(format!(r#"{{"type":"{}"}}"#, "é".repeat(9_000)).as_bytes()).unwrap_err();
    assert_eq!((error.code, error.message.chars().count()), (ErrorCode::UnknownType, 300));
}

#[test]
fn unknown_fields_are_ignored() {
    let message = decode_client(br#"{"type":"ping","id":"r1","later":{"a":[1,null]}}"#).unwrap();
    assert_eq!(message, decode_client(br#"{"type":"ping","id":"r1"}"#).unwrap());
}

#[test]
fn a_type_may_come_last_and_escaped() {
    let message = decode_client(br#"{"turn":3,"seq":9,"session":"s","type":"answer\u002eend"}"#).unwrap();
    assert_eq!((message.kind(), message.seq()), ("answer.end", Some(9)));
}

#[test]
fn a_client_skips_an_unknown_type_but_counts_its_number() {
    let text = br#"{"type":"question.hinted","session":"int-7Qz4","seq":12,"text":"look"}"#;
    let message = decode_server(text).unwrap();
    assert!(matches!(message, ServerMessage::Unknown(_)));
    assert_eq!((message.kind(), message.seq()), ("question.hinted", Some(12)));
    assert_eq!(message.session().unwrap().as_str(), "int-7Qz4");

    let events = br#"{"type":"session.events","session":"int-7Qz4","fromSeq":12,"throughSeq":12,"events":[{"type":"question.hinted","session":"int-7Qz4","seq":12,"text":"look"}]}"#;
    let ServerMessage::SessionEvents(events) = decode_server(events).unwrap() else { panic!("another message") };
    assert_eq!(events.events, vec![message]);
}

#[test]
fn every_error_code_reads_back_from_its_word() {
    for code in ErrorCode::ALL {
        assert_eq!(code.as_str().parse(), Ok(*code));
        assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
    }
    assert!("no_such_code".parse::<ErrorCode>().is_err());
}
