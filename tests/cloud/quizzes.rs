//! Quizzes on the deployed stack: made of a course's file by a function of their own, published, taken, looked into; and finished by another
//! where that function dies.

use crate::desk::Desk;
use crate::stack::{Ears, Stack};
use serde_json::{Map, Value, json};
use std::time::Duration;
use tokio::time::{Instant, sleep};

const TORTS: &[u8] = b"# Torts\n\n\
A tort is a civil wrong that causes harm to another person. Negligence is the breach of a duty of care that causes damage. \
A nuisance is an unreasonable interference with the use of land. Defamation is a false statement that harms the reputation of a person. \
Trespass is an unlawful entry upon land that belongs to another person. The duty of care is owed to neighbours who may be harmed by an act. \
A court awards damages in order to put the injured person into the position before the tort. \
Strict liability is liability without any proof of fault. Vicarious liability makes an employer answer for the torts of an employee.\n";

/// A teacher and a student of one course.
async fn people(stack: &Stack) -> (Desk<'_>, Desk<'_>) {
    let tom = Desk::open_with(stack, stack.token_in("tom", "law", "teacher")).await;
    let sue = Desk::open_with(stack, stack.token_in("sue", "law", "student")).await;
    (tom, sue)
}

/// A quiz that is being made of a document.
async fn begun(tom: &Desk<'_>, document: &str) -> String {
    let make = json!({ "documents": [document], "counts": { "true_false": 2, "cloze": 2 } });
    let wanted = json!({ "course": "law", "title": "Torts", "make": make });
    let (status, quiz) = tom.ask("POST", "/api/quizzes", wanted).await;
    assert_eq!(status, 202, "{quiz}");
    quiz["id"].as_str().unwrap().to_owned()
}

async fn quiz_status(tom: &mut Desk<'_>, id: &str, states: &[&str]) -> Value {
    let what = format!("{id} as {states:?}");
    let told = tom.told(None, &what, |message| {
        message["type"] == "quiz.status"
            && message["quiz"]["quiz"] == id
            && states.iter().any(|state| message["quiz"]["state"] == *state)
    });
    told.await["quiz"].clone()
}

/// Gives each item this answer; the results.
async fn taken(sue: &Desk<'_>, id: &str) -> Value {
    let (status, attempt) = sue.ask("POST", &format!("/api/quizzes/{id}/attempts"), Value::Null).await;
    assert_eq!(status, 201, "{attempt}");
    let told = attempt.to_string();
    for secret in ["\"key\"", "\"keys\"", "\"accepted\"", "\"explanation\"", "\"source\"", "\"quote\"", "\"seed\""] {
        assert!(!told.contains(secret), "{secret}: {told}");
    }
    let answers: Map<String, Value> = attempt["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item.to_string().contains("true_false"))
        .map(|item| (item["id"].as_str().unwrap().to_owned(), json!({ "type": "true_false", "value": true })))
        .collect();
    let at = format!("/api/attempts/{}", attempt["id"].as_str().unwrap());
    assert_eq!(sue.ask("GET", &format!("{at}/results"), Value::Null).await.0, 409);
    let (status, saved) = sue.ask("PATCH", &at, json!({ "answers": answers })).await;
    assert_eq!(status, 200, "{saved}");
    let (status, results) = sue.ask("POST", &format!("{at}/submit"), Value::Null).await;
    assert_eq!(status, 200, "{results}");
    results
}

/// Lets a minute's sweep come.
fn sweep(stack: &Stack) {
    let function = stack.output("QuizFunction").replace("-quiz", "-sweep");
    let answer = tempfile::NamedTempFile::new().unwrap();
    let path = answer.path().display().to_string();
    stack.aws(&["lambda", "invoke", "--function-name", &function, "--qualifier", "live", "--payload", "{}", &path]);
}

#[tokio::test]
async fn a_killed_maker_is_followed_by_one_that_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("model.json");
    std::fs::write(&script, json!({ "usual": { "firstAfterMs": 2_000 } }).to_string()).unwrap();
    let variables = [("Model", "scripted".to_owned()), ("ModelScript", script.display().to_string())];
    let stack = Stack::start_with(Ears::Scripted, &variables).await;
    let (mut tom, _) = people(&stack).await;
    let document = tom.course_file("law", "torts.md", TORTS).await;
    let make = json!({ "documents": [document], "counts": { "true_false": 8 } });
    let wanted = json!({ "course": "law", "title": "Torts", "make": make });
    let (status, quiz) = tom.ask("POST", "/api/quizzes", wanted).await;
    assert_eq!(status, 202, "{quiz}");
    let id = quiz["id"].as_str().unwrap();
    let path = format!("/api/quizzes/{id}");
    let made = |quiz: &Value| quiz["making"]["made"].as_u64().unwrap_or(0);
    let first = tom.told(None, "the first items", |message| {
        message["type"] == "quiz.status" && message["quiz"]["made"].as_u64().is_some_and(|made| made > 0)
    });
    assert_eq!(first.await["quiz"]["state"], "running");
    stack.kill("QuizFunction");
    let kept = tom.get(&path).await;
    assert!(made(&kept) > 0, "{kept}");
    // The dead one's hold is over in half a minute.
    let deadline = Instant::now() + Duration::from_secs(120);
    let whole = loop {
        sweep(&stack);
        let quiz = tom.get(&path).await;
        if quiz["making"]["state"] != "running" && quiz["making"]["state"] != "queued" {
            break quiz;
        }
        assert!(Instant::now() < deadline, "nobody goes on: {quiz}\n{}", stack.said());
        sleep(Duration::from_secs(1)).await;
    };
    assert_eq!((&whole["making"]["state"], made(&whole)), (&json!("done"), 8), "{whole}\n{}", stack.said());
    let (before, after) = (kept["items"].as_array().unwrap(), whole["items"].as_array().unwrap());
    let ids = |items: &[Value]| items.iter().map(|item| item["item"]["id"].clone()).collect::<Vec<_>>();
    assert_eq!(after.len(), 8);
    assert_eq!(ids(&after[..before.len()]), ids(before), "what was made is made once");
}

#[tokio::test]
async fn a_quiz_is_made_of_a_file_published_taken_and_looked_into() {
    let stack = Stack::start(Ears::Scripted).await;
    let (mut tom, sue) = people(&stack).await;
    let document = tom.course_file("law", "torts.md", TORTS).await;
    let id = begun(&tom, &document).await;
    let done = quiz_status(&mut tom, &id, &["done", "failed"]).await;
    assert_eq!(done["state"], "done", "{done}\n{}", stack.said());
    let quiz = tom.get(&format!("/api/quizzes/{id}")).await;
    assert!(!quiz["items"].as_array().unwrap().is_empty(), "{quiz}");
    assert_eq!(quiz["items"][0]["item"]["source"]["document"], json!(document), "{quiz}");

    // Nothing of a draft is a student's.
    assert_eq!(sue.ask("GET", &format!("/api/quizzes/{id}"), Value::Null).await.0, 404);
    assert_eq!(sue.ask("GET", &format!("/api/quizzes/{id}/cover"), Value::Null).await.0, 404);
    let version = format!("\"v{}\"", quiz["version"]);
    let publish = format!("/api/quizzes/{id}/publish");
    assert_eq!(tom.ask("POST", &publish, Value::Null).await.0, 428);
    let (status, published) = tom.ask_with("POST", &publish, Value::Null, &[("if-match", &version)]).await;
    assert_eq!((status, &published["state"]), (200, &json!("published")), "{published}");

    assert_eq!(sue.get("/api/quizzes?course=law").await["quizzes"][0]["id"], json!(id));
    assert_eq!(sue.ask("GET", &format!("/api/quizzes/{id}/export?format=moodle"), Value::Null).await.0, 404);
    let results = taken(&sue, &id).await;
    assert_eq!(results["attempt"]["state"], "marked", "{results}");
    let analytics = tom.get(&format!("/api/quizzes/{id}/analytics")).await;
    assert_eq!(analytics["attempts"], json!(1), "{analytics}");
    let of_sue = results["attempt"]["id"].as_str().unwrap();
    assert_eq!(tom.get(&format!("/api/attempts/{of_sue}/results")).await["attempt"]["user"], "sue");
    assert!(tom.get("/api/courses/law/progress").await.to_string().contains("sue"));
    let eve = Desk::open_with(&stack, stack.token_in("eve", "law", "student")).await;
    assert_eq!(eve.ask("GET", &format!("/api/attempts/{of_sue}/results"), Value::Null).await.0, 404);
}
