//! Quizzes that begin: whose they are, what they may hold, and requests that come twice.

use crate::rig::{COURSE, School, id, identity, statement, student, teacher};
use serde_json::{Value, json};
use viva::auth::CourseRole;

#[tokio::test]
async fn a_quiz_begins_as_a_draft_with_settings_as_they_are_by_default() {
    let school = School::start().await;
    let asked = json!({"course": COURSE, "title": "Torts", "description": "Week 3", "language": "de-AT",
        "settings": {"attemptsMax": 2}});
    let quiz = school.post(&teacher(), "/api/quizzes", asked).await.is(201);
    assert_eq!(
        (&quiz["course"], &quiz["owner"], &quiz["title"], &quiz["description"], &quiz["language"], &quiz["state"]),
        (&json!(COURSE), &json!("tom"), &json!("Torts"), &json!("Week 3"), &json!("de"), &json!("draft"))
    );
    let settings = json!({"attemptsMax": 2, "optionOrder": "shuffled", "itemOrder": "as_written", "feedback": "full",
        "counting": "best"});
    assert_eq!(quiz["settings"], settings);
    assert_eq!(
        (&quiz["version"], &quiz["hasUnpublishedChanges"], &quiz["items"]),
        (&json!(1), &json!(true), &json!([]))
    );
    assert!(quiz.get("edition").is_none() && quiz.get("making").is_none(), "{quiz}");
    let seen = school.get(&teacher(), &format!("/api/quizzes/{}", id(&quiz))).await.is(200);
    assert_eq!(seen, quiz);
    assert!(school.asked.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn everybody_makes_quizzes_of_their_own_and_teachers_alone_those_of_a_course() {
    let school = School::start().await;
    let (tom, sue, eve) = (teacher(), student(), identity("eve", &[("law-2", CourseRole::Teacher)]));
    let asked = json!({"course": COURSE, "title": "Torts"});
    for who in [&sue, &eve] {
        school.post(who, "/api/quizzes", asked.clone()).await.refused(403, "forbidden");
    }
    let own = school.post(&sue, "/api/quizzes", json!({"title": "Mine"})).await.is(201);
    assert_eq!(own["course"], "sue");
    let path = format!("/api/quizzes/{}", id(&own));
    for who in [&tom, &eve] {
        school.get(who, &path).await.refused(404, "not_found");
        school.change(who, "DELETE", &own, "", Value::Null).await.refused(404, "not_found");
    }
    let of_course = school.begun(&tom).await;
    for who in [&sue, &eve] {
        school.get(who, &format!("/api/quizzes/{}", id(&of_course))).await.refused(404, "not_found");
        for (method, rest, body) in [
            ("PATCH", "", json!({"title": "Ours"})),
            ("DELETE", "", Value::Null),
            ("POST", "/items", statement()),
            ("PUT", "/items/i1", statement()),
            ("DELETE", "/items/i1", Value::Null),
            ("POST", "/items/order", json!({"items": []})),
            ("POST", "/make", json!({"topic": "torts", "counts": {"cloze": 1}})),
            ("POST", "/cancel", Value::Null),
            ("POST", "/publish", Value::Null),
            ("POST", "/archive", Value::Null),
            ("GET", "/export?format=gift", Value::Null),
        ] {
            school.change(who, method, &of_course, rest, body).await.refused(404, "not_found");
        }
    }
    let other = identity("uma", &[(COURSE, CourseRole::Teacher)]);
    assert_eq!(school.get(&other, &format!("/api/quizzes/{}", id(&of_course))).await.is(200)["owner"], "tom");
}

#[tokio::test]
async fn the_same_request_again_gives_the_same_quiz() {
    let school = School::start().await;
    let key = [("idempotency-key", "k1")];
    let body = |title: &str| Some(json!({"title": title}).to_string().into_bytes());
    let first = school.send(&teacher(), "POST", "/api/quizzes", body("Torts"), &key).await.is(201);
    let again = school.send(&teacher(), "POST", "/api/quizzes", body("Torts"), &key).await.is(200);
    assert_eq!(first, again);
    let other = school.send(&teacher(), "POST", "/api/quizzes", body("Contracts"), &key).await;
    other.refused(422, "idempotency_conflict");
    // Another's key is another key.
    school.send(&student(), "POST", "/api/quizzes", body("Contracts"), &key).await.is(201);
    let long = "k".repeat(129);
    for key in ["", &long] {
        let reply = school.send(&teacher(), "POST", "/api/quizzes", body("T"), &[("idempotency-key", key)]).await;
        reply.refused(422, "invalid_field");
    }
}

#[tokio::test]
async fn the_same_request_gives_the_same_quiz_when_its_document_is_gone() {
    let school = School::start_with(&[("VIVA_QUIZZES_MAKING_PER_USER", "1")]).await;
    let tom = teacher();
    let text = "# Torts\n\nA tort is a civil wrong that causes harm.\n";
    let document = school.uploaded(&tom, text, json!({"course": COURSE})).await;
    let make = json!({"documents": [document["id"]], "counts": {"cloze": 3}});
    let asked = json!({"course": COURSE, "title": "Torts", "make": make});
    let body = |asked: &Value| Some(asked.to_string().into_bytes());
    let key = [("idempotency-key", "k1")];
    let first = school.send(&tom, "POST", "/api/quizzes", body(&asked), &key).await.is(202);
    assert_eq!(school.send(&tom, "DELETE", &format!("/api/documents/{}", id(&document)), None, &[]).await.status, 204);
    // Neither what is gone nor a quota that is used up is in the way, and nobody is asked to make it a second time.
    let again = school.send(&tom, "POST", "/api/quizzes", body(&asked), &key).await.is(200);
    assert_eq!(again, first);
    assert_eq!(school.asked.0.lock().unwrap().len(), 1);
    let otherwise = json!({"course": COURSE, "title": "Contracts", "make": asked["make"]});
    school.send(&tom, "POST", "/api/quizzes", body(&otherwise), &key).await.refused(422, "idempotency_conflict");
    let another = school.send(&tom, "POST", "/api/quizzes", body(&asked), &[("idempotency-key", "k2")]).await;
    assert!(another.refused(422, "invalid_field").starts_with("make.documents[0]:"));
    // Who may not make quizzes for the course any more is not told what was made.
    let left = identity("tom", &[(COURSE, CourseRole::Student)]);
    school.send(&left, "POST", "/api/quizzes", body(&asked), &key).await.refused(403, "forbidden");
}

#[tokio::test]
async fn what_a_quiz_may_not_hold_is_refused_by_the_name_of_the_field() {
    let school = School::start().await;
    let long = "x".repeat(201);
    for (asked, field) in [
        (json!({"title": " "}), "title"),
        (json!({"title": long}), "title"),
        (json!({"title": "T\u{7}"}), "title"),
        (json!({"title": "T", "description": "x".repeat(4_001)}), "description"),
        (json!({"title": "T", "language": "klingonese"}), "language"),
        (json!({"title": "T", "language": "en_GB"}), "language"),
        (json!({"title": "T", "settings": {"timeLimitMs": 1}}), "settings.timeLimitMs"),
        (json!({"title": "T", "settings": {"attemptsMax": 0}}), "settings.attemptsMax"),
        (json!({"title": "T", "settings": {"attemptsMax": 101}}), "settings.attemptsMax"),
        (json!({"title": "T", "make": {"counts": {"cloze": 1}}}), "make"),
        (json!({"title": "T", "make": {"topic": "x", "counts": {}}}), "make.counts"),
        (json!({"title": "T", "make": {"topic": "x", "counts": {"cloze": 0}}}), "make.counts"),
        (json!({"title": "T", "make": {"topic": "x", "counts": {"riddle": 1}}}), "make.counts"),
        (json!({"title": "T", "make": {"topic": "x", "counts": {"cloze": 101, "numeric": 100}}}), "make.counts"),
        (json!({"title": "T", "make": {"topic": long, "counts": {"cloze": 1}}}), "make.topic"),
        (json!({"title": "T", "make": {"documents": ["none"], "counts": {"cloze": 1}}}), "make.documents[0]"),
        (json!({"title": "T", "make": {"documents": vec!["d"; 21], "counts": {"cloze": 1}}}), "make.documents"),
    ] {
        let detail = school.post(&teacher(), "/api/quizzes", asked.clone()).await.refused(422, "invalid_field");
        assert!(detail.starts_with(&format!("{field}:")), "{asked}: {detail}");
    }
    for asked in [json!({}), json!([]), json!({"title": 1}), json!({"title": "T", "settings": {"feedback": "loud"}})] {
        school.post(&teacher(), "/api/quizzes", asked).await.refused(400, "malformed_request");
    }
    assert_eq!(school.get(&teacher(), "/api/quizzes").await.is(200)["quizzes"], json!([]));
}

#[tokio::test]
async fn nobody_has_more_quizzes_than_the_configuration_allows() {
    let school = School::start_with(&[("VIVA_QUIZZES_PER_USER", "2")]).await;
    school.begun(&teacher()).await;
    let second = school.begun(&teacher()).await;
    let detail = school.post(&teacher(), "/api/quizzes", json!({"title": "T"})).await.refused(403, "quota_exceeded");
    assert!(detail.contains("at most 2 quizzes"), "{detail}");
    assert_eq!(school.change(&teacher(), "DELETE", &second, "", Value::Null).await.status, 204);
    school.begun(&teacher()).await;
}

#[tokio::test]
async fn a_user_who_is_called_like_a_course_is_what_the_token_says_there() {
    let school = School::start().await;
    let named_alike = crate::rig::identity(COURSE, &[(COURSE, viva::auth::CourseRole::Student)]);
    let quiz = school.begun(&crate::rig::teacher()).await;
    school.get(&named_alike, &format!("/api/quizzes/{}", id(&quiz))).await.refused(404, "not_found");
    school.post(&named_alike, "/api/quizzes", json!({"title": "Mine"})).await.refused(403, "forbidden");
}
