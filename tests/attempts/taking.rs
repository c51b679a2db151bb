//! A quiz from its cover to its results.

use crate::rig::{
    COURSE, School, essay, id, identity, one_of_each, quiz_key, right, said, statement, student, teacher,
};
use serde_json::{Value, json};
use viva::config::limits::QUIZ_ATTEMPTS_MAX;
use viva::quiz::paper::{Feedback, Paper, Settings};
use viva::quiz::public::OptionOrder;

fn settings() -> Settings {
    Settings { attempts_max: Some(2), item_order: OptionOrder::Shuffled, ..Settings::default() }
}

#[tokio::test]
async fn a_student_takes_a_quiz_from_its_cover_to_its_results() {
    let school = School::start().await;
    let quiz = school.published(COURSE, "tom", settings(), one_of_each()).await;
    let ann = student("ann");
    let cover = school.get(&ann, &format!("/api/quizzes/{quiz}/cover")).await.ok();
    assert_eq!(
        (&cover["title"], &cover["items"], &cover["points"], &cover["attempts"], &cover["attemptsLeft"]),
        (&json!("Torts"), &json!(9), &json!(12.0), &json!([]), &json!(2))
    );
    let begun = school.ask(&ann, "POST", &format!("/api/quizzes/{quiz}/attempts"), Value::Null).await;
    assert_eq!((begun.status, begun.header("etag")), (201, Some("\"r1\"")));
    let begun = begun.json;
    assert_eq!(
        (&begun["number"], &begun["state"], &begun["preview"], &begun["answers"], &begun["dueUnixMs"]),
        (&json!(1), &json!("open"), &json!(false), &json!({}), &Value::Null)
    );
    assert_eq!(begun["items"].as_array().unwrap().len(), 9);
    let path = format!("/api/attempts/{}", id(&begun));
    let some = json!({"answers": {"i3": said(false), "i5": {"type": "text", "value": "1932"}}, "itemMs": {"i3": 0}});
    let saved = school.ask(&ann, "PATCH", &path, some).await;
    assert_eq!((saved.status, saved.header("etag"), &saved.json["revision"]), (200, Some("\"r2\""), &json!(2)));
    school.get(&ann, &format!("{path}/results")).await.refused(409, "attempt_open");

    let again = school.ask(&ann, "POST", &format!("/api/quizzes/{quiz}/attempts"), Value::Null).await;
    assert_eq!((again.status, id(&again.json)), (200, id(&begun)));
    assert_eq!((&again.json["answers"]["i3"], &again.json["items"]), (&said(false), &begun["items"]));
    assert_eq!(school.get(&ann, &format!("/api/quizzes/{quiz}/cover")).await.ok()["openAttempt"], begun["id"]);

    let results = school.submitted(&ann, id(&begun), right()).await;
    let summary = &results["attempt"];
    assert_eq!(
        (&summary["state"], &summary["points"], &summary["max"], &results["shown"]),
        (&json!("marked"), &json!(8.0), &json!(12.0), &json!("full"))
    );
    let shown: Vec<&Value> = results["items"].as_array().unwrap().iter().map(|item| &item["item"]).collect();
    assert_eq!(shown, begun["items"].as_array().unwrap().iter().collect::<Vec<_>>());
    let essay = results["items"].as_array().unwrap().iter().find(|item| item["item"]["id"] == "i9").unwrap();
    assert_eq!(
        (&essay["result"]["outcome"], essay.get("rubric"), essay.get("sample")),
        (&json!("unanswered"), None, None)
    );
    assert!(results["items"].as_array().unwrap().iter().all(|item| item["result"]["explanation"] == "It is so."));

    assert_eq!(school.submitted(&ann, id(&begun), json!({"i3": said(false)})).await, results);
    assert_eq!(school.get(&ann, &format!("{path}/results")).await.ok(), results);
    school.ask(&ann, "PATCH", &path, json!({"answers": {}})).await.refused(409, "attempt_closed");
}

#[tokio::test]
async fn there_are_as_many_attempts_as_the_quiz_allows() {
    let school = School::start().await;
    let quiz = school.published(COURSE, "tom", settings(), vec![statement(1, "basics")]).await;
    let ann = student("ann");
    school.taken(&ann, &quiz, json!({"i1": said(false)})).await;
    assert_eq!(school.taken(&ann, &quiz, json!({"i1": said(true)})).await["attempt"]["number"], 2);
    let refused = school.ask(&ann, "POST", &format!("/api/quizzes/{quiz}/attempts"), Value::Null).await;
    refused.refused(409, "attempts_exhausted");
    let cover = school.get(&ann, &format!("/api/quizzes/{quiz}/cover")).await.ok();
    let numbers: Vec<&Value> = cover["attempts"].as_array().unwrap().iter().map(|own| &own["number"]).collect();
    assert_eq!((&cover["attemptsLeft"], numbers), (&json!(0), vec![&json!(2), &json!(1)]));
    assert_eq!(school.begun(&student("bob"), &quiz).await["number"], 1);
}

#[tokio::test]
async fn a_teacher_looks_at_a_quiz_in_previews_which_nothing_counts() {
    let school = School::start().await;
    let one = Settings { attempts_max: Some(1), feedback: Feedback::Points, ..Settings::default() };
    let quiz = school.published(COURSE, "tom", one, vec![statement(1, "basics")]).await;
    let tom = teacher("tom");
    for number in 1..=3 {
        let results = school.taken(&tom, &quiz, json!({"i1": said(true)})).await;
        assert_eq!(
            (&results["attempt"]["preview"], &results["attempt"]["number"], &results["shown"]),
            (&json!(true), &json!(number), &json!("full"))
        );
    }
    let cover = school.get(&tom, &format!("/api/quizzes/{quiz}/cover")).await.ok();
    assert_eq!(cover.get("attemptsLeft"), None);
    let analytics = school.get(&tom, &format!("/api/quizzes/{quiz}/analytics")).await.ok();
    assert_eq!((&analytics["attempts"], &analytics["statistics"]["attempts"]), (&json!(0), &json!(0)));
    let class = school.get(&tom, &format!("/api/courses/{COURSE}/progress")).await.ok();
    assert_eq!((&class["students"], &class["class"]["students"]), (&json!([]), &json!(0)));
}

#[tokio::test]
async fn a_quiz_of_ones_own_is_taken_in_earnest_and_marked_by_oneself() {
    let school = School::start().await;
    let ann = identity("ann", &[]);
    let quiz = school.published("ann", "ann", Settings::default(), vec![statement(1, "basics"), essay(2)]).await;
    let answers = json!({"i1": said(true), "i2": {"type": "text", "value": "I think so."}});
    let results = school.taken(&ann, &quiz, answers).await;
    assert_eq!((&results["attempt"]["preview"], &results["attempt"]["state"]), (&json!(false), &json!("pending")));
    let path = format!("/api/attempts/{}/marks", id(&results["attempt"]));
    let marks = json!({"item": "i2", "awarded": {"clear": 1.0, "whole": 1.0}});
    assert_eq!(school.ask(&ann, "POST", &path, marks).await.ok()["attempt"]["points"], 5.0);
    let progress = school.get(&ann, "/api/progress").await.ok();
    let skills: Vec<&Value> =
        progress["progress"]["skills"].as_array().unwrap().iter().map(|one| &one["skill"]).collect();
    assert_eq!((&progress["course"], skills), (&json!("ann"), vec![&json!("basics"), &json!("writing")]));
    school.get(&identity("bob", &[]), &format!("/api/quizzes/{quiz}/cover")).await.refused(404, "not_found");
}

#[tokio::test]
async fn an_archived_quiz_is_gone_on_with_but_not_begun() {
    let school = School::start().await;
    let quiz = school.published(COURSE, "tom", Settings::default(), vec![statement(1, "basics")]).await;
    let (ann, bob) = (student("ann"), student("bob"));
    let begun = school.begun(&ann, &quiz).await;
    school.archived(&quiz, &Paper::new("en", Settings::default())).await;
    let path = format!("/api/quizzes/{quiz}/attempts");
    school.ask(&bob, "POST", &path, Value::Null).await.refused(409, "conflict");
    let resumed = school.ask(&ann, "POST", &path, Value::Null).await;
    assert_eq!((resumed.status, id(&resumed.json)), (200, id(&begun)));
    assert_eq!(school.submitted(&ann, id(&begun), json!({"i1": said(true)})).await["attempt"]["points"], 1.0);
    school.ask(&ann, "POST", &path, Value::Null).await.refused(409, "conflict");
}

#[tokio::test]
async fn an_attempt_stays_with_the_edition_that_it_was_begun_with() {
    let school = School::start().await;
    let quiz = school.published(COURSE, "tom", Settings::default(), vec![statement(1, "basics")]).await;
    let ann = student("ann");
    let begun = school.begun(&ann, &quiz).await;
    let paper =
        Paper { items: vec![statement(7, "basics"), statement(8, "basics")], ..Paper::new("en", Settings::default()) };
    school.edited(&quiz_key(&quiz), &paper).await;
    let cover = school.get(&ann, &format!("/api/quizzes/{quiz}/cover")).await.ok();
    assert_eq!(
        (&cover["edition"], &cover["items"], &cover["attempts"][0]["edition"]),
        (&json!(2), &json!(2), &json!(1))
    );
    let results = school.submitted(&ann, id(&begun), json!({"i1": said(true)})).await;
    assert_eq!((&results["attempt"]["points"], &results["attempt"]["max"]), (&json!(1.0), &json!(1.0)));
    assert_eq!(school.begun(&ann, &quiz).await["items"][0]["id"], "i7");
}

#[tokio::test]
async fn what_is_shown_after_submission_is_what_the_settings_say() {
    let school = School::start().await;
    let ann = student("ann");
    let quiz = async |feedback| {
        let settings = Settings { feedback, attempts_max: Some(2), ..Settings::default() };
        school.published(COURSE, "tom", settings, vec![statement(1, "basics")]).await
    };
    let shown = async |attempt: &Value| {
        let path = format!("/api/attempts/{}/results", id(attempt));
        let results = school.get(&ann, &path).await.ok();
        assert_eq!(results["attempt"]["points"], 1.0);
        assert_eq!(results["shown"] == "full", results.get("items").is_some());
        let of_teacher = school.get(&teacher("tom"), &path).await.ok();
        assert_eq!((&of_teacher["shown"], of_teacher["items"].is_array()), (&json!("full"), true));
        results["shown"].as_str().unwrap().to_owned()
    };
    let answers = json!({"i1": said(true)});
    let full = quiz(Feedback::Full).await;
    assert_eq!(shown(&school.taken(&ann, &full, answers.clone()).await["attempt"]).await, "full");

    let points = quiz(Feedback::Points).await;
    let first = school.taken(&ann, &points, answers.clone()).await["attempt"].clone();
    school.taken(&ann, &points, answers.clone()).await;
    assert_eq!(shown(&first).await, "points");

    let at_end = quiz(Feedback::AtEnd).await;
    let first = school.taken(&ann, &at_end, answers.clone()).await["attempt"].clone();
    assert_eq!(shown(&first).await, "points");
    let second = school.begun(&ann, &at_end).await;
    assert_eq!(shown(&first).await, "points");
    school.submitted(&ann, id(&second), answers.clone()).await;
    assert_eq!(shown(&first).await, "full");

    let archived = quiz(Feedback::AtEnd).await;
    let first = school.taken(&ann, &archived, answers).await["attempt"].clone();
    assert_eq!(shown(&first).await, "points");
    school.archived(&archived, &Paper::new("en", Settings::default())).await;
    assert_eq!(shown(&first).await, "full");
}

/// Keys of one's first attempt would answer the second.
#[tokio::test]
async fn an_archived_quiz_shows_its_keys_once_ones_last_attempt_is_submitted() {
    let school = School::start().await;
    let settings = Settings { feedback: Feedback::AtEnd, ..Settings::default() };
    let quiz = school.published(COURSE, "tom", settings.clone(), vec![statement(1, "basics")]).await;
    let ann = student("ann");
    let first = school.taken(&ann, &quiz, json!({"i1": said(false)})).await["attempt"].clone();
    let second = school.begun(&ann, &quiz).await;
    school.archived(&quiz, &Paper::new("en", settings)).await;
    let path = format!("/api/attempts/{}/results", id(&first));
    let open = school.get(&ann, &path).await;
    assert!(open.json.get("items").is_none() && open.json["shown"] == "points", "{}", open.text);
    school.submitted(&ann, id(&second), json!({"i1": said(true)})).await;
    assert_eq!(school.get(&ann, &path).await.ok()["shown"], "full");
}

#[tokio::test]
async fn what_sets_no_limit_is_not_taken_without_end() {
    let school = School::start().await;
    let quiz = school.published(COURSE, "tom", Settings::default(), vec![statement(1, "basics")]).await;
    let ann = student("ann");
    for _ in 0..QUIZ_ATTEMPTS_MAX {
        school.taken(&ann, &quiz, json!({"i1": said(true)})).await;
    }
    let refused = school.ask(&ann, "POST", &format!("/api/quizzes/{quiz}/attempts"), Value::Null).await;
    refused.refused(409, "attempts_exhausted");
}

#[tokio::test]
async fn what_is_no_id_is_not_found() {
    let school = School::start().await;
    let (ann, tom) = (student("ann"), teacher("tom"));
    let quiz = school.published(COURSE, "tom", Settings::default(), vec![statement(1, "basics")]).await;
    for path in ["/api/quizzes/a%00b/cover", "/api/quizzes/a%20b", "/api/attempts/a%00b", "/api/attempts/%00/results"] {
        school.get(&ann, path).await.refused(404, "not_found");
    }
    for path in [format!("/api/quizzes/{quiz}/attempts?user=%00"), format!("/api/courses/{COURSE}/progress/a%00b")] {
        school.get(&tom, &path).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn whoever_left_items_out_is_told_what_is_right_once_all_is_over() {
    let school = School::start().await;
    let quiz = school.published(COURSE, "tom", Settings::default(), one_of_each()).await;
    let results = school.taken(&student("ann"), &quiz, json!({"i3": said(false)})).await;
    let right: Vec<Value> = results["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item.get("right").cloned().unwrap_or_default())
        .collect();
    assert_eq!(
        Value::Array(right),
        json!([
            ["a wrong"],
            ["smoke", "noise"],
            null,
            ["negligence"],
            ["1932"],
            ["duty", "breach", "damage"],
            ["Donoghue → snail"],
            ["care"],
            null
        ])
    );
}
