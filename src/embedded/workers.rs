//! Workers as tasks of this process: a bounded number, one for each session, started again when they break.
//!
//! What a worker does is the driver's business. A start while the session's worker is still running is remembered, because that worker may
//! be about to end.

use crate::chat;
use crate::config::limits::{LEASE_MS, WORKER_RESTARTS_MAX};
use crate::interview::driver::{self, Deps, Ended, RunError};
use crate::ports::clock::UnixMs;
use crate::ports::ids::SessionKey;
use crate::ports::journal::SessionKind;
use crate::ports::workers::{StartError, Workers};
use crate::session::OpenError;
use async_trait::async_trait;
use futures::FutureExt;
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Runs interviews as tasks.
#[derive(Clone, Debug)]
pub struct TaskWorkers {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    deps: Deps,
    /// Absent: conversations get no worker.
    chat: Option<chat::driver::Deps>,
    workers_max: usize,
    /// Sessions that have a worker, and whether another start was asked for meanwhile.
    running: Mutex<HashMap<SessionKey, bool>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl TaskWorkers {
    pub fn new(deps: Deps, workers_max: usize) -> Self {
        Self::of(deps, None, workers_max)
    }

    /// Conversations get workers, too.
    pub fn with_chat(deps: Deps, chat: chat::driver::Deps, workers_max: usize) -> Self {
        Self::of(deps, Some(chat), workers_max)
    }

    fn of(deps: Deps, chat: Option<chat::driver::Deps>, workers_max: usize) -> Self {
        let inner = Inner {
            deps,
            chat,
            workers_max,
            running: Mutex::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// How many sessions are live.
    pub fn live(&self) -> usize {
        self.inner.running().len()
    }

    /// Asks every worker to give its session back, and waits until they have, at most so long. Whether all of them have.
    pub async fn drain(&self, at_most: Duration) -> bool {
        self.inner.stop.cancel();
        self.inner.tasks.close();
        tokio::time::timeout(at_most, self.inner.tasks.wait()).await.is_ok()
    }
}

#[async_trait]
impl Workers for TaskWorkers {
    async fn start(&self, key: &SessionKey) -> Result<(), StartError> {
        if self.inner.stop.is_cancelled() {
            return Err(StartError::Failed("the process is being stopped".into()));
        }
        {
            let mut running = self.inner.running();
            if let Some(again) = running.get_mut(key) {
                *again = true;
                return Ok(());
            }
            if running.len() >= self.inner.workers_max {
                return Err(StartError::Full);
            }
            running.insert(key.clone(), false);
        }
        metrics::gauge!("viva_sessions_live").increment(1.0);
        let (inner, key) = (Arc::clone(&self.inner), key.clone());
        self.inner.tasks.spawn(async move { inner.attend(key).await });
        Ok(())
    }
}

impl Inner {
    fn running(&self) -> MutexGuard<'_, HashMap<SessionKey, bool>> {
        // Nothing panics while it is held, and a map of flags is whole at any time.
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Drives the session until it needs no worker any more.
    async fn attend(&self, key: SessionKey) {
        let mut broken = 0;
        loop {
            let ran = AssertUnwindSafe(self.run(&key)).catch_unwind().await;
            let wait_ms = match ran {
                Ok(Ran::Ended { again }) => {
                    if again {
                        self.ask_again(&key);
                    }
                    Some(0)
                }
                Ok(Ran::Stopped) => None,
                // Whoever holds it may be gone: one more look when its lease is over, if somebody asks.
                Ok(Ran::Held { lease_until }) => Some(lease_until.since_ms(self.deps.clock.now()).clamp(1, LEASE_MS)),
                Ok(Ran::Failed) => {
                    broken += 1;
                    Some(LEASE_MS)
                }
                Err(_) => {
                    tracing::error!("a worker panicked; its session is taken up again when its lease is over");
                    metrics::counter!("viva_worker_panics_total").increment(1);
                    broken += 1;
                    self.ask_again(&key);
                    Some(LEASE_MS)
                }
            };
            let Some(wait_ms) = wait_ms.filter(|_| broken <= WORKER_RESTARTS_MAX) else {
                self.forget(&key);
                return;
            };
            if wait_ms > 0 {
                tokio::select! {
                    () = tokio::time::sleep(Duration::from_millis(wait_ms)) => {}
                    () = self.stop.cancelled() => {}
                }
            }
            if self.stop.is_cancelled() || !self.wanted_again(&key) {
                self.forget(&key);
                return;
            }
        }
    }

    /// Drives a session of whatever kind once.
    async fn run(&self, key: &SessionKey) -> Ran {
        let kind = match self.deps.journal.row(key).await {
            Ok(row) => row.map(|row| row.kind),
            Err(error) => {
                tracing::error!(%error, "a session's row could not be read");
                return Ran::Failed;
            }
        };
        match (kind, &self.chat) {
            (Some(SessionKind::Chat), Some(chat)) => converse(chat, key, &self.stop).await,
            (Some(SessionKind::Chat), None) => {
                tracing::error!("there is no chat here, and a conversation asks for a worker");
                Ran::Ended { again: false }
            }
            (Some(SessionKind::Interview) | None, _) => interview(&self.deps, key, &self.stop).await,
        }
    }

    fn ask_again(&self, key: &SessionKey) {
        if let Some(again) = self.running().get_mut(key) {
            *again = true;
        }
    }

    /// Whether a start was asked for meanwhile. If not, the session is forgotten under the same lock, so that no start is lost.
    fn wanted_again(&self, key: &SessionKey) -> bool {
        let mut running = self.running();
        match running.get_mut(key) {
            Some(again) if *again => {
                *again = false;
                true
            }
            _ => {
                if running.remove(key).is_some() {
                    metrics::gauge!("viva_sessions_live").decrement(1.0);
                }
                false
            }
        }
    }

    fn forget(&self, key: &SessionKey) {
        if self.running().remove(key).is_some() {
            metrics::gauge!("viva_sessions_live").decrement(1.0);
        }
    }
}

/// How a run of a worker ended.
enum Ran {
    /// `again`: there is more to do at once.
    Ended {
        again: bool,
    },
    Stopped,
    Held {
        lease_until: UnixMs,
    },
    Failed,
}

async fn interview(deps: &Deps, key: &SessionKey, stop: &CancellationToken) -> Ran {
    match driver::run(deps, key, stop).await {
        Ok(Ended::Stopped) => Ran::Stopped,
        Ok(ended) => {
            tracing::debug!(?ended, "a worker ended");
            Ran::Ended { again: matches!(ended, Ended::Retired) }
        }
        Err(RunError::Open(error)) => not_opened(error),
        Err(error) => {
            tracing::error!(%error, "a worker failed");
            Ran::Failed
        }
    }
}

async fn converse(deps: &chat::driver::Deps, key: &SessionKey, stop: &CancellationToken) -> Ran {
    match chat::driver::run(deps, key, stop).await {
        Ok(chat::driver::Ended::Stopped) => Ran::Stopped,
        Ok(ended) => {
            tracing::debug!(?ended, "a conversation's worker ended");
            Ran::Ended { again: matches!(ended, chat::driver::Ended::Asked | chat::driver::Ended::Retired) }
        }
        Err(chat::driver::RunError::Open(error)) => not_opened(error),
        Err(error) => {
            tracing::error!(%error, "a conversation's worker failed");
            Ran::Failed
        }
    }
}

fn not_opened(error: OpenError) -> Ran {
    match error {
        OpenError::Held { lease_until } => Ran::Held { lease_until },
        OpenError::Over(_) | OpenError::Unknown => Ran::Ended { again: false },
        error @ (OpenError::Version(_) | OpenError::Journal(_)) => {
            tracing::error!(%error, "a worker could not take its session");
            Ran::Failed
        }
    }
}
