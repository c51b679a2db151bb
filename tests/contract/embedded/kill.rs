//! A process that is killed with SIGKILL at any moment loses nothing that it acknowledged.

use super::open;
use crate::fixtures::{audio, key, record};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;
use viva::embedded::sqlite::Store;
use viva::ports::clock::UnixMs;
use viva::ports::feed::{Appended, Feed};
use viva::ports::journal::{Created, Journal, SessionKind, Snapshot};

const FOLDER: &str = "VIVA_CONTRACT_FOLDER";
const SESSIONS: u64 = 4;

/// Another process on the same data folder, which tells on its standard output what is acknowledged.
pub(super) struct Writing {
    pub(super) process: Child,
    pub(super) lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Writing {
    pub(super) fn start(folder: &Path) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "embedded::kill::what_the_other_process_does", "--nocapture"])
            .env(FOLDER, folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, lines }
    }

    pub(super) fn kill(mut self) -> Vec<String> {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.lines.map_while(Result::ok).collect()
    }
}

/// Not a test by itself: it writes until it is killed when another test has started it.
#[test]
#[expect(clippy::disallowed_methods, reason = "how the test tells its other process what to do")]
fn what_the_other_process_does() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let store = open(Path::new(&folder));
        let writers = (0..SESSIONS).map(|session| tokio::spawn(write(std::sync::Arc::clone(&store), session)));
        futures::future::join_all(writers).await;
    });
}

async fn write(store: std::sync::Arc<Store>, session: u64) {
    let key = key("ada", &format!("s{session}"));
    let created = store.create(&key, SessionKind::Interview, UnixMs(5)).await.unwrap();
    let mut head = match created {
        Created::New(_) => 0,
        Created::Existing(_) => store.head_seq(&key).await.unwrap(),
    };
    let mut seq = Feed::head(&*store, &key).await.unwrap().through_seq;
    loop {
        for _ in 0..5 {
            seq += 1;
            assert_eq!(Feed::append(&*store, &key, seq, audio(seq)).await.unwrap(), Appended::New);
            tell(&format!("inbox {session} {seq}\n"));
        }
        let count = head % 3 + 1;
        Journal::append(&*store, &key, record(head + 1, count, "w")).await.unwrap();
        head += count;
        tell(&format!("log {session} {head}\n"));
        let snapshot = Snapshot { schema: 1, outbox_seq: head, cursor: Default::default(), state: "{}".into() };
        store.save_snapshot(&key, snapshot).await.unwrap();
        tell(&format!("snapshot {session} {head}\n"));
    }
}

/// In one write, so that a line is told whole or not at all.
fn tell(line: &str) {
    std::io::stdout().write_all(line.as_bytes()).unwrap();
}

#[tokio::test]
async fn what_was_acknowledged_before_a_kill_is_there_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut told: HashMap<(String, u64), u64> = HashMap::new();
    for round in 0..8 {
        let mut writing = Writing::start(folder.path());
        let count = RandomState::new().hash_one(round) % 1_500 + 1;
        let mut lines: Vec<String> = writing.lines.by_ref().take(count as usize).map(Result::unwrap).collect();
        lines.extend(writing.kill());
        for line in &lines {
            let words: Vec<&str> = line.split(' ').collect();
            if let [what @ ("inbox" | "log" | "snapshot"), session, seq] = words[..] {
                told.insert((what.to_owned(), session.parse().unwrap()), seq.parse().unwrap());
            }
        }
        let store = open(folder.path());
        for ((what, session), seq) in &told {
            check(&store, what, *session, *seq).await;
        }
    }
    assert_eq!(told.len(), SESSIONS as usize * 3, "every session got to everything: {told:?}");
}

async fn check(store: &Store, what: &str, session: u64, acknowledged: u64) {
    let key = key("ada", &format!("s{session}"));
    match what {
        "inbox" => {
            let head = Feed::head(store, &key).await.unwrap();
            assert!(
                head.through_seq >= acknowledged && head.missing.is_empty(),
                "{head:?}, acknowledged {acknowledged}"
            );
            let mut next = 1;
            while next <= head.through_seq {
                let page = store.read_after(&key, next - 1, 500, Duration::ZERO).await.unwrap();
                for (seq, entry) in page.entries {
                    assert_eq!((seq, entry), (next, audio(next)));
                    next += 1;
                }
            }
        }
        "log" => {
            let records = store.records_after(&key, 0, usize::MAX).await.unwrap();
            let mut next = 1;
            for found in records {
                assert_eq!(found, record(next, found.last_seq - next + 1, "w"));
                next = found.last_seq + 1;
            }
            assert!(next > acknowledged, "the log ends before {next}, acknowledged {acknowledged}");
            assert_eq!(store.head_seq(&key).await.unwrap(), next - 1);
        }
        _ => {
            let snapshot = store.snapshot(&key).await.unwrap().unwrap();
            assert!(snapshot.outbox_seq >= acknowledged);
        }
    }
}
