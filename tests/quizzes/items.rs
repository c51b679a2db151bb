//! Items as they are written: ids of the server's, judged with the whole quiz, and of a size that is kept.

use crate::rig::{School, choice, codes, id, statement, teacher};
use serde_json::{Value, json};
use viva::quiz::answer::Answer;
use viva::quiz::item::{ItemId, OptionId};

fn items(quiz: &Value) -> &Vec<Value> {
    quiz["items"].as_array().unwrap()
}

fn body(item: &Value) -> &Value {
    &item["item"]["body"]
}

#[tokio::test]
async fn ids_are_the_servers_and_stay_when_an_item_is_written_anew() {
    let school = School::start().await;
    let tom = teacher();
    let quiz = school.begun(&tom).await;
    let draft = choice("Which of these is a tort?", &["Nuisance", "Theft", "Sale"], "a");
    let quiz = school.change(&tom, "POST", &quiz, "/items", draft).await.is(201);
    let item = &items(&quiz)[0];
    let options = body(item)["options"].as_array().unwrap().clone();
    assert_eq!(body(item)["keys"], json!([options[0]["id"]]));
    for option in &options {
        let id = option["id"].as_str().unwrap();
        assert!(id.len() == 13 && id.starts_with('o'), "{id}");
    }
    // Two are reworded, one is new, and a new one is the key.
    let again = json!({"stem": "Which of these is one?", "points": 2, "body": {"type": "single_choice", "keys": ["new"],
        "options": [options[1], {"id": options[0]["id"], "text": "Trespass"}, {"id": "new", "text": "Libel"}]}});
    let path = format!("/items/{}", item["item"]["id"].as_str().unwrap());
    let after = school.change(&tom, "PUT", &quiz, &path, again).await.is(200);
    let now = &items(&after)[0];
    assert_eq!(now["item"]["id"], item["item"]["id"]);
    let ids: Vec<&Value> = body(now)["options"].as_array().unwrap().iter().map(|option| &option["id"]).collect();
    assert_eq!(ids[..2], [&options[1]["id"], &options[0]["id"]]);
    assert!(!options.iter().any(|option| option["id"] == *ids[2]) && *ids[2] != json!("new"), "{ids:?}");
    assert_eq!(body(now)["keys"], json!([ids[2]]));
    assert_eq!(now["item"]["points"], 2.0);
}

#[tokio::test]
async fn every_kind_keeps_its_keys_under_new_ids() {
    let school = School::start().await;
    let tom = teacher();
    let mut quiz = school.begun(&tom).await;
    let options = json!([{"id": "a", "text": "Duty"}, {"id": "b", "text": "Breach"}, {"id": "c", "text": "Damage"}]);
    for body in [
        json!({"type": "multiple_choice", "options": options, "keys": ["a", "b"]}),
        json!({"type": "ordering", "options": options, "key": ["c", "a", "b"]}),
        json!({"type": "matching", "prompts": [{"id": "a", "text": "Snail"}, {"id": "b", "text": "Fence"}],
            "targets": [{"id": "a", "text": "Negligence"}, {"id": "b", "text": "Trespass"}], "key": {"a": "a", "b": "b"}}),
        json!({"type": "cloze", "parts": [{"text": "A tort is a "}, {"gap": {"id": "a", "kind": {"type": "choice",
            "options": [{"id": "a", "text": "civil"}, {"id": "b", "text": "criminal"}], "key": "a"}}}, {"text": " wrong."}]}),
        json!({"type": "short_text", "key": {"accepted": [{"text": "negligence", "share": 1.0}]}}),
        json!({"type": "numeric", "keys": [{"value": 1932.0, "tolerance": {"absolute": 0.0}, "share": 1.0}]}),
        json!({"type": "free_text", "rubric": [{"id": "a", "text": "It is clear", "weight": 1.0}]}),
    ] {
        let stem = format!("What does {} ask of us?", body["type"]);
        quiz = school.change(&tom, "POST", &quiz, "/items", json!({"stem": stem, "body": body})).await.is(201);
        let made = items(&quiz).last().unwrap();
        let rejects = |finding: &&Value| finding["severity"] == "reject";
        assert_eq!(made["findings"].as_array().unwrap().iter().find(rejects), None, "{made}");
        assert!(!made["item"].to_string().contains(r#""id":"a""#), "{made}");
    }
    let kept = items(&quiz).iter().map(body).map(|body| body["type"].as_str().unwrap());
    assert_eq!(kept.count(), 7);
}

#[tokio::test]
async fn a_wrong_item_is_kept_with_what_is_wrong_and_judged_with_the_others() {
    let school = School::start().await;
    let tom = teacher();
    let quiz = school.begun(&tom).await;
    let draft = choice("Which of these is a tort?", &["Nuisance", "Theft", "Sale"], "nobody");
    let quiz = school.change(&tom, "POST", &quiz, "/items", draft.clone()).await.is(201);
    assert_eq!(codes(&items(&quiz)[0]), ["key_unknown"]);
    // The same question again is told of the later one; once the first is gone, of none.
    let mended = choice("Which of these is a tort?", &["Libel", "Murder", "Lease"], "a");
    let quiz = school.change(&tom, "POST", &quiz, "/items", mended).await.is(201);
    assert!(codes(&items(&quiz)[1]).contains(&"stem_repeated"), "{quiz}");
    let first = format!("/items/{}", items(&quiz)[0]["item"]["id"].as_str().unwrap());
    let quiz = school.change(&tom, "DELETE", &quiz, &first, Value::Null).await.is(200);
    assert_eq!((items(&quiz).len(), codes(&items(&quiz)[0]).contains(&"stem_repeated")), (1, false));
    school.change(&tom, "DELETE", &quiz, &first, Value::Null).await.refused(404, "not_found");
    school.change(&tom, "PUT", &quiz, &first, statement()).await.refused(404, "not_found");
}

#[tokio::test]
async fn items_are_put_in_order_where_each_is_named_once() {
    let school = School::start().await;
    let tom = teacher();
    let mut quiz = school.begun(&tom).await;
    for stem in ["First of all?", "And then?", "Last of all?"] {
        let draft = choice(stem, &["Yes, it is", "No, never", "Perhaps"], "a");
        quiz = school.change(&tom, "POST", &quiz, "/items", draft).await.is(201);
    }
    let ids: Vec<String> = items(&quiz).iter().map(|item| item["item"]["id"].as_str().unwrap().to_owned()).collect();
    let reversed: Vec<&String> = ids.iter().rev().collect();
    for wrong in [vec![&ids[0]], vec![&ids[0], &ids[1], &ids[1]], vec![&ids[0], &ids[1], &ids[2], &ids[2]]] {
        let reply = school.change(&tom, "POST", &quiz, "/items/order", json!({"items": wrong})).await;
        reply.refused(422, "invalid_field");
    }
    let quiz = school.change(&tom, "POST", &quiz, "/items/order", json!({"items": reversed})).await.is(200);
    let now: Vec<&str> = items(&quiz).iter().map(|item| item["item"]["id"].as_str().unwrap()).collect();
    assert_eq!(now, reversed);
}

#[tokio::test]
async fn an_item_that_is_changed_loses_the_answer_of_one_who_did_not_see_its_key() {
    let school = School::start().await;
    let tom = teacher();
    let quiz = school.begun(&tom).await;
    let draft = choice("Which of these is a tort?", &["Nuisance", "Theft", "Sale"], "a");
    let quiz = school.change(&tom, "POST", &quiz, "/items", draft).await.is(201);
    let item = items(&quiz)[0]["item"].clone();
    let wrong = item["body"]["options"][1]["id"].as_str().unwrap();
    school
        .worked_on(id(&quiz), |paper| {
            let id = ItemId::new(item["id"].as_str().unwrap());
            paper.second.insert(id, Answer::Choice(OptionId::new(wrong)));
        })
        .await;
    let path = format!("/api/quizzes/{}", id(&quiz));
    let quiz = school.get(&tom, &path).await.is(200);
    assert_eq!(items(&quiz)[0]["secondAnswer"], json!({"type": "choice", "value": wrong}));
    // Whatever changes of the items judges them anew, with that answer.
    let quiz = school.judged(&tom, &quiz).await;
    assert_eq!(codes(&items(&quiz)[0]), ["blind_answer_differs"]);
    let at = format!("/items/{}", item["id"].as_str().unwrap());
    // The same again is no change.
    let quiz = school.change(&tom, "PUT", &quiz, &at, item.clone()).await.is(200);
    assert_eq!(codes(&items(&quiz)[0]), ["blind_answer_differs"]);
    let mut reworded = item;
    reworded["stem"] = json!("Which one of these is a tort?");
    let quiz = school.change(&tom, "PUT", &quiz, &at, reworded).await.is(200);
    assert_eq!((items(&quiz)[0].get("secondAnswer"), codes(&items(&quiz)[0])), (None, vec![]));
}

#[tokio::test]
async fn another_title_or_other_settings_judge_nothing_anew() {
    let school = School::start().await;
    let tom = teacher();
    let quiz = school.with_statement(&tom).await;
    let item = ItemId::new(items(&quiz)[0]["item"]["id"].as_str().unwrap());
    school.worked_on(id(&quiz), |paper| assert_eq!(paper.second.insert(item, Answer::TrueFalse(false)), None)).await;
    let quiz = school.get(&tom, &format!("/api/quizzes/{}", id(&quiz))).await.is(200);
    let change = json!({"title": "Again", "description": "All of it", "settings": {"feedback": "points"}});
    let quiz = school.change(&tom, "PATCH", &quiz, "", change).await.is(200);
    assert_eq!((&quiz["title"], &quiz["settings"]["feedback"]), (&json!("Again"), &json!("points")));
    assert_eq!(codes(&items(&quiz)[0]), [""; 0]);
    // The answer would have been looked at, and is when it is published.
    let detail = school.change(&tom, "POST", &quiz, "/publish", Value::Null).await.refused(409, "not_publishable");
    assert!(detail.contains("without seeing the key"), "{detail}");
}

#[tokio::test]
async fn an_answer_with_too_many_stars_is_refused_with_the_reason() {
    let school = School::start().await;
    let tom = teacher();
    let quiz = school.begun(&tom).await;
    let draft = |stars: usize| {
        let text = format!("duty{}", " *care".repeat(stars));
        json!({"stem": "What is owed?", "body": {"type": "short_text", "key": {"accepted": [{"text": text, "share": 1.0}]}}})
    };
    let detail = school.change(&tom, "POST", &quiz, "/items", draft(11)).await.refused(422, "invalid_field");
    assert_eq!(detail, "accepted: at most 10 stars that stand for anything in one answer");
    school.change(&tom, "POST", &quiz, "/items", draft(10)).await.is(201);
}

#[tokio::test]
async fn what_is_no_item_or_too_large_for_one_is_refused() {
    let school = School::start().await;
    let tom = teacher();
    let quiz = school.begun(&tom).await;
    let many: Vec<Value> = (0..21).map(|n| json!({"id": n.to_string(), "text": format!("Option {n}")})).collect();
    for draft in [
        json!({}),
        json!({"stem": "S"}),
        json!({"stem": "S", "body": {"type": "riddle"}}),
        json!({"stem": "S", "body": {"type": "true_false"}}),
        json!({"stem": "S", "body": {"type": "true_false", "key": "yes"}}),
        json!({"stem": "S", "body": {"type": "true_false", "key": true}, "difficulty": "brutal"}),
        json!({"stem": "S", "body": {"type": "true_false", "key": true}, "points": "many"}),
    ] {
        let reply = school.change(&tom, "POST", &quiz, "/items", draft).await;
        reply.refused(400, "malformed_request");
    }
    for (field, draft) in [
        ("stem", json!({"stem": "x".repeat(2_001), "body": {"type": "true_false", "key": true}})),
        (
            "explanation",
            json!({"stem": "S", "explanation": "x".repeat(4_001), "body": {"type": "true_false", "key": true}}),
        ),
        ("skill", json!({"stem": "S", "skill": "x".repeat(101), "body": {"type": "true_false", "key": true}})),
        ("language", json!({"stem": "S", "language": "?", "body": {"type": "true_false", "key": true}})),
        ("body.options", json!({"stem": "S", "body": {"type": "single_choice", "keys": [], "options": many}})),
        ("body.options", choice("S", &["x".repeat(501).as_str(), "b"], "a")),
    ] {
        let detail = school.change(&tom, "POST", &quiz, "/items", draft).await.refused(422, "invalid_field");
        assert!(detail.starts_with(&format!("{field}:")), "{field}: {detail}");
    }
    let huge = json!({"stem": "S", "body": {"type": "true_false", "key": true}, "more": "x".repeat(200_000)});
    school.change(&tom, "POST", &quiz, "/items", huge).await.refused(413, "body_too_large");
    // An item may be larger than other requests are.
    let options: Vec<String> = (0..20).map(|n| format!("{n}{}", "ä".repeat(490))).collect();
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let quiz = school.change(&tom, "POST", &quiz, "/items", choice("Which?", &options, "a")).await.is(201);
    assert_eq!(items(&quiz).len(), 1);
}
