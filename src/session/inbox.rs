//! The inbox as its one reader sees it: credit, holes, acknowledgement. What the entries say is not known here.
//!
//! What is acknowledged never runs ahead of the credit that was given, so that a client that floods is read no faster than it is allowed to.

use crate::config::limits::{
    HOLE_GIVEN_UP_MS, HOLE_REPORTED_MS, INBOX_PAGE_ENTRIES, INBOX_RETRY_MS, INBOX_WAIT_MS, STATUS_MS_MIN, STATUS_SEQS,
};
use crate::ports::clock::UnixMs;
use crate::ports::feed::{Entry, Feed, FeedError, FeedHead, FeedPage, SeqRange};
use crate::ports::ids::SessionKey;
use futures::future::BoxFuture;
use protocol::v1::limits::WINDOW_SEQS;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// What came of reading.
#[derive(Debug)]
pub enum Reading {
    /// The next entries, in order without a gap; none when only the heads or the row changed.
    Entries { entries: Vec<(u64, Entry)>, nudged: bool },
    /// The session was deleted.
    Gone,
    /// It could not be read; it is tried again.
    Failing(FeedError),
}

/// What the client is told each second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxStatus {
    pub inbox_through_seq: u64,
    pub window_through_seq: u64,
    pub missing: Vec<SeqRange>,
}

/// A hole is known by its end: the beginning moves while it is filled from below.
#[derive(Clone, Copy, Debug)]
struct Hole {
    range: SeqRange,
    since: UnixMs,
}

pub struct Inbox<'d> {
    feed: &'d dyn Feed,
    key: &'d SessionKey,
    /// All entries up to here were given to the driver.
    read_through_seq: u64,
    window_through_seq: u64,
    acknowledged_seq: u64,
    head: FeedHead,
    holes: Vec<Hole>,
    /// Since when nothing has come in order although something is missing and a client is bound.
    stalled_since: Option<UnixMs>,
    bound: bool,
    reading: Option<BoxFuture<'d, Result<FeedPage, FeedError>>>,
    filling: Option<BoxFuture<'d, Result<(), FeedError>>>,
    to_fill: Vec<SeqRange>,
    retry_at: Option<UnixMs>,
    status_at: UnixMs,
}

impl std::fmt::Debug for Inbox<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inbox")
            .field("read_through_seq", &self.read_through_seq)
            .field("window_through_seq", &self.window_through_seq)
            .field("head", &self.head)
            .finish_non_exhaustive()
    }
}

impl<'d> Inbox<'d> {
    /// `head`: how far the inbox goes now. Reading begins after `after_seq`.
    pub fn new(feed: &'d dyn Feed, key: &'d SessionKey, after_seq: u64, head: FeedHead, now: UnixMs) -> Self {
        Self {
            feed,
            key,
            read_through_seq: after_seq,
            window_through_seq: head.through_seq + WINDOW_SEQS,
            acknowledged_seq: head.through_seq,
            head,
            holes: Vec::new(),
            stalled_since: None,
            bound: false,
            reading: None,
            filling: None,
            to_fill: Vec::new(),
            retry_at: None,
            status_at: now,
        }
    }

    pub fn head(&self) -> &FeedHead {
        &self.head
    }

    pub fn read_through_seq(&self) -> u64 {
        self.read_through_seq
    }

    /// Reads again from an earlier place, e.g. to feed a new recognizer stream.
    pub fn rewind(&mut self, after_seq: u64) {
        self.read_through_seq = after_seq;
        self.reading = None;
    }

    /// Nothing more is read.
    pub fn stop(&mut self) {
        self.reading = None;
        self.filling = None;
        self.to_fill.clear();
        self.stalled_since = None;
    }

    /// While no client is bound, nobody can send what is missing: time stands still for holes.
    pub fn set_bound(&mut self, bound: bool, now: UnixMs) {
        if bound != self.bound {
            self.bound = bound;
            self.holes.iter_mut().for_each(|hole| hole.since = now);
            self.stalled_since = (bound && !self.holes.is_empty()).then_some(now);
        }
    }

    pub fn deadline(&self) -> Option<UnixMs> {
        let given_up = self.stalled_since.map(|since| since.plus_ms(HOLE_GIVEN_UP_MS));
        [self.retry_at, given_up, self.early_status_at()].into_iter().flatten().min()
    }

    /// `wanted`: whether the driver has room for more.
    pub fn poll(&mut self, cx: &mut Context<'_>, now: UnixMs, wanted: bool) -> Poll<Reading> {
        if let Poll::Ready(failed) = self.poll_filling(cx, now) {
            return Poll::Ready(failed);
        }
        if self.reading.is_none() {
            let credit = usize::try_from(self.window_through_seq - self.read_through_seq.min(self.window_through_seq));
            let limit = credit.map_or(INBOX_PAGE_ENTRIES, |credit| credit.min(INBOX_PAGE_ENTRIES));
            if !wanted || limit == 0 || self.retry_at.is_some_and(|at| at > now) {
                return Poll::Pending;
            }
            self.retry_at = None;
            let wait = Duration::from_millis(INBOX_WAIT_MS);
            self.reading = Some(self.feed.read_after(self.key, self.read_through_seq, limit, wait));
        }
        let Some(reading) = self.reading.as_mut().filter(|_| wanted) else { return Poll::Pending };
        let read = ready!(reading.as_mut().poll(cx));
        self.reading = None;
        Poll::Ready(match read {
            Ok(FeedPage { entries, head, nudged }) => {
                self.see(head, now);
                self.read_through_seq = entries.last().map_or(self.read_through_seq, |(seq, _)| *seq);
                Reading::Entries { entries, nudged }
            }
            Err(FeedError::Deleted) => Reading::Gone,
            Err(
                error @ (FeedError::Full | FeedError::Exceeded | FeedError::TooFarAhead { .. } | FeedError::Failed(_)),
            ) => {
                self.retry_at = Some(now.plus_ms(INBOX_RETRY_MS));
                Reading::Failing(error)
            }
        })
    }

    /// Whether what was read since the last status, or a hole, is worth a status before the second is over.
    pub fn wants_status(&self, now: UnixMs) -> bool {
        self.early_status_at().is_some_and(|at| at <= now)
    }

    /// Acknowledges what is stored, as far as credit was given, and gives new credit.
    pub fn status(&mut self, now: UnixMs) -> InboxStatus {
        self.status_at = now;
        self.acknowledged_seq = self.acknowledged_seq.max(self.head.through_seq.min(self.window_through_seq));
        self.window_through_seq = self.window_through_seq.max(self.acknowledged_seq + WINDOW_SEQS);
        let missing = self.holes.iter().filter(|hole| now.since_ms(hole.since) >= HOLE_REPORTED_MS);
        InboxStatus {
            inbox_through_seq: self.acknowledged_seq,
            window_through_seq: self.window_through_seq,
            missing: missing.map(|hole| hole.range).collect(),
        }
    }

    fn early_status_at(&self) -> Option<UnixMs> {
        let earliest = self.status_at.plus_ms(STATUS_MS_MIN);
        if self.read_through_seq >= self.acknowledged_seq + STATUS_SEQS {
            return Some(earliest);
        }
        let unreported =
            self.holes.iter().map(|hole| hole.since.plus_ms(HOLE_REPORTED_MS)).find(|at| *at > self.status_at);
        unreported.filter(|_| self.bound).map(|at| at.max(earliest))
    }

    fn see(&mut self, head: FeedHead, now: UnixMs) {
        let progress = head.through_seq > self.head.through_seq;
        let known = std::mem::take(&mut self.holes);
        self.holes = head
            .missing
            .iter()
            .map(|range| {
                let before = known.iter().find(|hole| hole.range.through_seq == range.through_seq);
                Hole { range: *range, since: before.map_or(now, |hole| hole.since) }
            })
            .collect();
        if self.holes.is_empty() || !self.bound {
            self.stalled_since = None;
        } else if progress || self.stalled_since.is_none() {
            self.stalled_since = Some(now);
        }
        self.head = head;
    }

    /// Gives up what has been missing for too long: the store fills it, and reading goes on to find it lost.
    fn poll_filling(&mut self, cx: &mut Context<'_>, now: UnixMs) -> Poll<Reading> {
        if self.filling.is_none() && self.stalled_since.is_some_and(|since| now.since_ms(since) >= HOLE_GIVEN_UP_MS) {
            self.stalled_since = Some(now);
            let old = self.holes.iter().filter(|hole| now.since_ms(hole.since) >= HOLE_GIVEN_UP_MS);
            self.to_fill = old.map(|hole| hole.range).rev().collect();
        }
        loop {
            if self.filling.is_none() {
                let Some(range) = self.to_fill.pop() else { return Poll::Pending };
                self.filling = Some(self.feed.fill_lost(self.key, range));
            }
            let Some(filling) = &mut self.filling else { return Poll::Pending };
            let filled = ready!(filling.as_mut().poll(cx));
            self.filling = None;
            if let Err(error) = filled {
                self.to_fill.clear();
                return Poll::Ready(Reading::Failing(error));
            }
        }
    }
}
