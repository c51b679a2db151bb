//! Progress over REST: what quizzes show of a student's skills, what is due, and how the class stands.

use crate::rig::{COURSE, School, identity, said, statement, student, teacher};
use futures::StreamExt;
use serde_json::{Value, json};
use std::sync::Arc;
use viva::config::limits::{CLASS_OBSERVATIONS_MAX, CLASS_PAGE_SKILLS_MAX, CLASS_STUDENTS_MAX, EVIDENCE_FOLDED_MAX};
use viva::handlers::Quizzes;
use viva::handlers::quizzes::AskClass;
use viva::ports::clock::UnixMs;
use viva::ports::evidence::{EvidenceError, EvidenceLog, Observation, Observed};
use viva::ports::ids::{CourseId, TenantId, UserId};
use viva::quiz::item::ItemId;
use viva::quiz::paper::Settings;
use viva::quiz::progress::{Evidence, Origin, progress};

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
    assert_eq!((users, &class["cursor"]), (vec![&json!("ann"), &json!("bob")], &Value::Null));
    let mut standing =
        skill(&school.get(&student("bob"), &format!("/api/progress?course={COURSE}")).await.ok(), "torts").clone();
    let left_out = ["history", "memory"].map(|field| standing.as_object_mut().unwrap().remove(field).is_some());
    assert_eq!((&class["students"][1]["skills"], left_out), (&json!([standing]), [true; 2]));
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

fn evidence(at: usize, skill: &str, share: f64) -> Evidence {
    let origin = Origin::Quiz { attempt: "a".into(), item: ItemId::new("i1") };
    Evidence { id: format!("e{at}"), skill: skill.into(), at_ms: at as i64 * 3_600_000, share, guess: 0.25, origin }
}

impl School {
    async fn observed(&self, user: &str, evidence: &[Evidence]) {
        let (tenant, course) = (TenantId::new("default"), CourseId::new(COURSE));
        let observation = |one: &Evidence| Observation {
            id: one.id.clone(),
            at: UnixMs(one.at_ms as u64),
            evidence_json: one.to_json(),
        };
        let observed = evidence.iter().map(observation).collect();
        self.quizzes.evidence.record(&tenant, &course, &UserId::new(user), observed).await.unwrap();
    }
}

#[tokio::test]
async fn progress_is_folded_from_the_newest_answers_and_tells_that_older_ones_are_left_out() {
    let school = School::start().await;
    let all: Vec<Evidence> = (0..=EVIDENCE_FOLDED_MAX)
        .map(|at| evidence(at, if at == 0 { "old" } else { "torts" }, (at % 3) as f64 / 2.0))
        .collect();
    let path = format!("/api/progress?course={COURSE}");
    school.observed("ann", &all[1..]).await;
    let full = school.get(&student("ann"), &path).await.ok();
    let expected = serde_json::to_value(progress(&all[1..])).unwrap();
    assert_eq!((&full["progress"], &full["truncated"]), (&expected, &Value::Null));
    school.observed("ann", &all[..1]).await;
    let cut = school.get(&student("ann"), &path).await.ok();
    assert_eq!((&cut["progress"], &cut["truncated"]), (&expected, &json!(true)));
    let tom = teacher("tom");
    let of_ann = school.get(&tom, &format!("/api/courses/{COURSE}/progress/ann")).await.ok();
    assert_eq!((&of_ann["progress"], &of_ann["truncated"]), (&expected, &json!(true)));
    let class = school.get(&tom, &format!("/api/courses/{COURSE}/progress")).await.ok();
    assert_eq!((&class["students"][0]["truncated"], &class["class"]["truncated"]), (&json!(true), &Value::Null));
}

#[tokio::test]
async fn a_class_comes_in_pages_and_as_a_whole_with_the_first() {
    let school = School::start().await;
    for at in 0..7 {
        school.observed(&format!("s{at}"), &[evidence(at, "torts", 1.0)]).await;
    }
    let tom = teacher("tom");
    let path = format!("/api/courses/{COURSE}/progress?limit=3");
    let mut pages = Vec::new();
    let mut next = path.clone();
    loop {
        let page = school.get(&tom, &next).await.ok();
        let users = page["students"].as_array().unwrap().iter().map(|one| one["user"].as_str().unwrap().to_owned());
        pages.push((users.collect::<Vec<_>>(), page["class"]["students"].as_u64()));
        let Some(cursor) = page["cursor"].as_str() else { break };
        next = format!("{path}&cursor={cursor}");
    }
    let page = |users: &[&str], class| (users.iter().map(|user| (*user).to_owned()).collect::<Vec<_>>(), class);
    assert_eq!(pages, [page(&["s0", "s1", "s2"], Some(7)), page(&["s3", "s4", "s5"], None), page(&["s6"], None)]);
    let exact = school.get(&tom, &format!("/api/courses/{COURSE}/progress?limit=7")).await.ok();
    assert_eq!((exact["students"].as_array().unwrap().len(), &exact["cursor"]), (7, &Value::Null));
    for wrong in ["limit=0", "limit=201", "cursor=%20", "cursor=", "cursor=AAAA"] {
        school.get(&tom, &format!("/api/courses/{COURSE}/progress?{wrong}")).await.refused(422, "invalid_field");
    }
}

#[tokio::test]
async fn a_page_of_a_class_holds_no_more_skills_than_an_answer_may() {
    let school = School::start().await;
    let many = |from: usize, count: usize| -> Vec<Evidence> {
        (from..from + count).map(|at| evidence(at, &format!("skill {at}"), 1.0)).collect()
    };
    let half = CLASS_PAGE_SKILLS_MAX / 2;
    for (user, count) in [("ann", half), ("bob", half), ("cem", 1)] {
        school.observed(user, &many(0, count)).await;
    }
    let tom = teacher("tom");
    let path = format!("/api/courses/{COURSE}/progress");
    let first = school.get(&tom, &path).await.ok();
    assert_eq!(first["students"].as_array().unwrap().len(), 2);
    assert_eq!((&first["class"]["students"], &first["class"]["truncated"]), (&json!(3), &json!(true)), "many skills");
    let rest = school.get(&tom, &format!("{path}?cursor={}", first["cursor"].as_str().unwrap())).await.ok();
    assert_eq!((&rest["students"][0]["user"], &rest["cursor"]), (&json!("cem"), &Value::Null));
}

#[tokio::test]
async fn of_a_very_large_class_as_many_are_looked_at_as_may_be_and_all_can_be_paged() {
    let school = School::start().await;
    let users = futures::stream::iter(0..=CLASS_STUDENTS_MAX).map(|at| {
        let school = &school;
        async move { school.observed(&format!("s{at:05}"), &[evidence(at, "torts", 1.0)]).await }
    });
    users.buffer_unordered(64).collect::<Vec<()>>().await;
    let tom = teacher("tom");
    let path = format!("/api/courses/{COURSE}/progress?limit=200");
    let first = school.get(&tom, &path).await.ok();
    assert_eq!(
        (&first["class"]["students"], &first["class"]["truncated"], &first["class"]["skills"][0]["observed"]),
        (&json!(CLASS_STUDENTS_MAX), &json!(true), &json!(CLASS_STUDENTS_MAX))
    );
    let (mut page, mut found) = (first, 0);
    loop {
        found += page["students"].as_array().unwrap().len();
        let Some(cursor) = page["cursor"].as_str() else { break };
        page = school.get(&tom, &format!("{path}&cursor={cursor}")).await.ok();
    }
    assert_eq!(found, CLASS_STUDENTS_MAX + 1);
}

/// Whoever was observed at all was observed as often as one look takes in.
struct Diligent {
    log: Arc<dyn EvidenceLog>,
}

#[async_trait::async_trait]
impl EvidenceLog for Diligent {
    async fn record(
        &self,
        tenant: &TenantId,
        course: &CourseId,
        user: &UserId,
        observations: Vec<Observation>,
    ) -> Result<(), EvidenceError> {
        self.log.record(tenant, course, user, observations).await
    }

    async fn newest(
        &self,
        tenant: &TenantId,
        course: &CourseId,
        user: &UserId,
        limit: usize,
    ) -> Result<Observed, EvidenceError> {
        let Observed { observations, truncated } = self.log.newest(tenant, course, user, limit).await?;
        Ok(Observed { observations: observations.into_iter().cycle().take(limit).collect(), truncated })
    }

    async fn users(
        &self,
        tenant: &TenantId,
        course: &CourseId,
        after: Option<&UserId>,
        limit: usize,
    ) -> Result<Vec<UserId>, EvidenceError> {
        self.log.users(tenant, course, after, limit).await
    }
}

#[tokio::test]
async fn of_a_class_that_was_observed_very_often_as_many_are_looked_at_as_may_be_and_all_can_be_paged() {
    let school = School::start().await;
    let quizzes =
        Quizzes { evidence: Arc::new(Diligent { log: school.quizzes.evidence.clone() }), ..school.quizzes.clone() };
    let look = async |cursor: Option<String>| {
        let asked = AskClass { cursor, limit: Some(200) };
        quizzes.course_progress(&teacher("tom"), COURSE, asked).await.unwrap()
    };
    let fitting = CLASS_OBSERVATIONS_MAX / EVIDENCE_FOLDED_MAX;
    for at in 0..fitting {
        school.observed(&format!("s{at:03}"), &[evidence(at, "torts", 1.0)]).await;
    }
    let all = look(None).await;
    let class = all.class.unwrap();
    assert_eq!((class.students, class.truncated, all.students.len(), all.cursor), (fitting, None, fitting, None));

    for at in fitting..fitting + 2 {
        school.observed(&format!("s{at:03}"), &[evidence(at, "torts", 1.0)]).await;
    }
    let first = look(None).await;
    let class = first.class.unwrap();
    assert_eq!((class.students, class.truncated, first.students.len()), (fitting, Some(true), fitting));
    let rest = look(first.cursor).await;
    let users: Vec<&str> = rest.students.iter().map(|one| one.user.as_str()).collect();
    assert_eq!((users, rest.cursor), (vec!["s060", "s061"], None));
    assert!(rest.class.is_none());
}
