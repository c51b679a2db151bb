//! Changes of a draft: whoever has not seen the newest changes nothing, and nothing is changed while items are being made.

use crate::rig::{School, id, statement, teacher};
use serde_json::{Value, json};

#[tokio::test]
async fn title_description_and_settings_change_and_what_is_not_named_stays() {
    let school = School::start().await;
    let tom = teacher();
    let quiz = school.begun(&tom).await;
    let changed = school.change(&tom, "PATCH", &quiz, "", json!({"description": "Week 3"})).await.is(200);
    assert_eq!((&changed["title"], &changed["description"]), (&json!("Torts"), &json!("Week 3")));
    assert_eq!(changed["version"], 2);
    let settings = json!({"timeLimitMs": 60_000, "feedback": "points"});
    let changed = school
        .change(&tom, "PATCH", &changed, "", json!({"title": "Torts, again", "settings": settings}))
        .await
        .is(200);
    assert_eq!(
        (&changed["title"], &changed["description"], &changed["settings"]["feedback"]),
        (&json!("Torts, again"), &json!("Week 3"), &json!("points"))
    );
    let refused = school.change(&tom, "PATCH", &changed, "", json!({"title": ""})).await;
    refused.refused(422, "invalid_field");
    let refused = school.change(&tom, "PATCH", &changed, "", json!({"settings": {"attemptsMax": 0}})).await;
    refused.refused(422, "invalid_field");
}

#[tokio::test]
async fn every_change_names_the_version_that_was_seen() {
    let school = School::start().await;
    let tom = teacher();
    let old = school.with_statement(&tom).await;
    let item = old["items"][0]["item"]["id"].as_str().unwrap().to_owned();
    let new = school.change(&tom, "PATCH", &old, "", json!({"title": "Newer"})).await.is(200);
    let path = format!("/api/quizzes/{}", id(&old));
    for (method, rest, body) in [
        ("PATCH", String::new(), json!({"title": "Lost"})),
        ("DELETE", String::new(), Value::Null),
        ("POST", "/items".into(), statement()),
        ("PUT", format!("/items/{item}"), statement()),
        ("DELETE", format!("/items/{item}"), Value::Null),
        ("POST", "/items/order".into(), json!({"items": [item]})),
        ("POST", "/make".into(), json!({"topic": "torts", "counts": {"cloze": 1}})),
        ("POST", "/publish".into(), Value::Null),
        ("POST", "/archive".into(), Value::Null),
    ] {
        let sent = (!body.is_null()).then(|| body.to_string().into_bytes());
        let blind = school.send(&tom, method, &format!("{path}{rest}"), sent.clone(), &[]).await;
        blind.refused(428, "precondition_required");
        school.change(&tom, method, &old, &rest, body).await.refused(412, "precondition_failed");
        for tag in ["*", "v2", "W/\"v2\"", "\"v3\", \"v4\""] {
            let reply = school.send(&tom, method, &format!("{path}{rest}"), sent.clone(), &[("if-match", tag)]).await;
            reply.refused(412, "precondition_failed");
        }
    }
    assert_eq!(school.get(&tom, &path).await.is(200), new);
}

#[tokio::test]
async fn of_many_changes_at_once_one_is_made() {
    let school = School::start().await;
    let tom = teacher();
    let quiz = school.begun(&tom).await;
    let changes = (0..8).map(|number| {
        let (school, tom, quiz) = (&school, &tom, &quiz);
        async move { school.change(tom, "PATCH", quiz, "", json!({"title": format!("T{number}")})).await.status }
    });
    let mut statuses = futures::future::join_all(changes).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
}

#[tokio::test]
async fn nothing_is_changed_while_items_are_being_made() {
    let school = School::start().await;
    let tom = teacher();
    let quiz = school.with_statement(&tom).await;
    let item = quiz["items"][0]["item"]["id"].as_str().unwrap().to_owned();
    let make = json!({"topic": "torts", "counts": {"cloze": 2}});
    let quiz = school.change(&tom, "POST", &quiz, "/make", make.clone()).await.is(202);
    for (method, rest, body) in [
        ("PATCH", String::new(), json!({"title": "Other"})),
        ("DELETE", String::new(), Value::Null),
        ("POST", "/items".into(), statement()),
        ("PUT", format!("/items/{item}"), statement()),
        ("DELETE", format!("/items/{item}"), Value::Null),
        ("POST", "/items/order".into(), json!({"items": [item]})),
        ("POST", "/make".into(), make),
        ("POST", "/publish".into(), Value::Null),
        ("POST", "/archive".into(), Value::Null),
    ] {
        school.change(&tom, method, &quiz, &rest, body).await.refused(409, "quiz_at_work");
    }
    assert_eq!(school.get(&tom, &format!("/api/quizzes/{}", id(&quiz))).await.is(200), quiz);
}

#[tokio::test]
async fn a_deleted_quiz_is_gone() {
    let school = School::start().await;
    let tom = teacher();
    let quiz = school.published(&tom).await;
    assert_eq!(school.change(&tom, "DELETE", &quiz, "", Value::Null).await.status, 204);
    let path = format!("/api/quizzes/{}", id(&quiz));
    school.get(&tom, &path).await.refused(404, "not_found");
    school.change(&tom, "DELETE", &quiz, "", Value::Null).await.refused(404, "not_found");
    assert_eq!(school.get(&tom, "/api/quizzes").await.is(200)["quizzes"], json!([]));
}
