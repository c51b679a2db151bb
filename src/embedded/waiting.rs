//! Work that waits in a store, done as tasks of this process: a few at once, the longest waiting first.
//!
//! The queue is the store itself: what waits there is found again, so that nothing is lost with the process. What the work is, is not decided
//! here.

use async_trait::async_trait;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::collections::HashSet;
use std::hash::Hash;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// What waits in a store.
#[async_trait]
pub trait Waiting: Send + Sync + 'static {
    type Job: Send + 'static;
    type Key: Clone + Eq + Hash + Send + Sync + 'static;

    fn key(job: &Self::Job) -> Self::Key;

    /// What waits, longest first; empty where it could not be found out for now.
    async fn look(&self, at_most: usize) -> Vec<Self::Job>;
}

/// Does one job; whether it is to be left alone for a while.
pub type Work<J> = Arc<dyn Fn(J) -> BoxFuture<'static, Worked> + Send + Sync>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worked {
    Done,
    /// It could not be done for now.
    Later,
}

/// How it is gone about.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    pub at_once: usize,
    /// How often it is looked for what nobody told of.
    pub look_ms: u64,
    /// How long a job that could not be done rests.
    pub retry_ms: u64,
}

/// Works until it is dropped or stopped.
pub struct WaitingTasks<W: Waiting> {
    inner: Arc<Inner<W>>,
    /// The last to be dropped stops it.
    held: Arc<DropGuard>,
}

struct Inner<W: Waiting> {
    waiting: W,
    work: Work<W::Job>,
    pace: Pace,
    asked: Notify,
    /// Jobs that are worked on, or rest.
    busy: Mutex<HashSet<W::Key>>,
    places: Arc<Semaphore>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl<W: Waiting> Clone for WaitingTasks<W> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), held: Arc::clone(&self.held) }
    }
}

impl<W: Waiting> std::fmt::Debug for WaitingTasks<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WaitingTasks").field("busy", &self.inner.busy().len()).finish_non_exhaustive()
    }
}

impl<W: Waiting> WaitingTasks<W> {
    pub fn start(waiting: W, work: Work<W::Job>, pace: Pace) -> Self {
        let inner = Arc::new(Inner {
            waiting,
            work,
            pace,
            asked: Notify::new(),
            busy: Mutex::default(),
            places: Arc::new(Semaphore::new(pace.at_once)),
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
        Self { inner, held }
    }

    /// There is something to be found.
    pub fn ask(&self) {
        self.inner.asked.notify_one();
    }

    /// Stops in the middle of whatever is done; the next start takes it up again.
    pub async fn stop(&self) {
        self.inner.stop.cancel();
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
    }
}

impl<W: Waiting> Inner<W> {
    fn busy(&self) -> MutexGuard<'_, HashSet<W::Key>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first job that waits and that nobody works on.
    async fn next(&self) -> Option<W::Job> {
        let at_most = self.busy().len() + self.pace.at_once;
        let jobs = self.waiting.look(at_most).await;
        let busy = self.busy();
        jobs.into_iter().find(|job| !busy.contains(&W::key(job)))
    }
}

async fn look<W: Waiting>(inner: &Arc<Inner<W>>) {
    loop {
        let Ok(place) = Arc::clone(&inner.places).acquire_owned().await else { return };
        let Some(job) = inner.next().await else {
            drop(place);
            // Nobody asked: what another process left, or what rested, is found all the same.
            let pause = Duration::from_millis(inner.pace.look_ms);
            if tokio::time::timeout(pause, inner.asked.notified()).await.is_err() {
                tracing::debug!("looking for work that nobody told of");
            }
            continue;
        };
        let key = W::key(&job);
        inner.busy().insert(key.clone());
        let inner = Arc::clone(inner);
        inner.tasks.clone().spawn(async move {
            let worked = tokio::select! {
                () = inner.stop.cancelled() => return,
                worked = AssertUnwindSafe((inner.work)(job)).catch_unwind() => worked,
            };
            drop(place);
            if !matches!(worked, Ok(Worked::Done)) {
                tokio::select! {
                    () = inner.stop.cancelled() => return,
                    () = tokio::time::sleep(Duration::from_millis(inner.pace.retry_ms)) => {}
                }
            }
            inner.busy().remove(&key);
            inner.asked.notify_one();
        });
    }
}
