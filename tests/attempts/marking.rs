//! Free text: pending until a teacher gives points, and what follows from that.

use crate::rig::{COURSE, School, essay, id, said, statement, student, teacher};
use serde_json::{Value, json};
use viva::quiz::paper::{Feedback, Settings};

fn text(words: &str) -> Value {
    json!({"type": "text", "value": words})
}

async fn school() -> (School, String) {
    let school = School::start().await;
    let settings = Settings { feedback: Feedback::Full, ..Settings::default() };
    let quiz = school.published(COURSE, "tom", settings, vec![statement(1, "basics"), essay(2), essay(3)]).await;
    (school, quiz)
}

async fn skills(school: &School) -> Vec<(String, f64)> {
    let progress = school.get(&student("ann"), &format!("/api/progress?course={COURSE}")).await.ok();
    let skills = progress["progress"]["skills"].as_array().unwrap();
    skills
        .iter()
        .map(|skill| (skill["skill"].as_str().unwrap().to_owned(), skill["observations"].as_f64().unwrap()))
        .collect()
}

#[tokio::test]
async fn a_free_text_waits_for_a_teacher_and_its_evidence_with_it() {
    let (school, quiz) = school().await;
    let (ann, tom) = (student("ann"), teacher("tom"));
    let answers = json!({"i1": said(true), "i2": text("Clear and whole."), "i3": text("Short.")});
    let results = school.taken(&ann, &quiz, answers).await;
    let summary = &results["attempt"];
    assert_eq!(
        (&summary["state"], &summary["points"], &summary["max"], &summary["pending"]),
        (&json!("pending"), &json!(1.0), &json!(9.0), &json!(2))
    );
    assert_eq!(
        (&results["items"][1]["result"]["outcome"], results["items"][1]["result"].get("points")),
        (&json!("pending"), None)
    );
    assert_eq!(skills(&school).await, [("basics".to_owned(), 1.0)]);

    let waiting = school.get(&tom, &format!("/api/quizzes/{quiz}/attempts?state=pending")).await.ok();
    assert_eq!((&waiting["attempts"][0]["id"], &waiting["attempts"][0]["user"]), (&summary["id"], &json!("ann")));
    let path = format!("/api/attempts/{}", id(summary));
    let seen = school.get(&tom, &format!("{path}/results")).await.ok();
    assert_eq!(
        (&seen["items"][1]["answer"], &seen["items"][1]["rubric"][1]["id"], &seen["items"][1]["sample"]),
        (&text("Clear and whole."), &json!("whole"), &json!("A sample of what is whole."))
    );

    let first = json!({"item": "i2", "awarded": {"clear": 1.0, "whole": 0.5}});
    let marked = school.ask(&tom, "POST", &format!("{path}/marks"), first).await.ok();
    assert_eq!(
        (&marked["attempt"]["state"], &marked["attempt"]["points"], &marked["attempt"]["pending"]),
        (&json!("pending"), &json!(3.5), &json!(1))
    );
    let second = json!({"item": "i3", "awarded": {}});
    let marked = school.ask(&tom, "POST", &format!("{path}/marks"), second).await.ok();
    assert_eq!((&marked["attempt"]["state"], &marked["attempt"]["points"]), (&json!("marked"), &json!(3.5)));
    assert_eq!(skills(&school).await, [("basics".to_owned(), 1.0), ("writing".to_owned(), 2.0)]);
    let own = school.get(&ann, &format!("{path}/results")).await.ok();
    assert_eq!((&own["attempt"]["points"], &own["items"][1]["result"]["outcome"]), (&json!(3.5), &json!("partial")));
}

#[tokio::test]
async fn marks_that_are_given_anew_replace_those_before() {
    let (school, quiz) = school().await;
    let (ann, tom) = (student("ann"), teacher("tom"));
    let results = school.taken(&ann, &quiz, json!({"i2": text("Clear.")})).await;
    let path = format!("/api/attempts/{}/marks", id(&results["attempt"]));
    let mut mastery = Vec::new();
    for (share, points) in [(1.0, 4.0), (0.0, 0.0), (1.0, 4.0)] {
        let marks = json!({"item": "i2", "awarded": {"clear": share, "whole": share}});
        assert_eq!(school.ask(&tom, "POST", &path, marks).await.ok()["attempt"]["points"], points);
        let progress = school.get(&ann, &format!("/api/progress?course={COURSE}")).await.ok();
        let writing = progress["progress"]["skills"].as_array().unwrap().iter().find(|one| one["skill"] == "writing");
        let writing = writing.unwrap();
        // The other essay was left out, which is known at once.
        assert_eq!(
            (&writing["observations"], writing["lastMs"].as_u64()),
            (&json!(2), results["attempt"]["submittedUnixMs"].as_u64())
        );
        mastery.push(writing["mastery"].as_f64().unwrap());
    }
    assert!(mastery[0] > mastery[1] && mastery[0] == mastery[2], "{mastery:?}");
}

#[tokio::test]
async fn teachers_who_mark_at_once_lose_nothing_of_each_other() {
    let (school, quiz) = school().await;
    let results = school.taken(&student("ann"), &quiz, json!({"i2": text("A."), "i3": text("B.")})).await;
    let path = format!("/api/attempts/{}/marks", id(&results["attempt"]));
    let (tom, tina) = (teacher("tom"), teacher("tina"));
    let marks = |item: &str| json!({"item": item, "awarded": {"clear": 1.0, "whole": 1.0}});
    let (one, other) =
        tokio::join!(school.ask(&tom, "POST", &path, marks("i2")), school.ask(&tina, "POST", &path, marks("i3")),);
    one.ok();
    other.ok();
    let results = school.get(&tom, &path.replace("marks", "results")).await.ok();
    assert_eq!((&results["attempt"]["points"], &results["attempt"]["state"]), (&json!(8.0), &json!("marked")));
}

#[tokio::test]
async fn marks_that_no_rubric_has_and_of_no_teacher_are_refused() {
    let (school, quiz) = school().await;
    let (ann, tom) = (student("ann"), teacher("tom"));
    let begun = school.begun(&ann, &quiz).await;
    let path = format!("/api/attempts/{}/marks", id(&begun));
    let marks = |item: &str, criterion: &str, share: f64| json!({"item": item, "awarded": {criterion: share}});
    let good = marks("i2", "clear", 1.0);
    school.ask(&tom, "POST", &path, good.clone()).await.refused(409, "attempt_open");
    school.submitted(&ann, id(&begun), json!({"i2": text("Clear.")})).await;
    for (body, status, code) in [
        (marks("i7", "clear", 1.0), 422, "invalid_field"),
        (marks("i1", "clear", 1.0), 422, "invalid_field"),
        (marks("i2", "beauty", 1.0), 422, "invalid_field"),
        (marks("i2", "clear", 1.5), 422, "invalid_field"),
        (marks("i2", "clear", -0.1), 422, "invalid_field"),
        (json!({"item": "i2"}), 400, "malformed_request"),
    ] {
        school.ask(&tom, "POST", &path, body).await.refused(status, code);
    }
    school.ask(&ann, "POST", &path, good.clone()).await.refused(403, "forbidden");
    school.ask(&student("bob"), "POST", &path, good.clone()).await.refused(404, "not_found");
    let elsewhere = crate::rig::identity("tim", &[("law-2", viva::auth::CourseRole::Teacher)]);
    school.ask(&elsewhere, "POST", &path, good).await.refused(404, "not_found");
    let results = school.get(&tom, &path.replace("marks", "results")).await.ok();
    assert_eq!(results["attempt"]["state"], "pending");
}
