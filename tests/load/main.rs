//! The load test against the real `viva`: whole interviews by spoken answers, over a real socket, on a process of its own.

use loadtest::answers::{Encoding, Speech};
use loadtest::candidate::Manner;
use loadtest::run::{Plan, run};
use loadtest::server_process::ServerProcess;
use loadtest::summary::Summary;
use protocol::v1::{Codec, Language, TurnTaking};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// A server with scripted recognizer and model; it ends with the test.
struct Server {
    child: Child,
    url: String,
    _data: tempfile::TempDir,
}

impl Server {
    fn start() -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let mut child = Command::new(env!("CARGO_BIN_EXE_viva"))
            .args(["serve", "--json", "--addr", "127.0.0.1:0", "--admin-addr", "127.0.0.1:0"])
            .args(["--recognizer", "scripted", "--model", "scripted", "--data"])
            .arg(data.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("viva starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let ready: Value = serde_json::from_str(&line).expect("the ready line is JSON");
        let url = ready["webSocketUrl"].as_str().expect("an address").to_owned();
        Self { child, url, _data: data }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, which the test has noticed then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn load(codec: Codec, message_ms: u32, change: impl FnOnce(&mut Plan)) -> Summary {
    let server = Server::start();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("loadtest/speech");
    let encoding = Encoding { codec, message_ms, bits_per_second: 20_000 };
    let mut plan = Plan {
        url: server.url.clone(),
        token: None,
        sessions: 4,
        ramp_up: Duration::from_millis(500),
        manner: Manner {
            topic: "Anything".into(),
            language: Language::new("en-US").expect("a tag"),
            turns: 2,
            think: Duration::from_millis(200),
            turn_taking: TurnTaking::Auto,
            end_after: Duration::from_millis(600),
            recording: true,
            script_wait: Duration::ZERO,
            drop_every: None,
            drop_for: Duration::from_millis(300),
            longest: Duration::from_secs(90),
        },
        speech: Arc::new(Speech::read(&folder, encoding, Some(2_000)).expect("the shipped answers")),
        server: Some(ServerProcess::new(server.child.id()).expect("the server runs")),
        name: "load".into(),
    };
    change(&mut plan);
    run(plan, |_| {}).await.expect("the load test runs")
}

/// Every interview came to its end, with every answer in it, and nothing that was said was refused.
fn assert_whole(summary: &Summary) {
    assert_eq!((summary.failed, summary.answers), (0, 8), "{summary}");
    assert!(summary.errors.is_empty(), "{summary}");
}

#[tokio::test]
async fn interviews_in_opus_come_to_their_end_and_are_measured() {
    let summary = load(Codec::Opus, 100, |_| {}).await;
    assert_whole(&summary);
    for latency in ["connect", "started", "acknowledgement", "firstPartial", "firstToken", "added"] {
        assert!(summary.latencies[latency].count > 0, "{latency}: {summary}");
    }
    assert!(summary.server.is_some_and(|server| server.cpu_ms_per_audio_second > 0.0), "{summary}");
}

#[tokio::test]
async fn interviews_in_pcm_come_to_their_end() {
    assert_whole(&load(Codec::PcmS16le, 200, |plan| plan.manner.turn_taking = TurnTaking::Manual).await);
}

#[tokio::test]
async fn interviews_come_to_their_end_though_connections_drop() {
    let summary = load(Codec::Opus, 200, |plan| plan.manner.drop_every = Some(Duration::from_millis(1_500))).await;
    assert_whole(&summary);
    assert!(summary.network.resumes >= 4 && summary.network.losses == 0, "{summary}");
}
