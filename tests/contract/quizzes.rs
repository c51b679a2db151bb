//! What every [`Quizzes`] does.

use viva::ports::clock::UnixMs;
use viva::ports::ids::{CourseId, DocumentId, QuizId, TenantId, UserId};
use viva::ports::quizzes::{
    Created, Given, NewQuiz, Queued, Quiz, QuizChange, QuizKey, QuizQuery, QuizQuota, QuizState, QuizSummary, Quizzes,
    QuizzesError, SourceVersion,
};
use viva::ports::uploads::Idempotency;

macro_rules! quizzes_contract {
    ($make:path) => {
        contract!(
            quizzes,
            $make,
            [
                a_quiz_that_was_made_comes_back,
                a_change_is_made_by_whoever_has_seen_the_newest,
                of_many_changes_at_once_one_is_made,
                editions_are_counted_and_never_change,
                of_many_publications_at_once_one_is_an_edition,
                the_same_key_and_request_give_the_same_quiz,
                of_many_requests_with_one_key_one_makes_a_quiz,
                an_earlier_request_is_found_by_its_owner_and_key,
                a_quota_admits_no_more_quizzes_than_it_has_room_for,
                what_is_made_later_counts_for_the_quiz_s_owner,
                of_many_that_are_queued_at_once_no_more_are_made_than_may,
                whoever_queues_has_seen_the_newest,
                of_many_that_are_made_at_once_no_more_get_in_than_may,
                a_deleted_quiz_is_gone_and_its_id_is_not_used_again,
                a_quiz_that_has_changed_is_not_deleted,
                quizzes_are_listed_newest_first_of_their_courses,
                students_lists_hold_what_was_published_alone,
                a_list_tells_what_was_given_whatever_became_of_the_draft,
                what_is_made_while_quizzes_are_paged_moves_nothing,
                a_cursor_of_quizzes_that_is_not_ours_is_refused,
                whoever_waits_longest_is_worked_on_first,
            ]
        );
    };
}

pub(crate) const QUOTA: QuizQuota = QuizQuota { quizzes_max: 100, making_max: 100 };

pub(crate) fn key(quiz: &str) -> QuizKey {
    QuizKey { tenant: TenantId::new("school"), quiz: QuizId::new(quiz) }
}

fn draft(title: &str, at: u64) -> QuizChange {
    QuizChange {
        title: title.into(),
        state: QuizState::Draft,
        items: 2,
        sources: vec![SourceVersion { document: DocumentId::new("d\"1"), version: 3 }],
        work_due: None,
        paper_json: format!(r#"{{ "of":"{title}" , "odd":"\u0000 \ud83d\ude00 '" }}"#),
        edition_json: None,
        at: UnixMs(at),
    }
}

fn published(title: &str, at: u64) -> QuizChange {
    QuizChange {
        state: QuizState::Published,
        edition_json: Some(format!(r#"{{ "given":"{title}" }}"#)),
        ..draft(title, at)
    }
}

pub(crate) fn new(quiz: &str, at: u64) -> NewQuiz {
    NewQuiz { key: key(quiz), course: CourseId::new("law-1"), owner: UserId::new("tom"), draft: draft(quiz, at) }
}

fn idempotency(key: &str, fingerprint: &str) -> Option<Idempotency> {
    Some(Idempotency { key: key.into(), fingerprint: fingerprint.into() })
}

pub(crate) async fn created(quizzes: &dyn Quizzes, new: NewQuiz) -> Quiz {
    match quizzes.create(new, None, &QUOTA).await.unwrap() {
        Created::New(quiz) => quiz,
        other => panic!("{other:?}"),
    }
}

fn query() -> QuizQuery {
    QuizQuery {
        tenant: TenantId::new("school"),
        courses: vec![CourseId::new("law-1")],
        published_only: Vec::new(),
        cursor: None,
        limit: 100,
    }
}

async fn listed(quizzes: &dyn Quizzes, query: QuizQuery) -> Vec<String> {
    let page = quizzes.list(query).await.unwrap();
    page.quizzes.into_iter().map(|quiz| quiz.key.quiz.to_string()).collect()
}

pub(crate) async fn a_quiz_that_was_made_comes_back(quizzes: &dyn Quizzes) {
    assert_eq!(quizzes.get(&key("q1")).await.unwrap(), None);
    let made = created(quizzes, new("q1", 100)).await;
    let summary = QuizSummary {
        key: key("q1"),
        course: CourseId::new("law-1"),
        owner: UserId::new("tom"),
        title: "q1".into(),
        state: QuizState::Draft,
        given: None,
        items: 2,
        sources: draft("", 0).sources,
        work_due: None,
        version: 1,
        created: UnixMs(100),
        updated: UnixMs(100),
    };
    assert_eq!(made, Quiz { summary: summary.clone(), paper_json: draft("q1", 0).paper_json });
    assert_eq!(quizzes.get(&key("q1")).await.unwrap(), Some(made));
    assert_eq!(quizzes.list(query()).await.unwrap().quizzes, [summary]);
    let elsewhere = QuizKey { tenant: TenantId::new("other"), ..key("q1") };
    assert_eq!(quizzes.get(&elsewhere).await.unwrap(), None);
    assert_eq!(listed(quizzes, QuizQuery { tenant: elsewhere.tenant, ..query() }).await, Vec::<String>::new());
}

pub(crate) async fn a_change_is_made_by_whoever_has_seen_the_newest(quizzes: &dyn Quizzes) {
    let first = created(quizzes, new("q1", 100)).await;
    let change = QuizChange {
        items: 7,
        sources: Vec::new(),
        work_due: Some(UnixMs(900)),
        state: QuizState::Archived,
        ..draft("Torts", 200)
    };
    let second = quizzes.change(&key("q1"), 1, change.clone()).await.unwrap();
    let summary = QuizSummary {
        title: "Torts".into(),
        state: QuizState::Archived,
        items: 7,
        sources: Vec::new(),
        work_due: Some(UnixMs(900)),
        version: 2,
        updated: UnixMs(200),
        ..first.summary
    };
    assert_eq!(second, Quiz { summary, paper_json: change.paper_json.clone() });
    for seen in [0, 1, 3, u64::MAX] {
        let late = quizzes.change(&key("q1"), seen, change.clone()).await;
        assert!(matches!(late, Err(QuizzesError::Stale)), "{late:?}");
    }
    assert_eq!(quizzes.get(&key("q1")).await.unwrap(), Some(second));
    let nowhere = quizzes.change(&key("q9"), 1, change).await;
    assert!(matches!(nowhere, Err(QuizzesError::Unknown)), "{nowhere:?}");
}

pub(crate) async fn of_many_changes_at_once_one_is_made(quizzes: &dyn Quizzes) {
    created(quizzes, new("q1", 100)).await;
    let at = key("q1");
    let changes = (0..20).map(|n| quizzes.change(&at, 1, draft(&format!("t{n}"), n)));
    let made = futures::future::join_all(changes).await;
    assert_eq!(made.iter().filter(|made| made.is_ok()).count(), 1, "{made:?}");
    assert!(made.iter().flat_map(Result::as_ref).all(|quiz| quiz.summary.version == 2), "{made:?}");
}

pub(crate) async fn editions_are_counted_and_never_change(quizzes: &dyn Quizzes) {
    created(quizzes, new("q1", 100)).await;
    assert_eq!(quizzes.edition(&key("q1"), 1).await.unwrap(), None);
    let first = quizzes.change(&key("q1"), 1, published("one", 200)).await.unwrap();
    assert_eq!((first.summary.edition(), first.summary.state), (Some(1), QuizState::Published));
    // Its teacher goes on; students have what they were given.
    let still =
        quizzes.change(&key("q1"), 2, QuizChange { edition_json: None, ..published("two", 300) }).await.unwrap();
    assert_eq!(still.summary.edition(), Some(1));
    assert!(quizzes.change(&key("q1"), 2, published("stale", 300)).await.is_err());
    let second = quizzes.change(&key("q1"), 3, published("two", 400)).await.unwrap();
    assert_eq!(second.summary.edition(), Some(2));
    for (edition, content) in
        [(0, None), (1, published("one", 0).edition_json), (2, published("two", 0).edition_json), (3, None)]
    {
        assert_eq!(quizzes.edition(&key("q1"), edition).await.unwrap(), content, "{edition}");
    }
    let elsewhere = QuizKey { tenant: TenantId::new("other"), ..key("q1") };
    assert_eq!(quizzes.edition(&elsewhere, 1).await.unwrap(), None);
    let at_once = created(quizzes, NewQuiz { draft: published("q2", 500), ..new("q2", 500) }).await;
    assert_eq!(at_once.summary.edition(), Some(1));
    assert_eq!(quizzes.edition(&key("q2"), 1).await.unwrap(), published("q2", 0).edition_json);
}

pub(crate) async fn of_many_publications_at_once_one_is_an_edition(quizzes: &dyn Quizzes) {
    created(quizzes, new("q1", 100)).await;
    let at = key("q1");
    let publications = (0..20).map(|n| quizzes.change(&at, 1, published(&format!("t{n}"), n)));
    let made = futures::future::join_all(publications).await;
    let made: Vec<&Quiz> = made.iter().flat_map(Result::as_ref).collect();
    assert_eq!(made.len(), 1, "{made:?}");
    assert_eq!(quizzes.edition(&at, 1).await.unwrap(), published(&made[0].summary.title, 0).edition_json);
    assert_eq!(quizzes.edition(&at, 2).await.unwrap(), None);
}

pub(crate) async fn the_same_key_and_request_give_the_same_quiz(quizzes: &dyn Quizzes) {
    let first = quizzes.create(new("q1", 100), idempotency("k", "f"), &QUOTA).await.unwrap();
    assert!(matches!(first, Created::New(_)), "{first:?}");
    let now = quizzes.change(&key("q1"), 1, draft("changed", 150)).await.unwrap();
    // A quota that is used up refuses nothing that is there.
    let full = QuizQuota { quizzes_max: 1, making_max: 0 };
    let again = quizzes.create(new("q2", 200), idempotency("k", "f"), &full).await.unwrap();
    assert_eq!(again, Created::Same(now));
    let other = quizzes.create(new("q3", 200), idempotency("k", "g"), &full).await.unwrap();
    assert_eq!(other, Created::Conflict);
    assert_eq!(listed(quizzes, query()).await, ["q1"]);
    let another_s = NewQuiz { owner: UserId::new("uma"), ..new("q4", 300) };
    let another_s = quizzes.create(another_s, idempotency("k", "f"), &QUOTA).await.unwrap();
    assert!(matches!(another_s, Created::New(_)), "{another_s:?}");
}

pub(crate) async fn of_many_requests_with_one_key_one_makes_a_quiz(quizzes: &dyn Quizzes) {
    let requests = (0..20).map(|n| quizzes.create(new(&format!("q{n}"), 100), idempotency("k", "f"), &QUOTA));
    let made: Vec<Created> = futures::future::join_all(requests).await.into_iter().map(|made| made.unwrap()).collect();
    let new: Vec<&Quiz> =
        made.iter().filter_map(|made| if let Created::New(quiz) = made { Some(quiz) } else { None }).collect();
    assert_eq!(new.len(), 1, "{made:?}");
    assert_eq!(made.iter().filter(|made| **made == Created::Same(new[0].clone())).count(), 19, "{made:?}");
    assert_eq!(listed(quizzes, query()).await.len(), 1);
}

pub(crate) async fn an_earlier_request_is_found_by_its_owner_and_key(quizzes: &dyn Quizzes) {
    let (school, tom) = (TenantId::new("school"), UserId::new("tom"));
    let (asked, other) = (idempotency("k", "f").unwrap(), idempotency("k", "g").unwrap());
    assert_eq!(quizzes.begun(&school, &tom, &asked).await.unwrap(), None);
    quizzes.create(new("q1", 100), Some(asked.clone()), &QUOTA).await.unwrap();
    let now = quizzes.change(&key("q1"), 1, draft("changed", 150)).await.unwrap();
    assert_eq!(quizzes.begun(&school, &tom, &asked).await.unwrap(), Some(Created::Same(now)));
    assert_eq!(quizzes.begun(&school, &tom, &other).await.unwrap(), Some(Created::Conflict));
    assert_eq!(quizzes.begun(&school, &UserId::new("uma"), &asked).await.unwrap(), None);
    assert_eq!(quizzes.begun(&TenantId::new("other"), &tom, &asked).await.unwrap(), None);
    quizzes.delete(&key("q1"), 2).await.unwrap();
    assert_eq!(quizzes.begun(&school, &tom, &asked).await.unwrap(), None);
}

fn at_work(title: &str) -> QuizChange {
    QuizChange { work_due: Some(UnixMs(1)), ..draft(title, 1) }
}

pub(crate) async fn what_is_made_later_counts_for_the_quiz_s_owner(quizzes: &dyn Quizzes) {
    let quota = QuizQuota { quizzes_max: 10, making_max: 1 };
    let first = created(quizzes, new("q1", 1)).await;
    created(quizzes, new("q2", 1)).await;
    created(quizzes, NewQuiz { owner: UserId::new("uma"), ..new("hers", 1) }).await;
    let Queued::Now(queued) = quizzes.queue(&key("q1"), 1, at_work("q1"), &quota).await.unwrap() else {
        panic!("there is room");
    };
    assert_eq!(queued.summary.version, first.summary.version + 1);
    assert_eq!(quizzes.get(&key("q1")).await.unwrap(), Some(*queued));
    assert_eq!(quizzes.queue(&key("q2"), 1, at_work("q2"), &quota).await.unwrap(), Queued::TooManyAtWork);
    assert_eq!(quizzes.get(&key("q2")).await.unwrap().unwrap().summary.version, 1, "nothing was stored");
    let begun = NewQuiz { draft: at_work("q3"), ..new("q3", 1) };
    assert_eq!(quizzes.create(begun, None, &quota).await.unwrap(), Created::TooManyAtWork);
    // Another owner's, one's own anew, and another one when the first is done.
    assert!(matches!(quizzes.queue(&key("hers"), 1, at_work("hers"), &quota).await.unwrap(), Queued::Now(_)));
    assert!(matches!(quizzes.queue(&key("q1"), 2, at_work("q1"), &quota).await.unwrap(), Queued::Now(_)));
    quizzes.change(&key("q1"), 3, draft("q1", 2)).await.unwrap();
    assert!(matches!(quizzes.queue(&key("q2"), 1, at_work("q2"), &quota).await.unwrap(), Queued::Now(_)));
}

pub(crate) async fn of_many_that_are_queued_at_once_no_more_are_made_than_may(quizzes: &dyn Quizzes) {
    let quota = QuizQuota { quizzes_max: 100, making_max: 3 };
    for n in 0..12 {
        created(quizzes, new(&format!("q{n}"), 1)).await;
    }
    let keys: Vec<QuizKey> = (0..12).map(|n| key(&format!("q{n}"))).collect();
    let later = keys.iter().map(|key| quizzes.queue(key, 1, at_work("later"), &quota));
    let begun =
        (12..16).map(|n| quizzes.create(NewQuiz { draft: at_work("begun"), ..new(&format!("q{n}"), 1) }, None, &quota));
    let (queued, made) = tokio::join!(futures::future::join_all(later), futures::future::join_all(begun));
    assert!(queued.iter().all(Result::is_ok) && made.iter().all(Result::is_ok), "{queued:?} {made:?}");
    let queued = queued.iter().filter(|queued| matches!(queued, Ok(Queued::Now(_)))).count();
    let made = made.iter().filter(|made| matches!(made, Ok(Created::New(_)))).count();
    assert_eq!(queued + made, 3);
    assert_eq!(quizzes.waiting(UnixMs(1), 100).await.unwrap().len(), 3);
}

pub(crate) async fn whoever_queues_has_seen_the_newest(quizzes: &dyn Quizzes) {
    created(quizzes, new("q1", 1)).await;
    let now = quizzes.change(&key("q1"), 1, draft("new", 2)).await.unwrap();
    let late = quizzes.queue(&key("q1"), 1, at_work("late"), &QUOTA).await;
    assert!(matches!(late, Err(QuizzesError::Stale)), "{late:?}");
    assert_eq!(quizzes.get(&key("q1")).await.unwrap(), Some(now));
    let nowhere = quizzes.queue(&key("q2"), 1, at_work("nowhere"), &QUOTA).await;
    assert!(matches!(nowhere, Err(QuizzesError::Unknown)), "{nowhere:?}");
}

pub(crate) async fn a_quota_admits_no_more_quizzes_than_it_has_room_for(quizzes: &dyn Quizzes) {
    let at_work = |name: &str| NewQuiz { draft: at_work(name), ..new(name, 1) };
    let quota = QuizQuota { quizzes_max: 3, making_max: 1 };
    assert!(matches!(quizzes.create(at_work("q1"), None, &quota).await.unwrap(), Created::New(_)));
    assert_eq!(quizzes.create(at_work("q2"), None, &quota).await.unwrap(), Created::TooManyAtWork);
    // One on which nobody works, another's, and one more when the first is done.
    assert!(matches!(quizzes.create(new("q2", 1), None, &quota).await.unwrap(), Created::New(_)));
    let another_s = NewQuiz { owner: UserId::new("uma"), ..at_work("q3") };
    assert!(matches!(quizzes.create(another_s, None, &quota).await.unwrap(), Created::New(_)));
    quizzes.change(&key("q1"), 1, draft("q1", 2)).await.unwrap();
    assert!(matches!(quizzes.create(at_work("q4"), None, &quota).await.unwrap(), Created::New(_)));
    assert_eq!(quizzes.create(new("q5", 1), None, &quota).await.unwrap(), Created::TooMany);
    assert_eq!(quizzes.get(&key("q5")).await.unwrap(), None);
    // What is deleted makes room.
    quizzes.delete(&key("q2"), 1).await.unwrap();
    assert!(matches!(quizzes.create(new("q5", 1), None, &quota).await.unwrap(), Created::New(_)));
}

pub(crate) async fn of_many_that_are_made_at_once_no_more_get_in_than_may(quizzes: &dyn Quizzes) {
    let quota = QuizQuota { quizzes_max: 5, making_max: 0 };
    let requests = (0..20).map(|n| quizzes.create(new(&format!("q{n}"), 100), None, &quota));
    let made = futures::future::join_all(requests).await;
    assert_eq!(made.iter().filter(|made| matches!(made, Ok(Created::New(_)))).count(), 5, "{made:?}");
    assert_eq!(made.iter().filter(|made| matches!(made, Ok(Created::TooMany))).count(), 15, "{made:?}");
}

pub(crate) async fn a_deleted_quiz_is_gone_and_its_id_is_not_used_again(quizzes: &dyn Quizzes) {
    quizzes.create(NewQuiz { draft: published("q1", 1), ..new("q1", 1) }, idempotency("k", "f"), &QUOTA).await.unwrap();
    for _ in 0..2 {
        quizzes.delete(&key("q1"), 1).await.unwrap();
    }
    assert_eq!(quizzes.get(&key("q1")).await.unwrap(), None);
    assert_eq!(quizzes.edition(&key("q1"), 1).await.unwrap(), None);
    assert_eq!(listed(quizzes, query()).await, Vec::<String>::new());
    let late = quizzes.change(&key("q1"), 1, draft("late", 9)).await;
    assert!(matches!(late, Err(QuizzesError::Unknown)), "{late:?}");
    assert!(quizzes.create(new("q1", 9), None, &QUOTA).await.is_err());
    assert_eq!(quizzes.get(&key("q1")).await.unwrap(), None);
    // An id that is in use is not used again either, and nothing happens to what is there.
    let there = created(quizzes, new("q2", 9)).await;
    assert!(quizzes.create(NewQuiz { draft: draft("other", 9), ..new("q2", 9) }, None, &QUOTA).await.is_err());
    assert_eq!(quizzes.get(&key("q2")).await.unwrap(), Some(there));
    // Whoever repeats a request whose quiz is gone makes another.
    let again = quizzes.create(new("q3", 9), idempotency("k", "f"), &QUOTA).await.unwrap();
    assert!(matches!(again, Created::New(_)), "{again:?}");
}

pub(crate) async fn a_quiz_that_has_changed_is_not_deleted(quizzes: &dyn Quizzes) {
    created(quizzes, new("q1", 1)).await;
    let now = quizzes.change(&key("q1"), 1, draft("new", 2)).await.unwrap();
    for seen in [0, 1, 3] {
        let late = quizzes.delete(&key("q1"), seen).await;
        assert!(matches!(late, Err(QuizzesError::Stale)), "{late:?}");
    }
    assert_eq!(quizzes.get(&key("q1")).await.unwrap(), Some(now));
    let at = key("q1");
    for round in 2..12 {
        let (changed, deleted) = tokio::join!(quizzes.change(&at, round, draft("new", 3)), quizzes.delete(&at, round));
        assert!(changed.is_ok() != deleted.is_ok(), "{changed:?} {deleted:?}");
        assert_eq!(quizzes.get(&at).await.unwrap().is_some(), changed.is_ok());
        if deleted.is_ok() {
            break;
        }
    }
}

pub(crate) async fn quizzes_are_listed_newest_first_of_their_courses(quizzes: &dyn Quizzes) {
    for number in 0..12_u64 {
        created(quizzes, new(&format!("q{number:02}"), 100 + number / 3)).await;
    }
    for (name, course) in [("other", "law-2"), ("private", "tom")] {
        created(quizzes, NewQuiz { course: CourseId::new(course), ..new(name, 500) }).await;
    }
    let mut query = QuizQuery { limit: 5, ..query() };
    let mut found = Vec::new();
    loop {
        let page = quizzes.list(query.clone()).await.unwrap();
        found.extend(page.quizzes.into_iter().map(|quiz| quiz.key.quiz.to_string()));
        match page.cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => break,
        }
    }
    let expected: Vec<String> =
        (0..4).rev().flat_map(|group| (0..3).map(move |at| format!("q{:02}", group * 3 + at))).collect();
    assert_eq!(found, expected);
    let two = QuizQuery {
        courses: vec![CourseId::new("tom"), CourseId::new("law-2")],
        limit: 10,
        cursor: None,
        ..query.clone()
    };
    assert_eq!(listed(quizzes, two).await, ["other", "private"]);
    let nothing = QuizQuery { courses: Vec::new(), cursor: None, ..query };
    assert_eq!(listed(quizzes, nothing).await, Vec::<String>::new());
}

pub(crate) async fn students_lists_hold_what_was_published_alone(quizzes: &dyn Quizzes) {
    created(quizzes, new("draft", 1)).await;
    created(quizzes, NewQuiz { draft: published("given", 2), ..new("given", 2) }).await;
    created(quizzes, NewQuiz { draft: published("archived", 3), ..new("archived", 3) }).await;
    quizzes
        .change(&key("archived"), 1, QuizChange { state: QuizState::Archived, ..draft("archived", 3) })
        .await
        .unwrap();
    created(quizzes, NewQuiz { draft: published("withdrawn", 4), ..new("withdrawn", 4) }).await;
    quizzes.change(&key("withdrawn"), 1, draft("withdrawn", 4)).await.unwrap();
    // One that was never published is nothing to archive for students.
    let never = QuizChange { state: QuizState::Archived, ..draft("never", 5) };
    created(quizzes, NewQuiz { draft: never, ..new("never", 5) }).await;
    created(quizzes, NewQuiz { course: CourseId::new("taught"), ..new("own", 6) }).await;
    let both = QuizQuery {
        courses: vec![CourseId::new("law-1"), CourseId::new("taught")],
        published_only: vec![CourseId::new("law-1")],
        ..query()
    };
    assert_eq!(listed(quizzes, both.clone()).await, ["own", "archived", "given"]);
    let students = QuizQuery { courses: both.published_only.clone(), ..both.clone() };
    assert_eq!(listed(quizzes, students).await, ["archived", "given"]);
    let teachers = QuizQuery { published_only: Vec::new(), ..both };
    assert_eq!(listed(quizzes, teachers).await, ["own", "never", "withdrawn", "archived", "given", "draft"]);
}

pub(crate) async fn a_list_tells_what_was_given_whatever_became_of_the_draft(quizzes: &dyn Quizzes) {
    let given = async || quizzes.list(query()).await.unwrap().quizzes.remove(0).given;
    let told = |edition, title: &str, items| Some(Given { edition, title: title.into(), items });
    created(quizzes, new("q1", 1)).await;
    assert_eq!(given().await, None);
    quizzes.change(&key("q1"), 1, QuizChange { items: 5, ..published("one", 2) }).await.unwrap();
    assert_eq!(given().await, told(1, "one", 5));
    let renamed = quizzes.change(&key("q1"), 2, QuizChange { items: 9, ..draft("a draft's", 3) }).await.unwrap();
    assert_eq!((renamed.summary.title.as_str(), renamed.summary.items), ("a draft's", 9));
    assert_eq!((given().await, renamed.summary.given), (told(1, "one", 5), told(1, "one", 5)));
    quizzes.change(&key("q1"), 3, QuizChange { items: 9, ..published("two", 4) }).await.unwrap();
    assert_eq!(given().await, told(2, "two", 9));
    let at_once = created(quizzes, NewQuiz { draft: published("q2", 500), ..new("q2", 500) }).await;
    assert_eq!((given().await, at_once.summary.given), (told(1, "q2", 2), told(1, "q2", 2)));
}

pub(crate) async fn what_is_made_while_quizzes_are_paged_moves_nothing(quizzes: &dyn Quizzes) {
    for number in 0..7 {
        created(quizzes, new(&format!("q{number}"), 100)).await;
    }
    let mut query = QuizQuery { limit: 2, ..query() };
    let mut found = Vec::new();
    for round in 0.. {
        let page = quizzes.list(query.clone()).await.unwrap();
        found.extend(page.quizzes.into_iter().map(|quiz| quiz.key.quiz.to_string()));
        created(quizzes, new(&format!("later{round}"), 200)).await;
        if let Some(last) = found.last() {
            quizzes.delete(&key(last), 1).await.unwrap();
        }
        match page.cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => break,
        }
    }
    assert_eq!(found, (0..7).map(|number| format!("q{number}")).collect::<Vec<_>>());
}

pub(crate) async fn a_cursor_of_quizzes_that_is_not_ours_is_refused(quizzes: &dyn Quizzes) {
    for cursor in ["x", "", "bm9wZQ", "LTEKcQ", "4pyTCnE"] {
        let refused = quizzes.list(QuizQuery { cursor: Some(cursor.into()), ..query() }).await;
        assert!(matches!(refused, Err(QuizzesError::Cursor)), "{cursor}: {refused:?}");
    }
}

pub(crate) async fn whoever_waits_longest_is_worked_on_first(quizzes: &dyn Quizzes) {
    let due = |name: &str, due: u64| NewQuiz {
        draft: QuizChange { work_due: Some(UnixMs(due)), ..draft(name, 1) },
        ..new(name, 1)
    };
    created(quizzes, new("idle", 1)).await;
    for (name, at) in [("q1", 300), ("q2", 100), ("q3", 200), ("q4", 900)] {
        created(quizzes, due(name, at)).await;
    }
    let elsewhere = QuizKey { tenant: TenantId::new("other"), ..key("q1") };
    created(quizzes, NewQuiz { key: elsewhere.clone(), ..due("q1", 150) }).await;
    let all = [key("q2"), elsewhere, key("q3"), key("q1")];
    assert_eq!(quizzes.waiting(UnixMs(300), 10).await.unwrap(), all);
    assert_eq!(quizzes.waiting(UnixMs(300), 2).await.unwrap(), all[..2]);
    assert_eq!(quizzes.waiting(UnixMs(99), 10).await.unwrap(), []);
    quizzes.change(&key("q2"), 1, draft("q2", 400)).await.unwrap();
    quizzes.delete(&key("q3"), 1).await.unwrap();
    assert_eq!(quizzes.waiting(UnixMs(300), 10).await.unwrap(), [all[1].clone(), all[3].clone()]);
}
