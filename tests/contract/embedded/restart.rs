//! What a new process finds: everything that was stored, no lease, nobody bound.

use super::{TestClock, open};
use crate::fixtures::{audio, connection, key, record, worker};
use std::time::Duration;
use viva::embedded::objects::{FileObjects, SignedUrlError};
use viva::embedded::sqlite::{Store, archive::Archive};
use viva::ports::budgets::{BudgetLimits, Budgets, Spent, Totals, Used};
use viva::ports::clock::UnixMs;
use viva::ports::feed::{Feed, FeedError, SeqRange};
use viva::ports::journal::{AppendError, Journal, SessionKind, SessionRow, SessionState, Snapshot};
use viva::ports::objects::{ObjectKey, Objects};
use viva::ports::reports::{Reports, SessionSummary, SummaryQuery};

const CREATED: UnixMs = UnixMs(1_000_000);

#[tokio::test]
async fn rows_come_back_without_lease_and_connection() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let key = key("ada", "s1");
    store.create(&key, SessionKind::Interview, CREATED).await.unwrap();
    store.bind(&key, &connection("c1"), 4).await.unwrap();
    let before = store.take(&key, &worker("old"), 0, CREATED, CREATED.plus_ms(1 << 40)).await.unwrap();
    drop(store);

    let store = Store::open(folder.path(), TestClock::at(3_000_000)).unwrap();
    let expected =
        SessionRow { lease_until: UnixMs(0), connection: None, unbound_since: Some(UnixMs(3_000_000)), ..before };
    assert_eq!(store.row(&key).await.unwrap(), Some(expected));
    assert_eq!(store.due(UnixMs(3_000_001), 10).await.unwrap(), vec![key.clone()]);
    let taken = store.take(&key, &worker("new"), 1, UnixMs(3_000_001), UnixMs(3_004_000)).await.unwrap();
    assert_eq!((taken.epoch, taken.bind_no), (2, 1));
}

#[tokio::test]
async fn the_log_still_fences_what_a_worker_of_the_old_process_writes() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let key = key("ada", "s1");
    store.create(&key, SessionKind::Interview, CREATED).await.unwrap();
    Journal::append(&*store, &key, record(1, 4, "old")).await.unwrap();
    let snapshot = Snapshot { schema: 1, outbox_seq: 4, cursor: Default::default(), state: "{}".into() };
    store.save_snapshot(&key, snapshot.clone()).await.unwrap();
    drop(store);

    let store = open(folder.path());
    assert_eq!(store.records_after(&key, 0, 10).await.unwrap(), vec![record(1, 4, "old")]);
    assert_eq!(store.snapshot(&key).await.unwrap(), Some(snapshot));
    let refused = Journal::append(&*store, &key, record(1, 1, "new")).await;
    assert!(matches!(refused, Err(AppendError::Taken { writer, head_seq: 4 }) if writer == worker("old")));
    Journal::append(&*store, &key, record(5, 1, "new")).await.unwrap();
}

#[tokio::test]
async fn what_a_conversation_booked_is_known_however_long_ago_it_began() {
    let folder = tempfile::tempdir().unwrap();
    let (going_on, over) = (key("ada", "going-on"), key("ada", "over"));
    let used = |tokens| Spent { recognizer_ms: 0, tokens };
    let store = open(folder.path());
    store.create(&going_on, SessionKind::Chat, CREATED).await.unwrap();
    for key in [&going_on, &over] {
        store.book(key, 0, used(700)).await.unwrap();
    }
    drop(store);

    let store = Store::open(folder.path(), TestClock::at(100 * 86_400_000)).unwrap();
    assert_eq!(store.book(&going_on, 100, used(710)).await.unwrap().user.spent, used(10));
    assert_eq!(store.book(&over, 100, used(5)).await.unwrap().user.spent, used(15), "forgotten with its days");
}

#[tokio::test]
async fn inboxes_and_tombstones_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let (kept, gone) = (key("ada", "kept"), key("ada", "gone"));
    for seq in [1, 2, 9, 4] {
        Feed::append(&*store, &kept, seq, audio(seq)).await.unwrap();
        Feed::append(&*store, &gone, seq, audio(seq)).await.unwrap();
    }
    store.fill_lost(&kept, SeqRange { from_seq: 5, through_seq: 7 }).await.unwrap();
    let head = Feed::head(&*store, &kept).await.unwrap();
    Feed::delete(&*store, &gone).await.unwrap();
    Journal::delete(&*store, &gone).await.unwrap();
    drop(store);

    let store = open(folder.path());
    assert_eq!(Feed::head(&*store, &kept).await.unwrap(), head);
    let page = store.read_after(&kept, 0, 10, Duration::ZERO).await.unwrap();
    assert_eq!((page.entries, page.head), (vec![(1, audio(1)), (2, audio(2))], head));
    assert!(matches!(Feed::append(&*store, &gone, 1, audio(1)).await, Err(FeedError::Deleted)));
    assert_eq!(store.row(&gone).await.unwrap().unwrap().state, SessionState::Deleted);
}

#[tokio::test]
async fn budgets_stay_for_their_days_and_are_forgotten_long_after() {
    let folder = tempfile::tempdir().unwrap();
    const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
    let spent = Spent { recognizer_ms: 2, tokens: 3 };
    let key = key("u", "s");
    let open_on = |day: u64| Store::open(folder.path(), TestClock::at(day * DAY_MS)).unwrap();
    open_on(20_000).reserve(&key, 20_000, &BudgetLimits::default()).await.unwrap();
    open_on(20_000).book(&key, 20_000, spent).await.unwrap();
    let used = Used { sessions_open: 1, spent };
    let kept = open_on(20_010).book(&key, 20_000, Spent::default()).await.unwrap();
    assert_eq!(kept, Totals { user: used, tenant: used });
    let kept = open_on(20_100).book(&key, 20_000, Spent::default()).await.unwrap();
    assert_eq!(kept, Totals::default());
}

/// Ids from text, whichever kind is wanted.
trait ParseId<T> {
    fn parse_id(&self) -> T;
}

impl ParseId<viva::ports::ids::TenantId> for str {
    fn parse_id(&self) -> viva::ports::ids::TenantId {
        viva::ports::ids::TenantId::new(self)
    }
}

impl ParseId<viva::ports::ids::UserId> for str {
    fn parse_id(&self) -> viva::ports::ids::UserId {
        viva::ports::ids::UserId::new(self)
    }
}

#[tokio::test]
async fn the_archive_reads_while_the_store_writes() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Archive::open(folder.path()).unwrap().is_none(), "nothing was ever stored");
    let store = open(folder.path());
    let summary = SessionSummary {
        key: key("ada", "s1"),
        kind: SessionKind::Interview,
        state: SessionState::Finished,
        title: "Rust".into(),
        course: None,
        created: CREATED,
        updated: CREATED,
        questions: 3,
        duration_ms: 9,
        usage_json: None,
    };
    store.put(summary.clone()).await.unwrap();
    store.put_report(&summary.key, "{}".into()).await.unwrap();
    let archive = Archive::open(folder.path()).unwrap().unwrap();
    let query =
        SummaryQuery { tenant: "default".parse_id(), user: None, courses: None, text: None, cursor: None, limit: 10 };
    assert_eq!(archive.list(&query).unwrap().sessions, vec![summary.clone()]);
    assert_eq!(archive.get(&summary.key).unwrap(), Some((summary.clone(), Some("{}".into()))));
    assert_eq!(archive.users_of(&"default".parse_id(), "s1").unwrap(), vec!["ada".parse_id()]);
    let second = SessionSummary { key: key("bob", "s1"), ..summary };
    store.put(second).await.unwrap();
    assert_eq!(archive.list(&query).unwrap().sessions.len(), 2, "and sees what was written since");
}

#[tokio::test]
async fn a_link_reads_its_object_until_it_expires_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let clock = TestClock::at(1_000);
    let objects = FileObjects::open(folder.path(), clock.clone()).unwrap();
    let at = ObjectKey("recordings/default/ada/s1.ogg".into());
    let url = objects.signed_url(&at, Duration::from_secs(60)).await.unwrap();
    let token = url.strip_prefix("/api/recordings/").unwrap();
    assert_eq!(objects.verify(token), Ok(at.clone()));
    let after_restart = FileObjects::open(folder.path(), clock.clone()).unwrap();
    assert_eq!(after_restart.verify(token), Ok(at));
    clock.advance_ms(59_999);
    objects.verify(token).unwrap();
    clock.advance_ms(1);
    assert_eq!(objects.verify(token), Err(SignedUrlError::Expired));

    clock.advance_ms(1);
    let elsewhere = tempfile::tempdir().unwrap();
    let other = FileObjects::open(elsewhere.path(), TestClock::at(1_000)).unwrap();
    assert_eq!(other.verify(token), Err(SignedUrlError::Forged), "another folder has another key");
}

#[tokio::test]
async fn a_link_that_was_changed_anywhere_is_forged() {
    let folder = tempfile::tempdir().unwrap();
    let objects = FileObjects::open(folder.path(), TestClock::at(1_000)).unwrap();
    let url = objects.signed_url(&ObjectKey("a/b".into()), Duration::from_secs(60)).await.unwrap();
    let token = url.strip_prefix("/api/recordings/").unwrap();
    for at in 0..token.len() {
        let mut changed = token.as_bytes().to_vec();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(objects.verify(&changed), Err(SignedUrlError::Forged), "{at}");
        assert_eq!(objects.verify(&token[..at]), Err(SignedUrlError::Forged), "{at}");
    }
}
