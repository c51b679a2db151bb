//! The outbox log as one worker sees it: takes the row, reads what is stored, commits records at the head, one in flight.
//!
//! A commit is a conditional put at head + 1. Refused by our own hand, an earlier try of ours had succeeded; refused by another's, this
//! worker stops, unless it is a successor that is not in the log yet: that one reads again. What the events say is not known here.

use crate::config::limits::{COMMIT_FAILING_MS_MAX, COMMIT_RETRY_MS, COMMIT_RETRY_MS_MAX, LEASE_MS, LOG_PAGE_RECORDS};
use crate::ports::clock::{Clock, UnixMs};
use crate::ports::ids::{SessionKey, WorkerId};
use crate::ports::journal::{AppendError, Cursor, Journal, JournalError, Record, SessionRow, SessionState, TakeError};
use crate::session::versions::{self, UnknownVersion};
use futures::future::BoxFuture;
use std::task::{Context, Poll, ready};

/// Why a session was not taken.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another worker has it; that is as it should be.
    #[error("another worker holds the session")]
    Held { lease_until: UnixMs },
    #[error("there is no such session")]
    Unknown,
    /// Finished, abandoned or deleted: nothing is left to do.
    #[error("the session is over")]
    Over(SessionState),
    #[error(transparent)]
    Version(#[from] UnknownVersion),
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// Takes an open session whose lease is over.
pub async fn take(
    journal: &dyn Journal,
    clock: &dyn Clock,
    key: &SessionKey,
    worker: &WorkerId,
) -> Result<SessionRow, OpenError> {
    let row = journal.row(key).await?.ok_or(OpenError::Unknown)?;
    match row.state {
        SessionState::Open => {}
        over => return Err(OpenError::Over(over)),
    }
    versions::check(row.stored_version)?;
    let now = clock.now();
    if row.owner.is_some() && row.lease_until > now {
        return Err(OpenError::Held { lease_until: row.lease_until });
    }
    match journal.take(key, worker, row.epoch, now, now.plus_ms(LEASE_MS)).await {
        Ok(row) => Ok(row),
        Err(TakeError::Held { .. }) => Err(OpenError::Held { lease_until: now.plus_ms(LEASE_MS) }),
        Err(TakeError::Journal(error)) => Err(error.into()),
    }
}

/// All records that hold events after `after`.
pub async fn read(journal: &dyn Journal, key: &SessionKey, after: u64) -> Result<Vec<Record>, JournalError> {
    let mut records: Vec<Record> = Vec::new();
    loop {
        let through = records.last().map_or(after, |record| record.last_seq);
        let page = journal.records_after(key, through, LOG_PAGE_RECORDS).await?;
        let whole = page.len() < LOG_PAGE_RECORDS;
        records.extend(page);
        if whole {
            return Ok(records);
        }
    }
}

/// What came of a commit.
#[derive(Debug)]
pub enum CommitOutcome {
    /// It is stored.
    Stored { first_seq: u64 },
    /// Another worker's record stands at that place.
    Fenced { writer: WorkerId },
    /// The session was deleted.
    Gone,
    /// It was not stored, or nobody knows; it is tried again. After a minute of this the worker gives up.
    Failing { error: JournalError, gives_up: bool },
}

pub struct Log<'d> {
    journal: &'d dyn Journal,
    key: &'d SessionKey,
    worker: &'d WorkerId,
    epoch: u64,
    head_seq: u64,
    /// Kept until it is stored, to be tried again.
    record: Option<Record>,
    appending: Option<BoxFuture<'d, Result<(), AppendError>>>,
    retry_at: Option<UnixMs>,
    retry_ms: u64,
    failing_since: Option<UnixMs>,
}

impl std::fmt::Debug for Log<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Log")
            .field("epoch", &self.epoch)
            .field("head_seq", &self.head_seq)
            .field("failing_since", &self.failing_since)
            .finish_non_exhaustive()
    }
}

impl<'d> Log<'d> {
    pub fn new(journal: &'d dyn Journal, key: &'d SessionKey, worker: &'d WorkerId, epoch: u64, head_seq: u64) -> Self {
        let retry_ms = COMMIT_RETRY_MS;
        Self {
            journal,
            key,
            worker,
            epoch,
            head_seq,
            record: None,
            appending: None,
            retry_at: None,
            retry_ms,
            failing_since: None,
        }
    }

    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The last event that is stored.
    pub fn head_seq(&self) -> u64 {
        self.head_seq
    }

    /// Whether a commit is under way, so that the next one must wait.
    pub fn is_busy(&self) -> bool {
        self.record.is_some()
    }

    pub fn deadline(&self) -> Option<UnixMs> {
        self.retry_at
    }

    /// Begins to store `events` (at least one) after the head; [`Log::poll`] tells the outcome. Not while busy.
    pub fn commit(&mut self, events: Vec<String>, cursor: Cursor, now: UnixMs) {
        debug_assert!(!self.is_busy() && !events.is_empty(), "one commit is in flight, and it holds something");
        let record = Record {
            first_seq: self.head_seq + 1,
            last_seq: self.head_seq + events.len() as u64,
            epoch: self.epoch,
            writer: self.worker.clone(),
            cursor,
            committed: now,
            events,
        };
        self.appending = Some(self.journal.append(self.key, record.clone()));
        self.record = Some(record);
    }

    pub fn poll(&mut self, cx: &mut Context<'_>, now: UnixMs) -> Poll<CommitOutcome> {
        let Some(record) = &self.record else { return Poll::Pending };
        if self.appending.is_none() && self.retry_at.is_none_or(|at| at <= now) {
            self.retry_at = None;
            self.appending = Some(self.journal.append(self.key, record.clone()));
        }
        let Some(appending) = &mut self.appending else { return Poll::Pending };
        let appended = ready!(appending.as_mut().poll(cx));
        self.appending = None;
        match appended {
            Ok(()) => Poll::Ready(self.stored()),
            // A try whose answer was lost had succeeded.
            Err(AppendError::Taken { writer, head_seq }) if writer == *self.worker && head_seq == record.last_seq => {
                Poll::Ready(self.stored())
            }
            Err(AppendError::Taken { writer, .. }) => {
                self.record = None;
                Poll::Ready(CommitOutcome::Fenced { writer })
            }
            Err(AppendError::Journal(JournalError::Deleted | JournalError::Unknown)) => {
                self.record = None;
                Poll::Ready(CommitOutcome::Gone)
            }
            Err(AppendError::Journal(error)) => {
                let since = *self.failing_since.get_or_insert(now);
                self.retry_at = Some(now.plus_ms(self.retry_ms));
                self.retry_ms = (self.retry_ms * 2).min(COMMIT_RETRY_MS_MAX);
                let gives_up = now.since_ms(since) >= COMMIT_FAILING_MS_MAX;
                Poll::Ready(CommitOutcome::Failing { error, gives_up })
            }
        }
    }

    fn stored(&mut self) -> CommitOutcome {
        let record = self.record.take().expect("a commit that ends was begun");
        self.head_seq = record.last_seq;
        self.failing_since = None;
        self.retry_ms = COMMIT_RETRY_MS;
        CommitOutcome::Stored { first_seq: record.first_seq }
    }
}
