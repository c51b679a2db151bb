//! Inbox files after a torn write or damage, with few open files, and with a session that nobody used for long.

use crate::fixtures::{audio, control, key};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use viva::config::limits::INBOX_AHEAD_SEQS_MAX;
use viva::embedded::inbox::{InboxLimits, Inboxes, SizeLimits};
use viva::ports::feed::{Appended, Entry, FeedError, SeqRange};
use viva::ports::ids::{SessionId, SessionKey, TenantId, UserId};

const NOW: Duration = Duration::ZERO;

fn open(folder: &Path) -> Inboxes {
    Inboxes::open(folder, InboxLimits::default()).unwrap()
}

/// The only inbox file below `folder`.
fn the_file(folder: &Path) -> PathBuf {
    let shard = fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    fs::read_dir(shard).unwrap().next().unwrap().unwrap().path()
}

/// The file of a session with `count` entries, and its length after each.
async fn written(folder: &Path, key: &SessionKey, count: u64) -> (PathBuf, Vec<u64>) {
    let inboxes = open(folder);
    let mut lengths = Vec::new();
    for seq in 1..=count {
        inboxes.append(key, seq, audio(seq)).await.unwrap();
        lengths.push(fs::metadata(the_file(folder)).unwrap().len());
    }
    (the_file(folder), lengths)
}

async fn assert_holds_and_goes_on(folder: &Path, key: &SessionKey, count: u64) {
    let inboxes = open(folder);
    let page = inboxes.read_after(key, 0, 100, NOW).await.unwrap();
    assert_eq!(page.entries, (1..=count).map(|seq| (seq, audio(seq))).collect::<Vec<_>>());
    assert_eq!((page.head.head_seq, page.head.missing), (count, vec![]));
    assert_eq!(inboxes.append(key, count + 1, audio(count + 1)).await.unwrap(), Appended::New);
    let page = open(folder).read_after(key, count, 100, NOW).await.unwrap();
    assert_eq!(page.entries, vec![(count + 1, audio(count + 1))]);
}

#[tokio::test]
async fn a_record_torn_at_any_byte_is_cut_and_the_rest_stays() {
    let folder = tempfile::tempdir().unwrap();
    let key = key("ada", "torn");
    let (file, lengths) = written(folder.path(), &key, 4).await;
    let whole = fs::read(&file).unwrap();
    for cut in lengths[2]..lengths[3] {
        fs::write(&file, &whole[..cut as usize]).unwrap();
        assert_holds_and_goes_on(folder.path(), &key, 3).await;
    }
}

#[tokio::test]
async fn a_first_write_torn_at_any_byte_leaves_an_empty_inbox() {
    let folder = tempfile::tempdir().unwrap();
    let key = key("ada", "torn");
    let (file, lengths) = written(folder.path(), &key, 1).await;
    let whole = fs::read(&file).unwrap();
    for cut in 0..lengths[0] {
        fs::write(&file, &whole[..cut as usize]).unwrap();
        assert_holds_and_goes_on(folder.path(), &key, 0).await;
    }
}

#[tokio::test]
async fn a_tail_of_anything_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let key = key("ada", "torn");
    let (file, _) = written(folder.path(), &key, 3).await;
    let whole = fs::read(&file).unwrap();
    for tail in [vec![0; 5_000], vec![0xFF; 5_000], b"vIn1".repeat(50_000), vec![0; 2_000_000]] {
        fs::write(&file, [&whole[..], &tail].concat()).unwrap();
        assert_holds_and_goes_on(folder.path(), &key, 3).await;
    }
}

#[tokio::test]
async fn damage_in_the_middle_costs_its_own_record_alone() {
    let folder = tempfile::tempdir().unwrap();
    let key = key("ada", "damaged");
    let (file, lengths) = written(folder.path(), &key, 5).await;
    let whole = fs::read(&file).unwrap();
    for at in lengths[1]..lengths[2] {
        let mut damaged = whole.clone();
        damaged[at as usize] ^= 0x10;
        fs::write(&file, &damaged).unwrap();
        let inboxes = open(folder.path());
        let head = inboxes.head(&key).await.unwrap();
        let missing = vec![SeqRange { from_seq: 3, through_seq: 3 }];
        assert_eq!((head.through_seq, head.head_seq, head.missing), (2, 5, missing), "byte {at}");
        assert_eq!(inboxes.append(&key, 3, audio(3)).await.unwrap(), Appended::New);
        let page = open(folder.path()).read_after(&key, 0, 100, NOW).await.unwrap();
        assert_eq!(page.entries, (1..=5).map(|seq| (seq, audio(seq))).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_file_of_another_session_is_not_read_as_ones_own() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs) = (key("ada", "ours"), key("bob", "them"));
    let (file, _) = written(folder.path(), &ours, 2).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let (other, _) = written(elsewhere.path(), &theirs, 2).await;
    fs::copy(&other, &file).unwrap();
    let refused = open(folder.path()).head(&ours).await.unwrap_err();
    assert!(refused.to_string().contains("not this session's inbox"), "{refused}");
}

#[tokio::test]
async fn more_sessions_than_files_may_be_open_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let limits = InboxLimits { files_open_max: 4, indices_max: 4, ..InboxLimits::default() };
    let inboxes = Inboxes::open(folder.path(), limits).unwrap();
    let keys: Vec<_> = (0..40).map(|number| key("ada", &format!("s{number}"))).collect();
    for seq in 1..=10 {
        for key in &keys {
            inboxes.append(key, seq, audio(seq)).await.unwrap();
        }
    }
    let open = fs::read_dir("/proc/self/fd").unwrap();
    let open = open.filter_map(|fd| fs::read_link(fd.unwrap().path()).ok());
    let open = open.filter(|path| path.starts_with(folder.path())).count();
    assert!(open <= 5, "{open} files are open");
    inboxes.sync().unwrap();
    assert_eq!(inboxes.in_memory(), 40, "what was just used stays");
    for _ in 0..3 {
        inboxes.sync().unwrap();
    }
    assert_eq!(inboxes.in_memory(), 0, "beyond the limit, what is not used goes");
    for key in &keys {
        let page = inboxes.read_after(key, 0, 100, NOW).await.unwrap();
        assert_eq!(page.entries, (1..=10).map(|seq| (seq, audio(seq))).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_waiting_reader_keeps_its_inbox_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let inboxes =
        Inboxes::open(folder.path(), InboxLimits { files_open_max: 1, indices_max: 0, ..InboxLimits::default() })
            .unwrap();
    let key = key("ada", "waits");
    let reading = inboxes.read_after(&key, 0, 10, Duration::from_secs(60));
    let writing = async {
        // The reader runs first in a join, up to its wait or to the reading of the file.
        for _ in 0..100 {
            inboxes.sync().unwrap();
            tokio::task::yield_now().await;
        }
        inboxes.append(&key, 1, audio(1)).await.unwrap();
    };
    let both = async { tokio::join!(reading, writing).0 };
    let page = tokio::time::timeout(Duration::from_secs(20), both).await.unwrap().unwrap();
    assert_eq!(page.entries, vec![(1, audio(1))]);
}

#[tokio::test]
async fn a_nudge_between_two_reads_is_told_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let inboxes = open(folder.path());
    let key = key("ada", "nudged");
    inboxes.nudge(&key);
    let page = inboxes.read_after(&key, 0, 10, Duration::from_secs(60)).await.unwrap();
    assert!(page.nudged);
    inboxes.append(&key, 1, control("{}")).await.unwrap();
    inboxes.nudge(&key);
    let page = inboxes.read_after(&key, 0, 10, NOW).await.unwrap();
    assert_eq!((page.entries.len(), page.nudged), (1, true));
}

#[tokio::test]
async fn a_hole_of_any_width_is_filled_by_one_record() {
    let folder = tempfile::tempdir().unwrap();
    let inboxes = open(folder.path());
    let key = key("ada", "wide");
    let last = INBOX_AHEAD_SEQS_MAX;
    inboxes.append(&key, last, audio(1)).await.unwrap();
    inboxes.fill_lost(&key, SeqRange { from_seq: 1, through_seq: last - 1 }).await.unwrap();
    let head = open(folder.path()).head(&key).await.unwrap();
    assert_eq!((head.through_seq, head.missing), (last, vec![]));
    assert_eq!(inboxes.read_after(&key, last / 2, 10, NOW).await.unwrap().entries.len(), 10);
    assert_eq!(inboxes.read_after(&key, last - 1, 10, NOW).await.unwrap().entries, vec![(last, audio(1))]);
    assert!(inboxes.append(&key, u64::MAX, audio(1)).await.is_err());
    assert!(inboxes.append(&key, 0, audio(1)).await.is_err());
}

#[tokio::test]
async fn keys_that_read_the_same_when_joined_are_two() {
    let folder = tempfile::tempdir().unwrap();
    let inboxes = open(folder.path());
    let of =
        |user: &str, session: &str| SessionKey::new(TenantId::new("t"), UserId::new(user), SessionId::new(session));
    let keys = [of("a#b", "c"), of("a", "b#c"), of("../../x", "y"), of("", "")];
    for (at, key) in keys.iter().enumerate() {
        inboxes.append(key, 1, audio(at as u64)).await.unwrap();
    }
    for (at, key) in keys.iter().enumerate() {
        assert_eq!(inboxes.read_after(key, 0, 1, NOW).await.unwrap().entries, vec![(1, audio(at as u64))]);
    }
}

#[tokio::test]
async fn an_inbox_has_a_size_that_holds_over_a_restart_and_its_line_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let key = key("ada", "large");
    let size = SizeLimits { bytes_max: 2_000, control_bytes_max: 400 };
    let open = || Inboxes::open(folder.path(), InboxLimits { size, ..InboxLimits::default() }).unwrap();
    let append = async |seq: u64, entry: Entry| open().append(&key, seq, entry).await;
    append(1, control(&"a".repeat(200))).await.unwrap();
    assert!(matches!(append(2, control(&"a".repeat(200))).await, Err(FeedError::Exceeded)));
    append(2, control("a")).await.unwrap();
    let mut seq = 3;
    while append(seq, audio(seq)).await.is_ok() {
        seq += 1;
    }
    assert!((12..20).contains(&seq), "{seq}");
    assert!(matches!(append(seq, audio(seq)).await, Err(FeedError::Exceeded)));
    assert!(matches!(append(seq, control("a")).await, Err(FeedError::Exceeded)));
    let refused = Entry::Refused { code: "budget_exceeded".into() };
    assert_eq!(append(seq, refused).await.unwrap(), Appended::New);
    assert_eq!(append(1, control(&"a".repeat(200))).await.unwrap(), Appended::Same);
    assert_eq!(open().head(&key).await.unwrap().through_seq, seq);
}
