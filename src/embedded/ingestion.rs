//! Ingestion as tasks of this process: a few at once, the longest waiting first.
//!
//! The queue is the store itself: whatever is not settled there is waiting, so that nothing is lost with the process, and what was in
//! progress is taken up again at the start. What the work is, is not decided here.

use crate::config::limits::{INGEST_LOOK_MS, INGEST_RETRY_MS, INGESTIONS_AT_ONCE};
use crate::ports::documents::{Document, DocumentKey, Documents};
use crate::ports::ingestion::Ingestion;
use async_trait::async_trait;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// Works on one document; whether it is to be left alone for a while.
pub type Work = Arc<dyn Fn(Document) -> BoxFuture<'static, Worked> + Send + Sync>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worked {
    Done,
    /// It could not be done for now.
    Later,
}

/// Runs ingestion until it is dropped or stopped.
#[derive(Clone)]
pub struct IngestionTasks {
    inner: Arc<Inner>,
    /// The last to be dropped stops it.
    _held: Arc<DropGuard>,
}

struct Inner {
    documents: Arc<dyn Documents>,
    work: Work,
    asked: Notify,
    /// Documents that are worked on, or rest.
    busy: Mutex<HashSet<DocumentKey>>,
    places: Arc<Semaphore>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl std::fmt::Debug for IngestionTasks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IngestionTasks").field("busy", &self.inner.busy().len()).finish_non_exhaustive()
    }
}

impl IngestionTasks {
    pub fn start(documents: Arc<dyn Documents>, work: Work) -> Self {
        let inner = Arc::new(Inner {
            documents,
            work,
            asked: Notify::new(),
            busy: Mutex::default(),
            places: Arc::new(Semaphore::new(INGESTIONS_AT_ONCE)),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        });
        let looking = Arc::clone(&inner);
        inner.tasks.spawn(async move {
            tokio::select! {
                () = looking.stop.cancelled() => {}
                () = look(&looking) => {}
            }
        });
        let held = Arc::new(inner.stop.clone().drop_guard());
        Self { inner, _held: held }
    }

    /// Stops in the middle of whatever is done; the next start takes it up again.
    pub async fn stop(&self) {
        self.inner.stop.cancel();
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
    }
}

#[async_trait]
impl Ingestion for IngestionTasks {
    async fn start(&self, _: &DocumentKey) {
        self.inner.asked.notify_one();
    }
}

impl Inner {
    fn busy(&self) -> MutexGuard<'_, HashSet<DocumentKey>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Documents that wait and that nobody works on.
    async fn waiting(&self) -> Vec<Document> {
        let at_most = self.busy().len() + INGESTIONS_AT_ONCE;
        match self.documents.unfinished(at_most).await {
            Ok(documents) => {
                let busy = self.busy();
                documents.into_iter().filter(|document| !busy.contains(&document.key)).collect()
            }
            Err(error) => {
                tracing::error!(%error, "documents that wait could not be found");
                Vec::new()
            }
        }
    }
}

async fn look(inner: &Arc<Inner>) {
    loop {
        let Ok(place) = Arc::clone(&inner.places).acquire_owned().await else { return };
        let Some(document) = inner.waiting().await.into_iter().next() else {
            drop(place);
            // Nobody asked: what another process left, or what rested, is found all the same.
            let asked = tokio::time::timeout(Duration::from_millis(INGEST_LOOK_MS), inner.asked.notified()).await;
            if asked.is_err() {
                tracing::debug!("looking for documents that nobody told of");
            }
            continue;
        };
        inner.busy().insert(document.key.clone());
        let inner = Arc::clone(inner);
        inner.tasks.clone().spawn(async move {
            let key = document.key.clone();
            let worked = tokio::select! {
                () = inner.stop.cancelled() => return,
                worked = AssertUnwindSafe((inner.work)(document)).catch_unwind() => worked,
            };
            drop(place);
            if !matches!(worked, Ok(Worked::Done)) {
                tokio::select! {
                    () = inner.stop.cancelled() => return,
                    () = tokio::time::sleep(Duration::from_millis(INGEST_RETRY_MS)) => {}
                }
            }
            inner.busy().remove(&key);
            inner.asked.notify_one();
        });
    }
}
