//! Attempts that have a time limit, on a clock that is moved on.

use crate::rig::{COURSE, School, id, said, statement, student, teacher};
use serde_json::{Value, json};
use viva::config::limits::ATTEMPT_GRACE_MS;
use viva::ports::attempts::AttemptState;
use viva::quiz::item::Item;
use viva::quiz::paper::Settings;

const LIMIT_MS: u64 = 60_000;

fn limited() -> Settings {
    Settings { time_limit_ms: Some(LIMIT_MS), ..Settings::default() }
}

fn two() -> Vec<Item> {
    vec![statement(1, "basics"), statement(2, "basics")]
}

async fn begun(school: &School) -> (String, Value) {
    let quiz = school.published(COURSE, "tom", limited(), two()).await;
    let begun = school.begun(&student("ann"), &quiz).await;
    let saved = json!({"answers": {"i1": said(true)}});
    school.ask(&student("ann"), "PATCH", &format!("/api/attempts/{}", id(&begun)), saved).await.ok();
    (quiz, begun)
}

#[tokio::test]
async fn an_attempt_tells_when_its_time_is_over() {
    let school = School::start().await;
    let (quiz, begun) = begun(&school).await;
    let ms = |name: &str| begun[name].as_u64().unwrap();
    assert_eq!(ms("dueUnixMs"), ms("startedUnixMs") + LIMIT_MS);
    assert!(ms("nowUnixMs") >= ms("startedUnixMs") && ms("nowUnixMs") < ms("dueUnixMs"));
    school.clock.advance(LIMIT_MS / 2);
    let resumed = school.ask(&student("ann"), "POST", &format!("/api/quizzes/{quiz}/attempts"), Value::Null).await.ok();
    assert_eq!(resumed["dueUnixMs"], begun["dueUnixMs"]);
    assert!(resumed["nowUnixMs"].as_u64().unwrap() >= ms("nowUnixMs") + LIMIT_MS / 2);
}

#[tokio::test]
async fn answers_on_their_way_when_time_is_over_still_count() {
    let school = School::start().await;
    let (_, begun) = begun(&school).await;
    school.clock.advance(LIMIT_MS + ATTEMPT_GRACE_MS / 5);
    let results = school.submitted(&student("ann"), id(&begun), json!({"i2": said(true)})).await;
    assert_eq!(results["attempt"]["points"], 2.0);
}

/// Whoever looks finds it submitted, at the moment when its time was over, with what was saved by then.
#[tokio::test]
async fn an_attempt_over_time_is_submitted_by_whoever_looks_next() {
    let (ann, tom) = (student("ann"), teacher("tom"));
    let looks: [(&str, &str, bool, Value); 8] = [
        ("GET", "/api/attempts/{a}", false, Value::Null),
        ("PATCH", "/api/attempts/{a}", false, json!({"answers": {"i2": said(true)}})),
        ("POST", "/api/attempts/{a}/submit", false, json!({"answers": {"i2": said(true)}})),
        ("GET", "/api/attempts/{a}/results", false, Value::Null),
        ("GET", "/api/quizzes/{q}/cover", false, Value::Null),
        ("POST", "/api/quizzes/{q}/attempts", false, Value::Null),
        ("GET", "/api/quizzes/{q}/attempts", true, Value::Null),
        ("GET", "/api/quizzes/{q}/analytics", true, Value::Null),
    ];
    for (method, path, is_teachers, body) in looks {
        let school = School::start().await;
        let (quiz, begun) = begun(&school).await;
        school.clock.advance(LIMIT_MS + ATTEMPT_GRACE_MS);
        let at = path.replace("{a}", id(&begun)).replace("{q}", &quiz);
        let who = if is_teachers { &tom } else { &ann };
        let reply = school.ask(who, method, &at, body).await;
        match (method, path) {
            ("PATCH", _) => reply.refused(409, "attempt_closed"),
            ("POST", "/api/quizzes/{q}/attempts") => {
                assert_eq!((reply.status, &reply.json["number"]), (201, &json!(2)), "{}", reply.text);
            }
            _ => assert_eq!(reply.status, 200, "{method} {path}: {}", reply.text),
        }
        let stored = school.quizzes.attempts.get(&key(id(&begun))).await.unwrap().unwrap();
        assert_eq!(
            (stored.points, stored.submitted.map(|at| at.0), stored.due),
            (Some(1.0), begun["dueUnixMs"].as_u64(), stored.submitted),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn an_attempt_without_a_limit_waits_for_as_long_as_it_takes() {
    let school = School::start().await;
    let quiz = school.published(COURSE, "tom", Settings::default(), two()).await;
    let begun = school.begun(&student("ann"), &quiz).await;
    assert_eq!(begun.get("dueUnixMs"), None);
    school.clock.advance(100 * 86_400_000);
    let path = format!("/api/attempts/{}", id(&begun));
    assert_eq!(school.get(&student("ann"), &path).await.ok()["state"], "open");
}

fn key(attempt: &str) -> viva::ports::attempts::AttemptKey {
    viva::ports::attempts::AttemptKey {
        tenant: viva::ports::ids::TenantId::new("default"),
        attempt: viva::ports::ids::AttemptId::new(attempt),
    }
}

#[tokio::test]
async fn an_attempt_that_cannot_be_read_does_not_keep_the_others() {
    let school = School::start().await;
    let quiz = school.published(COURSE, "tom", limited(), two()).await;
    let broken = school.begun(&student("ann"), &quiz).await;
    school.quizzes.attempts.save(&key(id(&broken)), 1, r#"{"schema": 99}"#.into()).await.unwrap();
    let whole = school.begun(&student("bob"), &quiz).await;
    school.clock.advance(LIMIT_MS + ATTEMPT_GRACE_MS + 1_000);
    let path = format!("/api/quizzes/{quiz}/analytics");
    assert_eq!(school.get(&teacher("tom"), &path).await.ok()["attempts"], 1);
    let states = async |attempt: &Value| school.quizzes.attempts.get(&key(id(attempt))).await.unwrap().unwrap().state;
    assert_eq!((states(&broken).await, states(&whole).await), (AttemptState::Open, AttemptState::Marked));
}

#[tokio::test]
async fn time_on_an_item_never_shrinks() {
    let school = School::start().await;
    let quiz = school.published(COURSE, "tom", Settings::default(), two()).await;
    let begun = school.begun(&student("ann"), &quiz).await;
    school.clock.advance(10_000);
    for (ms, kept) in [(5_000, 5_000), (3_000, 5_000), (7_000, 7_000)] {
        let path = format!("/api/attempts/{}", id(&begun));
        school.ask(&student("ann"), "PATCH", &path, json!({"itemMs": {"i1": ms}})).await.ok();
        let stored = school.quizzes.attempts.get(&key(id(&begun))).await.unwrap().unwrap();
        let sitting: Value = serde_json::from_str(&stored.sitting_json).unwrap();
        assert_eq!(sitting["itemMs"]["i1"], kept);
    }
}
