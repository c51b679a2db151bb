//! Items that are asked for: noted with the quiz, asked of whoever makes them, and given up. The making itself is tested elsewhere.

use crate::rig::{COURSE, School, id, identity, statement, teacher};
use serde_json::{Value, json};
use viva::auth::CourseRole;
use viva::quiz::item::{Body, Item, Kind};
use viva::quiz::paper::{MakingFailure, MakingState, Rejected};
use viva::quiz::validate::{Code, Finding, Severity};

const TEXT: &str = "# Torts\n\nA tort is a civil wrong that causes harm.\n";

#[tokio::test]
async fn a_quiz_that_is_to_be_made_is_accepted_and_asked_for() {
    let school = School::start().await;
    let tom = teacher();
    let document = school.uploaded(&tom, TEXT, json!({"course": COURSE})).await;
    let make = json!({"documents": [document["id"], document["id"]], "topic": " torts ", "counts": {"cloze": 3, "true_false": 2}});
    let asked = json!({"course": COURSE, "title": "Torts", "make": make});
    let quiz = school.post(&tom, "/api/quizzes", asked).await.is(202);
    let wanted = json!({"documents": [document["id"]], "topic": "torts", "counts": {"cloze": 3, "true_false": 2}, "difficulty": "medium"});
    let making = &quiz["making"];
    assert_eq!((&making["state"], &making["wanted"]), (&json!("queued"), &wanted));
    assert_eq!((&making["total"], &making["made"], &making["rejected"]), (&json!(5), &json!(0), &json!([])));
    assert!(!quiz.to_string().contains("seed"), "{quiz}");
    let started: Vec<String> = school.asked.0.lock().unwrap().iter().map(|key| key.quiz.to_string()).collect();
    assert_eq!(started, [id(&quiz)]);
    assert_eq!(school.get(&tom, "/api/quizzes").await.is(200)["quizzes"][0]["isAtWork"], true);
}

#[tokio::test]
async fn documents_must_be_ready_of_the_course_and_for_reading() {
    let school = School::start().await;
    let tom = teacher();
    let own = school.uploaded(&tom, TEXT, json!({})).await;
    let empty = school.uploaded(&tom, "\n \n", json!({"course": COURSE})).await;
    let guide = school
        .uploaded(
            &tom,
            "# Guide\n\n## Questions\n\n- What is a tort?\n",
            json!({"course": COURSE, "name": "torts.guide.md"}),
        )
        .await;
    for (document, says) in [(&own, "no such document"), (&empty, "not ready (failed)"), (&guide, "interviews")] {
        let make = json!({"documents": [document["id"]], "counts": {"cloze": 1}});
        let reply = school.post(&tom, "/api/quizzes", json!({"course": COURSE, "title": "T", "make": make})).await;
        let detail = reply.refused(422, "invalid_field");
        assert!(detail.starts_with("make.documents[0]:") && detail.contains(says), "{detail}");
    }
    let make = json!({"documents": [own["id"]], "counts": {"cloze": 1}});
    school.post(&tom, "/api/quizzes", json!({"title": "Mine", "make": make})).await.is(202);
}

#[tokio::test]
async fn more_items_are_asked_for_as_far_as_there_is_room() {
    let school = School::start().await;
    let tom = teacher();
    let quiz = school.with_statement(&tom).await;
    for counts in [json!({"cloze": 200}), json!({})] {
        let make = json!({"topic": "torts", "counts": counts});
        school.change(&tom, "POST", &quiz, "/make", make).await.refused(422, "invalid_field");
    }
    let make = json!({"topic": "torts", "counts": {"cloze": 199}, "difficulty": "hard"});
    let quiz = school.change(&tom, "POST", &quiz, "/make", make).await.is(202);
    assert_eq!((&quiz["making"]["total"], &quiz["items"][0]["item"]["stem"]), (&json!(199), &statement()["stem"]));
    assert_eq!(school.asked.0.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn nobody_has_more_quizzes_made_at_once_than_the_configuration_allows() {
    let school = School::start_with(&[("VIVA_QUIZZES_MAKING_PER_USER", "1")]).await;
    let tom = teacher();
    let make = json!({"topic": "torts", "counts": {"cloze": 1}});
    let asked = json!({"course": COURSE, "title": "Torts", "make": make});
    let first = school.post(&tom, "/api/quizzes", asked.clone()).await.is(202);
    let second = school.begun(&tom).await;
    for reply in [
        school.post(&tom, "/api/quizzes", asked).await,
        school.change(&tom, "POST", &second, "/make", make.clone()).await,
    ] {
        let detail = reply.refused(403, "quota_exceeded");
        assert!(detail.contains("being made"), "{detail}");
    }
    school.post(&tom, &format!("/api/quizzes/{}/cancel", id(&first)), Value::Null).await.is(200);
    school.change(&tom, "POST", &second, "/make", make).await.is(202);
}

#[tokio::test]
async fn what_is_made_counts_for_whoever_owns_the_quiz_whoever_asks() {
    let school = School::start_with(&[("VIVA_QUIZZES_MAKING_PER_USER", "1")]).await;
    let (tom, uma) = (teacher(), identity("uma", &[(COURSE, CourseRole::Teacher)]));
    let make = json!({"topic": "torts", "counts": {"cloze": 1}});
    let (his, hers) = (school.begun(&tom).await, school.begun(&uma).await);
    let another = school.begun(&tom).await;
    // She has items made for his quiz: that is his one.
    school.change(&uma, "POST", &his, "/make", make.clone()).await.is(202);
    school.change(&uma, "POST", &another, "/make", make.clone()).await.refused(403, "quota_exceeded");
    school.change(&tom, "POST", &another, "/make", make.clone()).await.refused(403, "quota_exceeded");
    school.change(&tom, "POST", &hers, "/make", make).await.is(202);
}

#[tokio::test]
async fn of_two_that_are_asked_for_at_once_no_more_are_made_than_may_be() {
    let school = School::start_with(&[("VIVA_QUIZZES_MAKING_PER_USER", "1")]).await;
    let tom = teacher();
    let make = json!({"topic": "torts", "counts": {"cloze": 1}});
    let mut quizzes = Vec::new();
    for _ in 0..6 {
        quizzes.push(school.begun(&tom).await);
    }
    let asked = quizzes.iter().map(|quiz| school.change(&tom, "POST", quiz, "/make", make.clone()));
    let mut statuses: Vec<u16> = futures::future::join_all(asked).await.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 403, 403, 403, 403, 403]);
}

#[tokio::test]
async fn what_is_missing_is_told_when_the_making_is_over() {
    let school = School::start().await;
    let tom = teacher();
    let make = json!({"topic": "torts", "counts": {"true_false": 3, "cloze": 2}});
    let asked = json!({"course": COURSE, "title": "Torts", "make": make});
    let quiz = school.post(&tom, "/api/quizzes", asked).await.is(202);
    assert_eq!(quiz["making"]["missing"], json!({}), "nobody knows yet");
    school
        .worked_on(id(&quiz), |paper| {
            let making = paper.making.as_mut().unwrap();
            (making.state, making.made) = (MakingState::Running, 3);
            making.missing = [(Kind::Cloze, 2)].into();
        })
        .await;
    let path = format!("/api/quizzes/{}", id(&quiz));
    assert_eq!(school.get(&tom, &path).await.is(200)["making"]["missing"], json!({}));
    let cancelled = school.post(&tom, &format!("{path}/cancel"), Value::Null).await.is(200);
    assert_eq!(cancelled["making"]["missing"], json!({"cloze": 2}), "asked for, and not made");
}

#[tokio::test]
async fn making_is_given_up_at_once_and_what_is_made_stays() {
    let school = School::start().await;
    let tom = teacher();
    let make = json!({"topic": "torts", "counts": {"true_false": 3}});
    let quiz =
        school.post(&tom, "/api/quizzes", json!({"course": COURSE, "title": "Torts", "make": make})).await.is(202);
    let item = Item::new("i1", "en", "A tort is a civil wrong.", Body::TrueFalse { key: true });
    school
        .worked_on(id(&quiz), |paper| {
            paper.items.push(item);
            let making = paper.making.as_mut().unwrap();
            (making.state, making.made) = (MakingState::Running, 1);
        })
        .await;
    let cancel = format!("/api/quizzes/{}/cancel", id(&quiz));
    let cancelled = school.post(&tom, &cancel, Value::Null).await.is(200);
    assert_eq!((&cancelled["making"]["state"], &cancelled["making"]["made"]), (&json!("cancelled"), &json!(1)));
    assert_eq!(cancelled["items"].as_array().unwrap().len(), 1);
    // Again is no change, and the quiz can be changed.
    assert_eq!(school.post(&tom, &cancel, Value::Null).await.is(200), cancelled);
    school.change(&tom, "POST", &cancelled, "/publish", Value::Null).await.is(200);
}

#[tokio::test]
async fn what_was_rejected_and_what_is_missing_is_told_to_its_teacher() {
    let school = School::start().await;
    let tom = teacher();
    let make = json!({"topic": "torts", "counts": {"true_false": 1, "matching": 2}});
    let quiz =
        school.post(&tom, "/api/quizzes", json!({"course": COURSE, "title": "Torts", "make": make})).await.is(202);
    let item = Item::new("i1", "en", " ", Body::TrueFalse { key: true });
    let finding = Finding { code: Code::StemEmpty, severity: Severity::Reject, reason: "there is no question".into() };
    school
        .worked_on(id(&quiz), |paper| {
            let making = paper.making.as_mut().unwrap();
            making.state = MakingState::Failed;
            making.rejected = vec![Rejected { item, findings: vec![finding] }];
            making.missing = [(Kind::Matching, 2)].into();
            making.failure = Some(MakingFailure { code: "not_enough".into(), reason: "the text is too short".into() });
            making.model = Some("builtin".into());
        })
        .await;
    let quiz = school.get(&tom, &format!("/api/quizzes/{}", id(&quiz))).await.is(200);
    let making = &quiz["making"];
    assert_eq!(
        (&making["state"], &making["missing"], &making["model"]),
        (&json!("failed"), &json!({"matching": 2}), &json!("builtin"))
    );
    assert_eq!(making["failure"], json!({"code": "not_enough", "reason": "the text is too short"}));
    let findings = json!([{"code": "stem_empty", "severity": "reject", "reason": "there is no question"}]);
    assert_eq!((&making["rejected"][0]["findings"], &making["rejected"][0]["item"]["id"]), (&findings, &json!("i1")));
}
