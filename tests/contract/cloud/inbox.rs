//! Inboxes in DynamoDB as several processes use them: one adapter stores, another reads, a third goes on from there. And what a reader makes
//! of answers that are behind what was written.

use super::dynamo::{clock, fresh};
use super::ministack::{Ministack, aws_at, unique};
use super::stale_proxy::StaleProxy;
use super::tables::make_table;
use crate::fixtures::{audio, control, key};
use bytes::Bytes;
use std::time::Duration;
use viva::cloud::aws::Aws;
use viva::cloud::dynamo::DynamoFeed;
use viva::ports::feed::{Entry, Feed as _, FeedError, FeedHead, FeedPage, SeqRange};
use viva::ports::ids::SessionKey;

const NOW: Duration = Duration::ZERO;
/// Far longer than any wake takes; a missed one fails the test by its own deadline.
const LONG: Duration = Duration::from_secs(60);
/// Long enough for several looks.
const SOME_LOOKS: Duration = Duration::from_millis(1_500);

fn feed(aws: &Aws, table: &str) -> DynamoFeed {
    DynamoFeed::new(aws, table, clock())
}

fn range(from_seq: u64, through_seq: u64) -> SeqRange {
    SeqRange { from_seq, through_seq }
}

fn lost(seqs: std::ops::RangeInclusive<u64>) -> Vec<(u64, Entry)> {
    seqs.map(|seq| (seq, Entry::Refused { code: "input_lost".into() })).collect()
}

async fn read(feed: &DynamoFeed, key: &SessionKey, after: u64, limit: usize, wait: Duration) -> FeedPage {
    let patience = Duration::from_secs(30) + wait.min(SOME_LOOKS);
    tokio::time::timeout(patience, feed.read_after(key, after, limit, wait)).await.expect("it wakes").unwrap()
}

#[tokio::test]
async fn whoever_begins_in_the_middle_of_a_long_loss_goes_on_to_its_end() {
    let (aws, table) = fresh("inbox").await;
    let key = key("ada", "s1");
    let first = feed(&aws, &table);
    first.append(&key, 1, audio(1)).await.unwrap();
    first.append(&key, 5_001, audio(5_001)).await.unwrap();
    first.fill_lost(&key, range(2, 5_000)).await.unwrap();
    let whole = FeedHead { through_seq: 5_001, head_seq: 5_001, missing: vec![], media_ms: 500_100 };
    assert_eq!(read(&first, &key, 0, 40, NOW).await.entries.len(), 40);

    // What came in between after all is of no account.
    feed(&aws, &table).append(&key, 3_000, audio(3_000)).await.unwrap();
    for after in [40, 2_500, 2_999, 4_990] {
        let page = read(&feed(&aws, &table), &key, after, 10, NOW).await;
        assert_eq!(page.entries, lost(after + 1..=after + 10), "after {after}");
        assert_eq!(page.head, whole, "after {after}");
    }
    assert_eq!(feed(&aws, &table).head(&key).await.unwrap(), whole);
    let last = read(&feed(&aws, &table), &key, 5_000, 10, NOW).await;
    assert_eq!(last.entries, vec![(5_001, audio(5_001))]);
}

#[tokio::test]
async fn entries_too_wide_to_be_kept_at_once_are_read_by_whoever_begins_behind_them() {
    let (aws, table) = fresh("inbox").await;
    let key = key("ada", "wide");
    let wide = |seq: u64| Entry::Audio { media_ms: seq * 100, data: Bytes::from(vec![seq as u8; 20_000]) };
    let writer = feed(&aws, &table);
    for seq in 1..=100 {
        writer.append(&key, seq, wide(seq)).await.unwrap();
    }
    let page = read(&feed(&aws, &table), &key, 95, 64, NOW).await;
    let expected: Vec<_> = (96..=100).map(|seq| (seq, wide(seq))).collect();
    assert_eq!(page.entries, expected);
}

#[tokio::test]
async fn an_inbox_of_many_pages_is_read_whole_and_its_deletion_seen_on_the_way() {
    let (aws, table) = fresh("inbox").await;
    let key = key("ada", "pages");
    let wide = |seq: u64| Entry::Audio { media_ms: seq * 100, data: Bytes::from(vec![seq as u8; 20_000]) };
    let (reader, writer) = (feed(&aws, &table), feed(&aws, &table));
    for seq in 1..=160 {
        writer.append(&key, seq, wide(seq)).await.unwrap();
    }
    writer.nudge(&key).await.unwrap();
    let (mut entries, mut nudges) = (Vec::new(), 0);
    loop {
        let page = read(&reader, &key, entries.len() as u64, 256, NOW).await;
        nudges += u64::from(page.nudged);
        if page.entries.is_empty() {
            break;
        }
        entries.extend(page.entries);
        if nudges == 0 {
            // Far from the end of what is there.
            assert!(entries.len() < 160);
            writer.nudge(&key).await.unwrap();
        }
    }
    assert_eq!(entries, (1..=160).map(|seq| (seq, wide(seq))).collect::<Vec<_>>());
    assert_eq!(nudges, 1);
    assert_eq!(read(&feed(&aws, &table), &key, 155, 9, NOW).await.entries, entries[155..160]);
    let again = feed(&aws, &table);
    assert!(read(&again, &key, 0, 10, NOW).await.head.through_seq < 160);
    writer.delete(&key).await.unwrap();
    assert!(matches!(again.read_after(&key, 100, 10, NOW).await, Err(FeedError::Deleted)));
}

#[tokio::test]
async fn numbers_that_were_made_up_hide_nothing() {
    let (aws, table) = fresh("inbox").await;
    let key = key("ada", "made up");
    let (reader, writer) = (feed(&aws, &table), feed(&aws, &table));
    writer.append(&key, 1, audio(1)).await.unwrap();
    for beyond in 0..120 {
        let entry = Entry::Audio { media_ms: 9_000_000, data: Bytes::from(vec![0; 20_000]) };
        writer.append(&key, 1_000_000 + beyond, entry).await.unwrap();
    }
    let whole = FeedHead { through_seq: 1, head_seq: 1, missing: vec![], media_ms: 100 };
    assert_eq!(writer.head(&key).await.unwrap(), whole);
    let page = read(&reader, &key, 0, 10, NOW).await;
    assert_eq!(page, FeedPage { entries: vec![(1, audio(1))], head: whole, nudged: false });
    writer.nudge(&key).await.unwrap();
    assert!(read(&reader, &key, 1, 10, LONG).await.nudged);
}

#[tokio::test]
async fn a_reader_finds_what_another_process_stores_and_that_it_nudged() {
    let (aws, table) = fresh("inbox").await;
    let key = key("ada", "two processes");
    let (reader, writer) = (feed(&aws, &table), feed(&aws, &table));
    assert_eq!(read(&reader, &key, 0, 10, NOW).await, FeedPage::default());
    let (page, stored) = tokio::join!(read(&reader, &key, 0, 10, LONG), writer.append(&key, 1, control("{}")));
    stored.unwrap();
    assert_eq!(page.entries, vec![(1, control("{}"))]);
    let (page, nudged) = tokio::join!(read(&reader, &key, 1, 10, LONG), writer.nudge(&key));
    nudged.unwrap();
    assert_eq!((page.nudged, page.entries.len()), (true, 0));
    // Between two reads, too.
    writer.nudge(&key).await.unwrap();
    assert!(read(&reader, &key, 1, 10, NOW).await.nudged);
    assert!(!read(&reader, &key, 1, 10, NOW).await.nudged);
    let (page, stored) = tokio::join!(read(&reader, &key, 1, 10, LONG), writer.append(&key, 3, audio(3)));
    stored.unwrap();
    assert_eq!(page.head.missing, vec![range(2, 2)]);
    let (gone, deleted) = tokio::join!(reader.read_after(&key, 1, 10, LONG), writer.delete(&key));
    deleted.unwrap();
    assert!(matches!(gone, Err(FeedError::Deleted)), "{gone:?}");
}

#[tokio::test]
async fn a_nudge_after_the_head_was_asked_for_reaches_the_first_read() {
    let (aws, table) = fresh("inbox").await;
    let key = key("ada", "opening");
    let (reader, writer) = (feed(&aws, &table), feed(&aws, &table));
    writer.nudge(&key).await.unwrap();
    reader.head(&key).await.unwrap();
    assert!(!read(&reader, &key, 0, 10, NOW).await.nudged);
    writer.nudge(&key).await.unwrap();
    assert!(read(&reader, &key, 0, 10, NOW).await.nudged);
}

#[tokio::test]
async fn a_read_that_was_given_up_takes_no_nudge_with_it() {
    let (aws, table) = fresh("inbox").await;
    let key = key("ada", "given up");
    let (reader, writer) = (feed(&aws, &table), feed(&aws, &table));
    read(&reader, &key, 0, 10, NOW).await;
    for _ in 0..20 {
        writer.nudge(&key).await.unwrap();
        let mut told = false;
        for give_up_ms in [1, 2, 3, 5, 8] {
            let patience = Duration::from_millis(give_up_ms);
            let page = tokio::time::timeout(patience, reader.read_after(&key, 0, 10, LONG)).await;
            told |= page.is_ok_and(|page| page.unwrap().nudged);
        }
        assert!(told || read(&reader, &key, 0, 10, NOW).await.nudged);
    }
}

/// Two tables, of which the second is what inconsistent queries of the first are answered from.
async fn behind(name: &str) -> (StaleProxy, Aws, String, String) {
    let emulator = Ministack::shared();
    let (now, before) = (unique(&format!("{name}-now")), unique(&format!("{name}-old")));
    // Of one length, so that one name can stand in a request for the other.
    let before = format!("{before:-<width$}", width = now.len());
    let now = format!("{now:-<width$}", width = before.len());
    for table in [&now, &before] {
        make_table(&emulator.aws(), table).await;
    }
    let proxy = StaleProxy::before(emulator.port(), &now, &before).await;
    let aws = aws_at(&proxy.url);
    (proxy, aws, now, before)
}

#[tokio::test]
async fn a_hole_that_only_an_inconsistent_look_shows_is_not_told() {
    let (proxy, aws, now, before) = behind("holes").await;
    let key = key("ada", "s1");
    let direct = Ministack::shared().aws();
    let (writer, old) = (feed(&direct, &now), feed(&direct, &before));
    let reader = feed(&aws, &now);
    for seq in [1, 2, 3] {
        writer.append(&key, seq, audio(seq)).await.unwrap();
        old.append(&key, seq, audio(seq)).await.unwrap();
    }
    assert_eq!(read(&reader, &key, 0, 10, LONG).await.entries.len(), 3);
    for seq in [4, 5, 6] {
        writer.append(&key, seq, audio(seq)).await.unwrap();
    }
    old.append(&key, 6, audio(6)).await.unwrap();
    let page = read(&reader, &key, 3, 10, LONG).await;
    assert_eq!(page.entries, vec![(4, audio(4)), (5, audio(5)), (6, audio(6))]);
    assert_eq!(page.head, FeedHead { through_seq: 6, head_seq: 6, missing: vec![], media_ms: 600 });
    assert!(proxy.answered() > 0, "no look was inconsistent");
}

#[tokio::test]
async fn answers_that_are_behind_neither_repeat_a_nudge_nor_take_back_what_was_told() {
    let (proxy, aws, now, before) = behind("nudges").await;
    let key = key("ada", "s1");
    let direct = Ministack::shared().aws();
    let (writer, old) = (feed(&direct, &now), feed(&direct, &before));
    let reader = feed(&aws, &now);
    for seq in [1, 2, 5] {
        writer.append(&key, seq, audio(seq)).await.unwrap();
    }
    old.append(&key, 1, audio(1)).await.unwrap();
    old.nudge(&key).await.unwrap();
    assert_eq!(read(&reader, &key, 0, 10, LONG).await.entries.len(), 2);
    for _ in 0..3 {
        writer.nudge(&key).await.unwrap();
    }
    assert!(read(&reader, &key, 2, 10, NOW).await.nudged);
    // The mark of one nudge, and no number 5 any more: nothing of that is news, and the hole stands as it was told.
    let page = read(&reader, &key, 2, 10, SOME_LOOKS).await;
    let head = FeedHead { through_seq: 2, head_seq: 5, missing: vec![range(3, 4)], media_ms: 200 };
    assert_eq!(page, FeedPage { entries: vec![], head, nudged: false });
    assert!(proxy.answered() > 0, "no look was inconsistent");
}
