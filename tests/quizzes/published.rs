//! From draft to students and back out of their hands.

use crate::rig::{School, choice, id, statement, student, teacher};
use serde_json::{Value, json};

#[tokio::test]
async fn publishing_gives_the_draft_to_students_and_later_changes_are_the_next_edition() {
    let school = School::start().await;
    let tom = teacher();
    let quiz = school.with_statement(&tom).await;
    let cover = format!("/api/quizzes/{}/cover", id(&quiz));
    school.get(&student(), &cover).await.refused(404, "not_found");
    let quiz = school.change(&tom, "POST", &quiz, "/publish", Value::Null).await.is(200);
    assert_eq!(
        (&quiz["state"], &quiz["edition"], &quiz["hasUnpublishedChanges"]),
        (&json!("published"), &json!(1), &json!(false))
    );
    assert_eq!(school.get(&student(), &cover).await.is(200)["items"], 1);
    // Publishing what students have changes nothing.
    assert_eq!(school.change(&tom, "POST", &quiz, "/publish", Value::Null).await.is(200), quiz);

    let other = choice("Which of these is a tort?", &["Nuisance", "Theft", "Sale"], "a");
    let quiz = school.change(&tom, "POST", &quiz, "/items", other).await.is(201);
    assert_eq!((&quiz["edition"], &quiz["hasUnpublishedChanges"]), (&json!(1), &json!(true)));
    assert_eq!(school.get(&student(), &cover).await.is(200)["items"], 1);
    let quiz = school.change(&tom, "POST", &quiz, "/publish", Value::Null).await.is(200);
    assert_eq!((&quiz["edition"], &quiz["hasUnpublishedChanges"]), (&json!(2), &json!(false)));
    assert_eq!(school.get(&student(), &cover).await.is(200)["items"], 2);
}

#[tokio::test]
async fn a_quiz_with_rejected_items_or_none_is_not_published() {
    let school = School::start().await;
    let tom = teacher();
    let quiz = school.begun(&tom).await;
    let detail = school.change(&tom, "POST", &quiz, "/publish", Value::Null).await.refused(409, "not_publishable");
    assert!(detail.contains("no items"), "{detail}");
    let mut quiz = school.change(&tom, "POST", &quiz, "/items", statement()).await.is(201);
    for number in 0..12 {
        let stem = format!("Question {number}: which?");
        let wrong = choice(&stem, &["One", "Two", "Three"], "nobody");
        quiz = school.change(&tom, "POST", &quiz, "/items", wrong).await.is(201);
    }
    let detail = school.change(&tom, "POST", &quiz, "/publish", Value::Null).await.refused(409, "not_publishable");
    assert!(detail.contains("item 2 (") && detail.contains("no option has the id nobody"), "{detail}");
    assert!(!detail.contains("item 1 (") && detail.ends_with("And 2 more items"), "{detail}");
    let path = format!("/api/quizzes/{}", id(&quiz));
    assert_eq!(school.get(&tom, &path).await.is(200)["state"], "draft");
}

#[tokio::test]
async fn an_archived_quiz_is_begun_by_nobody_until_it_is_published_again() {
    let school = School::start().await;
    let (tom, sue) = (teacher(), student());
    let draft = school.with_statement(&tom).await;
    school.change(&tom, "POST", &draft, "/archive", Value::Null).await.refused(409, "conflict");
    let quiz = school.change(&tom, "POST", &draft, "/publish", Value::Null).await.is(200);
    let quiz = school.change(&tom, "POST", &quiz, "/archive", Value::Null).await.is(200);
    assert_eq!((&quiz["state"], &quiz["edition"]), (&json!("archived"), &json!(1)));
    assert_eq!(school.change(&tom, "POST", &quiz, "/archive", Value::Null).await.is(200), quiz);
    let begin = format!("/api/quizzes/{}/attempts", id(&quiz));
    school.post(&sue, &begin, Value::Null).await.refused(409, "conflict");
    // As it was: no new edition. A change of it is one.
    let quiz = school.change(&tom, "POST", &quiz, "/publish", Value::Null).await.is(200);
    assert_eq!((&quiz["state"], &quiz["edition"]), (&json!("published"), &json!(1)));
    school.post(&sue, &begin, Value::Null).await.is(201);
    let quiz = school.change(&tom, "POST", &quiz, "/archive", Value::Null).await.is(200);
    let quiz = school.change(&tom, "PATCH", &quiz, "", json!({"title": "Torts again"})).await.is(200);
    assert_eq!((&quiz["state"], &quiz["hasUnpublishedChanges"]), (&json!("archived"), &json!(true)));
    let quiz = school.change(&tom, "POST", &quiz, "/publish", Value::Null).await.is(200);
    assert_eq!((&quiz["state"], &quiz["edition"]), (&json!("published"), &json!(2)));
}
