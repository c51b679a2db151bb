//! What every [`Reports`] does.

use crate::fixtures::key;
use viva::ports::clock::UnixMs;
use viva::ports::ids::{TenantId, UserId};
use viva::ports::journal::{SessionKind, SessionState};
use viva::ports::reports::{NewReview, Reports, ReportsError, Reviewed, SessionSummary, SummaryQuery};

macro_rules! reports_contract {
    ($make:path) => {
        contract!(
            reports,
            $make,
            [
                a_summary_and_its_report_are_replaced_and_come_back,
                lists_are_newest_first_and_paged_without_gaps,
                lists_are_of_one_tenant_and_filtered_by_user_course_and_words,
                a_cursor_that_is_not_ours_is_refused,
                every_review_is_kept_and_numbered_for_its_criterion,
                reviews_of_one_instant_keep_the_order_in_which_they_were_said,
                a_review_said_again_is_no_new_one_and_one_of_what_has_changed_is_refused,
                what_was_deleted_does_not_come_back,
            ]
        );
    };
}

fn summary(user: &str, session: &str, created: u64) -> SessionSummary {
    SessionSummary {
        key: key(user, session),
        kind: SessionKind::Interview,
        state: SessionState::Open,
        title: format!("Rust ownership, {session}"),
        course: None,
        created: UnixMs(created),
        updated: UnixMs(created + 5),
        questions: 5,
        duration_ms: 61_000,
        usage_json: None,
    }
}

fn query() -> SummaryQuery {
    SummaryQuery { tenant: TenantId::new("default"), user: None, courses: None, text: None, cursor: None, limit: 100 }
}

async fn sessions(reports: &dyn Reports, query: SummaryQuery) -> Vec<String> {
    let page = reports.list(query).await.unwrap();
    page.sessions.into_iter().map(|summary| summary.key.session.to_string()).collect()
}

pub(crate) async fn a_summary_and_its_report_are_replaced_and_come_back(reports: &dyn Reports) {
    let first = summary("ada", "s1", 100);
    assert_eq!(reports.get(&first.key).await.unwrap(), None);
    reports.put(first.clone()).await.unwrap();
    assert_eq!(reports.get(&first.key).await.unwrap(), Some((first.clone(), None)));
    reports.put_report(&first.key, r#"{"n":1}"#.into()).await.unwrap();
    let finished = SessionSummary {
        state: SessionState::Finished,
        course: Some("c1".into()),
        usage_json: Some(r#"{"messages":7}"#.into()),
        ..first
    };
    reports.put(finished.clone()).await.unwrap();
    reports.put_report(&finished.key, r#"{"n":2}"#.into()).await.unwrap();
    assert_eq!(reports.get(&finished.key).await.unwrap(), Some((finished, Some(r#"{"n":2}"#.into()))));
}

pub(crate) async fn lists_are_newest_first_and_paged_without_gaps(reports: &dyn Reports) {
    // Several of the same moment, of several users.
    for number in 0..23_u64 {
        let user = if number % 2 == 0 { "ada" } else { "bob" };
        reports.put(summary(user, &format!("s{number:02}"), 100 + number / 4)).await.unwrap();
    }
    let mut listed = Vec::new();
    let mut next = SummaryQuery { limit: 5, ..query() };
    loop {
        let page = reports.list(next.clone()).await.unwrap();
        assert!(page.sessions.len() <= 5);
        listed.extend(page.sessions);
        // What is added meanwhile is newer, and moves nothing.
        reports.put(summary("eve", &format!("new{}", listed.len()), 1_000)).await.unwrap();
        match page.cursor {
            Some(cursor) => next.cursor = Some(cursor),
            None => break,
        }
    }
    assert_eq!(listed.len(), 23);
    assert!(listed.is_sorted_by(|a, b| a.created >= b.created));
    let mut names: Vec<_> = listed.iter().map(|summary| summary.key.session.clone()).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 23);
}

pub(crate) async fn lists_are_of_one_tenant_and_filtered_by_user_course_and_words(reports: &dyn Reports) {
    let with = |user: &str, session: &str, created, title: &str, course: Option<&str>| SessionSummary {
        title: title.into(),
        course: course.map(str::to_owned),
        ..summary(user, session, created)
    };
    reports.put(with("ada", "a", 1, "Rust Ownership and lifetimes", Some("c1"))).await.unwrap();
    reports.put(with("ada", "b", 2, "ÜBUNG: 100% of SQL_joins", Some("c2"))).await.unwrap();
    reports.put(with("bob", "c", 3, "lifetimes in RUST", None)).await.unwrap();
    let mut foreign = summary("ada", "foreign", 4);
    foreign.key.tenant = TenantId::new("other");
    reports.put(foreign).await.unwrap();
    let user = |user: &str| Some(UserId::new(user));
    let courses = |courses: &[&str]| Some(courses.iter().map(|course| (*course).to_owned()).collect());
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(sessions(reports, query()).await, ["c", "b", "a"]);
    assert_eq!(sessions(reports, SummaryQuery { user: user("ada"), ..query() }).await, ["b", "a"]);
    assert_eq!(sessions(reports, SummaryQuery { courses: courses(&["c1", "c9"]), ..query() }).await, ["a"]);
    assert_eq!(sessions(reports, SummaryQuery { courses: courses(&[]), ..query() }).await, Vec::<String>::new());
    let both = SummaryQuery { user: user("ada"), courses: courses(&["c2"]), ..query() };
    assert_eq!(sessions(reports, both).await, ["b"]);
    assert_eq!(sessions(reports, SummaryQuery { text: text("  LIFETIMES rust "), ..query() }).await, ["c", "a"]);
    assert_eq!(sessions(reports, SummaryQuery { text: text("übung 100%"), ..query() }).await, ["b"]);
    assert_eq!(sessions(reports, SummaryQuery { text: text("sqlxjoins"), ..query() }).await, Vec::<String>::new());
    assert_eq!(sessions(reports, SummaryQuery { text: text("' OR 1=1 --"), ..query() }).await, Vec::<String>::new());
}

pub(crate) async fn a_cursor_that_is_not_ours_is_refused(reports: &dyn Reports) {
    for bad in ["", "x", "%%%", "AAAA", "MTIz", "LTUKYQpi"] {
        let listed = reports.list(SummaryQuery { cursor: Some(bad.into()), ..query() }).await;
        assert!(matches!(listed, Err(ReportsError::Cursor)), "{bad:?}: {listed:?}");
    }
}

fn review(criterion: &str, reviewer: &str, rating: u8, at: u64) -> NewReview {
    NewReview {
        criterion: criterion.into(),
        rating,
        comment: (rating > 3).then(|| "good".into()),
        reviewer: UserId::new(reviewer),
        at: UnixMs(at),
        seen: None,
    }
}

pub(crate) async fn every_review_is_kept_and_numbered_for_its_criterion(reports: &dyn Reports) {
    let one = summary("ada", "s1", 1);
    reports.put(one.clone()).await.unwrap();
    let said = [review("depth", "tom", 2, 10), review("clarity", "tom", 3, 20), review("depth", "uma", 4, 30)];
    let again = review("depth", "tom", 5, 40);
    for (new, revision) in said.iter().chain([&again]).zip([1, 1, 2, 3]) {
        let stored = reports.review(&one.key, new.clone()).await.unwrap();
        assert_eq!(stored, Reviewed::New(new.clone().numbered(revision)));
    }
    let [first, second, third] = said;
    let expected = vec![first.numbered(1), second.numbered(1), third.numbered(2), again.numbered(3)];
    assert_eq!(reports.reviews(&one.key).await.unwrap(), expected);
    assert_eq!(reports.reviews(&key("ada", "other")).await.unwrap(), vec![]);
}

pub(crate) async fn reviews_of_one_instant_keep_the_order_in_which_they_were_said(reports: &dyn Reports) {
    let one = summary("ada", "s1", 1);
    reports.put(one.clone()).await.unwrap();
    // The last comes from a machine whose clock is behind.
    let said = [review("depth", "tom", 2, 10), review("depth", "uma", 4, 10), review("clarity", "tom", 3, 9)];
    for new in &said {
        reports.review(&one.key, new.clone()).await.unwrap();
    }
    let kept = reports.reviews(&one.key).await.unwrap();
    let told: Vec<_> = kept.iter().map(|review| (&*review.criterion, review.reviewer.as_str(), review.at.0)).collect();
    assert_eq!(told, [("depth", "tom", 10), ("depth", "uma", 11), ("clarity", "tom", 12)]);
}

pub(crate) async fn a_review_said_again_is_no_new_one_and_one_of_what_has_changed_is_refused(reports: &dyn Reports) {
    let one = summary("ada", "s1", 1);
    reports.put(one.clone()).await.unwrap();
    let seeing = |review: NewReview, seen: u32| NewReview { seen: Some(seen), ..review };
    let first = review("depth", "tom", 4, 10);
    let stored = first.clone().numbered(1);
    assert_eq!(reports.review(&one.key, seeing(first.clone(), 0)).await.unwrap(), Reviewed::New(stored.clone()));
    // An answer was lost: the same once more, later.
    let repeated = NewReview { at: UnixMs(99), ..seeing(first.clone(), 0) };
    assert_eq!(reports.review(&one.key, repeated).await.unwrap(), Reviewed::Same(stored.clone()));
    let late = seeing(review("depth", "uma", 2, 20), 0);
    assert_eq!(reports.review(&one.key, late.clone()).await.unwrap(), Reviewed::Conflict(stored.clone()));
    let aware = seeing(late, 1);
    assert_eq!(reports.review(&one.key, aware.clone()).await.unwrap(), Reviewed::New(aware.numbered(2)));
    let back = seeing(NewReview { at: UnixMs(30), ..first }, 2);
    assert_eq!(reports.review(&one.key, back.clone()).await.unwrap(), Reviewed::New(back.numbered(3)));
    let unknown = reports.review(&key("ada", "nobody"), review("depth", "tom", 4, 10)).await.unwrap();
    assert_eq!(unknown, Reviewed::Unknown);
}

pub(crate) async fn what_was_deleted_stays_gone_where_it_is_fresh(reports: &dyn Reports) {
    let gone = summary("ada", "gone", 1);
    let stays = summary("ada", "stays", 2);
    reports.put(gone.clone()).await.unwrap();
    reports.put(stays.clone()).await.unwrap();
    reports.put_report(&gone.key, "{}".into()).await.unwrap();
    reports.delete(&gone.key).await.unwrap();
    reports.delete(&gone.key).await.unwrap();
    reports.put(gone.clone()).await.unwrap();
    reports.put_report(&gone.key, "{}".into()).await.unwrap();
    assert_eq!(reports.get(&gone.key).await.unwrap(), None);
    assert_eq!(reports.get(&stays.key).await.unwrap(), Some((stays, None)));
}

pub(crate) async fn what_was_deleted_does_not_come_back(reports: &dyn Reports) {
    let gone = summary("ada", "gone", 1);
    let stays = summary("ada", "stays", 2);
    reports.put(gone.clone()).await.unwrap();
    reports.put(stays.clone()).await.unwrap();
    reports.put_report(&gone.key, "{}".into()).await.unwrap();
    reports.delete(&gone.key).await.unwrap();
    reports.delete(&gone.key).await.unwrap();
    reports.put(gone.clone()).await.unwrap();
    reports.put_report(&gone.key, "{}".into()).await.unwrap();
    assert_eq!(reports.get(&gone.key).await.unwrap(), None);
    assert_eq!(reports.reviews(&gone.key).await.unwrap(), vec![]);
    assert_eq!(sessions(reports, query()).await, ["stays"]);
}
