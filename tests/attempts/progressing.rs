//! Progress over REST: what quizzes show of a student's skills, what is due, and how the class stands.

use crate::rig::{COURSE, School, identity, said, statement, student, teacher};
use serde_json::{Value, json};
use viva::ports::clock::UnixMs;
use viva::ports::evidence::Observation;
use viva::ports::ids::{CourseId, TenantId, UserId};
use viva::quiz::paper::Settings;

const DAY_MS: u64 = 86_400_000;

fn skill<'v>(progress: &'v Value, name: &str) -> &'v Value {
    let skills = progress["progress"]["skills"].as_array().unwrap();
    skills.iter().find(|skill| skill["skill"] == name).unwrap()
}

#[tokio::test]
async fn progress_grows_with_right_answers_and_is_due_after_a_while() {
    let school = School::start().await;
    let items = vec![statement(1, "torts"), statement(2, "torts"), statement(3, "contracts")];
    let quiz = school.published(COURSE, "tom", Settings::default(), items).await;
    let ann = student("ann");
    let path = format!("/api/progress?course={COURSE}");
    let none = school.get(&ann, &path).await.ok();
    assert_eq!((&none["user"], &none["progress"]["skills"], &none["due"]), (&json!("ann"), &json!([]), &json!([])));
    school.taken(&ann, &quiz, json!({"i1": said(true), "i2": said(true), "i3": said(false)})).await;
    let first = school.get(&ann, &path).await.ok();
    let (torts, contracts) = (skill(&first, "torts"), skill(&first, "contracts"));
    assert_eq!((&torts["observations"], &contracts["observations"]), (&json!(2), &json!(1)));
    let mastery = |progress: &Value, name: &str| skill(progress, name)["mastery"].as_f64().unwrap();
    assert!(mastery(&first, "torts") > 0.5 && mastery(&first, "contracts") < 0.3, "{first}");
    assert_eq!((&first["due"], torts["history"].as_array().unwrap().len()), (&json!([]), 2));

    school.clock.advance(DAY_MS);
    let due = school.get(&ann, &path).await.ok()["due"].clone();
    assert_eq!(due.as_array().unwrap().iter().map(|due| &due["skill"]).collect::<Vec<_>>(), ["contracts"]);
    school.clock.advance(30 * DAY_MS);
    let due = school.get(&ann, &path).await.ok()["due"].clone();
    assert_eq!(due.as_array().unwrap().iter().map(|due| &due["skill"]).collect::<Vec<_>>(), ["contracts", "torts"]);

    school.taken(&ann, &quiz, json!({"i1": said(true), "i2": said(true), "i3": said(true)})).await;
    let second = school.get(&ann, &path).await.ok();
    assert!(mastery(&second, "torts") > mastery(&first, "torts"));
    assert_eq!((&second["due"], &skill(&second, "torts")["observations"]), (&json!([]), &json!(4)));
}

#[tokio::test]
async fn a_teacher_sees_the_class_and_each_student_and_nobody_else_does() {
    let school = School::start().await;
    let items = (1..=3).map(|at| statement(at, "torts")).collect();
    let quiz = school.published(COURSE, "tom", Settings::default(), items).await;
    let all = |value: bool| json!({"i1": said(value), "i2": said(value), "i3": said(value)});
    school.taken(&student("ann"), &quiz, all(true)).await;
    school.taken(&student("bob"), &quiz, all(false)).await;
    let tom = teacher("tom");
    let class = school.get(&tom, &format!("/api/courses/{COURSE}/progress")).await.ok();
    let torts = &class["class"]["skills"][0];
    assert_eq!(
        (&class["course"], &class["class"]["students"], &torts["skill"], &torts["observed"], &torts["struggling"]),
        (&json!(COURSE), &json!(2), &json!("torts"), &json!(2), &json!(["bob"]))
    );
    let users: Vec<&Value> = class["students"].as_array().unwrap().iter().map(|one| &one["user"]).collect();
    assert_eq!(users, ["ann", "bob"]);
    let path = format!("/api/courses/{COURSE}/progress/bob");
    let of_bob = school.get(&tom, &path).await.ok();
    let own = school.get(&student("bob"), &format!("/api/progress?course={COURSE}")).await.ok();
    assert_eq!((&of_bob["user"], &of_bob["progress"]), (&json!("bob"), &own["progress"]));

    for who in [student("ann"), student("bob"), identity("tim", &[])] {
        school.get(&who, &path).await.refused(403, "forbidden");
        school.get(&who, &format!("/api/courses/{COURSE}/progress")).await.refused(403, "forbidden");
    }
    school.get(&identity("tim", &[]), &format!("/api/progress?course={COURSE}")).await.refused(403, "forbidden");
    assert_eq!(school.get(&student("ann"), "/api/progress").await.ok()["progress"]["skills"], json!([]));
}

#[tokio::test]
async fn an_observation_that_cannot_be_read_is_left_out() {
    let school = School::start().await;
    let quiz = school.published(COURSE, "tom", Settings::default(), vec![statement(1, "torts")]).await;
    school.taken(&student("ann"), &quiz, json!({"i1": said(true)})).await;
    let (tenant, course, ann) = (TenantId::new("default"), CourseId::new(COURSE), UserId::new("ann"));
    let unreadable = Observation { id: "x".into(), at: UnixMs(1), evidence_json: r#"{"share":null}"#.into() };
    school.quizzes.evidence.record(&tenant, &course, &ann, vec![unreadable]).await.unwrap();
    let own = school.get(&student("ann"), &format!("/api/progress?course={COURSE}")).await.ok();
    assert_eq!(skill(&own, "torts")["observations"], 1);
    let class = school.get(&teacher("tom"), &format!("/api/courses/{COURSE}/progress")).await.ok();
    assert_eq!(class["class"]["students"], 1);
}
