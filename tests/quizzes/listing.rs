//! Lists of quizzes: drafts for those who make them, editions for those who take them.

use crate::rig::{COURSE, School, id, identity, student, teacher};
use serde_json::{Value, json};
use viva::auth::CourseRole;

#[tokio::test]
async fn teachers_see_all_of_their_course_and_students_what_was_published_as_it_was() {
    let school = School::start().await;
    let (tom, sue) = (teacher(), student());
    let draft = school.begun(&tom).await;
    let given = school.published(&tom).await;
    let renamed = school.change(&tom, "PATCH", &given, "", json!({"title": "A draft's title"})).await.is(200);
    let seen = school.get(&tom, "/api/quizzes").await.is(200)["quizzes"].take();
    assert_eq!(seen.as_array().unwrap().len(), 2);
    assert_eq!((id(&seen[1]), &seen[1]["mayEdit"], &seen[1]["version"]), (id(&draft), &json!(true), &json!(1)));
    assert_eq!((&seen[0]["title"], &seen[0]["version"]), (&json!("A draft's title"), &renamed["version"]));
    assert_eq!((&seen[0]["isAtWork"], &seen[0]["isStale"]), (&json!(false), &json!(false)));

    let seen = school.get(&sue, &format!("/api/quizzes?course={COURSE}")).await.is(200);
    let row = &seen["quizzes"][0];
    let told = json!({"id": id(&given), "course": COURSE, "title": "Torts", "state": "published", "edition": 1, "items": 1,
        "mayEdit": false, "createdUnixMs": row["createdUnixMs"], "updatedUnixMs": row["updatedUnixMs"]});
    assert_eq!((seen["quizzes"].as_array().unwrap().len(), row), (1, &told));
    let archived = school.change(&tom, "POST", &renamed, "/archive", Value::Null).await.is(200);
    assert_eq!(school.get(&sue, "/api/quizzes").await.is(200)["quizzes"][0]["state"], "archived");
    school.change(&tom, "DELETE", &archived, "", Value::Null).await;
    assert_eq!(school.get(&sue, "/api/quizzes").await.is(200)["quizzes"], json!([]));
}

#[tokio::test]
async fn other_courses_are_closed_and_ones_own_quizzes_are_in_the_list() {
    let school = School::start().await;
    let (tom, eve) = (teacher(), identity("eve", &[("law-2", CourseRole::Student)]));
    school.published(&tom).await;
    let mine = school.post(&eve, "/api/quizzes", json!({"title": "Mine"})).await.is(201);
    school.get(&eve, &format!("/api/quizzes?course={COURSE}")).await.refused(403, "forbidden");
    let seen = school.get(&eve, "/api/quizzes").await.is(200);
    assert_eq!((seen["quizzes"].as_array().unwrap().len(), id(&seen["quizzes"][0])), (1, id(&mine)));
    assert_eq!(seen["quizzes"][0]["mayEdit"], true);
}

#[tokio::test]
async fn lists_come_in_pages() {
    let school = School::start().await;
    let tom = teacher();
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(id(&school.begun(&tom).await).to_owned());
    }
    let mut seen = Vec::new();
    let mut path = "/api/quizzes?limit=2".to_owned();
    loop {
        let page = school.get(&tom, &path).await.is(200);
        let quizzes = page["quizzes"].as_array().unwrap();
        assert!(quizzes.len() <= 2);
        seen.extend(quizzes.iter().map(|quiz| id(quiz).to_owned()));
        let Some(cursor) = page["cursor"].as_str() else { break };
        path = format!("/api/quizzes?limit=2&cursor={cursor}");
    }
    made.sort();
    seen.sort();
    assert_eq!(seen, made);
    for wrong in ["limit=0", "limit=201", "cursor=none"] {
        school.get(&tom, &format!("/api/quizzes?{wrong}")).await.refused(422, "invalid_field");
    }
    school.get(&tom, "/api/quizzes?limit=many").await.refused(400, "malformed_request");
}
