//! Quizzes as files: taken elsewhere, brought in, and what the formats cannot hold or cannot be read.

use crate::rig::{COURSE, Reply, School, choice, id, student, teacher};
use serde_json::{Value, json};
use std::io::{Cursor, Read};
use viva::auth::Identity;

async fn imported(school: &School, who: &Identity, query: &str, file: &[u8]) -> Reply {
    let path = format!("/api/quizzes/import?{query}");
    school.send(who, "POST", &path, Some(file.to_vec()), &[("content-type", "text/plain")]).await
}

async fn with_three(school: &School) -> Value {
    let tom = teacher();
    let quiz = school.with_statement(&tom).await;
    let draft = choice("Which of these is a tort?", &["Nuisance", "Theft", "Sale of goods"], "a");
    let quiz = school.change(&tom, "POST", &quiz, "/items", draft).await.is(201);
    let typed = json!({"stem": "What is carelessness that harms called?", "explanation": "It is so.",
        "body": {"type": "short_text", "key": {"accepted": [{"text": "negligence", "share": 1.0}]}}});
    let quiz = school.change(&tom, "POST", &quiz, "/items", typed).await.is(201);
    school.change(&tom, "PATCH", &quiz, "", json!({"title": "Torts: “Prüfung” 1"})).await.is(200)
}

/// What the items ask and what is right, without ids, which are new in every quiz.
fn asked(quiz: &Value) -> Vec<(String, String, Vec<String>)> {
    let texts = |item: &Value| {
        let body = &item["item"]["body"];
        let key = |option: &&Value| body["keys"].as_array().unwrap().contains(&option["id"]);
        let right = body["options"].as_array().map(|options| options.iter().filter(key).map(|o| o["text"].to_string()));
        right
            .map(Iterator::collect)
            .unwrap_or_else(|| vec![body["key"]["accepted"].to_string(), body["key"].to_string()])
    };
    let items = quiz["items"].as_array().unwrap().iter();
    items
        .map(|item| (item["item"]["stem"].to_string(), item["item"]["body"]["type"].to_string(), texts(item)))
        .collect()
}

#[tokio::test]
async fn a_quiz_goes_out_and_comes_back_as_it_was() {
    let school = School::start().await;
    let tom = teacher();
    let quiz = with_three(&school).await;
    for (format, media_type, extension) in
        [("moodle", "application/xml", "xml"), ("gift", "text/plain; charset=utf-8", "gift.txt")]
    {
        let file = school.get(&tom, &format!("/api/quizzes/{}/export?format={format}", id(&quiz))).await;
        assert_eq!((file.status, &file.headers["content-type"]), (200, &media_type.parse().unwrap()));
        let named = file.headers["content-disposition"].to_str().unwrap();
        let plain = format!("attachment; filename=\"Torts---Pr_fung--1.{extension}\"");
        assert!(named.starts_with(&plain) && named.contains("filename*=UTF-8''Torts---Pr%C3%BCfung--1."), "{named}");
        assert_eq!(file.headers["viva-left-out"], "[]");
        let query = format!("format={format}&title=Back&course={COURSE}&language=en");
        let back = imported(&school, &tom, &query, &file.bytes).await;
        assert_eq!(back.headers["etag"], "\"v1\"");
        let back = back.is(201);
        assert_eq!((&back["problems"], &back["quiz"]["course"]), (&json!([]), &json!(COURSE)));
        assert_eq!((&back["quiz"]["state"], &back["quiz"]["title"]), (&json!("draft"), &json!("Back")));
        assert_eq!(asked(&back["quiz"]), asked(&quiz), "{format}");
        for item in back["quiz"]["items"].as_array().unwrap() {
            assert!(item["item"]["id"].as_str().unwrap().len() == 13, "{item}");
        }
    }
}

#[tokio::test]
async fn a_package_of_qti_is_an_archive_with_a_manifest() {
    let school = School::start().await;
    let quiz = with_three(&school).await;
    let file = school.get(&teacher(), &format!("/api/quizzes/{}/export?format=qti", id(&quiz))).await;
    assert_eq!(file.headers["content-type"], "application/zip");
    let mut archive = zip::ZipArchive::new(Cursor::new(file.bytes)).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert_eq!(names.len(), 5, "{names:?}");
    let mut manifest = String::new();
    archive.by_name("imsmanifest.xml").unwrap().read_to_string(&mut manifest).unwrap();
    assert!(manifest.contains("items/item-3.xml"), "{manifest}");
}

#[tokio::test]
async fn what_a_format_cannot_hold_is_told_by_name() {
    let school = School::start().await;
    let tom = teacher();
    let quiz = school.with_statement(&tom).await;
    let lines = json!([{"id": "a", "text": "Duty"}, {"id": "b", "text": "Breach"}, {"id": "c", "text": "Damage"}]);
    let order =
        json!({"stem": "Put these in order.", "body": {"type": "ordering", "options": lines, "key": ["a", "b", "c"]}});
    let quiz = school.change(&tom, "POST", &quiz, "/items", order).await.is(201);
    let file = school.get(&tom, &format!("/api/quizzes/{}/export?format=gift", id(&quiz))).await;
    let told: Value = serde_json::from_slice(file.headers["viva-left-out"].as_bytes()).unwrap();
    assert_eq!((told.as_array().unwrap().len(), &told[0]["item"]), (1, &quiz["items"][1]["item"]["id"]));
    assert!(told[0]["reason"].as_str().unwrap().len() > 5, "{told}");
    assert!(!file.text().contains("Put these"), "{}", file.text());
}

#[tokio::test]
async fn questions_that_cannot_be_read_are_told_with_their_line() {
    let school = School::start().await;
    let tom = teacher();
    let file = "A tort is a civil wrong. {T}\n\nWhich? {=one ~two\n\nHow many wheels? {#4:0}\n";
    let back = imported(&school, &tom, "format=gift&title=Torts", file.as_bytes()).await.is(201);
    assert_eq!(back["quiz"]["course"], "tom");
    assert_eq!(back["problems"][0]["line"], 3, "{back}");
    assert!(back["problems"][0]["reason"].as_str().unwrap().len() > 5);
    assert!(!back["quiz"]["items"].as_array().unwrap().is_empty());
    let aiken = "What is a tort?\nA. A wrong\nB. A cake\nANSWER: A\n";
    let back = imported(&school, &tom, "format=aiken&title=Torts", aiken.as_bytes()).await.is(201);
    assert_eq!(back["quiz"]["items"][0]["item"]["body"]["type"], "single_choice");
}

#[tokio::test]
async fn questions_that_could_not_be_kept_are_told_and_the_quiz_stays_readable() {
    let school = School::start().await;
    let tom = teacher();
    let long = "x".repeat(4_001);
    let file = format!(
        "How far? {{#1.7e308..1.7e308}}\n\nHow wide? {{#-1.7e308..1.7e308}}\n\nIs it so? {{T####{long}}}\n\nHow many wheels? {{#4:0}}\n"
    );
    let back = imported(&school, &tom, "format=gift&title=Far", file.as_bytes()).await.is(201);
    assert_eq!((back["problems"].as_array().unwrap().len(), &back["problems"][0]["line"]), (1, &json!(5)), "{back}");
    assert!(back["problems"][0]["reason"].as_str().unwrap().contains("explanation"), "{back}");
    let again = school.get(&tom, &format!("/api/quizzes/{}", id(&back["quiz"]))).await.is(200);
    let value = |at: usize| again["items"][at]["item"]["body"]["keys"][0]["value"].as_f64();
    assert_eq!([value(0), value(1), value(2)], [Some(1.7e308), Some(0.0), Some(4.0)], "{again}");
}

#[tokio::test]
async fn files_that_are_none_or_too_large_are_refused() {
    let school = School::start().await;
    let tom = teacher();
    for (format, file) in [
        ("gift", &b""[..]),
        ("gift", b"\xff\xfe not UTF-8"),
        ("moodle", b"<quiz><question>"),
        ("moodle", b"<!DOCTYPE q [<!ENTITY a \"b\">]><quiz>&a;</quiz>"),
        ("aiken", b"no question at all"),
    ] {
        let reply = imported(&school, &tom, &format!("format={format}&title=T"), file).await;
        reply.refused(422, "import_unreadable");
    }
    let many: String = (0..201).map(|n| format!("Statement number {n} is so. {{T}}\n\n")).collect();
    let detail =
        imported(&school, &tom, "format=gift&title=T", many.as_bytes()).await.refused(422, "import_unreadable");
    assert!(detail.contains("at most 200"), "{detail}");
    let huge = vec![b'x'; 4 * 1024 * 1024 + 1];
    imported(&school, &tom, "format=gift&title=T", &huge).await.refused(413, "body_too_large");
    for query in ["format=gift", "title=T", "format=word&title=T"] {
        imported(&school, &tom, query, b"x {T}").await.refused(400, "malformed_request");
    }
    imported(&school, &tom, "format=gift&title=%20", b"x {T}").await.refused(422, "invalid_field");
    let course = format!("format=gift&title=T&course={COURSE}");
    imported(&school, &student(), &course, b"x {T}").await.refused(403, "forbidden");
    let quiz = school.begun(&tom).await;
    let path = format!("/api/quizzes/{}/export", id(&quiz));
    school.get(&tom, &format!("{path}?format=word")).await.refused(400, "malformed_request");
    school.get(&tom, &path).await.refused(400, "malformed_request");
    assert_eq!(school.get(&tom, "/api/quizzes").await.is(200)["quizzes"].as_array().unwrap().len(), 1);
    // A draft larger than others' requests comes in.
    let large: String = (0..50).map(|n| format!("Statement {n} is {}so. {{T}}\n\n", "very ".repeat(300))).collect();
    let back = imported(&school, &tom, "format=gift&title=T", large.as_bytes()).await.is(201);
    assert_eq!(back["quiz"]["items"].as_array().unwrap().len(), 50);
}

#[tokio::test]
async fn a_range_as_wide_as_numbers_go_is_read_and_spoils_nothing() {
    let school = School::start().await;
    let tom = teacher();
    let file = "How far? {#1.7e308..1.7e308}\n\nHow near? {#-1.7e308..1.7e308}\n\nA tort is a civil wrong. {T}\n";
    let back = imported(&school, &tom, "format=gift&title=Torts", file.as_bytes()).await.is(201);
    let told = back["problems"].as_array().unwrap().len();
    let quiz = school.get(&tom, &format!("/api/quizzes/{}", id(&back["quiz"]))).await.is(200);
    assert_eq!(quiz["items"].as_array().unwrap().len() + told, 3, "{back}");
}

#[tokio::test]
async fn a_question_with_more_than_an_item_may_hold_is_told() {
    let school = School::start().await;
    let tom = teacher();
    let file = format!("A tort is a civil wrong. {{T####{}}}\n\nNuisance is a tort. {{T}}\n", "so ".repeat(2_000));
    let back = imported(&school, &tom, "format=gift&title=Torts", file.as_bytes()).await.is(201);
    let problem = json!({"line": 1, "reason": "explanation: at most 4000 characters"});
    assert_eq!(back["problems"], json!([problem]));
    assert_eq!(back["quiz"]["items"].as_array().unwrap().len(), 1);
}
