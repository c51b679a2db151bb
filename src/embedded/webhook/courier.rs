//! Takes what the store has noted to whoever is to be told, and tries again for days where it fails.
//!
//! What is told, and how, is not known here. An end is told at least once: a process killed between telling and noting tells it again.

use crate::config::limits::{WEBHOOK_DAYS_MAX, WEBHOOK_RETRY_MS, WEBHOOK_RETRY_MS_MAX, WEBHOOKS_AT_ONCE};
use crate::embedded::sqlite::{Store, Untold};
use crate::ports::announcements::{AnnounceError, Announcements};
use crate::ports::clock::{Clock, UnixMs};
use futures::future::join_all;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

/// How long and how often an end is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    pub first_ms: u64,
    pub longest_ms: u64,
    pub give_up_ms: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first_ms: WEBHOOK_RETRY_MS,
            longest_ms: WEBHOOK_RETRY_MS_MAX,
            give_up_ms: WEBHOOK_DAYS_MAX * 24 * 3_600_000,
        }
    }
}

/// A task that runs until it is stopped or dropped.
#[derive(Debug)]
pub struct Courier {
    stop: DropGuard,
    task: JoinHandle<()>,
}

impl Courier {
    /// Begins with what an earlier process has left.
    pub fn start(
        store: Arc<Store>,
        announcements: Arc<dyn Announcements>,
        clock: Arc<dyn Clock>,
        patience: Patience,
    ) -> Self {
        let stop = CancellationToken::new();
        let round = Round { store, announcements, clock, patience };
        let stopped = stop.clone();
        let task = tokio::spawn(async move {
            let noted = round.store.noted();
            loop {
                let wait = round.run().await;
                tokio::select! {
                    () = stopped.cancelled() => return,
                    () = noted.notified() => {}
                    () = tokio::time::sleep(wait) => {}
                }
            }
        });
        Self { stop: stop.drop_guard(), task }
    }

    /// Ends what is on its way, then the task. What was not told is told after the next start.
    pub async fn stop(self) {
        let Self { stop, task } = self;
        drop(stop);
        if let Err(error) = task.await {
            tracing::error!(%error, "the task that tells of interviews' ends has broken");
        }
    }
}

struct Round {
    store: Arc<Store>,
    announcements: Arc<dyn Announcements>,
    clock: Arc<dyn Clock>,
    patience: Patience,
}

impl Round {
    /// Tells all that is due; how long nothing is.
    async fn run(&self) -> Duration {
        match self.try_run().await {
            Ok(wait) => wait,
            Err(error) => {
                tracing::error!(%error, "the ends of interviews that are to be told could not be read or noted");
                Duration::from_millis(self.patience.longest_ms.min(STORE_RETRY_MS))
            }
        }
    }

    async fn try_run(&self) -> Result<Duration, AnnounceError> {
        loop {
            let due = self.store.untold(self.clock.now(), WEBHOOKS_AT_ONCE).await?;
            if due.is_empty() {
                break;
            }
            for told in join_all(due.iter().map(|untold| self.tell(untold))).await {
                told?;
            }
        }
        let next = self.store.next_untold().await?;
        let wait_ms = next.map_or(self.patience.longest_ms, |at| at.since_ms(self.clock.now()));
        Ok(Duration::from_millis(wait_ms.clamp(1, self.patience.longest_ms.max(1))))
    }

    async fn tell(&self, untold: &Untold) -> Result<(), AnnounceError> {
        let told = self.announcements.publish(&untold.finished).await;
        let outcome = match &told {
            Ok(()) => "told",
            Err(_) if self.next(untold).is_some() => "failed",
            Err(_) => "given_up",
        };
        metrics::counter!("viva_announcements_total", "outcome" => outcome).increment(1);
        match told {
            Ok(()) => self.store.tried(untold.id, None).await,
            Err(error) => {
                let due_at = self.next(untold);
                match due_at {
                    Some(_) => {
                        tracing::warn!(%error, attempts = untold.attempts + 1, "an interview's end was not told; it is tried again")
                    }
                    None => {
                        tracing::error!(%error, attempts = untold.attempts + 1, "an interview's end was not told for days; it is given up")
                    }
                }
                self.store.tried(untold.id, due_at).await
            }
        }
    }

    /// When a failed one is tried again; `None`: it has had its time.
    fn next(&self, untold: &Untold) -> Option<UnixMs> {
        let Patience { first_ms, longest_ms, give_up_ms } = self.patience;
        let now = self.clock.now();
        let wait_ms = first_ms.saturating_mul(1 << untold.attempts.min(DOUBLINGS_MAX)).min(longest_ms);
        (now.since_ms(untold.since) < give_up_ms).then(|| now.plus_ms(wait_ms))
    }
}

const DOUBLINGS_MAX: u32 = 30;
/// The wait before a store that failed is asked again.
const STORE_RETRY_MS: u64 = 10_000;
