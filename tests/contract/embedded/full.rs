//! A full disk: what does not fit is refused as `Full`, what was stored stays, and nothing is half there.

use super::TestClock;
use crate::fixtures::{key, record};
use bytes::Bytes;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use viva::embedded::inbox::{InboxLimits, Inboxes};
use viva::embedded::sqlite::{Store, StoreOptions};
use viva::ports::feed::{Appended, Entry, FeedError};
use viva::ports::journal::{AppendError, Journal, JournalError, SessionKind};

const FOLDER: &str = "VIVA_CONTRACT_FULL_FOLDER";

fn large(seq: u64) -> Entry {
    Entry::Audio { media_ms: seq, data: Bytes::from(vec![seq as u8; 7_001]) }
}

/// Not a test by itself: it runs in a process whose files may not grow beyond 100 blocks when another test has started it.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "how the test tells its other process what to do")]
async fn what_the_process_without_space_does() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let inboxes = Inboxes::open(Path::new(&folder), InboxLimits::default()).unwrap();
    let key = key("ada", "full");
    let mut stored = 0;
    loop {
        match inboxes.append(&key, stored + 1, large(stored + 1)).await {
            Ok(appended) => assert_eq!(appended, Appended::New),
            Err(FeedError::Full) => break,
            Err(other) => panic!("{other}"),
        }
        stored += 1;
        assert!(stored < 1_000, "the disk never filled up");
    }
    assert!(stored > 0);
    // Again the same: nothing was stored of it, and the line goes on where it was.
    assert!(matches!(inboxes.append(&key, stored + 1, large(stored + 1)).await, Err(FeedError::Full)));
    let head = inboxes.head(&key).await.unwrap();
    assert_eq!((head.through_seq, head.head_seq), (stored, stored));
    println!("stored {stored}");
}

#[tokio::test]
async fn an_inbox_on_a_full_disk_refuses_and_keeps_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    // A process whose files may not grow meets the same refusal as one on a full disk, and needs no rights.
    let run = Command::new("sh")
        .args(["-c", r#"trap "" XFSZ; ulimit -f 100; exec "$0" --exact "$1" --nocapture"#])
        .arg(std::env::current_exe().unwrap())
        .arg("embedded::full::what_the_process_without_space_does")
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{told}\n{}", String::from_utf8_lossy(&run.stderr));
    let stored: u64 = told.lines().find_map(|line| line.split("stored ").nth(1)).unwrap().trim().parse().unwrap();
    // With space again, everything is there and it goes on.
    let inboxes = Inboxes::open(folder.path(), InboxLimits::default()).unwrap();
    let key = key("ada", "full");
    let page = inboxes.read_after(&key, 0, 1_000, Duration::ZERO).await.unwrap();
    assert_eq!(page.entries, (1..=stored).map(|seq| (seq, large(seq))).collect::<Vec<_>>());
    assert_eq!(inboxes.append(&key, stored + 1, large(stored + 1)).await.unwrap(), Appended::New);
}

#[tokio::test]
async fn a_full_database_refuses_each_write_and_keeps_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let options = StoreOptions { database_bytes_max: Some(400_000), ..StoreOptions::default() };
    let store = Store::open_with(folder.path(), TestClock::at(5), options).unwrap();
    let keys: Vec<_> = (0..10).map(|number| key("ada", &format!("s{number}"))).collect();
    for key in &keys {
        store.create(key, SessionKind::Interview, viva::ports::clock::UnixMs(1)).await.unwrap();
    }
    let mut heads = vec![0; keys.len()];
    let mut refused = 0;
    for _ in 0..1_000 {
        let appends = keys.iter().zip(&heads).map(|(key, head)| {
            let mut record = record(head + 1, 1, "w");
            record.events = vec![format!(r#""{}""#, "x".repeat(2_000))];
            store.append(key, record)
        });
        for (at, appended) in futures::future::join_all(appends).await.into_iter().enumerate() {
            match appended {
                Ok(()) => heads[at] += 1,
                Err(AppendError::Journal(JournalError::Full)) => refused += 1,
                Err(other) => panic!("{other}"),
            }
        }
        if refused >= 20 {
            break;
        }
    }
    assert!(refused >= 20, "the database never filled up");
    for (key, head) in keys.iter().zip(&heads) {
        assert_eq!(store.head_seq(key).await.unwrap(), *head);
        assert_eq!(store.records_after(key, 0, usize::MAX).await.unwrap().len() as u64, *head);
    }
    // What is deleted makes room.
    for key in &keys[..5] {
        store.delete(key).await.unwrap();
    }
    store.append(&keys[9], record(heads[9] + 1, 1, "w")).await.unwrap();
}
