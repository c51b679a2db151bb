//! `viva doctor`: what it finds, what it advises, and its exit code.

use crate::{Answer, viva};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use viva::embedded::sqlite::Store;
use viva::embedded::system::SystemClock;

const FREE: [(&str, &str); 3] =
    [("VIVA_ADDR", "127.0.0.1:0"), ("VIVA_ADMIN_ADDR", "127.0.0.1:0"), ("VIVA_RECOGNIZER", "none")];

/// The doctor with free addresses and no recognizer, unless `variables` say otherwise.
fn doctor(folder: &Path, variables: &[(&str, &str)]) -> Answer {
    viva(folder, &[&FREE, variables].concat(), &["doctor", "--json"])
}

fn check(answer: &Answer, name: &str) -> Value {
    let checks = answer.json()["checks"].take();
    let found = checks.as_array().unwrap().iter().find(|check| check["name"] == name);
    found.unwrap_or_else(|| panic!("no check {name}: {answer:?}")).clone()
}

fn status(answer: &Answer, name: &str) -> String {
    check(answer, name)["status"].as_str().unwrap().to_owned()
}

#[test]
fn a_machine_that_has_all_it_needs_passes_and_is_left_as_it_was() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    let answer = doctor(&folder, &[]);
    assert_eq!((answer.code, answer.json()["ok"].clone()), (0, json!(true)), "{answer:?}");
    for name in ["data folder", "disk space", "database", "token key", "address", "admin address", "model"] {
        assert_eq!(status(&answer, name), "works", "{name}");
    }
    assert_eq!(status(&answer, "recognizer"), "unused");
    assert!(!folder.exists());
    let text = viva(&folder, &FREE, &["doctor"]);
    assert_eq!(text.code, 0);
    assert!(text.out.contains("works    data folder"), "{}", text.out);
}

#[test]
fn an_address_in_use_fails_and_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    let answer = doctor(folder.path(), &[("VIVA_ADDR", &addr)]);
    assert_eq!((answer.code, answer.err.as_str()), (1, "viva: one check fails\n"));
    let found = check(&answer, "address");
    assert_eq!(found["status"], "fails");
    assert!(found["fix"].as_str().unwrap().contains("VIVA_ADDR="), "{found}");
    // But not while viva runs on this folder: then it is viva's own.
    let _store = Store::open(folder.path(), Arc::new(SystemClock)).unwrap();
    let answer = doctor(folder.path(), &[("VIVA_ADDR", &addr)]);
    assert_eq!((answer.code, status(&answer, "address").as_str()), (0, "works"));
    let process = format!("(process {})", std::process::id());
    assert!(check(&answer, "server")["detail"].as_str().unwrap().contains(&process));
}

#[test]
fn a_data_folder_that_cannot_be_made_fails() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let answer = doctor(&file.path().join("below"), &[]);
    assert_eq!((answer.code, status(&answer, "data folder").as_str()), (1, "fails"));
}

#[test]
fn a_token_key_that_others_may_read_fails() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(viva(folder.path(), &[], &["token", "--user", "ada"]).code, 0);
    assert_eq!(status(&doctor(folder.path(), &[]), "token key"), "works");
    let key = folder.path().join("keys").join("token.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let answer = doctor(folder.path(), &[]);
    assert_eq!(check(&answer, "token key")["fix"], format!("chmod 600 {}", key.display()));
    assert_eq!(answer.code, 1);
}

#[test]
fn wrong_variables_fail_by_name_and_the_rest_is_still_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    for (variable, value, name) in [
        ("VIVA_ADDR", "nowhere", "address"),
        ("VIVA_MODEL", "oracle", "model"),
        ("VIVA_RECOGNIZER", "ear", "recognizer"),
        ("VIVA_TOKEN_SECRET", "short", "token key"),
    ] {
        let answer = doctor(folder.path(), &[(variable, value)]);
        let found = check(&answer, name);
        assert_eq!((answer.code, found["status"].as_str()), (1, Some("fails")), "{variable}");
        assert!(found["detail"].as_str().unwrap().starts_with(variable), "{found}");
        assert_eq!(status(&answer, "disk space"), "works");
    }
}

#[test]
fn an_absent_recognizer_is_missing_by_its_packages_and_fails_only_where_it_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = ("VIVA_POCKETSPHINX_MODELS", "/nonexistent");
    let answer = doctor(folder.path(), &[("VIVA_RECOGNIZER", "auto"), nowhere]);
    let found = check(&answer, "recognizer");
    assert_eq!((answer.code, found["status"].as_str()), (0, Some("missing")));
    assert_eq!(found["fix"], "apt install libpocketsphinx3 pocketsphinx-en-us");
    let answer = doctor(folder.path(), &[("VIVA_RECOGNIZER", "pocketsphinx"), nowhere]);
    assert_eq!((answer.code, status(&answer, "recognizer").as_str()), (1, "fails"));
}

#[test]
fn tls_files_must_be_there_and_be_what_they_should() {
    let folder = tempfile::tempdir().unwrap();
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let variables = [("VIVA_TLS_CERT", cert.to_str().unwrap()), ("VIVA_TLS_KEY", key.to_str().unwrap())];
    let absent = doctor(folder.path(), &variables);
    assert!(check(&absent, "TLS")["detail"].as_str().unwrap().contains("cert.pem"), "{absent:?}");
    std::fs::write(&cert, "not PEM").unwrap();
    std::fs::write(&key, "not PEM").unwrap();
    let answer = doctor(folder.path(), &variables);
    assert_eq!((answer.code, status(&answer, "TLS").as_str()), (1, "fails"));
    assert_eq!(doctor(folder.path(), &variables[..1]).code, 1, "one without the other");
}

/// Answers one request, and tells what it was.
fn server(status: &'static str, body: &'static str) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let asked = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            request.push(byte[0]);
        }
        write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
            .unwrap();
        String::from_utf8(request).unwrap()
    });
    (url, asked)
}

#[test]
fn a_model_endpoint_is_asked_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let list = r#"{"data":[{"id":"llama3.2"},{"id":"qwen"}]}"#;
    for (status_line, body, model, expected) in [
        ("200 OK", list, "qwen", "works"),
        ("200 OK", list, "gpt-9", "missing"),
        ("401 Unauthorized", "", "qwen", "fails"),
        ("404 Not Found", "", "qwen", "missing"),
        ("200 OK", "not JSON", "qwen", "fails"),
    ] {
        let (url, asked) = server(status_line, body);
        let variables = [
            ("VIVA_MODEL", "openai"),
            ("VIVA_MODEL_URL", &url),
            ("VIVA_MODEL_NAME", model),
            ("VIVA_MODEL_KEY", "sk-hidden"),
        ];
        let answer = doctor(folder.path(), &variables);
        assert_eq!(status(&answer, "model"), expected, "{status_line} {body} {model}: {answer:?}");
        assert_eq!(answer.code, i32::from(expected == "fails"));
        assert!(!answer.out.contains("sk-hidden") && !answer.err.contains("sk-hidden"));
        let asked = asked.join().unwrap();
        assert!(asked.starts_with("GET /v1/models HTTP/1.1\r\n") && asked.contains("Bearer sk-hidden"), "{asked}");
    }
}

#[test]
fn an_endpoint_that_does_not_answer_fails() {
    let folder = tempfile::tempdir().unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", closed.local_addr().unwrap());
    drop(closed);
    let answer = doctor(folder.path(), &[("VIVA_RECOGNIZER", "openai"), ("VIVA_RECOGNIZER_URL", &url)]);
    let found = check(&answer, "recognizer");
    assert_eq!((answer.code, found["status"].as_str()), (1, Some("fails")), "{found}");
    assert!(found["fix"].as_str().unwrap().contains("VIVA_RECOGNIZER_URL"));
}
