//! The `viva` command as a process: started, stopped, killed, refused, and what it logs.

use crate::rig::{Client, SECRET, Seen, eventually, pcm, speech, start, token};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

pub(crate) struct Process {
    child: Child,
    pub(crate) ready: Value,
}

pub(crate) fn viva(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_viva"));
    command.env_clear().env("VIVA_DATA", data).env("VIVA_TOKEN_SECRET", SECRET).kill_on_drop(true);
    command.env("VIVA_ADDR", "127.0.0.1:0").env("VIVA_ADMIN_ADDR", "127.0.0.1:0").env("VIVA_RECOGNIZER", "scripted");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Process {
    pub(crate) async fn start(data: &Path) -> Self {
        Self::start_by(viva(data)).await
    }

    pub(crate) async fn start_by(mut command: Command) -> Self {
        let mut child = command.arg("serve").arg("--json").spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).await.unwrap();
        let ready = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not ready: {line}"));
        Self { child, ready }
    }

    pub(crate) async fn connect(&self, user: &str) -> Client {
        let mut request = self.ready["webSocketUrl"].as_str().unwrap().into_client_request().unwrap();
        let offer = format!("viva.v1, viva.bearer.{}", token(user));
        request.headers_mut().insert("sec-websocket-protocol", offer.parse().unwrap());
        Client::of(connect_async(request).await.unwrap().0)
    }

    pub(crate) async fn signal(mut self, signal: rustix::process::Signal) -> (ExitStatus, String) {
        let id = rustix::process::Pid::from_raw(self.child.id().unwrap() as i32).unwrap();
        rustix::process::kill_process(id, signal).unwrap();
        let mut log = String::new();
        self.child.stderr.as_mut().unwrap().read_to_string(&mut log).await.unwrap();
        (self.child.wait().await.unwrap(), log)
    }
}

/// What a command that must fail says, and its exit code.
async fn failed(mut command: Command) -> (i32, String) {
    let output = tokio::time::timeout(Duration::from_secs(20), command.output()).await.unwrap().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[tokio::test]
async fn it_says_when_it_is_ready_and_ends_well_at_a_signal() {
    let data = TempDir::new().unwrap();
    let process = Process::start(data.path()).await;
    assert_eq!(process.ready["ready"], true);
    for name in ["url", "webSocketUrl", "adminUrl"] {
        assert!(process.ready[name].as_str().unwrap().contains("://127.0.0.1:"), "{name}");
    }
    let mut client = process.connect("ann").await;
    assert!(client.settled().await.is_empty());
    let (status, _) = tokio::join!(process.signal(rustix::process::Signal::TERM), async {
        assert_eq!(client.next().await["reason"], "draining");
        assert_eq!(client.close_code().await, 1001);
    })
    .0;
    assert_eq!(status.code(), Some(0));
}

#[tokio::test]
async fn without_json_it_prints_one_line_with_the_address() {
    let data = TempDir::new().unwrap();
    let mut child = viva(data.path()).arg("serve").spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).await.unwrap();
    assert!(line.starts_with("viva is ready: http://127.0.0.1:") && line.ends_with("/\n"), "{line}");
}

#[tokio::test]
async fn what_keeps_it_from_starting_is_told_in_one_line() {
    let data = TempDir::new().unwrap();
    let process = Process::start(data.path()).await;
    let taken = process.ready["url"].as_str().unwrap().trim_start_matches("http://").trim_end_matches('/').to_owned();

    let (code, said) = failed({
        let mut second = viva(data.path());
        second.arg("serve").env("VIVA_LOG", "error");
        second
    })
    .await;
    assert_eq!((code, said.lines().count()), (1, 1), "{said}");
    assert!(said.contains("in use by another viva") && said.contains("VIVA_DATA"), "{said}");

    let elsewhere = TempDir::new().unwrap();
    let (code, said) = failed({
        let mut second = viva(elsewhere.path());
        second.arg("serve").env("VIVA_ADDR", &taken).env("VIVA_LOG", "error");
        second
    })
    .await;
    assert_eq!((code, said.lines().count()), (1, 1), "{said}");
    assert!(said.contains("VIVA_ADDR") && said.contains("is in use"), "{said}");

    std::fs::write(elsewhere.path().join("file"), "").unwrap();
    let (code, said) = failed({
        let mut command = viva(&elsewhere.path().join("file/data"));
        command.arg("serve").env("VIVA_LOG", "error");
        command
    })
    .await;
    assert_eq!((code, said.lines().count()), (1, 1), "{said}");
    assert!(said.contains("VIVA_DATA") && said.contains("choose another folder"), "{said}");

    for (name, value) in [("VIVA_ADDR", "nowhere"), ("VIVA_MODEL", "brain"), ("VIVA_LOG", "a=b=c")] {
        let (code, said) = failed({
            let mut command = viva(elsewhere.path());
            command.arg("serve").env(name, value);
            command
        })
        .await;
        assert_eq!((code, said.lines().count()), (2, 1), "{said}");
        assert!(said.starts_with(&format!("viva: {name}: ")), "{said}");
    }
}

#[tokio::test]
async fn a_token_of_the_command_opens_the_server_of_the_same_folder() {
    let data = TempDir::new().unwrap();
    let mut command = viva(data.path());
    command.env_remove("VIVA_TOKEN_SECRET");
    let process = Process::start_by(command).await;
    let mut command = viva(data.path());
    command.env_remove("VIVA_TOKEN_SECRET").args(["token", "--user", "ann", "--course", "law-1=teacher", "--json"]);
    let output = command.output().await.unwrap();
    let issued: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut request = process.ready["webSocketUrl"].as_str().unwrap().into_client_request().unwrap();
    let offer = format!("viva.v1, viva.bearer.{}", issued["token"].as_str().unwrap());
    request.headers_mut().insert("sec-websocket-protocol", offer.parse().unwrap());
    let mut client = Client::of(connect_async(request).await.unwrap().0);
    assert!(client.settled().await.is_empty());
    let (code, said) = failed({
        let mut command = viva(data.path());
        command.args(["token", "--user", "a/b"]);
        command
    })
    .await;
    assert_eq!(code, 2);
    assert!(said.contains("A-Z a-z 0-9"), "{said}");
}

/// Sends pieces in real time until something holds; what comes meanwhile is kept.
struct Speaker {
    seq: u64,
    media_ms: u64,
    sound: Vec<u8>,
}

impl Speaker {
    async fn speak(&mut self, client: &mut Client, seen: &mut Seen, until: impl Fn(&Seen) -> bool) {
        let mut due = tokio::time::interval(Duration::from_millis(PIECE_MS));
        while !until(seen) {
            due.tick().await;
            let from = (self.media_ms as usize * 32).min(self.sound.len());
            let to = (from + PIECE_MS as usize * 32).min(self.sound.len());
            let mut piece = self.sound[from..to].to_vec();
            piece.resize(PIECE_MS as usize * 32, 0);
            self.seq += 1;
            client.send(pcm("s1", self.seq, self.media_ms, &piece)).await;
            self.media_ms += PIECE_MS;
            for message in client.settled().await {
                seen.take(message);
            }
        }
    }
}

const PIECE_MS: u64 = 200;

#[tokio::test]
async fn after_kill_9_the_interview_goes_on_and_nothing_acknowledged_is_lost() {
    let data = TempDir::new().unwrap();
    let process = Process::start(data.path()).await;
    let mut client = process.connect("ann").await;
    let mut seen = Seen::default();
    let mut message = start("s1");
    message["params"]["questions"] = json!(2);
    message["params"]["recording"] = json!(true);
    client.send(message).await;
    client.events_to("question.done", &mut seen).await;
    let mut speaker = Speaker { seq: 1, media_ms: 0, sound: speech("team") };
    // In mid-answer, with several seconds of it acknowledged.
    speaker.speak(&mut client, &mut seen, |seen| seen.acknowledged >= 16).await;
    let (status, _) = process.signal(rustix::process::Signal::KILL).await;
    assert!(!status.success());

    let process = Process::start(data.path()).await;
    let mut client = process.connect("ann").await;
    let resumed = client.ask(json!({"type": "session.resume", "session": "s1", "lastSeq": seen.last_seq})).await;
    assert_eq!(resumed["state"], "open");
    let kept = resumed["inboxThroughSeq"].as_u64().unwrap();
    assert!(kept >= seen.acknowledged, "{kept} of {} acknowledged are kept", seen.acknowledged);
    assert!(resumed["outboxHeadSeq"].as_u64().unwrap() >= seen.last_seq);
    for message in client.settled().await {
        seen.take(message);
    }
    // What was not stored is said again, then the rest of the answer.
    speaker.media_ms -= (speaker.seq - kept) * PIECE_MS;
    speaker.seq = kept;
    speaker.speak(&mut client, &mut seen, |seen| !seen.of("answer.committed").is_empty()).await;
    let words: Vec<&Value> =
        seen.of("transcript.final").iter().flat_map(|last| last["words"].as_array().unwrap()).collect();
    let first = words.first().unwrap()["startMs"].as_u64().unwrap();
    assert!(first < 2_000, "what was said before the kill is in the transcript: {first}");
    assert!(words.windows(2).all(|pair| pair[0]["endMs"].as_u64() <= pair[1]["endMs"].as_u64()), "no word twice");
    assert_eq!(seen.of("session.continued").len(), 1);
    assert_eq!(seen.of("interview.started").len(), 1);
    speaker.seq += 1;
    client.send(json!({"type": "interview.finish", "session": "s1", "seq": speaker.seq})).await;
    client.events_to("interview.finished", &mut seen).await;
    assert_eq!(seen.of("interview.report").len(), 1);
    eventually("the recording has both parts", async || {
        let got = client.ask(json!({"type": "session.get", "session": "s1"})).await;
        got["recordingUrl"].is_string()
    })
    .await;
}

#[tokio::test]
async fn the_log_holds_nothing_personal() {
    let data = TempDir::new().unwrap();
    let mut command = viva(data.path());
    command.env("VIVA_LOG", "viva=trace,info").env("VIVA_LOG_FORMAT", "json");
    let process = Process::start_by(command).await;
    let user = "ann-personal-4711";
    let mut client = process.connect(user).await;
    let mut seen = Seen::default();
    let mut message = start("s-personal-4711");
    message["params"]["topic"] = json!("My divorce in Ouagadougou");
    message["params"]["role"] = json!("Zookeeper of Tristan");
    message["params"].as_object_mut().unwrap().remove("audio");
    client.send(message).await;
    let question = client.events_to("question.done", &mut seen).await["text"].as_str().unwrap().to_owned();
    client
        .send(json!({"type": "answer.text", "session": "s-personal-4711", "seq": 2, "turn": 1, "text": "Quixotic marmalade cured my neighbour."}))
        .await;
    client.events_to("answer.committed", &mut seen).await;
    client.send(json!({"type": "answer.correct", "session": "s-personal-4711", "seq": 3, "turn": 1, "text": "Bathyscaphe."})).await;
    client.events_to("answer.revised", &mut seen).await;
    for bad in [r#"{"type":"Gallimaufry"}"#, r#"{"type":"ping","id":"Brobdingnag ian"}"#, "Whippersnapper"] {
        client.send_text(bad).await;
        client.next_of("error").await;
    }
    client.send(json!({"type": "session.list", "id": "l", "query": "Taradiddle"})).await;
    client.next_of("result").await;
    client.send(json!({"type": "interview.finish", "session": "s-personal-4711", "seq": 4})).await;
    client.events_to("interview.finished", &mut seen).await;
    drop(client);
    let (status, log) = process.signal(rustix::process::Signal::TERM).await;
    assert!(status.success());
    assert!(log.lines().count() > 3, "there is something to search: {log}");
    for line in log.lines() {
        let parsed: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("a line of JSON: {line}"));
        assert!(parsed["timestamp"].is_string() && parsed["level"].is_string(), "{line}");
    }
    let first_words = question.split_whitespace().take(4).collect::<Vec<_>>().join(" ");
    for personal in [
        "personal-4711",
        "Ouagadougou",
        "Zookeeper",
        "marmalade",
        "Bathyscaphe",
        "Gallimaufry",
        "Brobdingnag",
        "Whippersnapper",
        "Taradiddle",
        SECRET,
        "eyJ",
        &first_words,
    ] {
        assert!(!log.contains(personal), "`{personal}` is in the log:\n{log}");
    }
}
