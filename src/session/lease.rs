//! The worker's hold on a session's row, renewed each second. It serves liveness alone: that nobody else writes is the log's business.

use crate::config::limits::{HEARTBEAT_MS, LEASE_MS};
use crate::ports::clock::UnixMs;
use crate::ports::ids::{SessionKey, WorkerId};
use crate::ports::journal::{Journal, JournalError, SessionRow, TakeError};
use futures::future::BoxFuture;
use std::task::{Context, Poll, ready};

/// What came of a renewal.
#[derive(Debug)]
pub enum Renewal {
    /// The row as it is now: who is bound, whether it was deleted.
    Row(Box<SessionRow>),
    /// Another worker has the session.
    Lost,
    /// The session is gone.
    Gone,
    /// The row could not be reached; it is tried again at the next heartbeat.
    Failing(JournalError),
}

pub struct Lease<'d> {
    journal: &'d dyn Journal,
    key: &'d SessionKey,
    worker: &'d WorkerId,
    epoch: u64,
    renewing: Option<BoxFuture<'d, Result<SessionRow, TakeError>>>,
    next_at: UnixMs,
}

impl std::fmt::Debug for Lease<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lease").field("epoch", &self.epoch).field("next_at", &self.next_at).finish_non_exhaustive()
    }
}

impl<'d> Lease<'d> {
    pub fn new(journal: &'d dyn Journal, key: &'d SessionKey, worker: &'d WorkerId, epoch: u64, now: UnixMs) -> Self {
        Self { journal, key, worker, epoch, renewing: None, next_at: now.plus_ms(HEARTBEAT_MS) }
    }

    pub fn deadline(&self) -> UnixMs {
        self.next_at
    }

    /// Reads the row at once, because someone said that it changed.
    pub fn look_now(&mut self, now: UnixMs) {
        self.next_at = self.next_at.min(now);
    }

    pub fn poll(&mut self, cx: &mut Context<'_>, now: UnixMs) -> Poll<Renewal> {
        if self.renewing.is_none() && self.next_at <= now {
            self.next_at = now.plus_ms(HEARTBEAT_MS);
            self.renewing = Some(self.journal.renew(self.key, self.worker, self.epoch, now.plus_ms(LEASE_MS)));
        }
        let Some(renewing) = &mut self.renewing else { return Poll::Pending };
        let renewed = ready!(renewing.as_mut().poll(cx));
        self.renewing = None;
        Poll::Ready(match renewed {
            Ok(row) => Renewal::Row(Box::new(row)),
            Err(TakeError::Held { .. }) => Renewal::Lost,
            Err(TakeError::Journal(JournalError::Deleted | JournalError::Unknown)) => Renewal::Gone,
            Err(TakeError::Journal(error)) => Renewal::Failing(error),
        })
    }
}
