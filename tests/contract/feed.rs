//! What every [`Feed`] does.

use crate::fixtures::{audio, control, key};
use bytes::Bytes;
use std::time::Duration;
use viva::config::limits::INBOX_AHEAD_SEQS_MAX;
use viva::ports::feed::{Appended, Entry, Feed, FeedError, FeedHead, FeedPage, SeqRange};
use viva::ports::ids::SessionKey;

macro_rules! feed_contract {
    ($make:path) => {
        contract!(
            feed,
            $make,
            [
                an_entry_is_new_then_the_same_then_in_conflict,
                every_kind_of_entry_comes_back_as_it_was,
                entries_come_in_any_order_and_are_read_in_order,
                a_read_stops_at_a_hole_and_tells_of_it,
                a_hole_that_was_not_there_wakes_the_reader_once,
                of_many_holes_the_oldest_are_told,
                a_page_holds_at_most_its_limit,
                the_head_knows_the_media_time_as_far_as_it_is_contiguous,
                without_anything_a_read_is_empty_after_its_wait,
                a_waiting_reader_misses_no_entry,
                a_nudge_wakes_the_reader_and_is_told_once,
                lost_numbers_are_refused_entries_and_what_comes_later_is_the_same,
                what_is_stored_stays_when_its_range_is_declared_lost,
                a_long_run_of_lost_numbers_is_read_from_every_place,
                without_a_wait_a_read_sees_all_that_was_stored,
                a_deleted_session_takes_nothing_and_tells_its_reader,
                sessions_do_not_see_each_other,
                many_writers_at_once_lose_nothing,
            ]
        );
    };
}

/// What only a store does that knows how far an inbox goes when something is added to it.
macro_rules! feed_bounds_contract {
    ($make:path) => {
        contract!(feed, $make, [a_number_too_far_ahead_is_refused_and_stores_nothing]);
    };
}

const NOW: Duration = Duration::ZERO;
/// Far longer than any wake takes; a missed one fails the test by its own deadline.
const LONG: Duration = Duration::from_secs(60);
const DEADLINE: Duration = Duration::from_secs(60);

async fn read_all(feed: &dyn Feed, key: &SessionKey) -> Vec<(u64, Entry)> {
    let mut entries: Vec<(u64, Entry)> = Vec::new();
    loop {
        let after = entries.last().map_or(0, |(seq, _)| *seq);
        let page = feed.read_after(key, after, 10, NOW).await.unwrap();
        if page.entries.is_empty() {
            return entries;
        }
        entries.extend(page.entries);
    }
}

fn range(from_seq: u64, through_seq: u64) -> SeqRange {
    SeqRange { from_seq, through_seq }
}

pub(crate) async fn an_entry_is_new_then_the_same_then_in_conflict(feed: &dyn Feed) {
    let key = key("ada", "s1");
    assert_eq!(feed.append(&key, 1, audio(1)).await.unwrap(), Appended::New);
    assert_eq!(feed.append(&key, 1, audio(1)).await.unwrap(), Appended::Same);
    assert_eq!(feed.append(&key, 1, audio(2)).await.unwrap(), Appended::Conflict);
    assert_eq!(feed.append(&key, 1, control("{}")).await.unwrap(), Appended::Conflict);
    assert_eq!(read_all(feed, &key).await, vec![(1, audio(1))]);
    // Also once the reader has taken it.
    feed.append(&key, 2, audio(2)).await.unwrap();
    feed.read_after(&key, 2, 1, NOW).await.unwrap();
    assert_eq!(feed.append(&key, 1, audio(1)).await.unwrap(), Appended::Same);
    assert_eq!(feed.append(&key, 1, audio(9)).await.unwrap(), Appended::Conflict);
}

pub(crate) async fn every_kind_of_entry_comes_back_as_it_was(feed: &dyn Feed) {
    let key = key("ada", "kinds");
    let entries = [
        control(r#"{"type":"interview.start","params":{"topic":"Ä 🎙 \u0000"}}"#),
        Entry::Audio { media_ms: 0, data: Bytes::new() },
        Entry::Audio { media_ms: u64::from(u32::MAX) + 5, data: Bytes::from((0..=255).collect::<Vec<u8>>()) },
        Entry::Audio { media_ms: 1, data: Bytes::from(vec![0xA5; 24_000]) },
        Entry::Refused { code: "media_time".into() },
    ];
    for (at, entry) in entries.iter().enumerate() {
        feed.append(&key, at as u64 + 1, entry.clone()).await.unwrap();
    }
    let read: Vec<Entry> = read_all(feed, &key).await.into_iter().map(|(_, entry)| entry).collect();
    assert_eq!(read, entries);
}

pub(crate) async fn entries_come_in_any_order_and_are_read_in_order(feed: &dyn Feed) {
    let key = key("ada", "order");
    for seq in [3, 1, 5, 2, 4, 7, 6, 10, 9, 8] {
        assert_eq!(feed.append(&key, seq, audio(seq)).await.unwrap(), Appended::New);
    }
    let expected: Vec<_> = (1..=10).map(|seq| (seq, audio(seq))).collect();
    assert_eq!(read_all(feed, &key).await, expected);
    let page = feed.read_after(&key, 4, 3, NOW).await.unwrap();
    assert_eq!(page.entries, expected[4..7]);
}

pub(crate) async fn a_read_stops_at_a_hole_and_tells_of_it(feed: &dyn Feed) {
    let key = key("ada", "hole");
    for seq in [1, 2, 4, 8] {
        feed.append(&key, seq, audio(seq)).await.unwrap();
    }
    let page = feed.read_after(&key, 0, 10, NOW).await.unwrap();
    let head = FeedHead { through_seq: 2, head_seq: 8, missing: vec![range(3, 3), range(5, 7)], media_ms: 200 };
    assert_eq!(page.entries, vec![(1, audio(1)), (2, audio(2))]);
    assert_eq!(page.head, head);
    assert_eq!(feed.head(&key).await.unwrap(), head);
    feed.append(&key, 3, audio(3)).await.unwrap();
    let page = feed.read_after(&key, 2, 10, NOW).await.unwrap();
    assert_eq!(page.entries, vec![(3, audio(3)), (4, audio(4))]);
    assert_eq!(page.head.missing, vec![range(5, 7)]);
}

pub(crate) async fn a_hole_that_was_not_there_wakes_the_reader_once(feed: &dyn Feed) {
    let key = key("ada", "new hole");
    feed.append(&key, 1, audio(1)).await.unwrap();
    feed.read_after(&key, 0, 10, NOW).await.unwrap();
    let reading = feed.read_after(&key, 1, 10, LONG);
    let writing = feed.append(&key, 3, audio(3));
    let (page, _) = tokio::time::timeout(DEADLINE, async { tokio::join!(reading, writing) }).await.unwrap();
    let page = page.unwrap();
    assert_eq!(page.entries, vec![]);
    assert_eq!(page.head.missing, vec![range(2, 2)]);
    // The same hole again is nothing new: this read waits.
    let again = tokio::time::timeout(Duration::from_millis(50), feed.read_after(&key, 1, 10, LONG)).await;
    assert!(again.is_err(), "{again:?}");
}

pub(crate) async fn of_many_holes_the_oldest_are_told(feed: &dyn Feed) {
    let key = key("ada", "many holes");
    for seq in (2..=100).step_by(2) {
        feed.append(&key, seq, audio(seq)).await.unwrap();
    }
    let head = feed.head(&key).await.unwrap();
    let expected: Vec<_> = (0..32).map(|at| range(at * 2 + 1, at * 2 + 1)).collect();
    assert_eq!(head, FeedHead { through_seq: 0, head_seq: 100, missing: expected, media_ms: 0 });
}

pub(crate) async fn a_page_holds_at_most_its_limit(feed: &dyn Feed) {
    let key = key("ada", "limit");
    for seq in 1..=200 {
        feed.append(&key, seq, audio(seq)).await.unwrap();
    }
    let all: Vec<_> = (1..=200).map(|seq| (seq, audio(seq))).collect();
    for (after, limit) in [(0, 1), (0, 33), (31, 2), (64, 100), (190, 100), (199, 1)] {
        let page = feed.read_after(&key, after, limit, NOW).await.unwrap();
        let after = after as usize;
        assert_eq!(page.entries, all[after..(after + limit).min(200)], "after {after}, limit {limit}");
        assert_eq!(page.head.through_seq, 200);
    }
}

pub(crate) async fn the_head_knows_the_media_time_as_far_as_it_is_contiguous(feed: &dyn Feed) {
    let key = key("ada", "media");
    assert_eq!(feed.head(&key).await.unwrap(), FeedHead::default());
    for seq in [1, 2, 3] {
        feed.append(&key, seq, audio(seq)).await.unwrap();
    }
    feed.append(&key, 4, control("{}")).await.unwrap();
    feed.append(&key, 6, audio(6)).await.unwrap();
    assert_eq!(feed.head(&key).await.unwrap().media_ms, 300);
    feed.append(&key, 5, audio(5)).await.unwrap();
    assert_eq!(feed.head(&key).await.unwrap().media_ms, 600);
}

pub(crate) async fn without_anything_a_read_is_empty_after_its_wait(feed: &dyn Feed) {
    let key = key("ada", "nothing");
    let page = feed.read_after(&key, 0, 10, Duration::from_millis(20)).await.unwrap();
    assert_eq!(page, FeedPage::default());
    feed.append(&key, 1, audio(1)).await.unwrap();
    let page = feed.read_after(&key, 1, 10, Duration::from_millis(20)).await.unwrap();
    assert_eq!(page.entries, vec![]);
    assert_eq!(page.head.through_seq, 1);
}

pub(crate) async fn a_waiting_reader_misses_no_entry(feed: &dyn Feed) {
    let key = key("ada", "wake");
    let reader = async {
        for seq in 1..=500 {
            let page = feed.read_after(&key, seq - 1, 1, LONG).await.unwrap();
            assert_eq!(page.entries, vec![(seq, audio(seq))]);
        }
    };
    let writer = async {
        for seq in 1..=500 {
            feed.append(&key, seq, audio(seq)).await.unwrap();
            if seq % 3 == 0 {
                tokio::task::yield_now().await;
            }
        }
    };
    tokio::time::timeout(DEADLINE, async { tokio::join!(reader, writer) }).await.unwrap();
}

pub(crate) async fn a_nudge_wakes_the_reader_and_is_told_once(feed: &dyn Feed) {
    let key = key("ada", "nudge");
    feed.append(&key, 1, audio(1)).await.unwrap();
    let reading = feed.read_after(&key, 1, 10, LONG);
    let nudging = async {
        // Lost when nobody reads: so until the reader has it.
        loop {
            feed.nudge(&key).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    let page = tokio::time::timeout(DEADLINE, async {
        tokio::select! { page = reading => page, () = nudging => unreachable!() }
    });
    let page = page.await.unwrap().unwrap();
    assert!(page.nudged);
    assert_eq!(page.entries, vec![]);
    // At most one more was on its way when the reader returned.
    feed.read_after(&key, 1, 10, NOW).await.unwrap();
    assert!(!feed.read_after(&key, 1, 10, NOW).await.unwrap().nudged);
}

pub(crate) async fn lost_numbers_are_refused_entries_and_what_comes_later_is_the_same(feed: &dyn Feed) {
    let key = key("ada", "lost");
    feed.append(&key, 1, audio(1)).await.unwrap();
    feed.append(&key, 60, audio(60)).await.unwrap();
    feed.fill_lost(&key, range(2, 59)).await.unwrap();
    feed.fill_lost(&key, range(2, 59)).await.unwrap();
    let lost = Entry::Refused { code: "input_lost".into() };
    let mut expected = vec![(1, audio(1))];
    expected.extend((2..=59).map(|seq| (seq, lost.clone())));
    expected.push((60, audio(60)));
    assert_eq!(read_all(feed, &key).await, expected);
    assert_eq!(feed.append(&key, 30, audio(30)).await.unwrap(), Appended::Same);
    assert_eq!(feed.read_after(&key, 29, 1, NOW).await.unwrap().entries, vec![(30, lost)]);
    assert_eq!(feed.head(&key).await.unwrap().missing, vec![]);
}

pub(crate) async fn a_number_too_far_ahead_is_refused_and_stores_nothing(feed: &dyn Feed) {
    let key = key("ada", "ahead");
    feed.append(&key, 1, audio(1)).await.unwrap();
    let refused = feed.append(&key, INBOX_AHEAD_SEQS_MAX + 2, audio(2)).await;
    assert!(matches!(refused, Err(FeedError::TooFarAhead { through_seq: 1 })), "{refused:?}");
    assert_eq!(feed.head(&key).await.unwrap().head_seq, 1);
    assert_eq!(feed.append(&key, INBOX_AHEAD_SEQS_MAX + 1, audio(2)).await.unwrap(), Appended::New);
}

pub(crate) async fn what_is_stored_stays_when_its_range_is_declared_lost(feed: &dyn Feed) {
    let key = key("ada", "lost in part");
    for seq in [1, 3, 4, 7] {
        feed.append(&key, seq, audio(seq)).await.unwrap();
    }
    feed.fill_lost(&key, range(1, 8)).await.unwrap();
    let lost = |seq| (seq, Entry::Refused { code: "input_lost".into() });
    let stored = |seq| (seq, audio(seq));
    let expected = vec![stored(1), lost(2), stored(3), stored(4), lost(5), lost(6), stored(7), lost(8)];
    assert_eq!(read_all(feed, &key).await, expected);
}

pub(crate) async fn a_long_run_of_lost_numbers_is_read_from_every_place(feed: &dyn Feed) {
    let key = key("ada", "long loss");
    for seq in [1, 150, 151, 1_200] {
        feed.append(&key, seq, audio(seq)).await.unwrap();
    }
    for _ in 0..2 {
        feed.fill_lost(&key, range(1, 1_199)).await.unwrap();
    }
    let lost = Entry::Refused { code: "input_lost".into() };
    let expected: Vec<_> = (1..=1_200)
        .map(|seq| (seq, if [1, 150, 151, 1_200].contains(&seq) { audio(seq) } else { lost.clone() }))
        .collect();
    assert_eq!(read_all(feed, &key).await, expected);
    for after in [700, 2, 140, 1_150, 151, 1_199] {
        let page = feed.read_after(&key, after, 40, NOW).await.unwrap();
        let after = after as usize;
        assert_eq!(page.entries, expected[after..(after + 40).min(1_200)], "after {after}");
        assert_eq!(page.head, FeedHead { through_seq: 1_200, head_seq: 1_200, missing: vec![], media_ms: 120_000 });
    }
    assert!(matches!(feed.append(&key, 600, audio(600)).await.unwrap(), Appended::Same | Appended::New));
    assert_eq!(feed.read_after(&key, 599, 1, NOW).await.unwrap().entries, vec![(600, lost)]);
}

pub(crate) async fn without_a_wait_a_read_sees_all_that_was_stored(feed: &dyn Feed) {
    let key = key("ada", "no wait");
    for seq in 1..=20 {
        feed.append(&key, seq, audio(seq)).await.unwrap();
        assert_eq!(feed.read_after(&key, seq - 1, 10, NOW).await.unwrap().entries, vec![(seq, audio(seq))]);
    }
}

pub(crate) async fn a_deleted_session_takes_nothing_and_tells_its_reader(feed: &dyn Feed) {
    let (gone, other) = (key("ada", "gone"), key("ada", "other"));
    feed.append(&gone, 1, audio(1)).await.unwrap();
    feed.append(&other, 1, audio(1)).await.unwrap();
    let reading = feed.read_after(&gone, 1, 10, LONG);
    let (read, deleted) =
        tokio::time::timeout(DEADLINE, async { tokio::join!(reading, feed.delete(&gone)) }).await.unwrap();
    deleted.unwrap();
    assert!(matches!(read, Err(FeedError::Deleted)), "{read:?}");
    assert!(matches!(feed.append(&gone, 1, audio(1)).await, Err(FeedError::Deleted)));
    assert!(matches!(feed.append(&gone, 2, audio(2)).await, Err(FeedError::Deleted)));
    feed.delete(&gone).await.unwrap();
    assert_eq!(read_all(feed, &other).await, vec![(1, audio(1))]);
    let never = key("ada", "never was");
    feed.delete(&never).await.unwrap();
    assert!(matches!(feed.append(&never, 1, audio(1)).await, Err(FeedError::Deleted)));
}

pub(crate) async fn sessions_do_not_see_each_other(feed: &dyn Feed) {
    let keys = [key("ada", "s"), key("ada", "S"), key("bob", "s"), key("ad", "as")];
    for (at, key) in keys.iter().enumerate() {
        feed.append(key, 1, audio(at as u64 + 10)).await.unwrap();
    }
    for (at, key) in keys.iter().enumerate() {
        assert_eq!(read_all(feed, key).await, vec![(1, audio(at as u64 + 10))]);
    }
}

pub(crate) async fn many_writers_at_once_lose_nothing(feed: &dyn Feed) {
    let key = key("ada", "crowd");
    let writers = (0..8_u64).map(|writer| {
        let key = &key;
        async move {
            for at in 0..50 {
                // Every number comes from two writers.
                let seq = (at * 8 + writer) / 2 + 1;
                feed.append(key, seq, audio(seq)).await.unwrap();
                tokio::task::yield_now().await;
            }
        }
    });
    futures::future::join_all(writers).await;
    let expected: Vec<_> = (1..=200).map(|seq| (seq, audio(seq))).collect();
    assert_eq!(read_all(feed, &key).await, expected);
}
