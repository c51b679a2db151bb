//! What items rest on: passages of the quiz's course, in the words that stand there; and what becomes of them when a document changes.

use crate::rig::{COURSE, School, codes, id, identity, teacher};
use serde_json::{Value, json};
use viva::auth::CourseRole;

const TEXT: &str =
    "# Torts\n\nA tort is a civil wrong that causes harm.\n\nA duty of care is owed to one's neighbours.\n";

fn rested(passage: &Value, quote: &str) -> Value {
    json!({
        "stem": "To whom is a duty of care owed?",
        "body": {"type": "short_text", "key": {"accepted": [{"text": "neighbours", "share": 1.0}]}},
        "source": {"passage": passage["id"], "quote": quote},
    })
}

#[tokio::test]
async fn a_source_is_looked_up_from_the_passage_and_its_words() {
    let school = School::start().await;
    let tom = teacher();
    let document = school.uploaded(&tom, TEXT, json!({"course": COURSE})).await;
    let passage = school.passage(&tom, COURSE, "duty of care").await;
    let quiz = school.begun(&tom).await;
    let mut draft = rested(&passage, "A duty of care is owed to one's neighbours");
    // What else a client says of it counts for nothing.
    draft["source"]["document"] = json!("another");
    draft["source"]["version"] = json!(99);
    let quiz = school.change(&tom, "POST", &quiz, "/items", draft).await.is(201);
    let item = &quiz["items"][0];
    let source = &item["item"]["source"];
    assert_eq!((&source["document"], &source["version"]), (&document["id"], &json!(1)));
    assert_eq!((&source["passage"], &source["locator"]), (&passage["id"], &passage["locator"]));
    assert_eq!((codes(item), item.get("stale")), (vec![], None));
}

#[tokio::test]
async fn words_that_do_not_stand_there_and_passages_of_others_are_refused() {
    let school = School::start().await;
    let (tom, eve) = (teacher(), identity("eve", &[("law-2", CourseRole::Teacher)]));
    school.uploaded(&tom, TEXT, json!({"course": COURSE})).await;
    school.uploaded(&tom, TEXT, json!({})).await;
    school.uploaded(&eve, TEXT, json!({"course": "law-2"})).await;
    let passage = school.passage(&tom, COURSE, "duty of care").await;
    let own = school.passage(&tom, "tom", "duty of care").await;
    let other = school.passage(&eve, "law-2", "duty of care").await;
    let quiz = school.begun(&tom).await;
    for (draft, field) in [
        (rested(&passage, "A duty of care is owed to nobody"), "source.quote"),
        (rested(&passage, " … "), "source.quote"),
        (rested(&passage, &"x".repeat(2_001)), "source.quote"),
        (rested(&own, "neighbours"), "source.passage"),
        (rested(&other, "neighbours"), "source.passage"),
        (rested(&json!({"id": "none"}), "neighbours"), "source.passage"),
    ] {
        let detail = school.change(&tom, "POST", &quiz, "/items", draft).await.refused(422, "invalid_field");
        assert!(detail.starts_with(&format!("{field}:")), "{detail}");
    }
    // In one's own quiz one's own files may be cited, and those of a course may not.
    let mine = school.post(&tom, "/api/quizzes", json!({"title": "Mine"})).await.is(201);
    school.change(&tom, "POST", &mine, "/items", rested(&passage, "neighbours")).await.refused(422, "invalid_field");
    school.change(&tom, "POST", &mine, "/items", rested(&own, "neighbours")).await.is(201);
}

#[tokio::test]
async fn a_key_that_the_cited_words_do_not_carry_is_rejected() {
    let school = School::start().await;
    let tom = teacher();
    school.uploaded(&tom, TEXT, json!({"course": COURSE})).await;
    let passage = school.passage(&tom, COURSE, "civil wrong").await;
    let quiz = school.begun(&tom).await;
    let draft = rested(&passage, "A tort is a civil wrong that causes harm");
    let quiz = school.change(&tom, "POST", &quiz, "/items", draft).await.is(201);
    assert_eq!(codes(&quiz["items"][0]), ["key_not_supported"]);
    let detail = school.change(&tom, "POST", &quiz, "/publish", Value::Null).await.refused(409, "not_publishable");
    assert!(detail.starts_with("item 1 (") && detail.contains("neighbours"), "{detail}");
}

#[tokio::test]
async fn an_item_is_stale_once_its_document_is_replaced_or_deleted_and_can_still_be_edited() {
    let school = School::start().await;
    let tom = teacher();
    let document = school.uploaded(&tom, TEXT, json!({"course": COURSE})).await;
    let passage = school.passage(&tom, COURSE, "duty of care").await;
    let quiz = school.begun(&tom).await;
    let draft = rested(&passage, "A duty of care is owed to one's neighbours");
    let quiz = school.change(&tom, "POST", &quiz, "/items", draft.clone()).await.is(201);
    let path = format!("/api/quizzes/{}", id(&quiz));
    let listed = async || school.get(&tom, "/api/quizzes").await.is(200)["quizzes"][0]["isStale"].clone();
    assert_eq!(listed().await, json!(false));

    let replaces = json!({"replaces": document["id"]});
    school.uploaded(&tom, "# Contracts\n\nAn offer lapses upon rejection.\n", replaces).await;
    let stale = school.get(&tom, &path).await.is(200);
    assert_eq!((&stale["items"][0]["stale"], listed().await), (&json!("replaced"), json!(true)));
    // Its version is as it was: nothing of the quiz has changed.
    assert_eq!(stale["version"], quiz["version"]);
    // The text is gone, and nothing is held against it.
    let mut reworded = draft.clone();
    reworded["stem"] = json!("Whom is a duty of care owed to?");
    let at = format!("/items/{}", stale["items"][0]["item"]["id"].as_str().unwrap());
    let stale = school.change(&tom, "PUT", &stale, &at, reworded).await.is(200);
    assert_eq!((codes(&stale["items"][0]), &stale["items"][0]["stale"]), (vec![], &json!("replaced")));
    // But no other words can be taken from it.
    let mut other = draft;
    other["source"]["quote"] = json!("A tort is a civil wrong");
    school.change(&tom, "PUT", &stale, &at, other).await.refused(422, "invalid_field");

    let gone = format!("/api/documents/{}", id(&document));
    assert_eq!(school.send(&tom, "DELETE", &gone, None, &[]).await.status, 204);
    let stale = school.get(&tom, &path).await.is(200);
    assert_eq!((&stale["items"][0]["stale"], listed().await), (&json!("deleted"), json!(true)));
}

#[tokio::test]
async fn what_was_found_of_a_quote_stays_found_when_its_text_is_gone() {
    let school = School::start().await;
    let tom = teacher();
    let document = school.uploaded(&tom, TEXT, json!({"course": COURSE})).await;
    let passage = school.passage(&tom, COURSE, "duty of care").await;
    let quiz = school.begun(&tom).await;
    let quiz = school.change(&tom, "POST", &quiz, "/items", rested(&passage, "neighbours")).await.is(201);
    // As a worker of an earlier release might have stored it.
    school
        .worked_on(id(&quiz), |paper| {
            if let Some(source) = paper.items[0].source.as_mut() {
                source.quote = "A duty is owed to neighbours far away".into();
            }
        })
        .await;
    let quiz = school.get(&tom, &format!("/api/quizzes/{}", id(&quiz))).await.is(200);
    let quiz = school.judged(&tom, &quiz).await;
    assert_eq!(codes(&quiz["items"][0]), ["quote_not_in_passage"]);
    let gone = format!("/api/documents/{}", id(&document));
    assert_eq!(school.send(&tom, "DELETE", &gone, None, &[]).await.status, 204);
    let quiz = school.judged(&tom, &quiz).await;
    assert_eq!(codes(&quiz["items"][0]), ["quote_not_in_passage"]);
}
