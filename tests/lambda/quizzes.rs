//! Quizzes behind the HTTP API: written, published, taken and looked into; files of questions that come and go; items that are asked for.

use crate::asking::{json_of, request};
use crate::classroom::{Classroom, tom};
use crate::rig::{ann, clock, invocation, speaker};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use viva::lambda::Function as _;
use viva::lambda::sweep::Sweep;
use viva::ports::ids::{QuizId, TenantId};
use viva::ports::quizzes::QuizKey;

#[tokio::test]
async fn a_quiz_is_written_published_taken_and_looked_into() {
    let classroom = Classroom::new();
    let quiz = classroom.written().await;
    let quiz = classroom.change(&quiz, "POST", "/publish", Value::Null, 200).await;
    let id = quiz["id"].as_str().unwrap();
    assert_eq!((&quiz["state"], &quiz["edition"]), (&json!("published"), &json!(1)));

    let ann = ann();
    let listed = classroom.ask(&ann, "GET", "/api/quizzes", Value::Null, 200).await;
    assert_eq!(listed["quizzes"][0]["id"], json!(id));
    classroom.ask(&ann, "GET", &format!("/api/quizzes/{id}"), Value::Null, 404).await;
    let attempt = classroom.ask(&ann, "POST", &format!("/api/quizzes/{id}/attempts"), Value::Null, 201).await;
    let told = attempt.to_string();
    assert!(!told.contains("divisors") && !told.contains("\"key\""), "{told}");
    let at = format!("/api/attempts/{}", attempt["id"].as_str().unwrap());
    classroom.ask(&ann, "GET", &format!("{at}/results"), Value::Null, 409).await;
    let items = attempt["items"].as_array().unwrap();
    let answers: serde_json::Map<String, Value> = items
        .iter()
        .map(|item| (item["id"].as_str().unwrap().to_owned(), json!({ "type": "true_false", "value": true })))
        .collect();
    classroom.ask(&ann, "PATCH", &at, json!({ "answers": answers }), 200).await;
    let results = classroom.ask(&ann, "POST", &format!("{at}/submit"), Value::Null, 200).await;
    assert_eq!((&results["attempt"]["points"], &results["attempt"]["max"]), (&json!(1.0), &json!(2.0)), "{results}");
    let analytics = classroom.ask(&tom(), "GET", &format!("/api/quizzes/{id}/analytics"), Value::Null, 200).await;
    assert_eq!(analytics["attempts"], json!(1), "{analytics}");
    let progress = classroom.ask(&tom(), "GET", "/api/courses/maths/progress/ann", Value::Null, 200).await;
    assert!(progress.to_string().contains("Primes"), "{progress}");
}

#[tokio::test]
async fn a_package_is_answered_as_bytes_and_a_file_of_questions_is_taken_as_bytes() {
    let classroom = Classroom::new();
    let quiz = classroom.written().await;
    let export = |format: &str| format!("/api/quizzes/{}/export?format={format}", quiz["id"].as_str().unwrap());
    let package = classroom.answer(request(&speaker(&tom()), "GET", &export("qti"), "")).await;
    assert_eq!((&package["statusCode"], &package["isBase64Encoded"]), (&json!(200), &json!(true)), "{package}");
    assert_eq!(package["headers"]["content-type"], "application/zip");
    assert!(STANDARD.decode(package["body"].as_str().unwrap()).unwrap().starts_with(b"PK\x03\x04"));
    let gift = classroom.answer(request(&speaker(&tom()), "GET", &export("gift"), "")).await;
    assert_eq!((&gift["statusCode"], &gift["isBase64Encoded"]), (&json!(200), &json!(false)), "{gift}");

    let into = "/api/quizzes/import?format=gift&title=Again&course=maths";
    let mut import = request(&speaker(&tom()), "POST", into, &STANDARD.encode(gift["body"].as_str().unwrap()));
    import["isBase64Encoded"] = json!(true);
    let imported = classroom.answer(import).await;
    assert_eq!(imported["statusCode"], json!(201), "{imported}");
    assert_eq!(json_of(&imported)["quiz"]["items"].as_array().unwrap().len(), 2, "{imported}");
}

#[tokio::test]
async fn a_course_may_have_any_letters() {
    let classroom = Classroom::new();
    for course in ["Übung 1", "%C3%9Cbung%201", "a#b|c"] {
        classroom.ask(&ann(), "GET", &format!("/api/courses/{course}/progress"), Value::Null, 403).await;
    }
}

#[tokio::test]
async fn whoever_makes_items_is_asked_and_the_sweep_asks_again() {
    let classroom = Classroom::new();
    let make = json!({ "topic": "primes", "counts": { "true_false": 2 } });
    let wanted = json!({ "course": "maths", "title": "Primes", "make": make });
    let quiz = classroom.ask(&tom(), "POST", "/api/quizzes", wanted, 202).await;
    let key = QuizKey { tenant: TenantId::new("school"), quiz: QuizId::new(quiz["id"].as_str().unwrap()) };
    assert_eq!(std::mem::take(&mut *classroom.orders.asked.lock().unwrap()), std::slice::from_ref(&key));
    let sweep = Sweep {
        journal: classroom.stage.store.clone(),
        conversations: classroom.stage.store.clone(),
        workers: classroom.stage.starts.clone(),
        quizzes: classroom.stage.store.clone(),
        making: classroom.orders.clone(),
        clock: clock(),
    };
    let answer = sweep.call(json!({}), invocation()).await.unwrap();
    assert_eq!(answer["quizzes"], json!(1));
    assert_eq!(*classroom.orders.asked.lock().unwrap(), [key]);
}
