//! The one loop of a conversation's worker: what woke it, and what it does about that.

mod leaving;

use crate::chat::driver::calls::{Calls, book};
use crate::chat::driver::filing::Filing;
use crate::chat::driver::onlookers::Onlookers;
use crate::chat::driver::restoring::Restored;
use crate::chat::driver::{Deps, Ended, RunError, Stop};
use crate::chat::event::Event;
use crate::chat::machine::{Chat, Effect, Input, Output};
use crate::chat::wire;
use crate::config::limits::{
    CHAT_FAREWELL_MS, CHAT_IDLE_MS, CHAT_REQUESTS_PAGE, HEARTBEAT_MS, INBOX_RETRY_MS, INBOX_WAIT_MS,
    MERGED_DELTA_BYTES_MAX, RECORD_EVENTS_MAX,
};
use crate::ports::clock::UnixMs;
use crate::ports::conversations::{ConversationsError, Numbered, Onlooker};
use crate::ports::feed::{FeedError, FeedPage};
use crate::ports::ids::{ConnectionId, SessionKey, WorkerId};
use crate::ports::journal::{Cursor, JournalError, SessionRow, SessionState};
use crate::ports::text_model::Task;
use crate::session::{CommitOutcome, Lease, Log, Renewal};
use futures::future::BoxFuture;
use protocol::v1;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Sleep;

/// How a worker's loop was left.
#[derive(Debug)]
pub(super) enum Left {
    Ended(Ended),
    /// Another worker wrote before the first record of this one: read again.
    NotEntered,
}

/// What a look at the store shows: requests that are new, and who looks on.
type Looked = Result<(Vec<Numbered>, Vec<Onlooker>), ConversationsError>;

enum Wake {
    Commit(CommitOutcome),
    Gone(ConnectionId),
    Renewal(Renewal),
    Model(Input),
    Nudged(Result<FeedPage, FeedError>),
    Looked(Looked),
    Filed,
    Time,
}

pub(super) struct Worker<'d> {
    deps: &'d Deps,
    key: &'d SessionKey,
    id: &'d WorkerId,
    stop: Stop<'d>,
    epoch: u64,
    now: UnixMs,
    core: Chat,
    log: Log<'d>,
    lease: Lease<'d>,
    calls: Calls<'d>,
    filing: Filing<'d>,
    onlookers: Onlookers<'d>,
    /// What waits for its commit, each with the last request that had its effect by then.
    pending: VecDeque<(Event, u64)>,
    committing: Vec<Event>,
    errands: Vec<BoxFuture<'d, ()>>,
    /// Tokens of which the books were told.
    booked: u64,
    in_log: bool,
    /// Requests up to here are in the core.
    handled: u64,
    /// The core has begun anew what its predecessor had not ended.
    is_resumed: bool,
    looking: Option<BoxFuture<'d, Looked>>,
    look_again: bool,
    retry_look_at: Option<UnixMs>,
    /// Nobody says anything in a conversation's inbox; should something stand there all the same, it is passed over.
    passed_over: u64,
    nudging: Option<BoxFuture<'d, Result<FeedPage, FeedError>>>,
    idle_since: Option<UnixMs>,
    beat_at: UnixMs,
    sleep: Pin<Box<Sleep>>,
    armed: Option<UnixMs>,
}

impl<'d> Worker<'d> {
    pub(super) fn new(
        deps: &'d Deps,
        key: &'d SessionKey,
        id: &'d WorkerId,
        row: &SessionRow,
        restored: Restored,
        stop: Stop<'d>,
    ) -> Self {
        let now = deps.clock.now();
        let Restored { chat, head_seq, handled, recent } = restored;
        let mut filing = Filing::new(deps, key);
        filing.file(&recent);
        let mut pending = VecDeque::new();
        if head_seq > 0 {
            pending.push_back((Event::Continued { epoch: wire_epoch(row.epoch) }, handled));
        }
        Self {
            deps,
            key,
            id,
            stop,
            epoch: row.epoch,
            now,
            core: chat,
            log: Log::new(&*deps.journal, key, id, row.epoch, head_seq),
            lease: Lease::new(&*deps.journal, key, id, row.epoch, now),
            calls: Calls::new(deps, key),
            filing,
            onlookers: Onlookers::new(deps, key, head_seq),
            pending,
            committing: Vec::new(),
            errands: Vec::new(),
            booked: 0,
            in_log: false,
            handled,
            is_resumed: false,
            looking: None,
            look_again: true,
            retry_look_at: None,
            passed_over: 0,
            nudging: None,
            idle_since: None,
            beat_at: now.plus_ms(HEARTBEAT_MS),
            sleep: Box::pin(tokio::time::sleep(Duration::ZERO)),
            armed: None,
        }
    }

    pub(super) async fn work(mut self) -> Result<Left, RunError> {
        loop {
            self.commit();
            if let Some(ended) = self.may_leave() {
                return Ok(Left::Ended(self.leave(ended).await?));
            }
            let wake = poll_fn(|cx| self.poll(cx)).await;
            if let Some(left) = self.wake(wake)? {
                return Ok(left);
            }
            tokio::task::consume_budget().await;
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Wake> {
        self.now = self.now.max(self.deps.clock.now());
        let now = self.now;
        self.errands.retain_mut(|errand| errand.as_mut().poll(cx).is_pending());
        if let Poll::Ready(connection) = self.onlookers.poll(cx, now) {
            return Poll::Ready(Wake::Gone(connection));
        }
        if let Poll::Ready(outcome) = self.log.poll(cx, now) {
            return Poll::Ready(Wake::Commit(outcome));
        }
        if let Poll::Ready(()) = self.filing.poll(cx, now) {
            return Poll::Ready(Wake::Filed);
        }
        if let Poll::Ready(renewal) = self.lease.poll(cx, now) {
            return Poll::Ready(Wake::Renewal(renewal));
        }
        if let Poll::Ready(looked) = self.poll_look(cx) {
            return Poll::Ready(Wake::Looked(looked));
        }
        // Whoever leaves hears no more of the model, so that what it has heard gets stored.
        if self.pending.len() < RECORD_EVENTS_MAX
            && self.leaving().is_none()
            && let Poll::Ready(input) = self.calls.poll(cx, now)
        {
            return Poll::Ready(Wake::Model(input));
        }
        let (feed, key, after) = (&*self.deps.feed, self.key, self.passed_over);
        let nudging =
            self.nudging.get_or_insert_with(|| feed.read_after(key, after, 1, Duration::from_millis(INBOX_WAIT_MS)));
        if let Poll::Ready(nudged) = nudging.as_mut().poll(cx) {
            self.nudging = None;
            return Poll::Ready(Wake::Nudged(nudged));
        }
        self.poll_time(cx, now)
    }

    /// Reads what is new. Requests wait while a page of them has not been committed.
    fn poll_look(&mut self, cx: &mut Context<'_>) -> Poll<Looked> {
        if self.looking.is_none() && self.look_again && self.retry_look_at.is_none_or(|at| at <= self.now) {
            self.look_again = false;
            self.retry_look_at = None;
            let (conversations, key, after) = (&*self.deps.conversations, self.key, self.handled);
            self.looking = Some(Box::pin(async move {
                let requests = conversations.requests_after(key, after, CHAT_REQUESTS_PAGE).await?;
                Ok((requests, conversations.bound(key).await?))
            }));
        }
        let Some(looking) = &mut self.looking else { return Poll::Pending };
        let looked = std::task::ready!(looking.as_mut().poll(cx));
        self.looking = None;
        Poll::Ready(looked)
    }

    fn poll_time(&mut self, cx: &mut Context<'_>, now: UnixMs) -> Poll<Wake> {
        let deadline = self.deadline();
        if deadline <= now {
            return Poll::Ready(Wake::Time);
        }
        if self.armed.is_none_or(|armed| deadline < armed || armed <= now) {
            self.sleep.set(tokio::time::sleep(Duration::from_millis(deadline.since_ms(now))));
            self.armed = Some(deadline);
        }
        self.sleep.as_mut().poll(cx).map(|()| {
            self.armed = None;
            Wake::Time
        })
    }

    fn deadline(&self) -> UnixMs {
        let others = [
            self.log.deadline(),
            self.onlookers.deadline(),
            self.calls.deadline(),
            self.filing.deadline(),
            self.retry_look_at,
        ];
        others.into_iter().flatten().fold(self.beat_at.min(self.lease.deadline()), UnixMs::min)
    }

    fn wake(&mut self, wake: Wake) -> Result<Option<Left>, RunError> {
        match wake {
            Wake::Commit(outcome) => return self.committed(outcome),
            Wake::Gone(connection) => self.forget(connection),
            Wake::Renewal(Renewal::Row(row)) if row.state == SessionState::Deleted => return Ok(Some(GONE)),
            Wake::Renewal(Renewal::Row(_)) => self.look_again = true,
            Wake::Renewal(Renewal::Lost) => return Ok(Some(Left::Ended(Ended::Fenced))),
            Wake::Renewal(Renewal::Gone) | Wake::Nudged(Err(FeedError::Deleted)) => return Ok(Some(GONE)),
            Wake::Renewal(Renewal::Failing(error)) => tracing::warn!(%error, "the lease could not be renewed"),
            Wake::Nudged(Ok(FeedPage { entries, nudged, head: _ })) => {
                self.passed_over = entries.last().map_or(self.passed_over, |(seq, _)| *seq);
                if nudged {
                    self.look_again = true;
                    self.lease.look_now(self.now);
                }
            }
            Wake::Nudged(Err(error)) => {
                tracing::warn!(%error, "nobody can wake this worker; it looks by itself");
                self.nudging = Some(Box::pin(async move {
                    tokio::time::sleep(Duration::from_millis(INBOX_RETRY_MS)).await;
                    Ok(FeedPage { nudged: true, ..FeedPage::default() })
                }));
            }
            Wake::Looked(Ok((requests, bound))) => self.take(requests, bound),
            Wake::Looked(Err(error)) => {
                tracing::warn!(%error, "the conversation's requests could not be read");
                self.look_again = true;
                self.retry_look_at = Some(self.now.plus_ms(INBOX_RETRY_MS));
            }
            Wake::Model(input) => self.tell(input),
            Wake::Filed => {}
            Wake::Time => self.beat(),
        }
        Ok(None)
    }

    fn take(&mut self, requests: Vec<Numbered>, bound: Vec<Onlooker>) {
        self.onlookers.follow(bound);
        let is_page = requests.len() >= CHAT_REQUESTS_PAGE;
        let known = self.handled;
        for numbered in requests.into_iter().filter(|numbered| numbered.number > known) {
            self.handled = numbered.number;
            self.tell(Input::Asked(numbered));
        }
        if is_page {
            self.look_again = true;
        } else if !self.is_resumed {
            self.is_resumed = true;
            self.core.resume();
            self.drain();
        }
    }

    /// Tells the core and takes what it says.
    fn tell(&mut self, input: Input) {
        self.core.handle(input);
        self.drain();
    }

    fn drain(&mut self) {
        loop {
            match self.core.poll_output() {
                Output::Emit(event) => self.emit(event),
                Output::Effect(effect) => self.perform(effect),
                Output::Wait => break,
            }
        }
        let used = self.core.tokens();
        if used != self.booked {
            self.booked = used;
            let (deps, key, now) = (self.deps, self.key, self.now);
            self.errands.push(Box::pin(async move {
                book(deps, key, used, now).await;
            }));
        }
    }

    /// Pieces of one reply that wait together are one piece.
    fn emit(&mut self, event: Event) {
        if let Event::Delta { reply, text } = &event
            && let Some((Event::Delta { reply: before, text: waiting }, handled)) = self.pending.back_mut()
            && reply == before
            && waiting.len() + text.len() <= MERGED_DELTA_BYTES_MAX
        {
            waiting.push_str(text);
            *handled = self.handled;
            return;
        }
        self.pending.push_back((event, self.handled));
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Search { reply, sought } => self.calls.search(reply, sought, self.core.tokens(), self.now),
            Effect::Write { reply, task } => self.calls.write(reply, Task::Answer(task), self.now),
            Effect::Cancel { reply } => self.calls.cancel(&reply),
            Effect::Entitle { task } => self.calls.entitle(Task::Title(task), self.now),
        }
    }

    /// Stores what waits. A record ends where the events of a request end, so that its cursor covers no request whose events are missing.
    fn commit(&mut self) {
        if self.log.is_busy() || self.pending.is_empty() {
            return;
        }
        let mut count = self.pending.len().min(RECORD_EVENTS_MAX);
        let next = self.pending.get(count).map(|(_, handled)| *handled);
        let mut through = self.pending[count - 1].1;
        if next == Some(through) {
            // What is cut off here rests on the same request: the cursor stays before it.
            match self.pending.iter().take(count).rposition(|(_, handled)| *handled < through) {
                Some(at) => {
                    count = at + 1;
                    through = self.pending[at].1;
                }
                None => through = through.saturating_sub(1),
            }
        }
        self.committing = self.pending.drain(..count).map(|(event, _)| event).collect();
        let cursor = Cursor { inbox_through_seq: through, ..Cursor::default() };
        self.log.commit(self.committing.iter().map(wire::encode_event).collect(), cursor, self.now);
    }

    fn committed(&mut self, outcome: CommitOutcome) -> Result<Option<Left>, RunError> {
        match outcome {
            CommitOutcome::Stored { first_seq } => {
                self.in_log = true;
                let events = std::mem::take(&mut self.committing);
                metrics::counter!("viva_commits_total").increment(1);
                metrics::counter!("viva_events_total").increment(events.len() as u64);
                self.onlookers.committed(first_seq, &events);
                self.filing.file(&events);
                Ok(None)
            }
            CommitOutcome::Fenced { .. } if !self.in_log => Ok(Some(Left::NotEntered)),
            CommitOutcome::Fenced { .. } => Ok(Some(Left::Ended(Ended::Fenced))),
            CommitOutcome::Gone => Ok(Some(GONE)),
            CommitOutcome::Failing { error, gives_up: true } => Err(error.into()),
            CommitOutcome::Failing { error, gives_up: false } => {
                tracing::warn!(%error, "a commit failed; it is tried again");
                let full = matches!(error, JournalError::Full);
                let code = if full { v1::ErrorCode::StorageFull } else { v1::ErrorCode::StorageFailed };
                let re = v1::Re { id: None, session: Some(wire::session_id(self.key)), seq: None };
                let retry_after_ms = self.log.deadline().map(|at| at.since_ms(self.now));
                let message = STORED_LATER.to_owned();
                self.onlookers.notice(v1::Error { code, message, retryable: true, re, retry_after_ms });
                Ok(None)
            }
        }
    }

    fn forget(&mut self, connection: ConnectionId) {
        let (conversations, key) = (&*self.deps.conversations, self.key);
        self.errands.push(Box::pin(async move {
            if let Err(error) = conversations.unbind(key, &connection).await {
                tracing::warn!(%error, "a connection that is gone could not be unbound");
            }
        }));
    }

    /// Once a second, while a reply is due: a sign of life.
    fn beat(&mut self) {
        if self.beat_at > self.now {
            return;
        }
        self.beat_at = self.now.plus_ms(HEARTBEAT_MS);
        if self.core.is_due() {
            self.onlookers.status(wire_epoch(self.epoch), self.log.head_seq());
        }
    }

    /// Why it must leave in the middle of whatever happens.
    fn leaving(&self) -> Option<Ended> {
        if self.stop.asked.is_cancelled() {
            return Some(Ended::Stopped);
        }
        (self.stop.retirement.hard <= self.now).then_some(Ended::Retired)
    }

    /// Whether there is nothing to do any more, or a reason to stop. What was said must be stored, filed and, as far as clients take it, told.
    fn may_leave(&mut self) -> Option<Ended> {
        let is_stored = self.pending.is_empty() && !self.log.is_busy();
        if is_stored && let Some(leaving) = self.leaving() {
            return Some(leaving);
        }
        let is_at_rest = is_stored && self.is_resumed && self.core.is_idle() && self.filing.is_idle();
        if !is_at_rest || self.looking.is_some() {
            self.idle_since = self.idle_since.filter(|_| is_at_rest);
            return None;
        }
        let since = *self.idle_since.get_or_insert(self.now);
        let idle_ms = self.now.since_ms(since);
        let idle_ms_min = if self.stop.retirement.soft <= self.now { 0 } else { CHAT_IDLE_MS };
        let is_told = self.onlookers.is_idle() || idle_ms >= CHAT_IDLE_MS + CHAT_FAREWELL_MS;
        (idle_ms >= idle_ms_min && is_told).then_some(Ended::Idle)
    }
}

fn wire_epoch(epoch: u64) -> u32 {
    u32::try_from(epoch).unwrap_or(u32::MAX)
}

const GONE: Left = Left::Ended(Ended::Gone);
/// What clients are told while commits fail; what the store said is in the log.
const STORED_LATER: &str = "what happened could not be stored yet; it is tried again";
