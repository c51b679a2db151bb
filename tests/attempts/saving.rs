//! Answers on their way: merged, checked, from several devices at once.

use crate::rig::{COURSE, Reply, School, essay, id, one_of_each, said, statement, student, token};
use serde_json::{Value, json};
use viva::config::limits::{ATTEMPT_ANSWERS_BYTES_MAX, QUIZ_ANSWER_CHARS_MAX, QUIZ_FREE_TEXT_CHARS_MAX};
use viva::quiz::item::OptionId;
use viva::quiz::paper::Settings;

#[tokio::test]
async fn devices_that_save_at_once_lose_nothing_of_each_other() {
    let school = School::start().await;
    let items = (1..=16).map(|at| statement(at, "basics")).collect();
    let quiz = school.published(COURSE, "tom", Settings::default(), items).await;
    let ann = student("ann");
    let begun = school.begun(&ann, &quiz).await;
    let path = format!("/api/attempts/{}", id(&begun));
    let saves = (1..=16).map(|at: u32| {
        let answers = json!({"answers": {format!("i{at}"): said(at.is_multiple_of(2))}});
        school.ask(&ann, "PATCH", &path, answers)
    });
    // One after another of those that were refused; no device comes more often than this.
    let mut saved = 0;
    for (at, reply) in futures::future::join_all(saves).await.into_iter().enumerate() {
        if reply.status == 409 {
            reply.refused(409, "conflict");
            let answers = json!({"answers": {format!("i{}", at + 1): said((at + 1).is_multiple_of(2))}});
            school.ask(&ann, "PATCH", &path, answers).await.ok();
        } else {
            reply.ok();
            saved += 1;
        }
    }
    assert!(saved >= 8, "{saved} of 16 at once");
    let view = school.get(&ann, &path).await.ok();
    assert_eq!((view["answers"].as_object().unwrap().len(), &view["revision"]), (16, &json!(17)));
    let results = school.ask(&ann, "POST", &format!("{path}/submit"), Value::Null).await.ok();
    assert_eq!(results["attempt"]["points"], 8.0);
}

#[tokio::test]
async fn a_device_that_names_what_it_has_seen_is_told_when_that_is_old() {
    let school = School::start().await;
    let quiz = school.published(COURSE, "tom", Settings::default(), vec![statement(1, "basics")]).await;
    let ann = student("ann");
    let begun = school.begun(&ann, &quiz).await;
    let path = format!("/api/attempts/{}", id(&begun));
    let save = async |method: &str, path: &str, tag: &str, value: bool| -> Reply {
        let body = json!({"answers": {"i1": said(value)}}).to_string();
        school.send(Some(&token(&ann)), method, path, Some(body), &[("if-match", tag)]).await
    };
    assert_eq!(save("PATCH", &path, "\"r1\"", true).await.header("etag"), Some("\"r2\""));
    save("PATCH", &path, "\"r1\"", false).await.refused(412, "precondition_failed");
    save("PATCH", &path, "something", false).await.refused(412, "precondition_failed");
    save("POST", &format!("{path}/submit"), "\"r1\"", false).await.refused(412, "precondition_failed");
    assert_eq!(save("POST", &format!("{path}/submit"), "\"r2\"", true).await.ok()["attempt"]["points"], 1.0);
}

#[tokio::test]
async fn an_answer_is_taken_back_with_null_and_time_is_no_longer_than_it_was() {
    let school = School::start().await;
    let quiz = school.published(COURSE, "tom", Settings::default(), one_of_each()).await;
    let ann = student("ann");
    let begun = school.begun(&ann, &quiz).await;
    let path = format!("/api/attempts/{}", id(&begun));
    school.clock.advance(60_000);
    let both = json!({"answers": {"i3": said(true), "i5": {"type": "text", "value": "7"}}, "itemMs": {"i3": 999_999_999, "i5": 5}});
    school.ask(&ann, "PATCH", &path, both).await.ok();
    school.ask(&ann, "PATCH", &path, json!({"answers": {"i3": null}})).await.ok();
    let answers = school.get(&ann, &path).await.ok()["answers"].clone();
    assert_eq!(answers, json!({"i5": {"type": "text", "value": "7"}}));
    school.submitted(&ann, id(&begun), json!({})).await;
    let analytics = school.get(&crate::rig::teacher("tom"), &format!("/api/quizzes/{quiz}/analytics")).await.ok();
    let time = &analytics["statistics"]["items"][2]["time"]["meanMs"];
    assert!((60_000.0..90_000.0).contains(&time.as_f64().unwrap()), "{time}");
    assert_eq!(analytics["statistics"]["items"][4]["time"]["meanMs"], 5.0);
}

#[tokio::test]
async fn answers_that_fit_no_item_are_refused_and_nothing_of_the_request_is_saved() {
    let school = School::start().await;
    let quiz = school.published(COURSE, "tom", Settings::default(), one_of_each()).await;
    let ann = student("ann");
    let begun = school.begun(&ann, &quiz).await;
    let path = format!("/api/attempts/{}", id(&begun));
    let stranger = OptionId::of("a stranger");
    let text = |chars: usize| json!({"type": "text", "value": "ä".repeat(chars)});
    for (item, answer, status, code) in [
        ("i77", said(true), 422, "invalid_field"),
        ("i1", said(true), 422, "answer_misfit"),
        ("i1", json!({"type": "choice", "value": stranger}), 422, "answer_misfit"),
        ("i2", json!({"type": "choices", "value": [stranger]}), 422, "answer_misfit"),
        ("i3", json!({"type": "text", "value": "true"}), 422, "answer_misfit"),
        ("i4", text(QUIZ_ANSWER_CHARS_MAX + 1), 422, "answer_misfit"),
        ("i6", json!({"type": "order", "value": [OptionId::of("duty"), OptionId::of("duty")]}), 422, "answer_misfit"),
        ("i6", json!({"type": "order", "value": [stranger]}), 422, "answer_misfit"),
        ("i7", json!({"type": "pairs", "value": {OptionId::of("Donoghue").as_str(): stranger}}), 422, "answer_misfit"),
        ("i8", json!({"type": "gaps", "value": {"g7": "care"}}), 422, "answer_misfit"),
        ("i9", text(QUIZ_FREE_TEXT_CHARS_MAX + 1), 422, "answer_misfit"),
        ("i1", json!({"type": "guess"}), 400, "malformed_request"),
        ("i1", json!(7), 400, "malformed_request"),
    ] {
        for (method, path) in [("PATCH", path.clone()), ("POST", format!("{path}/submit"))] {
            let body = json!({"answers": {"i5": {"type": "text", "value": "7"}, item: answer}});
            school.ask(&ann, method, &path, body).await.refused(status, code);
        }
    }
    school.ask(&ann, "PATCH", &path, json!({"itemMs": {"i77": 1}})).await.refused(422, "invalid_field");
    school.ask(&ann, "PATCH", &path, json!({"itemMs": {"i1": -1}})).await.refused(400, "malformed_request");
    let view = school.get(&ann, &path).await.ok();
    assert_eq!((&view["answers"], &view["revision"], &view["state"]), (&json!({}), &json!(1), &json!("open")));
    let longest = json!({"answers": {"i4": text(QUIZ_ANSWER_CHARS_MAX), "i9": text(QUIZ_FREE_TEXT_CHARS_MAX)}});
    school.ask(&ann, "PATCH", &path, longest).await.ok();
}

#[tokio::test]
async fn all_answers_together_are_limited_too() {
    let school = School::start().await;
    let essays: Vec<_> = (1..=30).map(essay).collect();
    let quiz = school.published(COURSE, "tom", Settings::default(), essays).await;
    let ann = student("ann");
    let begun = school.begun(&ann, &quiz).await;
    let path = format!("/api/attempts/{}", id(&begun));
    let mut held = 0;
    for at in 1..=30 {
        let answer = json!({"type": "text", "value": "x".repeat(QUIZ_FREE_TEXT_CHARS_MAX)});
        let reply = school.ask(&ann, "PATCH", &path, json!({"answers": {format!("i{at}"): answer}})).await;
        match reply.status {
            200 => held += QUIZ_FREE_TEXT_CHARS_MAX,
            _ => reply.refused(413, "body_too_large"),
        }
    }
    assert!(held <= ATTEMPT_ANSWERS_BYTES_MAX && held > ATTEMPT_ANSWERS_BYTES_MAX * 9 / 10, "{held}");
    let large = json!({"answers": {}, "padding": "x".repeat(400_000)});
    school.ask(&ann, "PATCH", &path, large).await.refused(413, "body_too_large");
}
