//! Workers as tasks of this process: a bounded number, one for each session, started again when they break.
//!
//! What a worker does is the driver's business. A start while the session's worker is still running is remembered, because that worker may
//! be about to end.

use crate::config::limits::{LEASE_MS, WORKER_RESTARTS_MAX};
use crate::interview::driver::{self, Deps, Ended, RunError};
use crate::ports::ids::SessionKey;
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
    workers_max: usize,
    /// Sessions that have a worker, and whether another start was asked for meanwhile.
    running: Mutex<HashMap<SessionKey, bool>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl TaskWorkers {
    pub fn new(deps: Deps, workers_max: usize) -> Self {
        let inner = Inner {
            deps,
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
            let ran = AssertUnwindSafe(driver::run(&self.deps, &key, &self.stop)).catch_unwind().await;
            let wait_ms = match ran {
                Ok(Ok(ended)) => {
                    tracing::debug!(?ended, "a worker ended");
                    if matches!(ended, Ended::Retired) {
                        self.ask_again(&key);
                    }
                    if matches!(ended, Ended::Stopped) { None } else { Some(0) }
                }
                // Whoever holds it may be gone: one more look when its lease is over, if somebody asks.
                Ok(Err(RunError::Open(OpenError::Held { lease_until }))) => {
                    Some(lease_until.since_ms(self.deps.clock.now()).clamp(1, LEASE_MS))
                }
                Ok(Err(RunError::Open(OpenError::Over(_) | OpenError::Unknown))) => Some(0),
                Ok(Err(error)) => {
                    tracing::error!(%error, "a worker failed");
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
