//! An interview's ratings count for progress once a teacher has confirmed them.

#[path = "../gateway/rig.rs"]
#[allow(dead_code, reason = "other tests say more over the socket")]
mod live;

use crate::rig::COURSE;
use live::{Client, Options, Seen, Server, in_course, token_of};
use serde_json::{Value, json};
use viva::auth::CourseRole;
use viva::ports::ids::{CourseId, TenantId, UserId};
use viva::quiz::progress::{Evidence, SkillProgress, progress};

/// A typed interview of two questions, to its report.
async fn report(server: &Server) -> Value {
    let ann = in_course("ann", COURSE, CourseRole::Student);
    let mut client = server.connect_with(&token_of(&ann)).await;
    let mut seen = Seen::default();
    let mut start = live::start("s1");
    start["params"].as_object_mut().unwrap().remove("audio");
    start["params"]["course"] = json!(COURSE);
    client.send(start).await;
    for turn in 1..=2 {
        client.events_to("question.done", &mut seen).await;
        let text = "I led the parser team, because the old one lost input. We cut failures by half.";
        let answer = json!({"type": "answer.text", "session": "s1", "seq": turn + 1, "turn": turn, "text": text});
        client.send(answer).await;
    }
    client.events_to("interview.finished", &mut seen).await;
    seen.of("interview.report")[0]["report"].clone()
}

async fn reviewed(teacher: &mut Client, criterion: &Value, rating: u8) {
    let review =
        json!({"type": "report.review", "session": "s1", "user": "ann", "criterion": criterion, "rating": rating});
    assert_eq!(teacher.ask(review).await["rating"]["rating"], rating);
}

async fn skills(server: &Server) -> Vec<SkillProgress> {
    let log = server.handlers.evidence.as_ref().unwrap();
    let (tenant, course, user) = (TenantId::new("default"), CourseId::new(COURSE), UserId::new("ann"));
    let observed = log.newest(&tenant, &course, &user, 100).await.unwrap();
    let evidence = observed.observations.iter().map(|one| Evidence::from_json(&one.evidence_json).unwrap());
    progress(&evidence.collect::<Vec<_>>()).skills
}

#[tokio::test]
async fn a_confirmed_rating_is_evidence_of_its_criterion_and_a_changed_one_replaces_it() {
    let server = Server::whole(Options::default().set("VIVA_RECOGNIZER", "none").set("VIVA_MODEL", "builtin")).await;
    let report = report(&server).await;
    assert_eq!(skills(&server).await, [], "what a model proposes is no evidence");
    let criterion = &report["ratings"][0]["criterion"];
    let mut tom = server.connect_with(&token_of(&in_course("tom", COURSE, CourseRole::Teacher))).await;
    let mut mastery = Vec::new();
    for rating in [5, 5, 1, 5] {
        reviewed(&mut tom, criterion, rating).await;
        let skills = skills(&server).await;
        let [skill] = &skills[..] else { panic!("{skills:?}") };
        assert_eq!((skill.skill.as_str(), skill.observations), (criterion.as_str().unwrap(), 1));
        mastery.push(skill.mastery);
    }
    assert!(mastery[0] > 0.5 && mastery[2] < 0.3, "{mastery:?}");
    assert_eq!((mastery[0], mastery[0]), (mastery[1], mastery[3]));
}
