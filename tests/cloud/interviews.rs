//! Whole interviews without a fault: what is stored, and that it is what one machine stores.

use crate::stack::{Ears, Stack};
use crate::talk::{Talk, manner, speech};
use crate::transcribe::Options;
use loadtest::client::Connector;
use loadtest::wer::WordErrors;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use viva::embedded::pocketsphinx::{PocketSphinxConfig, PocketSphinxRecognizer};

#[tokio::test]
async fn a_whole_interview_is_held_with_transcript_report_and_recording() {
    let stack = Stack::start(Ears::transcribe(Options::default())).await;
    let queue = stack.listen_to_bus();
    let connector = stack.connector("ann");
    let stored = Talk::begin(connector, "whole", manner(2), speech(Some(4_000))).end(&stack).await;
    stored.assert_in_order();
    assert_eq!(stored.answers().len(), 2);
    assert!(stored.kinds().contains(&"interview.report"), "{:?}", stored.kinds());
    let report = stored.detail.report.as_ref().expect("a report");
    assert!(!report.metrics.is_empty(), "{report:?}");
    let url = stored.detail.recording_url.clone().expect("a recording");
    let http = loadtest::token::http_client().expect("a client of HTTP");
    let recording = http.get(&url).send().await.expect("the recording's address works").bytes().await.unwrap();
    assert!(recording.starts_with(b"OggS") && recording.len() > 10_000, "{} bytes from {url}", recording.len());
    stack.until_filed("whole").await;
    let ends = stack.received(&queue);
    assert_eq!(ends.len(), 1, "the end is announced once: {ends:?}");
    assert_eq!(
        (&ends[0]["detail-type"], &ends[0]["detail"]["session"]),
        (&"interview.finished".into(), &"whole".into())
    );
    let usage = stored.usage();
    for service in ["gateway", "functions", "recognizer", "store"] {
        let counted = usage.services.iter().flatten().any(|used| used.service == service && used.amount > 0);
        assert!(counted, "nothing was counted of {service}: {usage:?}");
    }
    assert!(usage.cost_micro_usd.is_some_and(|cost| cost > 0), "{usage:?}");
}

#[tokio::test]
async fn the_transcripts_on_the_emulator_and_on_one_machine_are_equal() {
    let stack = Stack::start(Ears::Scripted).await;
    let there = Talk::begin(stack.connector("ann"), "equal", manner(2), speech(Some(4_000))).end(&stack).await;
    let machine = Machine::start("scripted").await;
    let here = Talk::begin(machine.connector.clone(), "equal", manner(2), speech(Some(4_000)));
    let here = here.end_on_machine().await;
    assert_eq!(there.answers(), here.answers());
    let texts =
        |finals: std::collections::BTreeMap<(u32, u32), String>| finals.into_values().collect::<Vec<_>>().join(" ");
    assert_eq!(texts(there.finals()), texts(here.finals()));
}

#[tokio::test]
async fn pocketsphinx_behind_transcribes_stand_in_errs_within_three_points_of_one_machine() {
    let speech = speech(None);
    let recognizer = PocketSphinxRecognizer::load(&PocketSphinxConfig::default()).expect("PocketSphinx is installed");
    let stack = Stack::start(Ears::transcribe(Options { speech: Arc::new(recognizer), ..Options::default() })).await;
    let talk = Talk::begin(stack.connector("ann"), "spoken", manner(SPOKEN_TURNS), speech.clone());
    let figures = talk.figures.clone();
    talk.end(&stack).await;
    let there = figures.words();
    let machine = Machine::start("pocketsphinx").await;
    let talk = Talk::begin(machine.connector.clone(), "spoken", manner(SPOKEN_TURNS), speech);
    let figures = talk.figures.clone();
    talk.end_on_machine().await;
    let here = figures.words();
    let points = |words: WordErrors| words.rate().expect("words were spoken") * 100.0;
    println!("word errors: {:.1} % on the emulator, {:.1} % on one machine", points(there), points(here));
    assert!((points(there) - points(here)).abs() <= 3.0, "{there:?} on the emulator, {here:?} on one machine");
    assert!(points(here) < 30.0, "{here:?}: nothing was understood");
}

/// So many of the shipped answers are spoken.
const SPOKEN_TURNS: u32 = 3;

/// `viva` on this machine; it ends with the test.
struct Machine {
    child: Child,
    connector: Connector,
    _data: tempfile::TempDir,
}

impl Machine {
    async fn start(recognizer: &str) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_viva"))
            .args(["serve", "--json", "--addr", "127.0.0.1:0", "--admin-addr", "127.0.0.1:0"])
            .args(["--recognizer", recognizer, "--data"])
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
