//! Analytics over REST, against the figures of the reference (tests/quiz/reference).

use crate::rig::{COURSE, School, id, item, said, statement, student, teacher};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use viva::handlers::quizzes::AskAnalytics;
use viva::ports::attempts::{
    Attempt, AttemptKey, AttemptPage, AttemptQuery, Attempts, AttemptsError, Marks, NewAttempt, Started, Submitted,
};
use viva::ports::clock::UnixMs;
use viva::ports::quizzes::QuizKey;
use viva::quiz::item::{Accepted, Body, Item, TextKey, Typos};
use viva::quiz::paper::{Counting, Paper, Settings};

/// An item whose answer `m3` earns what is third among these marks.
fn marked(at: usize, max: f64, marks: &[f64]) -> Item {
    let accepted = marks.iter().enumerate().filter(|(_, mark)| **mark > 0.0);
    let accepted = accepted.map(|(place, mark)| Accepted { text: format!("m{place}"), share: mark / max }).collect();
    let key = TextKey { accepted, refused: Vec::new(), typos: Typos::None };
    Item { points: max, ..item(at, Body::ShortText { key }) }
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

#[tokio::test]
async fn every_figure_equals_the_reference() {
    let marks: Vec<Value> = serde_json::from_str(include_str!("../quiz/reference/marks.json")).unwrap();
    let figures: Vec<Value> = serde_json::from_str(include_str!("../quiz/reference/statistics.json")).unwrap();
    let mut compared = 0;
    for (set, expected) in marks.iter().zip(&figures) {
        let maxima = numbers(&set["maxima"]);
        let rows: Vec<Vec<f64>> = set["rows"].as_array().unwrap().iter().map(numbers).collect();
        let mut distinct: Vec<Vec<f64>> = vec![Vec::new(); maxima.len()];
        for row in &rows {
            for (known, mark) in distinct.iter_mut().zip(row) {
                if !known.contains(mark) {
                    known.push(*mark);
                }
            }
        }
        let items = maxima.iter().enumerate().map(|(at, max)| marked(at + 1, *max, &distinct[at])).collect();
        let school = School::start().await;
        let quiz = school.published(COURSE, "tom", Settings::default(), items).await;
        for (student_no, row) in rows.iter().enumerate() {
            let answers: Map<String, Value> = row
                .iter()
                .enumerate()
                .map(|(at, mark)| {
                    let place = distinct[at].iter().position(|known| known == mark).unwrap();
                    (format!("i{}", at + 1), json!({"type": "text", "value": format!("m{place}")}))
                })
                .collect();
            school.taken(&student(&format!("s{student_no}")), &quiz, Value::Object(answers)).await;
        }
        let found = school.get(&teacher("tom"), &format!("/api/quizzes/{quiz}/analytics")).await.ok();
        assert_eq!(found["attempts"], rows.len());
        compared += compare(&found["statistics"], expected, "");
    }
    assert!(compared > 100, "{compared} figures");
}

/// Every figure of the reference against ours, to 1e-9 of its size.
fn compare(found: &Value, expected: &Value, path: &str) -> usize {
    match expected {
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| compare(&found[name], value, &format!("{path}.{name}"))).sum()
        }
        Value::Array(values) => {
            values.iter().enumerate().map(|(at, value)| compare(&found[at], value, &format!("{path}[{at}]"))).sum()
        }
        Value::Number(number) => {
            let expected = number.as_f64().unwrap();
            let found = found.as_f64().unwrap_or_else(|| panic!("{path} is {found}"));
            assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{path}: {found}, not {expected}");
            1
        }
        other => {
            assert_eq!(found, other, "{path}");
            1
        }
    }
}

#[tokio::test]
async fn the_attempts_that_count_are_first_last_best_or_all() {
    let school = School::start().await;
    let items: Vec<Item> = (1..=3).map(|at| statement(at, "basics")).collect();
    let settings = Settings { counting: Counting::Last, ..Settings::default() };
    let quiz = school.published(COURSE, "tom", settings, items.clone()).await;
    for (user, rights) in [("ann", vec![1, 3, 2]), ("bob", vec![0])] {
        for right in rights {
            let answers: Map<String, Value> = (1..=3).map(|at| (format!("i{at}"), said(at <= right))).collect();
            school.taken(&student(user), &quiz, Value::Object(answers)).await;
        }
    }
    let open = school.begun(&student("bob"), &quiz).await;
    let tom = teacher("tom");
    let path = format!("/api/quizzes/{quiz}/analytics");
    for (asked, counting, attempts, mean) in [
        ("", "last", 2, 1.0),
        ("?counting=first", "first", 2, 0.5),
        ("?counting=last", "last", 2, 1.0),
        ("?counting=best", "best", 2, 1.5),
        ("?counting=all", "all", 4, 1.5),
        ("?edition=1", "last", 2, 1.0),
    ] {
        let found = school.get(&tom, &format!("{path}{asked}")).await.ok();
        assert_eq!(
            (&found["counting"], &found["attempts"], &found["statistics"]["mean"], &found["edition"]),
            (&json!(counting), &json!(attempts), &json!(mean), &json!(1)),
            "{asked}"
        );
        assert_eq!(
            (&found["items"][0]["stem"], &found["items"][0]["kind"]),
            (&json!("Question 1 asks what?"), &json!("true_false"))
        );
    }
    school.submitted(&student("bob"), id(&open), json!({"i1": said(true)})).await;
    let paper = Paper { items: items[..1].to_vec(), ..Paper::new("en", Settings::default()) };
    school.edited(&crate::rig::quiz_key(&quiz), &paper).await;
    let newest = school.get(&tom, &path).await.ok();
    assert_eq!((&newest["edition"], &newest["attempts"], &newest["counting"]), (&json!(2), &json!(0), &json!("best")));
    assert_eq!(school.get(&tom, &format!("{path}?edition=1&counting=all")).await.ok()["attempts"], 5);
    for edition in [0, 3] {
        school.get(&tom, &format!("{path}?edition={edition}")).await.refused(404, "not_found");
    }
    school.get(&tom, &format!("{path}?counting=worst")).await.refused(400, "malformed_request");
}

#[tokio::test]
async fn an_attempt_that_waits_for_a_teacher_is_left_out_and_counted() {
    let school = School::start().await;
    let items = vec![statement(1, "basics"), crate::rig::essay(2)];
    let quiz = school.published(COURSE, "tom", Settings::default(), items).await;
    let text = json!({"i2": {"type": "text", "value": "An answer."}});
    let waiting = school.taken(&student("ann"), &quiz, text).await;
    school.taken(&student("bob"), &quiz, json!({"i1": said(true)})).await;
    let path = format!("/api/quizzes/{quiz}/analytics");
    let tom = teacher("tom");
    let found = school.get(&tom, &path).await.ok();
    assert_eq!(
        (&found["attempts"], &found["pending"], &found["statistics"]["mean"]),
        (&json!(1), &json!(1), &json!(1.0))
    );
    let marks = json!({"item": "i2", "awarded": {"clear": 1.0, "whole": 1.0}});
    school.ask(&tom, "POST", &format!("/api/attempts/{}/marks", id(&waiting["attempt"])), marks).await.ok();
    let found = school.get(&tom, &path).await.ok();
    assert_eq!(
        (&found["attempts"], &found["pending"], &found["statistics"]["mean"]),
        (&json!(2), &json!(0), &json!(2.5))
    );
}

#[tokio::test]
async fn pages_of_attempts_are_read_to_the_last() {
    let school = School::start().await;
    let quiz = school.published(COURSE, "tom", Settings::default(), vec![statement(1, "basics")]).await;
    for at in 0..205 {
        school.taken(&student(&format!("s{at}")), &quiz, json!({"i1": said(at < 41)})).await;
    }
    let found = school.get(&teacher("tom"), &format!("/api/quizzes/{quiz}/analytics")).await.ok();
    assert_eq!((&found["attempts"], &found["statistics"]["mean"]), (&json!(205), &json!(0.2)));
    let (mut cursor, mut listed) = (String::new(), Vec::new());
    loop {
        let path = format!("/api/quizzes/{quiz}/attempts?limit=100{cursor}");
        let page = school.get(&teacher("tom"), &path).await.ok();
        listed.extend(page["attempts"].as_array().unwrap().iter().map(|one| one["user"].as_str().unwrap().to_owned()));
        let Some(next) = page["cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!((listed.len(), listed.first().unwrap().as_str(), listed.last().unwrap().as_str()), (205, "s204", "s0"));
    let of_one = school.get(&teacher("tom"), &format!("/api/quizzes/{quiz}/attempts?user=s7")).await.ok();
    assert_eq!((of_one["attempts"].as_array().unwrap().len(), &of_one["attempts"][0]["user"]), (1, &json!("s7")));
    let path = format!("/api/quizzes/{quiz}/attempts?state=lost");
    school.get(&teacher("tom"), &path).await.refused(422, "invalid_field");
}

#[tokio::test]
async fn an_attempt_that_counts_and_waits_is_not_replaced_by_another() {
    let school = School::start().await;
    let items = vec![statement(1, "basics"), crate::rig::essay(2)];
    let quiz = school.published(COURSE, "tom", Settings::default(), items).await;
    let text = json!({"i1": said(true), "i2": {"type": "text", "value": "An answer."}});
    school.taken(&student("ann"), &quiz, json!({})).await;
    school.taken(&student("ann"), &quiz, text).await;
    for (counting, attempts, pending) in [("first", 1, 0), ("last", 0, 1), ("best", 1, 0), ("all", 1, 1)] {
        let path = format!("/api/quizzes/{quiz}/analytics?counting={counting}");
        let found = school.get(&teacher("tom"), &path).await.ok();
        assert_eq!((&found["attempts"], &found["pending"]), (&json!(attempts), &json!(pending)), "{counting}");
    }
}

/// Pages without end of one attempt.
struct Endless {
    store: Arc<dyn Attempts>,
}

#[async_trait::async_trait]
impl Attempts for Endless {
    async fn start(&self, new: NewAttempt, attempts_max: Option<u32>) -> Result<Started, AttemptsError> {
        self.store.start(new, attempts_max).await
    }

    async fn get(&self, key: &AttemptKey) -> Result<Option<Attempt>, AttemptsError> {
        self.store.get(key).await
    }

    async fn save(&self, key: &AttemptKey, revision: u64, sitting_json: String) -> Result<Attempt, AttemptsError> {
        self.store.save(key, revision, sitting_json).await
    }

    async fn submit(&self, key: &AttemptKey, revision: u64, marks: Marks) -> Result<Submitted, AttemptsError> {
        self.store.submit(key, revision, marks).await
    }

    async fn mark(&self, key: &AttemptKey, revision: u64, marks: Marks) -> Result<Attempt, AttemptsError> {
        self.store.mark(key, revision, marks).await
    }

    async fn list(&self, query: AttemptQuery) -> Result<AttemptPage, AttemptsError> {
        let limit = query.limit;
        let page = self.store.list(AttemptQuery { cursor: None, ..query }).await?;
        Ok(AttemptPage { attempts: vec![page.attempts[0].clone(); limit], cursor: Some("more".into()) })
    }

    async fn overdue(&self, quiz: &QuizKey, now: UnixMs, limit: usize) -> Result<Vec<Attempt>, AttemptsError> {
        self.store.overdue(quiz, now, limit).await
    }
}

#[tokio::test]
async fn figures_of_more_attempts_than_are_looked_at_say_so() {
    let school = School::start().await;
    let quiz = school.published(COURSE, "tom", Settings::default(), vec![statement(1, "basics")]).await;
    school.taken(&student("ann"), &quiz, json!({"i1": said(true)})).await;
    let path = format!("/api/quizzes/{quiz}/analytics");
    assert_eq!(school.get(&teacher("tom"), &path).await.ok().get("truncated"), None);
    let store = school.quizzes.attempts.clone();
    let quizzes = viva::handlers::Quizzes { attempts: Arc::new(Endless { store }), ..school.quizzes.clone() };
    let found = quizzes.analytics(&teacher("tom"), &quiz, AskAnalytics::default()).await.unwrap();
    assert_eq!((found.truncated, found.attempts), (Some(true), 1));
}
