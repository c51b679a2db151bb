//! Whole interviews without a fault: what is stored, and that it is what one machine stores.

use crate::stack::{Ears, Stack};
use crate::talk::{Talk, manner, speech};
use crate::transcribe::Options;
use loadtest::client::Connector;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

#[tokio::test]
async fn a_whole_interview_is_held_with_transcript_report_and_recording() {
    let stack = Stack::start(Ears::transcribe(Options::default())).await;
    let connector = stack.connector("ann");
    let stored = Talk::begin(connector, "whole", manner(2), speech(Some(4_000))).end(&stack).await;
    stored.assert_without_gap();
    assert_eq!(stored.answers().len(), 2);
    assert!(stored.kinds().contains(&"interview.report"), "{:?}", stored.kinds());
    let report = stored.detail.report.as_ref().expect("a report");
    assert!(!report.metrics.is_empty(), "{report:?}");
    let url = stored.detail.recording_url.clone().expect("a recording");
    let http = loadtest::token::http_client().expect("a client of HTTP");
    let recording = http.get(&url).send().await.expect("the recording's address works").bytes().await.unwrap();
    assert!(recording.starts_with(b"OggS") && recording.len() > 10_000, "{} bytes from {url}", recording.len());
    stack.until_filed("whole").await;
}

#[tokio::test]
async fn the_transcripts_on_the_emulator_and_on_one_machine_are_equal() {
    let stack = Stack::start(Ears::Scripted).await;
    let there = Talk::begin(stack.connector("ann"), "equal", manner(2), speech(Some(4_000))).end(&stack).await;
    let machine = Machine::start().await;
    let here = Talk::begin(machine.connector.clone(), "equal", manner(2), speech(Some(4_000)));
    let here = here.end_on_machine().await;
    assert_eq!(there.answers(), here.answers());
    let texts =
        |finals: std::collections::BTreeMap<(u32, u32), String>| finals.into_values().collect::<Vec<_>>().join(" ");
    assert_eq!(texts(there.finals()), texts(here.finals()));
}

/// `viva` on this machine, with scripted recognizer; it ends with the test.
struct Machine {
    child: Child,
    connector: Connector,
    _data: tempfile::TempDir,
}

impl Machine {
    async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_viva"))
            .args(["serve", "--json", "--addr", "127.0.0.1:0", "--admin-addr", "127.0.0.1:0"])
            .args(["--recognizer", "scripted", "--data"])
            .arg(data.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("viva starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: serde_json::Value = serde_json::from_str(&line).expect("the ready line is JSON");
        let url = ready["webSocketUrl"].as_str().expect("an address").to_owned();
        let http = loadtest::token::http_client().unwrap();
        let token = loadtest::token::dev_token(&http, &url, "ann").await.unwrap();
        Self { child, connector: Connector::new(url, token), _data: data }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // It may have ended by itself, which the test has noticed then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
