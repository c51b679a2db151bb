//! What every [`Attempts`] does, beside the quizzes and the evidence of the same store.

use crate::evidence::{all as observed, observation};
use crate::quizzes::{created, key as quiz, new as new_quiz};
use std::sync::Arc;
use viva::ports::attempts::{
    Attempt, AttemptFilter, AttemptKey, AttemptQuery, AttemptState, Attempts, AttemptsError, Marks, NewAttempt,
    Started, Submitted,
};
use viva::ports::clock::UnixMs;
use viva::ports::evidence::EvidenceLog;
use viva::ports::ids::{AttemptId, CourseId, QuizId, TenantId, UserId};
use viva::ports::quizzes::{NewQuiz, QuizChange, QuizKey, QuizState, Quizzes};

macro_rules! attempts_contract {
    ($make:path) => {
        contract!(
            attempts,
            $make,
            [
                an_attempt_that_was_begun_comes_back,
                whoever_begins_again_goes_on,
                no_more_attempts_are_begun_than_may_be,
                nobody_begins_at_a_quiz_that_is_not_there,
                nobody_begins_what_is_not_given_now,
                previews_do_not_count_against_what_may_be,
                of_fifty_who_begin_at_once_one_attempt_is_open,
                attempts_are_numbered_without_a_gap_whoever_begins_at_once,
                answers_are_saved_by_whoever_has_seen_the_newest,
                an_attempt_is_submitted_once_with_what_it_shows,
                of_fifty_who_submit_at_once_one_marks,
                saving_beside_a_submission_loses_nothing,
                a_teacher_s_marks_replace_what_was_marked,
                attempts_are_listed_newest_first_by_what_is_asked_for,
                a_cursor_of_attempts_that_is_not_ours_is_refused,
                attempts_whose_time_is_over_are_found,
                with_its_quiz_an_attempt_is_gone_and_what_was_learnt_stays,
            ]
        );
    };
}

/// The three roles of one store.
pub(crate) struct Desk {
    pub(crate) quizzes: Arc<dyn Quizzes>,
    pub(crate) attempts: Arc<dyn Attempts>,
    pub(crate) evidence: Arc<dyn EvidenceLog>,
}

fn key(attempt: &str) -> AttemptKey {
    AttemptKey { tenant: TenantId::new("school"), attempt: AttemptId::new(attempt) }
}

pub(crate) fn new(attempt: &str, user: &str, at: u64) -> NewAttempt {
    NewAttempt {
        key: key(attempt),
        quiz: QuizId::new("q1"),
        course: CourseId::new("law-1"),
        user: UserId::new(user),
        edition: 1,
        preview: false,
        seed: u64::MAX - 7,
        started: UnixMs(at),
        due: Some(UnixMs(at + 1_000)),
        sitting_json: r#"{ "answers":{} , "odd":"\u0000 é" }"#.into(),
    }
}

pub(crate) fn marks(at: u64, points: f64) -> Marks {
    Marks {
        sitting_json: format!(r#"{{ "marked":{points} }}"#),
        points,
        max: 10.25,
        pending: false,
        observations: vec![observation("o1", at, "seen"), observation("o2", at, "seen")],
        at: UnixMs(at),
    }
}

/// A quiz that is published, with its first edition.
pub(crate) fn given(quiz: &str, at: u64) -> NewQuiz {
    let new = new_quiz(quiz, at);
    let draft = QuizChange { state: QuizState::Published, edition_json: Some("{}".into()), ..new.draft };
    NewQuiz { draft, ..new }
}

impl Desk {
    async fn with_quiz(&self) -> &dyn Attempts {
        created(&*self.quizzes, given("q1", 1)).await;
        &*self.attempts
    }

    async fn observed(&self, user: &str) -> usize {
        let (tenant, course) = (TenantId::new("school"), CourseId::new("law-1"));
        observed(&*self.evidence, &tenant, &course, &UserId::new(user)).await.len()
    }
}

async fn begun(attempts: &dyn Attempts, new: NewAttempt) -> Attempt {
    match attempts.start(new, None).await.unwrap() {
        Started::New(attempt) => attempt,
        other => panic!("{other:?}"),
    }
}

fn query() -> AttemptQuery {
    AttemptQuery {
        quiz: quiz("q1"),
        filter: AttemptFilter { previews: true, ..Default::default() },
        cursor: None,
        limit: 100,
    }
}

async fn listed(attempts: &dyn Attempts, query: AttemptQuery) -> Vec<String> {
    let page = attempts.list(query).await.unwrap();
    page.attempts.into_iter().map(|attempt| attempt.key.attempt.to_string()).collect()
}

pub(crate) async fn an_attempt_that_was_begun_comes_back(desk: &Desk) {
    let attempts = desk.with_quiz().await;
    assert_eq!(attempts.get(&key("a1")).await.unwrap(), None);
    let attempt = begun(attempts, new("a1", "ada", 100)).await;
    assert_eq!(attempt, new("a1", "ada", 100).numbered(1));
    assert_eq!((attempt.state, attempt.revision, attempt.seed), (AttemptState::Open, 1, u64::MAX - 7));
    assert_eq!(attempts.get(&key("a1")).await.unwrap(), Some(attempt));
    let elsewhere = AttemptKey { tenant: TenantId::new("other"), ..key("a1") };
    assert_eq!(attempts.get(&elsewhere).await.unwrap(), None);
    let without_end = NewAttempt { due: None, preview: true, seed: 5, ..new("a2", "tom", 100) };
    let attempt = begun(attempts, without_end.clone()).await;
    assert_eq!(attempts.get(&key("a2")).await.unwrap(), Some(attempt.clone()));
    assert_eq!(attempt, without_end.numbered(1));
}

pub(crate) async fn whoever_begins_again_goes_on(desk: &Desk) {
    let attempts = desk.with_quiz().await;
    begun(attempts, new("a1", "ada", 100)).await;
    let saved = attempts.save(&key("a1"), 1, "{}".into()).await.unwrap();
    // However many there may be: it counts already.
    for attempts_max in [None, Some(1)] {
        let again = attempts.start(new("a2", "ada", 200), attempts_max).await.unwrap();
        assert_eq!(again, Started::Open(saved.clone()));
    }
    assert_eq!(attempts.get(&key("a2")).await.unwrap(), None);
    attempts.submit(&key("a1"), 2, marks(300, 1.0)).await.unwrap();
    assert_eq!(begun(attempts, new("a3", "ada", 400)).await.number, 2);
}

pub(crate) async fn no_more_attempts_are_begun_than_may_be(desk: &Desk) {
    let attempts = desk.with_quiz().await;
    for number in 1..=2 {
        let name = format!("a{number}");
        assert!(matches!(attempts.start(new(&name, "ada", 100), Some(2)).await.unwrap(), Started::New(_)));
        attempts.submit(&key(&name), 1, marks(200, 1.0)).await.unwrap();
    }
    assert_eq!(attempts.start(new("a3", "ada", 300), Some(2)).await.unwrap(), Started::Exhausted);
    assert_eq!(attempts.get(&key("a3")).await.unwrap(), None);
    assert!(matches!(attempts.start(new("b1", "bob", 300), Some(2)).await.unwrap(), Started::New(_)));
    assert_eq!(begun(attempts, new("a3", "ada", 300)).await.number, 3);
}

pub(crate) async fn nobody_begins_at_a_quiz_that_is_not_there(desk: &Desk) {
    let attempts = &*desk.attempts;
    assert_eq!(attempts.start(new("a1", "ada", 100), None).await.unwrap(), Started::Unknown);
    created(&*desk.quizzes, given("q1", 1)).await;
    let elsewhere =
        NewAttempt { key: AttemptKey { tenant: TenantId::new("other"), ..key("a1") }, ..new("a1", "ada", 100) };
    assert_eq!(attempts.start(elsewhere, None).await.unwrap(), Started::Unknown);
    desk.quizzes.delete(&quiz("q1"), 1).await.unwrap();
    assert_eq!(attempts.start(new("a1", "ada", 100), None).await.unwrap(), Started::Unknown);
    assert_eq!(attempts.get(&key("a1")).await.unwrap(), None);
}

pub(crate) async fn nobody_begins_what_is_not_given_now(desk: &Desk) {
    let attempts = &*desk.attempts;
    let draft = new_quiz("q1", 1).draft;
    created(&*desk.quizzes, new_quiz("q1", 1)).await;
    let start = async |name: &str, user: &str, edition| {
        let new = NewAttempt { edition, ..new(name, user, 100) };
        attempts.start(new, None).await.unwrap()
    };
    assert_eq!(start("a1", "ada", 1).await, Started::Changed, "a draft");
    desk.quizzes.change(&quiz("q1"), 1, given("q1", 2).draft).await.unwrap();
    assert_eq!(start("a1", "ada", 2).await, Started::Changed, "an edition that is not there yet");
    let Started::New(open) = start("a1", "ada", 1).await else { panic!("not begun") };
    desk.quizzes.change(&quiz("q1"), 2, given("q1", 3).draft).await.unwrap();
    assert_eq!(start("b1", "bob", 1).await, Started::Changed, "an edition that is no longer given");
    assert_eq!(start("a2", "ada", 1).await, Started::Open(open.clone()), "what was begun goes on");
    let archived = QuizChange { state: QuizState::Archived, ..draft };
    desk.quizzes.change(&quiz("q1"), 3, archived).await.unwrap();
    assert_eq!(start("b1", "bob", 2).await, Started::Changed, "archived");
    assert_eq!(start("a2", "ada", 2).await, Started::Open(open), "what was begun goes on");
    assert_eq!(attempts.get(&key("b1")).await.unwrap(), None);
}

pub(crate) async fn previews_do_not_count_against_what_may_be(desk: &Desk) {
    let attempts = desk.with_quiz().await;
    for (name, preview, number) in [("p1", true, 1), ("p2", true, 2), ("a1", false, 3), ("a2", false, 4)] {
        let started = attempts.start(NewAttempt { preview, ..new(name, "ada", 100) }, Some(2)).await.unwrap();
        let Started::New(attempt) = started else { panic!("{name}: {started:?}") };
        assert_eq!((attempt.number, attempt.preview), (number, preview));
        attempts.submit(&key(name), 1, marks(200, 1.0)).await.unwrap();
    }
    for preview in [true, false] {
        let started = attempts.start(NewAttempt { preview, ..new("a3", "ada", 300) }, Some(2)).await.unwrap();
        assert_eq!(started, Started::Exhausted);
    }
}

pub(crate) async fn of_fifty_who_begin_at_once_one_attempt_is_open(desk: &Desk) {
    let attempts = desk.with_quiz().await;
    let starts = (0..50).map(|n| attempts.start(new(&format!("a{n}"), "ada", 100), Some(1)));
    let started: Vec<Started> =
        futures::future::join_all(starts).await.into_iter().map(|started| started.unwrap()).collect();
    let new: Vec<&Attempt> = started
        .iter()
        .filter_map(|started| if let Started::New(attempt) = started { Some(attempt) } else { None })
        .collect();
    assert_eq!(new.len(), 1, "{started:?}");
    assert_eq!(started.iter().filter(|started| **started == Started::Open(new[0].clone())).count(), 49, "{started:?}");
    assert_eq!(listed(attempts, query()).await, [new[0].key.attempt.as_str()]);
}

pub(crate) async fn attempts_are_numbered_without_a_gap_whoever_begins_at_once(desk: &Desk) {
    let attempts = desk.with_quiz().await;
    for round in 1..=3_u32 {
        let starts = (0..20).map(|n| attempts.start(new(&format!("a{round}-{n}"), ["ada", "bob"][n % 2], 100), None));
        for started in futures::future::join_all(starts).await {
            let (Started::New(attempt) | Started::Open(attempt)) = started.unwrap() else { panic!("not begun") };
            assert_eq!(attempt.number, round, "{attempt:?}");
        }
        for open in attempts.list(AttemptQuery { filter: open(), ..query() }).await.unwrap().attempts {
            attempts.submit(&open.key, 1, marks(200, 1.0)).await.unwrap();
        }
    }
    assert_eq!(listed(attempts, query()).await.len(), 6);
}

fn open() -> AttemptFilter {
    AttemptFilter { states: vec![AttemptState::Open], ..Default::default() }
}

pub(crate) async fn answers_are_saved_by_whoever_has_seen_the_newest(desk: &Desk) {
    let attempts = desk.with_quiz().await;
    let first = begun(attempts, new("a1", "ada", 100)).await;
    let text = r#"{ "answers":{"i1":"b"} }"#;
    let saved = attempts.save(&key("a1"), 1, text.into()).await.unwrap();
    assert_eq!(saved, Attempt { sitting_json: text.into(), revision: 2, ..first });
    for seen in [0, 1, 3, u64::MAX] {
        let late = attempts.save(&key("a1"), seen, "{}".into()).await;
        assert!(matches!(late, Err(AttemptsError::Stale)), "{late:?}");
    }
    assert_eq!(attempts.get(&key("a1")).await.unwrap(), Some(saved));
    let at = key("a1");
    let saves = futures::future::join_all((0..20).map(|_| attempts.save(&at, 2, "{}".into()))).await;
    assert_eq!(saves.iter().filter(|saved| saved.is_ok()).count(), 1, "{saves:?}");
    let nowhere = attempts.save(&key("a9"), 1, "{}".into()).await;
    assert!(matches!(nowhere, Err(AttemptsError::Unknown)), "{nowhere:?}");
    let submitted = attempts.submit(&key("a1"), 3, marks(200, 1.0)).await.unwrap();
    for seen in [3, 4] {
        let late = attempts.save(&key("a1"), seen, "{}".into()).await;
        assert!(matches!(late, Err(AttemptsError::Closed)), "{late:?}");
    }
    let Submitted::Now(submitted) = submitted else { panic!("{submitted:?}") };
    assert_eq!(attempts.get(&key("a1")).await.unwrap(), Some(submitted));
}

pub(crate) async fn an_attempt_is_submitted_once_with_what_it_shows(desk: &Desk) {
    let attempts = desk.with_quiz().await;
    let first = begun(attempts, new("a1", "ada", 100)).await;
    for seen in [0, 2] {
        let late = attempts.submit(&key("a1"), seen, marks(200, 7.5)).await;
        assert!(matches!(late, Err(AttemptsError::Stale)), "{late:?}");
    }
    assert_eq!(desk.observed("ada").await, 0, "nothing is seen of what was not marked");
    let expected = Attempt {
        state: AttemptState::Marked,
        submitted: Some(UnixMs(200)),
        points: Some(7.5),
        max: Some(10.25),
        sitting_json: marks(0, 7.5).sitting_json,
        revision: 2,
        ..first
    };
    let submitted = attempts.submit(&key("a1"), 1, marks(200, 7.5)).await.unwrap();
    assert_eq!(submitted, Submitted::Now(expected.clone()));
    let (tenant, course, ada) = (TenantId::new("school"), CourseId::new("law-1"), UserId::new("ada"));
    let shown = observed(&*desk.evidence, &tenant, &course, &ada).await;
    assert_eq!(shown, marks(200, 0.0).observations);
    for seen in [1, 2, 9] {
        let other = Marks { observations: vec![observation("o3", 9, "late")], pending: true, ..marks(900, 1.0) };
        let again = attempts.submit(&key("a1"), seen, other).await.unwrap();
        assert_eq!(again, Submitted::Before(expected.clone()));
    }
    assert_eq!(attempts.get(&key("a1")).await.unwrap(), Some(expected));
    assert_eq!(observed(&*desk.evidence, &tenant, &course, &ada).await, shown);
    let nowhere = attempts.submit(&key("a9"), 1, marks(200, 1.0)).await;
    assert!(matches!(nowhere, Err(AttemptsError::Unknown)), "{nowhere:?}");
}

pub(crate) async fn of_fifty_who_submit_at_once_one_marks(desk: &Desk) {
    let attempts = desk.with_quiz().await;
    begun(attempts, new("a1", "ada", 100)).await;
    let at = key("a1");
    let submits = (0..50_u32).map(|n| {
        let observations = vec![observation(&format!("o{n}"), 200, "seen"), observation("same", u64::from(n), "seen")];
        attempts.submit(&at, 1, Marks { observations, ..marks(200 + u64::from(n), f64::from(n)) })
    });
    let submitted: Vec<Submitted> =
        futures::future::join_all(submits).await.into_iter().map(|submitted| submitted.unwrap()).collect();
    let now: Vec<&Attempt> = submitted
        .iter()
        .filter_map(|submitted| if let Submitted::Now(attempt) = submitted { Some(attempt) } else { None })
        .collect();
    assert_eq!(now.len(), 1, "{submitted:?}");
    assert_eq!(submitted.iter().filter(|submitted| **submitted == Submitted::Before(now[0].clone())).count(), 49);
    assert_eq!(attempts.get(&at).await.unwrap().as_ref(), Some(now[0]));
    assert_eq!(desk.observed("ada").await, 2, "what one of them saw, and no more");
}

pub(crate) async fn saving_beside_a_submission_loses_nothing(desk: &Desk) {
    let attempts = desk.with_quiz().await;
    for round in 0..10 {
        let at = key(&format!("a{round}"));
        begun(attempts, new(at.attempt.as_str(), "ada", 100)).await;
        let (saved, submitted) =
            tokio::join!(attempts.save(&at, 1, "{}".into()), attempts.submit(&at, 1, marks(200, 1.0)));
        assert!(saved.is_ok() != submitted.is_ok(), "one of them had not seen the other: {saved:?} {submitted:?}");
        let found = attempts.get(&at).await.unwrap().unwrap();
        assert_eq!(found.revision, 2);
        if found.state == AttemptState::Open {
            attempts.submit(&at, 2, marks(300, 1.0)).await.unwrap();
        }
    }
}

pub(crate) async fn a_teacher_s_marks_replace_what_was_marked(desk: &Desk) {
    let attempts = desk.with_quiz().await;
    begun(attempts, new("a1", "ada", 100)).await;
    let early = attempts.mark(&key("a1"), 1, marks(150, 9.0)).await;
    assert!(matches!(early, Err(AttemptsError::Stale)), "{early:?}");
    let waits = Marks { pending: true, observations: vec![observation("o1", 200, "seen")], ..marks(200, 3.0) };
    let Submitted::Now(pending) = attempts.submit(&key("a1"), 1, waits).await.unwrap() else { panic!("it was open") };
    assert_eq!(pending.state, AttemptState::Pending);
    let marked = attempts.mark(&key("a1"), 2, marks(300, 8.5)).await.unwrap();
    let expected = Attempt {
        state: AttemptState::Marked,
        points: Some(8.5),
        sitting_json: marks(0, 8.5).sitting_json,
        revision: 3,
        ..pending
    };
    assert_eq!(marked, expected, "when it was submitted stays as it is");
    assert_eq!(desk.observed("ada").await, 2);
    let late = attempts
        .mark(&key("a1"), 2, Marks { observations: vec![observation("o3", 1, "late")], ..marks(400, 0.0) })
        .await;
    assert!(matches!(late, Err(AttemptsError::Stale)), "{late:?}");
    assert_eq!(attempts.get(&key("a1")).await.unwrap(), Some(expected));
    assert_eq!(desk.observed("ada").await, 2);
    let nowhere = attempts.mark(&key("a9"), 2, marks(1, 1.0)).await;
    assert!(matches!(nowhere, Err(AttemptsError::Unknown)), "{nowhere:?}");
}

pub(crate) async fn attempts_are_listed_newest_first_by_what_is_asked_for(desk: &Desk) {
    let attempts = desk.with_quiz().await;
    created(&*desk.quizzes, given("q2", 1)).await;
    for n in 0..9_u64 {
        let edition = if n < 4 { 1 } else { 2 };
        if n == 4 {
            desk.quizzes.change(&quiz("q1"), 1, given("q1", 2).draft).await.unwrap();
        }
        begun(attempts, NewAttempt { edition, ..new(&format!("a{n}"), &format!("u{n}"), 100 + n / 3) }).await;
    }
    begun(attempts, NewAttempt { preview: true, edition: 2, ..new("p", "tom", 500) }).await;
    begun(attempts, NewAttempt { quiz: QuizId::new("q2"), ..new("other", "u1", 500) }).await;
    attempts.submit(&key("a1"), 1, marks(200, 1.0)).await.unwrap();
    attempts.submit(&key("a2"), 1, Marks { pending: true, ..marks(200, 1.0) }).await.unwrap();
    let mut paged = AttemptQuery { filter: AttemptFilter::default(), limit: 4, ..query() };
    let mut found = Vec::new();
    loop {
        let page = attempts.list(paged.clone()).await.unwrap();
        found.extend(page.attempts.into_iter().map(|attempt| attempt.key.attempt.to_string()));
        match page.cursor {
            Some(cursor) => paged.cursor = Some(cursor),
            None => break,
        }
    }
    assert_eq!(found, ["a6", "a7", "a8", "a3", "a4", "a5", "a0", "a1", "a2"]);
    assert_eq!(listed(attempts, query()).await[..2], ["p", "a6"]);
    let by = async |filter| listed(attempts, AttemptQuery { filter, ..query() }).await;
    let none = AttemptFilter::default;
    assert_eq!(by(AttemptFilter { user: Some(UserId::new("u1")), ..none() }).await, ["a1"]);
    assert_eq!(by(AttemptFilter { edition: Some(1), ..none() }).await, ["a3", "a0", "a1", "a2"]);
    let submitted = vec![AttemptState::Pending, AttemptState::Marked];
    assert_eq!(by(AttemptFilter { states: submitted.clone(), ..none() }).await, ["a1", "a2"]);
    assert_eq!(by(AttemptFilter { states: submitted, edition: Some(2), ..none() }).await, Vec::<String>::new());
    let elsewhere = QuizKey { tenant: TenantId::new("other"), ..quiz("q1") };
    assert_eq!(listed(attempts, AttemptQuery { quiz: elsewhere, ..query() }).await, Vec::<String>::new());
}

pub(crate) async fn a_cursor_of_attempts_that_is_not_ours_is_refused(desk: &Desk) {
    for cursor in ["x", "", "bm9wZQ"] {
        let refused = desk.attempts.list(AttemptQuery { cursor: Some(cursor.into()), ..query() }).await;
        assert!(matches!(refused, Err(AttemptsError::Cursor)), "{cursor}: {refused:?}");
    }
}

pub(crate) async fn attempts_whose_time_is_over_are_found(desk: &Desk) {
    let attempts = desk.with_quiz().await;
    for (name, due) in [("a1", Some(300)), ("a2", Some(100)), ("a3", None), ("a4", Some(200)), ("a5", Some(301))] {
        begun(attempts, NewAttempt { due: due.map(UnixMs), ..new(name, name, 50) }).await;
    }
    attempts.submit(&key("a4"), 1, marks(150, 1.0)).await.unwrap();
    let overdue = async |now, limit| {
        let found = attempts.overdue(&quiz("q1"), UnixMs(now), limit).await.unwrap();
        found.into_iter().map(|attempt| attempt.key.attempt.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(overdue(300, 10).await, ["a2", "a1"]);
    assert_eq!(overdue(300, 1).await, ["a2"]);
    assert_eq!(overdue(99, 10).await, Vec::<String>::new());
    assert_eq!(attempts.overdue(&quiz("q2"), UnixMs(300), 10).await.unwrap(), []);
}

pub(crate) async fn with_its_quiz_an_attempt_is_gone_and_what_was_learnt_stays(desk: &Desk) {
    let attempts = desk.with_quiz().await;
    begun(attempts, new("a1", "ada", 100)).await;
    attempts.submit(&key("a1"), 1, marks(200, 1.0)).await.unwrap();
    begun(attempts, new("a2", "ada", 300)).await;
    desk.quizzes.delete(&quiz("q1"), 1).await.unwrap();
    for name in ["a1", "a2"] {
        assert_eq!(attempts.get(&key(name)).await.unwrap(), None);
    }
    assert_eq!(listed(attempts, query()).await, Vec::<String>::new());
    assert_eq!(attempts.overdue(&quiz("q1"), UnixMs(9_999), 10).await.unwrap(), []);
    for late in [
        attempts.save(&key("a2"), 1, "{}".into()).await.map(drop),
        attempts.submit(&key("a2"), 1, marks(400, 1.0)).await.map(drop),
        attempts.mark(&key("a1"), 2, marks(400, 1.0)).await.map(drop),
    ] {
        assert!(matches!(late, Err(AttemptsError::Unknown)), "{late:?}");
    }
    assert_eq!(desk.observed("ada").await, 2);
}
