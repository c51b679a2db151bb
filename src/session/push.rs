//! What goes to the connection that is bound: durable events in order without a gap, the newest of what is ephemeral.
//!
//! An event is queued after it is committed. The log is the only memory: what did not fit the queue, and what a newly bound client lacks, is
//! read from there. A busy connection gets what has piled up as one `session.events`. Nothing here waits for a client.

use crate::config::limits::{LOG_PAGE_RECORDS, PUSH_QUEUE_BYTES_MAX, PUSH_QUEUE_MAX, PUSH_RETRY_MS, PUSH_RETRY_MS_MAX};
use crate::ports::clock::UnixMs;
use crate::ports::connections::{Connections, SendError};
use crate::ports::ids::{ConnectionId, SessionKey};
use crate::ports::journal::{Journal, JournalError, Record};
use futures::future::BoxFuture;
use protocol::v1::limits::SERVER_MESSAGE_BYTES_MAX;
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// Turns a stored event into its wire message; one that cannot be read is logged and left out.
pub type Render = fn(&SessionKey, u64, &str) -> Option<Arc<str>>;

/// Of each slot only the newest message is worth sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    Status,
    Speaking,
    Partial,
}

/// What the driver must know.
#[derive(Debug)]
pub enum Pushed {
    /// Nobody is there any more.
    Unbound(ConnectionId),
}

#[derive(Clone, Debug)]
enum Kind {
    Durable {
        from_seq: u64,
        through_seq: u64,
    },
    Ephemeral(Slot),
    /// Said once, such as an error.
    Notice,
}

#[derive(Clone, Debug)]
struct Outgoing {
    kind: Kind,
    text: Arc<str>,
}

struct Bound {
    connection: Arc<ConnectionId>,
    bind_no: u64,
}

pub struct Push<'d> {
    connections: &'d dyn Connections,
    journal: &'d dyn Journal,
    key: &'d SessionKey,
    render: Render,
    bound: Option<Bound>,
    /// The binding that turned out to be gone: the row may show it a little longer.
    gone_bind_no: Option<u64>,
    /// The last event that is committed.
    head_seq: u64,
    /// The last event that was queued or sent.
    queued_through_seq: u64,
    queue: VecDeque<Outgoing>,
    queue_bytes: usize,
    sending: Option<BoxFuture<'d, Result<(), SendError>>>,
    reading: Option<BoxFuture<'d, Result<Vec<Record>, JournalError>>>,
    retry_at: Option<UnixMs>,
    retry_ms: u64,
}

impl std::fmt::Debug for Push<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Push")
            .field("head_seq", &self.head_seq)
            .field("queued_through_seq", &self.queued_through_seq)
            .field("queue", &self.queue.len())
            .finish_non_exhaustive()
    }
}

impl<'d> Push<'d> {
    pub fn new(
        connections: &'d dyn Connections,
        journal: &'d dyn Journal,
        key: &'d SessionKey,
        render: Render,
        head_seq: u64,
    ) -> Self {
        Self {
            connections,
            journal,
            key,
            render,
            bound: None,
            gone_bind_no: None,
            head_seq,
            queued_through_seq: head_seq,
            queue: VecDeque::new(),
            queue_bytes: 0,
            sending: None,
            reading: None,
            retry_at: None,
            retry_ms: PUSH_RETRY_MS,
        }
    }

    pub fn is_bound(&self) -> bool {
        self.bound.is_some()
    }

    /// Whether nothing is left to send, or nobody to send it to.
    pub fn is_idle(&self) -> bool {
        self.bound.is_none()
            || (self.queue.is_empty() && self.sending.is_none() && self.queued_through_seq == self.head_seq)
    }

    pub fn deadline(&self) -> Option<UnixMs> {
        self.retry_at
    }

    /// Follows the row: a new binding gets what comes after the events that it was replayed.
    pub fn bind(&mut self, connection: Option<&ConnectionId>, bind_no: u64, bound_head_seq: u64) {
        let connection = connection.filter(|_| self.gone_bind_no != Some(bind_no));
        if self.bound.as_ref().map(|bound| (&*bound.connection, bound.bind_no)) == connection.map(|id| (id, bind_no)) {
            return;
        }
        self.bound = connection.map(|id| Bound { connection: Arc::new(id.clone()), bind_no });
        self.clear();
        self.queued_through_seq = bound_head_seq.min(self.head_seq);
    }

    /// These are committed. `text` is asked for only where somebody is there to read it.
    pub fn committed<T>(&mut self, first_seq: u64, events: &[T], text: impl Fn(u64, &T) -> Arc<str>) {
        let in_line = self.queued_through_seq == self.head_seq && self.reading.is_none();
        debug_assert_eq!(first_seq, self.head_seq + 1, "commits come in order");
        self.head_seq += events.len() as u64;
        if self.bound.is_none() {
            self.queued_through_seq = self.head_seq;
            return;
        }
        if !in_line {
            return;
        }
        for (seq, event) in (first_seq..).zip(events) {
            if !self.has_room() {
                return;
            }
            self.queue_durable(seq, text(seq, event));
        }
    }

    /// Replaces what still waits in that slot.
    pub fn ephemeral(&mut self, slot: Slot, text: Arc<str>) {
        if self.bound.is_none() {
            return;
        }
        // The first is being sent while `sending` is there: it stays.
        let kept = usize::from(self.sending.is_some());
        let stale =
            self.queue.iter().skip(kept).position(|waiting| matches!(waiting.kind, Kind::Ephemeral(of) if of == slot));
        if let Some(removed) = stale.and_then(|at| self.queue.remove(at + kept)) {
            self.queue_bytes -= removed.text.len();
        }
        if self.has_room() {
            self.queue(Kind::Ephemeral(slot), text);
        }
    }

    /// Sends a message once, such as an error; dropped when the client is far behind.
    pub fn notice(&mut self, text: Arc<str>) {
        if self.bound.is_some() && self.has_room() {
            self.queue(Kind::Notice, text);
        }
    }

    pub fn poll(&mut self, cx: &mut Context<'_>, now: UnixMs) -> Poll<Pushed> {
        while let Some(bound) = &self.bound {
            if let Some(sending) = &mut self.sending {
                let sent = ready!(sending.as_mut().poll(cx));
                self.sending = None;
                if let Some(unbound) = self.sent(sent, now) {
                    return Poll::Ready(unbound);
                }
                continue;
            }
            if self.retry_at.is_some_and(|at| at > now) {
                return Poll::Pending;
            }
            self.retry_at = None;
            if let Some(next) = self.queue.front() {
                let (connections, connection, text) = (self.connections, bound.connection.clone(), next.text.clone());
                self.sending = Some(Box::pin(async move { connections.send(&connection, text).await }));
                continue;
            }
            if self.queued_through_seq == self.head_seq {
                return Poll::Pending;
            }
            ready!(self.poll_log(cx, now));
        }
        Poll::Pending
    }

    fn sent(&mut self, sent: Result<(), SendError>, now: UnixMs) -> Option<Pushed> {
        match sent {
            Ok(()) => {
                self.unqueue();
                self.retry_ms = PUSH_RETRY_MS;
                None
            }
            Err(SendError::Gone) => {
                let gone = self.bound.take()?;
                self.gone_bind_no = Some(gone.bind_no);
                self.clear();
                self.queued_through_seq = self.head_seq;
                Some(Pushed::Unbound(gone.connection.as_ref().clone()))
            }
            Err(SendError::TooLarge) => {
                // Every message is bounded where it is made; the client's own numbering makes it ask for what is missing.
                tracing::error!("a message was too large for its connection and was dropped");
                self.unqueue();
                None
            }
            Err(SendError::Busy | SendError::Failed(_)) => {
                self.merge();
                self.retry_at = Some(now.plus_ms(self.retry_ms));
                self.retry_ms = (self.retry_ms * 2).min(PUSH_RETRY_MS_MAX);
                None
            }
        }
    }

    /// Puts what piled up at the front into one message.
    fn merge(&mut self) {
        let mut bytes = 0;
        let mut run = 0;
        let mut range: Option<(u64, u64)> = None;
        for waiting in &self.queue {
            // A batch is not put into another.
            let Kind::Durable { from_seq, through_seq } = waiting.kind else { break };
            bytes += waiting.text.len() + 1;
            if from_seq != through_seq || bytes > EVENTS_BYTES_MAX {
                break;
            }
            range = Some((range.map_or(from_seq, |(from, _)| from), through_seq));
            run += 1;
        }
        let Some((from_seq, through_seq)) = range.filter(|_| run > 1) else { return };
        let merged: Vec<Outgoing> = self.queue.drain(..run).collect();
        self.queue_bytes -= merged.iter().map(|outgoing| outgoing.text.len()).sum::<usize>();
        let text = events_message(self.key, from_seq, through_seq, merged.iter().map(|outgoing| &*outgoing.text));
        self.queue_bytes += text.len();
        self.queue.push_front(Outgoing { kind: Kind::Durable { from_seq, through_seq }, text });
    }

    /// Reads what is committed but was never queued.
    fn poll_log(&mut self, cx: &mut Context<'_>, now: UnixMs) -> Poll<()> {
        let after = self.queued_through_seq;
        let reading = match &mut self.reading {
            Some(reading) => reading,
            None => self.reading.insert(self.journal.records_after(self.key, after, LOG_PAGE_RECORDS)),
        };
        let read = ready!(reading.as_mut().poll(cx));
        self.reading = None;
        match read {
            Ok(records) => {
                for (seq, stored) in records.iter().flat_map(|record| (record.first_seq..).zip(&record.events)) {
                    if seq <= self.queued_through_seq || seq > self.head_seq {
                        continue;
                    }
                    if !self.has_room() {
                        break;
                    }
                    match (self.render)(self.key, seq, stored) {
                        Some(text) => self.queue_durable(seq, text),
                        None => self.queued_through_seq = seq,
                    }
                }
                if self.queue.is_empty() && self.queued_through_seq < self.head_seq {
                    self.retry_at = Some(now.plus_ms(PUSH_RETRY_MS_MAX));
                }
            }
            Err(error) => {
                tracing::warn!(%error, "the log could not be read for a client");
                self.retry_at = Some(now.plus_ms(PUSH_RETRY_MS_MAX));
            }
        }
        Poll::Ready(())
    }

    fn has_room(&self) -> bool {
        self.queue.len() < PUSH_QUEUE_MAX && self.queue_bytes < PUSH_QUEUE_BYTES_MAX
    }

    fn queue_durable(&mut self, seq: u64, text: Arc<str>) {
        self.queued_through_seq = seq;
        self.queue(Kind::Durable { from_seq: seq, through_seq: seq }, text);
    }

    fn queue(&mut self, kind: Kind, text: Arc<str>) {
        self.queue_bytes += text.len();
        self.queue.push_back(Outgoing { kind, text });
    }

    fn unqueue(&mut self) {
        if let Some(sent) = self.queue.pop_front() {
            self.queue_bytes -= sent.text.len();
        }
        if self.queue.is_empty() && self.queue.capacity() > QUEUE_KEPT {
            self.queue.shrink_to(QUEUE_KEPT);
        }
    }

    fn clear(&mut self) {
        self.queue.clear();
        self.queue_bytes = 0;
        self.sending = None;
        self.reading = None;
        self.retry_at = None;
        self.retry_ms = PUSH_RETRY_MS;
    }
}

/// `session.events` around messages that are JSON already.
pub fn events_message<'a>(
    key: &SessionKey,
    from_seq: u64,
    through_seq: u64,
    events: impl Iterator<Item = &'a str>,
) -> Arc<str> {
    let session = key.session.as_str();
    let mut text = format!(
        r#"{{"type":"session.events","session":"{session}","fromSeq":{from_seq},"throughSeq":{through_seq},"events":["#
    );
    for (at, event) in events.enumerate() {
        if at > 0 {
            text.push(',');
        }
        text.push_str(event);
    }
    text.push_str("]}");
    text.into()
}

/// What the events of one `session.events` may take, with the commas between them.
pub const EVENTS_BYTES_MAX: usize = SERVER_MESSAGE_BYTES_MAX - 1_024;
/// Places that an empty queue keeps.
const QUEUE_KEPT: usize = 8;
