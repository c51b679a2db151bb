//! `viva sessions` and `viva report`, while a server holds the data folder.

use crate::viva;
use serde_json::json;
use std::sync::Arc;
use tempfile::TempDir;
use viva::embedded::sqlite::Store;
use viva::embedded::system::SystemClock;
use viva::interview::metric::{Evidence, Metric, MetricName, MetricStatus};
use viva::interview::report::{Finding, Rating, RatingStatus, Report, ReportTurn, TurnState};
use viva::ports::clock::UnixMs;
use viva::ports::ids::{SessionId, SessionKey, TenantId, UserId};
use viva::ports::journal::{SessionKind, SessionState};
use viva::ports::reports::{NewReview, Reports, SessionSummary};
use viva::ports::text_model::{ModelInfo, ModelKind};

/// A data folder that a server holds open.
async fn serving(summaries: &[SessionSummary]) -> (TempDir, Arc<Store>) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Arc::new(SystemClock)).unwrap();
    for summary in summaries {
        store.put(summary.clone()).await.unwrap();
    }
    (folder, store)
}

fn summary(user: &str, session: &str, created_s: u64) -> SessionSummary {
    SessionSummary {
        key: SessionKey::new(TenantId::new("default"), UserId::new(user), SessionId::new(session)),
        kind: SessionKind::Interview,
        state: SessionState::Finished,
        title: "Rust ownership".into(),
        course: None,
        created: UnixMs(created_s * 1_000),
        updated: UnixMs(created_s * 1_000 + 700_000),
        questions: 2,
        duration_ms: 125_000,
        usage_json: None,
    }
}

fn evidence(turn: u32, quote: &str) -> Evidence {
    Evidence { turn, quote: quote.into(), start_ms: Some(65_349), end_ms: Some(67_000), note: None }
}

fn report() -> Report {
    let metric =
        |name, status| Metric { name, status, value: None, unit: None, band: None, reason: None, evidence: vec![] };
    let pace = Metric {
        value: Some(131.25),
        unit: Some("wordsPerMinute".into()),
        band: Some("comfortable".into()),
        ..metric(MetricName::Pace, MetricStatus::Measured)
    };
    let fillers = Metric {
        value: Some(4.0),
        unit: Some("perMinute".into()),
        reason: Some("the recognizer leaves some out".into()),
        evidence: vec![evidence(1, "um the owner")],
        ..metric(MetricName::Fillers, MetricStatus::Unreliable)
    };
    let silent = Metric {
        reason: Some("nothing was spoken".into()),
        ..metric(MetricName::LongestPause, MetricStatus::NotMeasured)
    };
    Report {
        report_version: 1,
        metric_version: 1,
        language: "en-US".into(),
        topic: "Rust ownership".into(),
        role: Some("backend engineer".into()),
        level: None,
        questions: 2,
        answered: 1,
        skipped: 1,
        duration_ms: 125_000,
        summary: "One answer, to the point.".into(),
        strengths: vec![Finding { text: "Names the rule.".into(), evidence: vec![evidence(1, "one owner at a time")] }],
        improvements: vec![],
        ratings: vec![Rating {
            criterion: "depth".into(),
            rating: Some(3),
            status: RatingStatus::Pending,
            rationale: "No example.".into(),
            evidence: vec![Evidence { start_ms: None, end_ms: None, ..evidence(1, "one owner") }],
            reviewed_by: None,
            comment: None,
            reviewed_unix_ms: None,
            revision: None,
            proposed: None,
            description: String::new(),
            levels: vec![],
        }],
        metrics: vec![pace, fillers],
        turns: vec![
            ReportTurn { turn: 1, question: "Who owns a value?".into(), state: TurnState::Answered, metrics: vec![] },
            ReportTurn {
                turn: 2,
                question: "And\u{1b}[31m who borrows it?".into(),
                state: TurnState::Skipped,
                metrics: vec![silent],
            },
        ],
        notices: vec!["No emotion is inferred.".into()],
        quotes_dropped: 2,
        model: ModelInfo { name: "builtin".into(), kind: ModelKind::Builtin },
        recognizer: None,
        guide: None,
    }
}

#[tokio::test]
async fn sessions_are_listed_newest_first_beside_a_running_server() {
    let older = SessionSummary { title: "SQL\u{7} joins".into(), ..summary("bob", "s2", 1_795_000_000) };
    let (folder, _store) = serving(&[older, summary("ada", "s1", 1_795_414_080)]).await;
    let listed = viva(folder.path(), &[], &["sessions"]);
    let expected = "\
STARTED (UTC)     USER  SESSION  STATE     QUESTIONS  LENGTH     TITLE
2026-11-23 06:08  ada   s1       finished  2          2 min 5 s  Rust ownership
2026-11-18 11:06  bob   s2       finished  2          2 min 5 s  SQL  joins
";
    assert_eq!((listed.code, listed.out.as_str(), listed.err.as_str()), (0, expected, ""));
}

#[tokio::test]
async fn sessions_are_told_as_json_and_filtered() {
    let (folder, _store) = serving(&[summary("bob", "s2", 1), summary("ada", "s1", 2)]).await;
    let listed = viva(folder.path(), &[], &["sessions", "--json", "--user", "ada"]).json();
    let expected = json!({"sessions": [{
        "tenant": "default", "user": "ada", "session": "s1", "kind": "interview", "state": "finished",
        "title": "Rust ownership", "createdUnixMs": 2_000, "updatedUnixMs": 702_000, "questions": 2, "durationMs": 125_000,
    }]});
    assert_eq!(listed, expected);
    for none in [&["--user", "eve"][..], &["--tenant", "other"], &["--text", "sql"], &["--limit", "0"]] {
        let listed = viva(folder.path(), &[], &[&["sessions", "--json"], none].concat()).json();
        assert_eq!(listed, json!({"sessions": []}), "{none:?}");
    }
}

#[test]
fn where_nothing_is_stored_nothing_is_listed_and_nothing_is_made() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("none");
    let listed = viva(&folder, &[], &["sessions"]);
    assert_eq!((listed.code, listed.out), (0, format!("No sessions in {}.\n", folder.display())));
    assert_eq!(viva(&folder, &[], &["report", "s1"]).code, 1);
    assert!(!folder.exists());
}

#[tokio::test]
async fn a_report_shows_every_claim_with_its_quote_and_place() {
    let finished = summary("ada", "s1", 1_795_414_080);
    let (folder, store) = serving(std::slice::from_ref(&finished)).await;
    store.put_report(&finished.key, serde_json::to_string(&report()).unwrap()).await.unwrap();
    let review = NewReview {
        criterion: "depth".into(),
        rating: 4,
        comment: Some("Better than it says.".into()),
        reviewer: UserId::new("tom"),
        at: UnixMs(1_795_500_000_000),
        seen: None,
    };
    store.review(&finished.key, review).await.unwrap();
    let printed = viva(folder.path(), &[], &["report", "s1"]);
    assert_eq!(printed.code, 0, "{}", printed.err);
    insta::assert_snapshot!(printed.out);

    let told = viva(folder.path(), &[], &["report", "s1", "--user", "ada", "--json"]).json();
    assert_eq!(told["report"], serde_json::to_value(report()).unwrap());
    assert_eq!(told["session"]["session"], "s1");
    let expected = json!([{
        "criterion": "depth", "revision": 1, "rating": 4, "comment": "Better than it says.", "reviewer": "tom",
        "atUnixMs": 1_795_500_000_000_u64,
    }]);
    assert_eq!(told["reviews"], expected);
}

#[tokio::test]
async fn a_report_that_cannot_be_shown_says_why() {
    let open = SessionSummary { state: SessionState::Open, ..summary("ada", "open", 3) };
    let (folder, _store) = serving(&[summary("ada", "twice", 1), summary("bob", "twice", 2), open]).await;
    let failing = |arguments: &[&str]| {
        let answer = viva(folder.path(), &[], arguments);
        assert_eq!(answer.out, "");
        (answer.code, answer.err)
    };
    let unknown = format!("viva: there is no session nobody in {}\n", folder.path().display());
    assert_eq!(failing(&["report", "nobody"]), (1, unknown));
    let no_report = "viva: session open is open and has no report yet\n".to_owned();
    assert_eq!(failing(&["report", "open"]), (1, no_report));
    let several = "viva: several users have a session twice; choose one with --user: ada, bob\n".to_owned();
    assert_eq!(failing(&["report", "twice"]), (2, several));
    assert_eq!(failing(&["report"]).0, 2);
}
