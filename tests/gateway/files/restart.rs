//! A server that is killed in the middle of ingestion: the next one takes up what was in progress.

use super::rest::sha256;
use crate::process::{Process, viva};
use crate::rig::{eventually, token};
use serde_json::{Value, json};
use tempfile::TempDir;

#[tokio::test]
async fn after_kill_9_ingestion_goes_on_and_ends_as_it_would_have() {
    let data = TempDir::new().unwrap();
    // The first server's reader never says anything: ingestion is in progress for as long as it takes.
    let stuck = data.path().join("stuck");
    std::fs::write(&stuck, "#!/bin/sh\nexec sleep 20\n").unwrap();
    std::fs::set_permissions(&stuck, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let mut command = viva(data.path());
    command.env("VIVA_EXTRACTOR", &stuck).env("VIVA_RECOGNIZER", "none");
    let process = Process::start_by(command).await;
    let http = loadtest::token::http_client().unwrap();
    let ask = async |process: &Process, method: &str, path: &str, body: Option<Value>| -> Value {
        let url = format!("{}{path}", process.ready["url"].as_str().unwrap().trim_end_matches('/'));
        let mut request = http.request(method.parse().unwrap(), url).bearer_auth(token("ann"));
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        request.send().await.unwrap().json().await.unwrap()
    };
    let text = "# Equity\n\nEquity regards as done what ought to be done.\n";
    let body = json!({"name": "equity.md", "bytes": text.len(), "sha256": sha256(text.as_bytes())});
    let ticket = ask(&process, "POST", "/api/uploads", Some(body)).await;
    let base = process.ready["url"].as_str().unwrap().trim_end_matches('/').to_owned();
    let sent = http.put(format!("{base}{}", ticket["send"]["url"].as_str().unwrap())).body(text);
    assert_eq!(sent.send().await.unwrap().status(), 200);
    let complete = format!("/api/uploads/{}/complete", ticket["upload"]["id"].as_str().unwrap());
    let document = ask(&process, "POST", &complete, None).await;
    let path = format!("/api/documents/{}", document["id"].as_str().unwrap());
    eventually("it is being read", async || ask(&process, "GET", &path, None).await["state"] == "extracting").await;
    let (status, _) = process.signal(rustix::process::Signal::KILL).await;
    assert!(!status.success());

    let process = Process::start(data.path()).await;
    eventually("it is ready", async || ask(&process, "GET", &path, None).await["state"] == "ready").await;
    let found = ask(&process, "GET", "/api/passages?query=equity", None).await;
    assert_eq!(found["passages"].as_array().unwrap().len(), 1, "each passage once: {found}");
    let again = ask(&process, "POST", &complete, None).await;
    assert_eq!((&again["id"], &again["version"]), (&document["id"], &json!(1)));
}
