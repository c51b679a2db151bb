//! The load test as a whole.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use loadtest::answers::{Encoding, Speech};
use loadtest::candidate::Manner;
use loadtest::run::{Plan, run};
use loadtest::summary::Summary;
use protocol::v1::{Codec, Language, TurnTaking};

use crate::fake_server::{FakeServer, Trouble};

/// Half a second of tone, and "one three" as what is said in it.
fn write_answer(folder: &Path) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(folder.join("one.wav"), spec).unwrap();
    for at in 0..8_000 {
        writer.write_sample(((f64::from(at) * 0.3).sin() * 8_000.0) as i16).unwrap();
    }
    writer.finalize().unwrap();
    fs::write(folder.join("one.txt"), "One three.").unwrap();
}

async fn load(server: &FakeServer, change: impl FnOnce(&mut Plan)) -> Summary {
    let folder = tempfile::tempdir().unwrap();
    write_answer(folder.path());
    let encoding = Encoding { codec: Codec::Opus, message_ms: 100, bits_per_second: 20_000 };
    let mut plan = Plan {
        url: server.url.clone(),
        token: Some("token".into()),
        sessions: 3,
        ramp_up: Duration::from_millis(100),
        manner: Manner {
            topic: "Anything".into(),
            language: Language::new("en-US").unwrap(),
            turns: 2,
            think: Duration::from_millis(50),
            turn_taking: TurnTaking::Manual,
            end_after: Duration::ZERO,
            recording: false,
            script_wait: Duration::ZERO,
            drop_every: None,
            drop_for: Duration::from_millis(100),
            longest: Duration::from_secs(20),
        },
        speech: Arc::new(Speech::read(folder.path(), encoding, None).unwrap()),
        server: None,
        name: "test".into(),
    };
    change(&mut plan);
    run(plan, |_| {}).await.unwrap()
}

#[tokio::test]
async fn whole_interviews_are_held_and_measured() {
    let server = FakeServer::start(Trouble::default()).await;
    let summary = load(&server, |_| {}).await;
    assert_eq!((summary.failed, summary.answers, summary.answers_cut, summary.at_once), (0, 6, 0, 3), "{summary}");
    let count = |name: &str| summary.latencies[name].count;
    assert_eq!(
        (count("connect"), count("started"), count("firstPartial"), count("finalWords")),
        (3, 3, 6, 6),
        "{summary}"
    );
    // The last answer is followed by no question.
    assert_eq!((count("firstToken"), count("added")), (3, 3), "{summary}");
    assert!(count("acknowledgement") > 30 && count("partialLag") > 20, "{summary}");
    assert!(summary.latencies["added"].max_ms < 100.0 && summary.latencies["firstToken"].p50_ms >= 99.0, "{summary}");
    // "one two" was heard where "one three" was said.
    assert_eq!((summary.word_error_rate, summary.words.words), (Some(0.5), 12));
    assert!(summary.to_string().contains("word error rate 50.0 %"), "{summary}");
    assert_eq!(serde_json::to_value(&summary).unwrap()["network"]["losses"], 0);
}

#[tokio::test]
async fn drops_are_survived_and_counted() {
    let server = FakeServer::start(Trouble::default()).await;
    let summary = load(&server, |plan| plan.manner.drop_every = Some(Duration::from_millis(400))).await;
    assert_eq!((summary.failed, summary.answers), (0, 6), "{summary}");
    assert!(summary.network.resumes >= 3 && summary.network.losses == 0, "{summary}");
}

#[tokio::test]
async fn a_server_that_never_answers_fails_the_sessions() {
    let server = FakeServer::start(Trouble { lost: (1..10_000).collect(), silent: true, ..Trouble::default() }).await;
    let summary = load(&server, |plan| plan.manner.longest = Duration::from_millis(300)).await;
    assert_eq!(summary.failed, 3);
    assert!(
        summary.failures.keys().all(|reason| reason.contains("did not come to its end: listening in turn 0")),
        "{summary}"
    );
}

#[tokio::test]
async fn a_watched_process_is_accounted_for() {
    let server = FakeServer::start(Trouble::default()).await;
    let this = loadtest::server_process::ServerProcess::new(std::process::id()).unwrap();
    let summary = load(&server, |plan| plan.server = Some(this)).await;
    let cost = summary.server.unwrap();
    assert!(cost.resident_max_bytes >= cost.resident_before_bytes && cost.cpu_ms_per_audio_second >= 0.0, "{cost:?}");
}
