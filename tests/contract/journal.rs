//! What every [`Journal`] does.

use crate::fixtures::{connection, key, record, worker};
use viva::ports::clock::UnixMs;
use viva::ports::ids::SessionKey;
use viva::ports::journal::{
    AppendError, AudioFrom, Created, Cursor, Journal, JournalError, Record, STORED_VERSION, SessionKind, SessionRow,
    SessionState, Snapshot, TakeError,
};

macro_rules! journal_contract {
    ($make:path) => {
        contract!(
            journal,
            $make,
            [
                a_session_is_new_once,
                an_unknown_session_has_no_row_and_takes_nothing,
                a_row_is_taken_when_its_lease_is_over_and_its_epoch_is_the_one_seen,
                of_many_takers_one_gets_the_row,
                a_lease_is_renewed_by_its_owner_alone,
                a_released_row_is_free_and_keeps_its_state_and_due_date,
                a_late_release_changes_nothing,
                binding_gives_the_row_before_and_counts,
                a_late_unbind_of_an_older_connection_changes_nothing,
                records_go_to_the_head_alone,
                a_refused_append_tells_whose_record_is_there,
                of_two_writers_at_the_same_key_one_wins,
                an_older_epoch_is_fenced_by_its_key_alone,
                records_come_back_in_order_and_in_pages,
                a_record_that_is_numbered_wrongly_is_refused,
                a_trimmed_log_keeps_its_head_and_what_is_young,
                the_newest_snapshot_stays,
                due_lists_what_a_sweep_must_start,
                a_deleted_session_leaves_a_tombstone_alone,
                a_snapshot_may_be_as_large_as_a_long_conversation,
            ]
        );
    };
}

const CREATED: UnixMs = UnixMs(1_000_000);

fn at(ms: u64) -> UnixMs {
    CREATED.plus_ms(ms)
}

async fn create(journal: &dyn Journal, key: &SessionKey) -> SessionRow {
    match journal.create(key, SessionKind::Interview, CREATED).await.unwrap() {
        Created::New(row) => row,
        Created::Existing(row) => panic!("{row:?} was there already"),
    }
}

fn held(result: Result<SessionRow, TakeError>) -> u64 {
    match result {
        Err(TakeError::Held { epoch }) => epoch,
        other => panic!("expected Held, found {other:?}"),
    }
}

pub(crate) async fn a_session_is_new_once(journal: &dyn Journal) {
    let key = key("ada", "s1");
    assert_eq!(journal.row(&key).await.unwrap(), None);
    let expected = SessionRow {
        kind: SessionKind::Interview,
        state: SessionState::Open,
        epoch: 0,
        owner: None,
        lease_until: UnixMs(0),
        connection: None,
        bind_no: 0,
        bound_head_seq: 0,
        unbound_since: Some(CREATED),
        due_at: None,
        created: CREATED,
        stored_version: STORED_VERSION,
    };
    assert_eq!(create(journal, &key).await, expected);
    let again = journal.create(&key, SessionKind::Interview, at(5)).await.unwrap();
    assert_eq!(again, Created::Existing(expected.clone()));
    assert_eq!(journal.row(&key).await.unwrap(), Some(expected));
}

pub(crate) async fn an_unknown_session_has_no_row_and_takes_nothing(journal: &dyn Journal) {
    let key = key("ada", "unknown");
    let taken = journal.take(&key, &worker("w"), 0, CREATED, at(4_000)).await;
    assert!(matches!(taken, Err(TakeError::Journal(JournalError::Unknown))), "{taken:?}");
    let renewed = journal.renew(&key, &worker("w"), 0, at(4_000)).await;
    assert!(matches!(renewed, Err(TakeError::Journal(JournalError::Unknown))), "{renewed:?}");
    assert_eq!(journal.bind(&key, &connection("c"), 0).await.unwrap(), None);
    journal.unbind(&key, &connection("c"), CREATED).await.unwrap();
    let appended = journal.append(&key, record(1, 1, "w")).await;
    assert!(matches!(appended, Err(AppendError::Journal(JournalError::Unknown))), "{appended:?}");
    assert_eq!(journal.head_seq(&key).await.unwrap(), 0);
    assert_eq!(journal.records_after(&key, 0, 10).await.unwrap(), vec![]);
    assert_eq!(journal.snapshot(&key).await.unwrap(), None);
    assert_eq!(journal.row(&key).await.unwrap(), None);
}

pub(crate) async fn a_row_is_taken_when_its_lease_is_over_and_its_epoch_is_the_one_seen(journal: &dyn Journal) {
    let key = key("ada", "take");
    let created = create(journal, &key).await;
    let taken = journal.take(&key, &worker("first"), 0, CREATED, at(4_000)).await.unwrap();
    let expected = SessionRow { epoch: 1, owner: Some(worker("first")), lease_until: at(4_000), ..created };
    assert_eq!(taken, expected);
    assert_eq!(journal.row(&key).await.unwrap(), Some(expected));
    assert_eq!(held(journal.take(&key, &worker("second"), 1, at(3_999), at(9_000)).await), 1, "the lease runs");
    assert_eq!(held(journal.take(&key, &worker("second"), 0, at(4_001), at(9_000)).await), 1, "another epoch was seen");
    let taken = journal.take(&key, &worker("second"), 1, at(4_001), at(9_000)).await.unwrap();
    assert_eq!((taken.epoch, taken.owner), (2, Some(worker("second"))));
}

pub(crate) async fn of_many_takers_one_gets_the_row(journal: &dyn Journal) {
    let key = key("ada", "race");
    create(journal, &key).await;
    let takers = (0..20).map(|number| {
        let (key, worker) = (&key, worker(&format!("w{number}")));
        async move { journal.take(key, &worker, 0, CREATED, at(4_000)).await }
    });
    let taken = futures::future::join_all(takers).await;
    assert_eq!(taken.iter().filter(|taken| taken.is_ok()).count(), 1);
    assert_eq!(journal.row(&key).await.unwrap().unwrap().epoch, 1);
}

pub(crate) async fn a_lease_is_renewed_by_its_owner_alone(journal: &dyn Journal) {
    let key = key("ada", "renew");
    create(journal, &key).await;
    journal.take(&key, &worker("first"), 0, CREATED, at(4_000)).await.unwrap();
    let renewed = journal.renew(&key, &worker("first"), 1, at(5_000)).await.unwrap();
    assert_eq!(renewed.lease_until, at(5_000));
    journal.bind(&key, &connection("c1"), 7).await.unwrap();
    let renewed = journal.renew(&key, &worker("first"), 1, at(6_000)).await.unwrap();
    assert_eq!((renewed.connection, renewed.bound_head_seq), (Some(connection("c1")), 7), "it shows who was bound");
    assert_eq!(held(journal.renew(&key, &worker("other"), 1, at(7_000)).await), 1);
    assert_eq!(held(journal.renew(&key, &worker("first"), 0, at(7_000)).await), 1);
    assert_eq!(held(journal.take(&key, &worker("second"), 1, at(5_999), at(9_000)).await), 1);
    journal.take(&key, &worker("second"), 1, at(6_001), at(9_000)).await.unwrap();
    assert_eq!(held(journal.renew(&key, &worker("first"), 1, at(9_000)).await), 2, "another has taken it");
}

pub(crate) async fn a_released_row_is_free_and_keeps_its_state_and_due_date(journal: &dyn Journal) {
    let key = key("ada", "release");
    create(journal, &key).await;
    journal.take(&key, &worker("first"), 0, CREATED, at(4_000)).await.unwrap();
    journal.release(&key, &worker("first"), 1, SessionState::Open, Some(at(60_000))).await.unwrap();
    let row = journal.row(&key).await.unwrap().unwrap();
    assert_eq!((row.owner, row.due_at, row.epoch, row.state), (None, Some(at(60_000)), 1, SessionState::Open));
    let row = journal.take(&key, &worker("second"), 1, at(10), at(4_010)).await.unwrap();
    assert_eq!((row.epoch, row.due_at), (2, None));
    journal.release(&key, &worker("second"), 2, SessionState::Finished, None).await.unwrap();
    assert_eq!(journal.row(&key).await.unwrap().unwrap().state, SessionState::Finished);
}

pub(crate) async fn a_late_release_changes_nothing(journal: &dyn Journal) {
    let key = key("ada", "late release");
    create(journal, &key).await;
    journal.take(&key, &worker("first"), 0, CREATED, at(4_000)).await.unwrap();
    let row = journal.take(&key, &worker("second"), 1, at(4_001), at(9_000)).await.unwrap();
    journal.release(&key, &worker("first"), 1, SessionState::Abandoned, Some(at(1))).await.unwrap();
    assert_eq!(journal.row(&key).await.unwrap(), Some(row));
}

pub(crate) async fn binding_gives_the_row_before_and_counts(journal: &dyn Journal) {
    let key = key("ada", "bind");
    let created = create(journal, &key).await;
    assert_eq!(journal.bind(&key, &connection("c1"), 0).await.unwrap(), Some(created.clone()));
    let bound = SessionRow { connection: Some(connection("c1")), bind_no: 1, unbound_since: None, ..created.clone() };
    assert_eq!(journal.row(&key).await.unwrap(), Some(bound.clone()));
    assert_eq!(journal.bind(&key, &connection("c2"), 12).await.unwrap(), Some(bound));
    let bound = SessionRow {
        connection: Some(connection("c2")),
        bind_no: 2,
        bound_head_seq: 12,
        unbound_since: None,
        ..created
    };
    assert_eq!(journal.row(&key).await.unwrap(), Some(bound));
}

pub(crate) async fn a_late_unbind_of_an_older_connection_changes_nothing(journal: &dyn Journal) {
    let key = key("ada", "unbind");
    create(journal, &key).await;
    journal.bind(&key, &connection("c1"), 0).await.unwrap();
    journal.bind(&key, &connection("c2"), 0).await.unwrap();
    let bound = journal.row(&key).await.unwrap();
    journal.unbind(&key, &connection("c1"), at(10)).await.unwrap();
    assert_eq!(journal.row(&key).await.unwrap(), bound);
    journal.unbind(&key, &connection("c2"), at(20)).await.unwrap();
    let row = journal.row(&key).await.unwrap().unwrap();
    assert_eq!((row.connection, row.unbound_since, row.bind_no), (None, Some(at(20)), 2));
    journal.unbind(&key, &connection("c2"), at(30)).await.unwrap();
    assert_eq!(journal.row(&key).await.unwrap().unwrap().unbound_since, Some(at(20)));
}

pub(crate) async fn records_go_to_the_head_alone(journal: &dyn Journal) {
    let key = key("ada", "append");
    create(journal, &key).await;
    assert_eq!(journal.head_seq(&key).await.unwrap(), 0);
    journal.append(&key, record(1, 3, "w")).await.unwrap();
    assert_eq!(journal.head_seq(&key).await.unwrap(), 3);
    journal.append(&key, record(4, 32, "w")).await.unwrap();
    assert_eq!(journal.head_seq(&key).await.unwrap(), 35);
    let beyond = journal.append(&key, record(37, 1, "w")).await;
    assert!(matches!(beyond, Err(AppendError::Journal(JournalError::Failed(_)))), "{beyond:?}");
    assert_eq!(journal.records_after(&key, 0, 10).await.unwrap(), vec![record(1, 3, "w"), record(4, 32, "w")]);
}

pub(crate) async fn a_refused_append_tells_whose_record_is_there(journal: &dyn Journal) {
    let key = key("ada", "taken");
    create(journal, &key).await;
    journal.append(&key, record(1, 2, "first")).await.unwrap();
    journal.append(&key, record(3, 2, "second")).await.unwrap();
    // Also for a number in the middle of a record.
    for (seq, name) in [(1, "first"), (2, "first"), (3, "second"), (4, "second")] {
        match journal.append(&key, record(seq, 1, "third")).await {
            Err(AppendError::Taken { writer, head_seq }) => assert_eq!((writer, head_seq), (worker(name), 4)),
            other => panic!("expected Taken at {seq}, found {other:?}"),
        }
    }
    assert_eq!(journal.head_seq(&key).await.unwrap(), 4);
}

pub(crate) async fn of_two_writers_at_the_same_key_one_wins(journal: &dyn Journal) {
    let key = key("ada", "two writers");
    create(journal, &key).await;
    for round in 0..50 {
        let seq = round + 1;
        let (a, b) = tokio::join!(journal.append(&key, record(seq, 1, "a")), journal.append(&key, record(seq, 1, "b")));
        let (loser, winner) = match (a, b) {
            (Ok(()), Err(refused)) => (refused, "a"),
            (Err(refused), Ok(())) => (refused, "b"),
            other => panic!("exactly one must win, found {other:?}"),
        };
        match loser {
            AppendError::Taken { writer, head_seq } => assert_eq!((writer, head_seq), (worker(winner), seq)),
            AppendError::Journal(error) => panic!("{error}"),
        }
    }
    assert_eq!(journal.head_seq(&key).await.unwrap(), 50);
}

pub(crate) async fn an_older_epoch_is_fenced_by_its_key_alone(journal: &dyn Journal) {
    let key = key("ada", "fence");
    create(journal, &key).await;
    journal.take(&key, &worker("old"), 0, CREATED, at(4_000)).await.unwrap();
    journal.append(&key, record(1, 1, "old")).await.unwrap();
    journal.take(&key, &worker("new"), 1, at(4_001), at(9_000)).await.unwrap();
    // The successor is not in the log yet: the old worker may still commit, and the successor reads again.
    journal.append(&key, record(2, 1, "old")).await.unwrap();
    let refused = journal.append(&key, record(2, 1, "new")).await;
    assert!(matches!(refused, Err(AppendError::Taken { head_seq: 2, .. })), "{refused:?}");
    journal.append(&key, record(3, 1, "new")).await.unwrap();
    let refused = journal.append(&key, record(3, 1, "old")).await;
    assert!(matches!(refused, Err(AppendError::Taken { writer, .. }) if writer == worker("new")));
}

pub(crate) async fn records_come_back_in_order_and_in_pages(journal: &dyn Journal) {
    let key = key("ada", "pages");
    create(journal, &key).await;
    let mut records = Vec::new();
    let mut next = 1;
    for count in [1, 32, 5, 1, 32, 2] {
        let one = record(next, count, "w");
        journal.append(&key, one.clone()).await.unwrap();
        records.push(one);
        next += count;
    }
    assert_eq!(journal.records_after(&key, 0, 100).await.unwrap(), records);
    assert_eq!(journal.records_after(&key, 0, 2).await.unwrap(), records[..2]);
    assert_eq!(journal.records_after(&key, 33, 2).await.unwrap(), records[2..4]);
    assert_eq!(journal.records_after(&key, 32, 1).await.unwrap(), records[1..2], "it holds number 33");
    assert_eq!(journal.records_after(&key, next - 1, 100).await.unwrap(), vec![]);
    assert_eq!(journal.records_after(&key, next + 50, 100).await.unwrap(), vec![]);
}

pub(crate) async fn a_record_that_is_numbered_wrongly_is_refused(journal: &dyn Journal) {
    let key = key("ada", "numbers");
    create(journal, &key).await;
    let good = record(1, 2, "w");
    let mut longer = good.clone();
    longer.last_seq = 3;
    let mut empty = good.clone();
    empty.events.clear();
    let mut from_zero = good.clone();
    (from_zero.first_seq, from_zero.last_seq) = (0, 1);
    for bad in [longer, empty, from_zero, record(1, 33, "w")] {
        let refused = journal.append(&key, bad).await;
        assert!(matches!(refused, Err(AppendError::Journal(JournalError::Failed(_)))), "{refused:?}");
    }
    journal.append(&key, good).await.unwrap();
}

fn snapshot(outbox_seq: u64) -> Snapshot {
    let cursor = Cursor { inbox_through_seq: 9, audio_from: AudioFrom { seq: 4, media_ms: 50 } };
    Snapshot { schema: 2, outbox_seq, cursor, state: format!(r#"{{"n":{outbox_seq}}}"#) }
}

pub(crate) async fn a_snapshot_may_be_as_large_as_a_long_conversation(journal: &dyn Journal) {
    let key = key("ada", "long");
    create(journal, &key).await;
    let large = |seq: u64, letters: usize| Snapshot { state: "„é“ \u{1f40b}x".repeat(letters), ..snapshot(seq) };
    for (seq, letters) in [(5, 100_000), (9, 60_000), (9, 60_000), (12, 1), (15, 110_000)] {
        journal.save_snapshot(&key, large(seq, letters)).await.unwrap();
        let kept = journal.snapshot(&key).await.unwrap().unwrap();
        assert!(kept == large(seq, letters), "at {seq}: {} of {} bytes", kept.state.len(), letters * 14);
    }
    journal.save_snapshot(&key, large(14, 100_000)).await.unwrap();
    assert!(journal.snapshot(&key).await.unwrap() == Some(large(15, 110_000)), "an older worker comes late");
    journal.delete(&key).await.unwrap();
    journal.save_snapshot(&key, large(20, 100_000)).await.ok();
    assert!(journal.snapshot(&key).await.unwrap().is_none(), "what was deleted stays deleted");
}

pub(crate) async fn a_trimmed_log_keeps_its_head_and_what_is_young(journal: &dyn Journal) {
    let key = key("ada", "s-1");
    create(journal, &key).await;
    for (first, committed) in [(1, 10), (3, 20), (5, 30), (7, 40)] {
        let record = Record { committed: at(committed), ..record(first, 2, "w-1") };
        journal.append(&key, record).await.unwrap();
    }
    let left = async || {
        let records = journal.records_after(&key, 0, 10).await.unwrap();
        records.iter().map(|record| record.first_seq).collect::<Vec<_>>()
    };
    journal.trim(&key, at(20), 8).await.unwrap();
    assert_eq!(left().await, [3, 5, 7]);
    // What no snapshot stands after is kept, however old it is.
    journal.trim(&key, at(1_000), 4).await.unwrap();
    assert_eq!(left().await, [5, 7]);
    for _ in 0..2 {
        journal.trim(&key, at(1_000), 8).await.unwrap();
        assert_eq!(left().await, [7]);
    }
    assert_eq!(journal.head_seq(&key).await.unwrap(), 8);
    journal.append(&key, record(9, 1, "w-1")).await.unwrap();
    let refused = journal.append(&key, record(7, 2, "w-2")).await;
    assert!(matches!(refused, Err(AppendError::Taken { head_seq: 9, .. })), "{refused:?}");
}

pub(crate) async fn the_newest_snapshot_stays(journal: &dyn Journal) {
    let key = key("ada", "snapshot");
    create(journal, &key).await;
    assert_eq!(journal.snapshot(&key).await.unwrap(), None);
    journal.save_snapshot(&key, snapshot(5)).await.unwrap();
    journal.save_snapshot(&key, snapshot(8)).await.unwrap();
    assert_eq!(journal.snapshot(&key).await.unwrap(), Some(snapshot(8)));
    journal.save_snapshot(&key, snapshot(7)).await.unwrap();
    assert_eq!(journal.snapshot(&key).await.unwrap(), Some(snapshot(8)), "an older worker comes late");
}

pub(crate) async fn due_lists_what_a_sweep_must_start(journal: &dyn Journal) {
    let [live, lapsed, later, due, finished, fresh] =
        ["live", "lapsed", "later", "due", "finished", "fresh"].map(|session| key("ada", session));
    for (key, lease_ms) in [(&live, 50_000), (&lapsed, 4_000), (&later, 4_000), (&due, 4_000), (&finished, 4_000)] {
        create(journal, key).await;
        journal.take(key, &worker("w"), 0, CREATED, at(lease_ms)).await.unwrap();
    }
    journal.release(&later, &worker("w"), 1, SessionState::Open, Some(at(90_000))).await.unwrap();
    journal.release(&due, &worker("w"), 1, SessionState::Open, Some(at(5_000))).await.unwrap();
    journal.release(&finished, &worker("w"), 1, SessionState::Finished, None).await.unwrap();
    journal.create(&fresh, SessionKind::Interview, at(9_000)).await.unwrap();
    assert_eq!(journal.due(at(10_000), 10).await.unwrap(), vec![lapsed.clone(), due.clone(), fresh.clone()]);
    assert_eq!(journal.due(at(10_000), 2).await.unwrap(), vec![lapsed.clone(), due.clone()]);
    let mut all = journal.due(at(90_000), 10).await.unwrap();
    all.sort();
    let mut expected = vec![live, lapsed, due, fresh, later];
    expected.sort();
    assert_eq!(all, expected);
}

pub(crate) async fn a_deleted_session_leaves_a_tombstone_alone(journal: &dyn Journal) {
    let (gone, other) = (key("ada", "gone"), key("ada", "other"));
    for key in [&gone, &other] {
        create(journal, key).await;
        journal.take(key, &worker("w"), 0, CREATED, at(4_000)).await.unwrap();
        journal.append(key, record(1, 2, "w")).await.unwrap();
        journal.save_snapshot(key, snapshot(2)).await.unwrap();
    }
    journal.delete(&gone).await.unwrap();
    journal.delete(&gone).await.unwrap();
    assert_eq!(journal.row(&gone).await.unwrap().unwrap().state, SessionState::Deleted);
    assert_eq!(journal.records_after(&gone, 0, 10).await.unwrap(), vec![]);
    assert_eq!(journal.snapshot(&gone).await.unwrap(), None);
    let created = journal.create(&gone, SessionKind::Interview, at(1)).await;
    assert!(matches!(created, Err(JournalError::Deleted)), "{created:?}");
    let taken = journal.take(&gone, &worker("v"), 1, at(60_000), at(64_000)).await;
    assert!(matches!(taken, Err(TakeError::Journal(JournalError::Deleted))), "{taken:?}");
    let renewed = journal.renew(&gone, &worker("w"), 1, at(64_000)).await;
    assert!(matches!(renewed, Err(TakeError::Journal(JournalError::Deleted))), "{renewed:?}");
    let bound = journal.bind(&gone, &connection("c"), 0).await;
    assert!(matches!(bound, Err(JournalError::Deleted)), "{bound:?}");
    let appended = journal.append(&gone, record(3, 1, "w")).await;
    assert!(matches!(appended, Err(AppendError::Journal(JournalError::Deleted))), "{appended:?}");
    journal.release(&gone, &worker("w"), 1, SessionState::Open, None).await.unwrap();
    assert_eq!(journal.row(&gone).await.unwrap().unwrap().state, SessionState::Deleted);
    assert_eq!(journal.due(at(99_000), 10).await.unwrap(), vec![other.clone()]);
    assert_eq!(journal.records_after(&other, 0, 10).await.unwrap(), vec![record(1, 2, "w")]);
    let never = key("ada", "never was");
    journal.delete(&never).await.unwrap();
    let created = journal.create(&never, SessionKind::Interview, at(1)).await;
    assert!(matches!(created, Err(JournalError::Deleted)), "{created:?}");
}
