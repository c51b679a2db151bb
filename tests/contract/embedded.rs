//! The suites against SQLite and files, and what only a store on this machine's disk must survive.

mod data_folder;
mod full;
mod inbox;
mod kill;
mod recognizer;
mod restart;
pub(crate) mod vectors;

use crate::attempts::Desk;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;
use viva::embedded::objects::FileObjects;
use viva::embedded::sqlite::Store;
use viva::gateway::Sockets;
use viva::ports::clock::{Clock, UnixMs};

/// A clock that stands until a test moves it.
#[derive(Debug)]
pub(crate) struct TestClock(AtomicU64);

impl TestClock {
    pub(crate) fn at(ms: u64) -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(ms)))
    }

    pub(crate) fn advance_ms(&self, ms: u64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> UnixMs {
        UnixMs(self.0.load(Ordering::SeqCst))
    }
}

pub(crate) fn open(folder: &Path) -> Arc<Store> {
    Store::open(folder, TestClock::at(2_000_000)).unwrap()
}

struct Made<P> {
    port: P,
    _folder: TempDir,
}

impl<P: std::ops::Deref> Made<P> {
    fn port(&self) -> &P::Target {
        &self.port
    }
}

async fn store() -> Made<Arc<Store>> {
    let folder = tempfile::tempdir().unwrap();
    Made { port: open(folder.path()), _folder: folder }
}

async fn sockets() -> Made<Arc<Sockets>> {
    Made { port: Sockets::new(), _folder: tempfile::tempdir().unwrap() }
}

async fn file_objects() -> Made<Box<FileObjects>> {
    let folder = tempfile::tempdir().unwrap();
    let objects = FileObjects::open(folder.path(), TestClock::at(2_000_000)).unwrap();
    Made { port: Box::new(objects), _folder: folder }
}

async fn desk() -> Made<Box<Desk>> {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let desk = Desk { quizzes: store.clone(), attempts: store.clone(), evidence: store };
    Made { port: Box::new(desk), _folder: folder }
}

mod feed {
    feed_contract!(super::store);
    feed_bounds_contract!(super::store);
}

mod register {
    register_contract!(super::sockets);
}

mod journal {
    journal_contract!(super::store);
}

mod reports {
    reports_contract!(super::store);
}

mod conversations {
    conversations_contract!(super::store);
    chat_quota_contract!(super::store);
}

mod budgets {
    budgets_contract!(super::store);
}

mod objects {
    objects_contract!(super::file_objects);
}

mod object_parts {
    object_parts_contract!(super::file_objects);
}

mod documents {
    documents_contract!(super::store);
}

mod uploads {
    uploads_contract!(super::store);

    #[tokio::test]
    async fn what_is_stored_counts_against_the_quota() {
        let made = super::store().await;
        crate::uploads::what_is_stored_counts_against_the_quota(made.port(), made.port()).await;
    }

    #[tokio::test]
    async fn a_replacement_counts_for_whoever_replaces() {
        let made = super::store().await;
        crate::uploads::a_replacement_counts_for_whoever_replaces(made.port(), made.port()).await;
    }
}

mod passages {
    passages_contract!(super::store);
}

mod upload_door {
    upload_door_contract!(super::file_objects);
}

mod quizzes {
    quizzes_contract!(super::store);
}

mod attempts {
    attempts_contract!(super::desk);
}

mod evidence {
    evidence_contract!(super::store);
}
