//! The language of a quiz: told from its text or its items where nobody names one, and as its teacher names it.

use crate::rig::{COURSE, School, choice, codes, id, teacher};
use serde_json::{Value, json};

const MOOR: &str = include_str!("../quiz/texts/moor.txt");
const TIDES: &str = include_str!("../quiz/texts/tides.txt");
const COUNTS: [(&str, u32); 4] = [("single_choice", 4), ("true_false", 4), ("numeric", 2), ("cloze", 4)];

async fn made_of(school: &School, text: &str, named: Value) -> Value {
    let tom = teacher();
    let document = school.uploaded(&tom, text, json!({"course": COURSE})).await;
    let counts: serde_json::Map<String, Value> =
        COUNTS.iter().map(|(kind, count)| ((*kind).into(), json!(count))).collect();
    let mut asked =
        json!({"course": COURSE, "title": "Made", "make": {"documents": [document["id"]], "counts": counts}});
    asked.as_object_mut().unwrap().extend(named.as_object().unwrap().clone());
    school.made(&tom, asked).await
}

fn languages(quiz: &Value) -> (&str, &str, Vec<&str>) {
    let mut items: Vec<&str> =
        quiz["items"].as_array().unwrap().iter().map(|item| item["item"]["language"].as_str().unwrap()).collect();
    items.dedup();
    (quiz["language"].as_str().unwrap(), quiz["languageOrigin"].as_str().unwrap(), items)
}

#[tokio::test]
async fn a_quiz_is_made_in_the_language_of_its_text() {
    let school = School::at_work().await;
    for (text, language) in [(MOOR, "de"), (TIDES, "en")] {
        let quiz = made_of(&school, text, json!({})).await;
        assert_eq!(languages(&quiz), (language, "told", vec![language]));
        assert_eq!(quiz["making"]["made"], 14, "{}", quiz["making"]);
        let stems: Vec<&str> =
            quiz["items"].as_array().unwrap().iter().map(|item| item["item"]["stem"].as_str().unwrap()).collect();
        let asks = |says: [&str; 2]| stems.iter().filter(|stem| says.iter().any(|said| stem.starts_with(said))).count();
        let (english, german) = (asks(["Which ", "Decide "]), asks(["Welche", "Entscheide "]));
        assert!(if language == "de" { english == 0 && german > 0 } else { english > 0 && german == 0 }, "{stems:?}");
    }
}

#[tokio::test]
async fn what_a_teacher_names_is_not_told_otherwise() {
    let school = School::at_work().await;
    let quiz = made_of(&school, MOOR, json!({"language": "en-GB"})).await;
    assert_eq!(languages(&quiz), ("en", "named", vec![]));
    let making = &quiz["making"];
    assert_eq!((&making["state"], &making["failure"]["code"]), (&json!("failed"), &json!("language_differs")));
    let reason = making["failure"]["reason"].as_str().unwrap();
    assert!(reason.starts_with("the text is in German, and the quiz in English"), "{reason}");
    // Its teacher names the right one, and asks again.
    let tom = teacher();
    let quiz = school.change(&tom, "PATCH", &quiz, "", json!({"language": "de"})).await.is(200);
    assert_eq!(languages(&quiz), ("de", "named", vec![]));
}

#[tokio::test]
async fn items_tell_the_language_of_a_quiz_that_has_none_yet() {
    let school = School::start().await;
    let tom = teacher();
    let quiz = school.begun(&tom).await;
    assert_eq!(languages(&quiz), ("en", "assumed", vec![]));
    // By English rules nothing would be wrong with these.
    let draft = choice(
        "Welche der folgenden Landschaften ist kein Moor, obwohl sie im Frühjahr oft nass ist?",
        &["Die Wiese am Bach", "Das Niedermoor am See", "Keine der genannten"],
        "a",
    );
    let quiz = school.change(&tom, "POST", &quiz, "/items", draft).await.is(201);
    assert_eq!(languages(&quiz), ("de", "told", vec!["de"]));
    let found = codes(&quiz["items"][0]);
    assert!(found.contains(&"stem_negative") && found.contains(&"none_of_the_above"), "{found:?}");
    // It stays told, whatever comes later, until it is named; then what was in it goes along.
    let later = choice("Which of these landscapes would you call a bog in English, and why?", &["Bog", "Mead"], "a");
    let quiz = school.change(&tom, "POST", &quiz, "/items", later).await.is(201);
    assert_eq!(languages(&quiz), ("de", "told", vec!["de"]));
    let quiz = school.change(&tom, "PATCH", &quiz, "", json!({"language": "en"})).await.is(200);
    assert_eq!(languages(&quiz), ("en", "named", vec!["en"]));
    assert!(!codes(&quiz["items"][0]).contains(&"none_of_the_above"), "{}", quiz["items"][0]);
    school.change(&tom, "PATCH", &quiz, "", json!({"language": "?"})).await.refused(422, "invalid_field");
}

#[tokio::test]
async fn an_item_that_has_a_language_of_its_own_keeps_it() {
    let school = School::start().await;
    let tom = teacher();
    let quiz = school.begun(&tom).await;
    let latin = json!({"stem": "Gallia est omnis divisa in partes tres.", "language": "la",
        "body": {"type": "true_false", "key": true}});
    let quiz = school.change(&tom, "POST", &quiz, "/items", latin).await.is(201);
    let quiz = school.change(&tom, "PATCH", &quiz, "", json!({"language": "de"})).await.is(200);
    assert_eq!(languages(&quiz), ("de", "named", vec!["la"]));
}

#[tokio::test]
async fn imported_questions_tell_their_language() {
    let school = School::start().await;
    let tom = teacher();
    let file =
        "Welches Tier brütet auf den kleinen Inseln im flachen Wasser?\nA. Der Kranich\nB. Der Fuchs\nANSWER: A\n";
    for (named, language, origin) in [("", "de", "told"), ("&language=fr", "fr", "named")] {
        let path = format!("/api/quizzes/import?format=aiken&title=Tiere&course={COURSE}{named}");
        let imported = school.send(&tom, "POST", &path, Some(file.into()), &[("content-type", "text/plain")]).await;
        let imported = imported.is(201);
        assert_eq!(languages(&imported["quiz"]), (language, origin, vec![language]));
        let seen = school.get(&tom, &format!("/api/quizzes/{}", id(&imported["quiz"]))).await.is(200);
        assert_eq!(languages(&seen), (language, origin, vec![language]));
    }
}
