//! Conversations over lost connections, several devices, killed processes and days.

use super::{send, to};
use crate::files::rest::{Rest, sha256};
use crate::process::{Process, viva};
use crate::rig::{Client, Options, Seen, eventually, identity, token};
use serde_json::{Value, json};
use std::path::PathBuf;
use tempfile::TempDir;
use tokio::process::Command;
use viva::ports::clock::UnixMs;
use viva::ports::ids::SessionId;
use viva::ports::ids::SessionKey;

const FACT: &str = "An ETag names one version of a resource.";

/// A model that says the same in many pieces.
fn script(folder: &TempDir, words: usize, interval_ms: u64) -> PathBuf {
    let text: Vec<String> = (1..=words).map(|number| format!("word{number}")).collect();
    let path = folder.path().join("script.json");
    let usual = json!({"text": format!("{FACT} [1] {}", text.join(" ")), "intervalMs": interval_ms});
    std::fs::write(&path, json!({ "usual": usual }).to_string()).unwrap();
    path
}

async fn whole(folder: &TempDir, words: usize, interval_ms: u64) -> Rest {
    let options = Options::default()
        .set("VIVA_RECOGNIZER", "none")
        .set("VIVA_MODEL", "scripted")
        .set("VIVA_MODEL_SCRIPT", script(folder, words, interval_ms).display());
    let rest = Rest::start_with(options).await;
    let document = rest.uploaded("ann", "caching.md", format!("# Caching\n\n{FACT}\n").as_bytes()).await;
    assert_eq!(rest.settled("ann", document["id"].as_str().unwrap()).await["state"], "ready");
    rest
}

fn pieces(seen: &Seen, reply: &str) -> String {
    let of_reply = seen.of("chat.delta").into_iter().filter(|delta| delta["replyId"] == reply);
    of_reply.map(|delta| delta["text"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn whoever_comes_back_in_mid_answer_misses_nothing_and_gets_nothing_twice() {
    let folder = TempDir::new().unwrap();
    let rest = whole(&folder, 150, 10).await;
    let mut seen = Seen::default();
    let mut client = rest.server.connect("ann").await;
    client.send(send("q1", "m1", "What does an ETag name?")).await;
    for _ in 0..5 {
        to(&mut client, "chat.delta", &mut seen).await;
        drop(client);
        client = rest.server.connect("ann").await;
        let resume = json!({"type": "session.resume", "id": "q2", "session": "c1", "lastSeq": seen.last_seq});
        client.send(resume).await;
    }
    let (_, done) = to(&mut client, "chat.done", &mut seen).await;
    assert_eq!(seen.of("chat.started").len(), 1, "{:?}", seen.events);
    assert!(done["text"].as_str().unwrap().ends_with("word150"), "{done}");
    // Whoever was told in pieces all along holds the whole; a replay leaves out only pieces of what is over.
    let mut late = rest.server.connect("ann").await;
    let mut replayed = Seen::default();
    late.send(json!({"type": "session.resume", "id": "q1", "session": "c1", "lastSeq": 0})).await;
    to(&mut late, "chat.done", &mut replayed).await;
    assert_eq!(pieces(&replayed, "r1"), "");
    assert_eq!(replayed.of("chat.done"), seen.of("chat.done"));
    assert_eq!(pieces(&seen, "r1").trim_end(), done["text"].as_str().unwrap());
}

#[tokio::test]
async fn two_devices_are_told_the_same_and_either_may_act() {
    let folder = TempDir::new().unwrap();
    let rest = whole(&folder, 60, 10).await;
    let (mut phone, mut laptop) = (rest.server.connect("ann").await, rest.server.connect("ann").await);
    let (mut on_phone, mut on_laptop) = (Seen::default(), Seen::default());
    phone.send(send("q1", "m1", "What does an ETag name?")).await;
    to(&mut phone, "chat.started", &mut on_phone).await;
    laptop.send(json!({"type": "session.resume", "id": "q1", "session": "c1", "lastSeq": 0})).await;
    to(&mut laptop, "chat.delta", &mut on_laptop).await;
    laptop.send(json!({"type": "chat.stop", "id": "q2", "session": "c1", "replyId": "r1"})).await;
    let cancelled = to(&mut laptop, "chat.cancelled", &mut on_laptop).await.1;
    assert_eq!(to(&mut phone, "chat.cancelled", &mut on_phone).await.1, cancelled);
    phone.send(json!({"type": "chat.rename", "id": "q3", "session": "c1", "title": "Versions"})).await;
    let titled = to(&mut laptop, "chat.titled", &mut on_laptop).await.1;
    assert_eq!(titled["title"], "Versions");
    to(&mut phone, "chat.titled", &mut on_phone).await;
    let edit = json!({"type": "chat.edit", "id": "q4", "session": "c1", "messageId": "m2", "replaces": "m1", "text": "What is an ETag?"});
    laptop.send(edit).await;
    let done = to(&mut phone, "chat.done", &mut on_phone).await.1;
    assert_eq!(to(&mut laptop, "chat.done", &mut on_laptop).await.1, done);
    let branch = on_phone.of("chat.message")[1];
    assert_eq!((&branch["replaces"], branch.get("parentId")), (&json!("m1"), None), "{branch}");
    assert_eq!(on_phone.last_seq, on_laptop.last_seq);
}

#[tokio::test]
async fn the_history_is_paged_and_shows_every_branch() {
    let folder = TempDir::new().unwrap();
    let rest = whole(&folder, 3, 0).await;
    let mut client = rest.server.connect("ann").await;
    let mut seen = Seen::default();
    let mut parent: Option<Value> = None;
    for number in 1..=5 {
        let mut question = send("q", &format!("m{number}"), &format!("What does ETag {number} name?"));
        if let Some(parent) = &parent {
            question["parentId"] = parent.clone();
        }
        client.send(question).await;
        parent = to(&mut client, "chat.done", &mut seen).await.0.map(|result| result["replyId"].clone());
    }
    client.send(json!({"type": "chat.regenerate", "id": "q", "session": "c1", "messageId": "m2", "attempt": 2})).await;
    to(&mut client, "chat.done", &mut seen).await;
    let mut entries = Vec::new();
    let mut before = None;
    loop {
        let mut ask = json!({"type": "chat.history", "session": "c1", "limit": 4});
        if let Some(before) = before.take() {
            ask["before"] = before;
        }
        let page = client.ask(ask).await;
        entries.extend(page["entries"].as_array().unwrap().clone());
        match page.get("before") {
            Some(next) => before = Some(next.clone()),
            None => break,
        }
    }
    let numbers: Vec<u64> = entries.iter().map(|entry| entry["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [6, 5, 4, 3, 2, 1]);
    assert!(entries[0].get("message").is_none(), "another attempt says nothing new");
    assert_eq!((&entries[0]["reply"]["inReplyTo"], &entries[0]["reply"]["attempt"]), (&json!("m2"), &json!(2)));
    assert_eq!(entries[1]["message"]["parentId"], entries[2]["reply"]["replyId"]);
    assert_eq!(entries[5]["reply"]["citations"][0]["quote"], FACT);
}

#[tokio::test]
async fn whoever_was_away_longer_than_the_log_is_told_to_read_the_history() {
    let folder = TempDir::new().unwrap();
    let rest = whole(&folder, 3, 0).await;
    let mut client = rest.server.connect("ann").await;
    let mut seen = Seen::default();
    client.send(send("q1", "m1", "What does an ETag name?")).await;
    to(&mut client, "chat.titled", &mut seen).await;
    // A day later: what the worker that looks after it does to its log.
    let who = identity("ann");
    let key = SessionKey::new(who.tenant, who.user, SessionId::new("c1"));
    rest.server.handlers.journal.trim(&key, UnixMs(1 << 50), seen.last_seq).await.unwrap();

    let mut back = rest.server.connect("ann").await;
    back.send(json!({"type": "session.resume", "id": "q2", "session": "c1", "lastSeq": 1})).await;
    let resumed = back.next_of("result").await;
    assert_eq!(resumed["outboxHeadSeq"], json!(seen.last_seq));
    let reset = back.next().await;
    assert_eq!(reset, json!({"type": "session.reset", "session": "c1", "outboxHeadSeq": seen.last_seq}));
    eventually("the history has the reply", async || {
        let page = back.ask(json!({"type": "chat.history", "session": "c1"})).await;
        page["entries"][0]["reply"]["state"] == "done"
    })
    .await;
    // From there on it goes on as ever.
    let mut after = Seen { last_seq: seen.last_seq, ..Seen::default() };
    back.send(json!({"type": "chat.regenerate", "id": "q3", "session": "c1", "messageId": "m1", "attempt": 2})).await;
    assert_eq!(to(&mut back, "chat.done", &mut after).await.1["finishReason"], "complete");
}

/// The process, with a file that is ready.
async fn started(data: &TempDir, script: &PathBuf) -> Process {
    let mut command: Command = viva(data.path());
    command.env("VIVA_RECOGNIZER", "none").env("VIVA_MODEL", "scripted").env("VIVA_MODEL_SCRIPT", script);
    Process::start_by(command).await
}

async fn shelve(process: &Process) {
    let http = loadtest::token::http_client().unwrap();
    let base = process.ready["url"].as_str().unwrap().trim_end_matches('/').to_owned();
    let ask = async |method: &str, path: &str, body: Option<Value>| -> Value {
        let mut request = http.request(method.parse().unwrap(), format!("{base}{path}")).bearer_auth(token("ann"));
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        request.send().await.unwrap().json().await.unwrap()
    };
    let text = format!("# Caching\n\n{FACT}\n");
    let body = json!({"name": "caching.md", "bytes": text.len(), "sha256": sha256(text.as_bytes())});
    let ticket = ask("POST", "/api/uploads", Some(body)).await;
    let sent = http.put(format!("{base}{}", ticket["send"]["url"].as_str().unwrap())).body(text).send().await;
    assert_eq!(sent.unwrap().status(), 200);
    let complete = format!("/api/uploads/{}/complete", ticket["upload"]["id"].as_str().unwrap());
    let document = ask("POST", &complete, None).await;
    let path = format!("/api/documents/{}", document["id"].as_str().unwrap());
    eventually("it is ready", async || ask("GET", &path, None).await["state"] == "ready").await;
}

#[tokio::test]
async fn after_kill_9_in_mid_answer_the_answer_is_given_and_nothing_told_before_is_lost() {
    let (data, folder) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let script = script(&folder, 80, 25);
    let process = started(&data, &script).await;
    shelve(&process).await;
    let mut client: Client = process.connect("ann").await;
    let mut seen = Seen::default();
    client.send(send("q1", "m1", "What does an ETag name?")).await;
    for _ in 0..4 {
        to(&mut client, "chat.delta", &mut seen).await;
    }
    let (status, _) = process.signal(rustix::process::Signal::KILL).await;
    assert!(!status.success());

    let process = started(&data, &script).await;
    let mut client = process.connect("ann").await;
    client.send(json!({"type": "session.resume", "id": "q2", "session": "c1", "lastSeq": seen.last_seq})).await;
    let (_, done) = to(&mut client, "chat.done", &mut seen).await;
    assert_eq!(seen.of("chat.started").len(), 2, "its pieces so far are dropped, and told anew");
    assert!(done["text"].as_str().unwrap().ends_with("word80"), "{done}");
    assert_eq!(done["citations"][0]["quote"], FACT);
    assert_eq!(seen.of("chat.message").len(), 1);
    let again = client.ask(send("x", "m1", "What does an ETag name?")).await;
    assert_eq!(again["replyId"], "r1", "the same message is the same request");
}
