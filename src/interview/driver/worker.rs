//! The one loop of a session's worker: what woke it, and what it does about that.

use crate::config::limits::{FAREWELL_MS, HEARTBEAT_MS, RECORDING_AWAITED_MS, REPUSHED_EVENTS_MAX};
use crate::interview::driver::budget::Spending;
use crate::interview::driver::calls::Calls;
use crate::interview::driver::counting;
use crate::interview::driver::ending::EndingError;
use crate::interview::driver::entries::Starting;
use crate::interview::driver::hearing::{Heard, Hearing};
use crate::interview::driver::metering::Metered;
use crate::interview::driver::outbox::Outbox;
use crate::interview::driver::restore::Entered;
use crate::interview::driver::{Deps, Ended, RunError, Stop};
use crate::interview::event::{Budget, Usage};
use crate::interview::guide::Followed;
use crate::interview::{Event, Input, Interview, Output, SessionTime, State, wire};
use crate::ports::clock::UnixMs;
use crate::ports::feed::{FeedError, FeedHead};
use crate::ports::ids::{SessionKey, WorkerId};
use crate::ports::journal::{Cursor, SessionRow, SessionState};
use crate::ports::recognizer::StreamSpec;
use crate::session::{CommitOutcome, Inbox, Lease, Log, Push, Pushed, Reading, Renewal};
use futures::future::BoxFuture;
use protocol::v1;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
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

enum Wake {
    Commit(CommitOutcome),
    Push(Pushed),
    Renewal(Renewal),
    Model(Input),
    Heard(Heard),
    Inbox(Reading),
    Guide(Option<Box<Followed>>),
    Booked(Vec<(Budget, u64)>),
    Finished(Result<SessionState, EndingError>),
    Time,
}

pub(super) enum Phase<'d> {
    Live,
    /// The core is done; what it said last is being committed.
    Closing,
    /// What remains of the session is being stored.
    Finishing(BoxFuture<'d, Result<SessionState, EndingError>>),
    /// All is stored; the last messages go out.
    Farewell {
        ended: Ended,
        until: UnixMs,
    },
    /// The session is given back as soon as what is pending is committed.
    Leaving {
        ended: Ended,
        until: UnixMs,
    },
}

pub(super) struct Worker<'d> {
    pub(super) deps: &'d Deps,
    pub(super) key: &'d SessionKey,
    pub(super) id: &'d WorkerId,
    pub(super) stop: Stop<'d>,
    pub(super) session: v1::SessionId,
    pub(super) row: SessionRow,
    pub(super) now: UnixMs,
    pub(super) core: Interview,
    pub(super) core_deadline: Option<UnixMs>,
    pub(super) log: Log<'d>,
    pub(super) lease: Lease<'d>,
    pub(super) inbox: Inbox<'d>,
    pub(super) push: Push<'d>,
    pub(super) calls: Calls<'d>,
    /// The guide of an interview that is about to start is being read; nothing else is read of the inbox meanwhile.
    pub(super) starting: Option<Starting<'d>>,
    pub(super) hearing: Option<Hearing<'d>>,
    pub(super) outbox: Outbox,
    pub(super) committing: Vec<Event>,
    pub(super) spending: Spending<'d>,
    pub(super) metered: Option<Metered<'d>>,
    /// Things that must be done but that nothing waits for.
    pub(super) errands: Vec<BoxFuture<'d, ()>>,
    /// The storing of recording, summary and report, while it is under way; whether the latter two are stored.
    pub(super) recording: Option<BoxFuture<'d, bool>>,
    pub(super) is_shown: bool,
    pub(super) phase: Phase<'d>,
    pub(super) phase_since: UnixMs,
    pub(super) in_log: bool,
    /// Control messages up to here have had their effect.
    pub(super) handled_through_seq: u64,
    /// An `answer.end` that still waits for the last words: until they are there, a successor must hear of it again.
    pub(super) ending_seq: Option<u64>,
    /// Up to here a predecessor had handled the inbox.
    pub(super) refeed_through_seq: u64,
    pub(super) refeeding: bool,
    pub(super) messages: u64,
    pub(super) audio_at: UnixMs,
    pub(super) told: Usage,
    pub(super) unbound_since: Option<UnixMs>,
    pub(super) snapshot_seq: u64,
    pub(super) beat_at: UnixMs,
    pub(super) sleep: Pin<Box<Sleep>>,
    pub(super) armed: Option<UnixMs>,
}

impl<'d> Worker<'d> {
    pub(super) async fn new(
        deps: &'d Deps,
        key: &'d SessionKey,
        id: &'d WorkerId,
        row: &SessionRow,
        entered: Entered,
        stop: Stop<'d>,
    ) -> Result<Self, RunError> {
        let Entered { interview, head_seq, cursor, events, effects, wait, in_log } = entered;
        let now = deps.clock.now();
        let over = matches!(interview.state(), State::Finished | State::Abandoned);
        let head = match deps.feed.head(key).await {
            // Nothing is read of it any more: a predecessor has removed what was not to be kept.
            Err(FeedError::Deleted) if over => FeedHead::default(),
            head => head?,
        };
        let audio_from = cursor.audio_from;
        let after_seq = match audio_from.seq.checked_sub(1) {
            Some(before) => before.min(cursor.inbox_through_seq),
            None => cursor.inbox_through_seq,
        };
        let committed_seq = head_seq + events.len() as u64;
        let (journal, feed) = (&*deps.journal, &*deps.feed);
        let mut worker = Self {
            deps,
            key,
            id,
            stop,
            session: wire::session_id(key),
            row: row.clone(),
            now,
            core: interview,
            core_deadline: wait.map(|SessionTime(at)| row.created.plus_ms(at)),
            log: Log::new(journal, key, id, row.epoch, committed_seq),
            lease: Lease::new(journal, key, id, row.epoch, now),
            inbox: Inbox::new(feed, key, after_seq, head, now),
            push: Push::new(&*deps.connections, journal, key, render, head_seq),
            calls: Calls::new(&*deps.model, deps.passages.as_deref()),
            starting: None,
            hearing: None,
            outbox: Outbox::new(cursor),
            committing: Vec::new(),
            metered: deps.settings.metering.as_ref().map(|metering| Metered::new(metering, now)),
            spending: Spending::new(&*deps.budgets, key, deps.settings.budgets),
            errands: Vec::new(),
            recording: None,
            is_shown: false,
            phase: Phase::Live,
            phase_since: now,
            in_log,
            handled_through_seq: cursor.inbox_through_seq,
            ending_seq: None,
            refeed_through_seq: cursor.inbox_through_seq,
            refeeding: after_seq < cursor.inbox_through_seq,
            messages: 0,
            audio_at: now,
            told: Usage::default(),
            unbound_since: None,
            snapshot_seq: committed_seq,
            beat_at: now.plus_ms(HEARTBEAT_MS),
            sleep: Box::pin(tokio::time::sleep(Duration::ZERO)),
            armed: None,
        };
        let bound_head_seq = row.bound_head_seq.max(head_seq.saturating_sub(REPUSHED_EVENTS_MAX));
        worker.push.bind(row.connection.as_ref(), row.bind_no, bound_head_seq);
        worker.push_events(head_seq + 1, &events);
        let bound = worker.push.is_bound();
        worker.inbox.set_bound(bound, now);
        worker.unbound_since = (!bound).then(|| row.unbound_since.unwrap_or(now));
        worker.begin(effects);
        Ok(worker)
    }

    fn begin(&mut self, effects: Vec<crate::interview::Effect>) {
        if !self.deps.model.may_speculate() {
            self.tell(Input::ModelActs);
        }
        match self.core.state() {
            State::New => {}
            State::Open => {
                self.listen();
                if self.refeeding {
                    self.tell(Input::Refeeding(true));
                }
                if self.unbound_since.is_some() {
                    self.tell(Input::Bound(false));
                }
                effects.into_iter().for_each(|effect| self.perform(effect));
                if self.hearing.as_ref().is_some_and(|_| self.deps.recognizer.is_none()) {
                    let message = "the recognizer is gone".to_owned();
                    self.tell(Input::RecognizerFailed { message, retrying: false });
                }
            }
            State::Finished | State::Abandoned => self.close(),
        }
    }

    /// Makes ready for audio, where the interview has any.
    pub(super) fn listen(&mut self) {
        let Some(params) = self.core.params() else { return };
        let Some(format) = params.audio else { return };
        let hints = vec![params.topic.clone()].into_iter().chain(params.role.clone()).collect();
        let spec = StreamSpec { language: params.language.clone(), hints };
        let from = self.outbox.cursor().audio_from;
        let recognizer = self.deps.recognizer.as_deref();
        self.hearing = Some(
            Hearing::new(recognizer, spec, format, from, self.core.final_end_ms())
                .counting_after(self.handled_through_seq),
        );
    }

    pub(super) async fn work(mut self) -> Result<Left, RunError> {
        loop {
            self.go_on();
            if let Some(left) = self.leave().await? {
                return Ok(left);
            }
            let wake = poll_fn(|cx| self.poll(cx)).await;
            if let Some(left) = self.wake(wake)? {
                self.let_go().await;
                return Ok(left);
            }
            tokio::task::consume_budget().await;
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Wake> {
        self.now = self.now.max(self.deps.clock.now());
        let now = self.now;
        self.errands.retain_mut(|errand| errand.as_mut().poll(cx).is_pending());
        if let Some(recording) = &mut self.recording
            && let Poll::Ready(shown) = recording.as_mut().poll(cx)
        {
            self.recording = None;
            self.is_shown = shown;
            return Poll::Ready(Wake::Time);
        }
        if let Poll::Ready(pushed) = self.push.poll(cx, now) {
            return Poll::Ready(Wake::Push(pushed));
        }
        if let Poll::Ready(outcome) = self.log.poll(cx, now) {
            return Poll::Ready(Wake::Commit(outcome));
        }
        if let Phase::Finishing(finishing) = &mut self.phase
            && let Poll::Ready(finished) = finishing.as_mut().poll(cx)
        {
            return Poll::Ready(Wake::Finished(finished));
        }
        if !matches!(self.phase, Phase::Farewell { .. })
            && let Poll::Ready(renewal) = self.lease.poll(cx, now)
        {
            return Poll::Ready(Wake::Renewal(renewal));
        }
        if let Poll::Ready(low) = self.spending.poll(cx, now) {
            return Poll::Ready(Wake::Booked(low));
        }
        if matches!(self.phase, Phase::Live)
            && let Poll::Ready(wake) = self.poll_live(cx, now)
        {
            return Poll::Ready(wake);
        }
        self.poll_time(cx, now)
    }

    fn poll_live(&mut self, cx: &mut Context<'_>, now: UnixMs) -> Poll<Wake> {
        if let Some(starting) = &mut self.starting {
            return starting.guide.as_mut().poll(cx).map(Wake::Guide);
        }
        if let Poll::Ready(input) = self.calls.poll(cx, now) {
            return Poll::Ready(Wake::Model(input));
        }
        if let Some(hearing) = &mut self.hearing
            && let Poll::Ready(heard) = hearing.poll(cx, now, self.core.final_end_ms())
        {
            return Poll::Ready(Wake::Heard(heard));
        }
        let wanted = self.outbox.has_room() && self.hearing.as_ref().is_none_or(Hearing::has_room);
        self.inbox.poll(cx, now, wanted).map(Wake::Inbox)
    }

    fn poll_time(&mut self, cx: &mut Context<'_>, now: UnixMs) -> Poll<Wake> {
        let deadline = self.deadline();
        if deadline <= now {
            return Poll::Ready(Wake::Time);
        }
        // A timer that fires too early is cheaper than one that is set anew for every message.
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
        let phase = match &self.phase {
            Phase::Live => Some(self.stop.retirement.hard),
            Phase::Closing => Some(self.phase_since.plus_ms(RECORDING_AWAITED_MS)).filter(|at| *at > self.now),
            Phase::Finishing(_) => None,
            Phase::Farewell { until, .. } | Phase::Leaving { until, .. } => Some(*until),
        };
        let mut earliest = self.beat_at;
        let common = [phase, self.log.deadline(), self.push.deadline()];
        let live = if matches!(self.phase, Phase::Live) {
            let hearing = self.hearing.as_ref().and_then(Hearing::deadline);
            [self.core_deadline, self.inbox.deadline(), self.calls.deadline(), hearing]
        } else {
            [None; 4]
        };
        for at in common.into_iter().chain(live).flatten() {
            earliest = earliest.min(at);
        }
        if !matches!(self.phase, Phase::Farewell { .. }) {
            earliest = earliest.min(self.lease.deadline());
        }
        earliest
    }

    fn wake(&mut self, wake: Wake) -> Result<Option<Left>, RunError> {
        match wake {
            Wake::Commit(outcome) => return self.committed(outcome),
            Wake::Push(Pushed::Unbound(connection)) => {
                let (journal, key, now) = (&*self.deps.journal, self.key, self.now);
                self.errands.push(Box::pin(async move {
                    if let Err(error) = journal.unbind(key, &connection, now).await {
                        tracing::warn!(%error, "a connection that is gone could not be unbound");
                    }
                }));
                self.set_bound(false, now);
            }
            Wake::Renewal(Renewal::Row(row)) if row.state == SessionState::Deleted => {
                return Ok(Some(Left::Ended(Ended::Gone)));
            }
            Wake::Renewal(Renewal::Row(row)) => self.follow_row(*row),
            Wake::Renewal(Renewal::Lost) => return Ok(Some(Left::Ended(Ended::Fenced))),
            Wake::Renewal(Renewal::Gone) => return Ok(Some(Left::Ended(Ended::Gone))),
            Wake::Renewal(Renewal::Failing(error)) => tracing::warn!(%error, "the lease could not be renewed"),
            Wake::Model(input) => {
                if matches!(input, Input::ModelDone { .. } | Input::ModelFailed { .. }) && self.metered.is_some() {
                    // It may be the last call, and the core is about to say what was used in all.
                    self.tell_used();
                }
                self.tell(input);
            }
            Wake::Heard(Heard::Tell(input)) => self.tell(input),
            Wake::Heard(Heard::Rewind { after_seq, from_ms }) => {
                self.tell(Input::RecognizedAnew { from_ms });
                self.inbox.rewind(after_seq.min(self.handled_through_seq));
            }
            Wake::Heard(Heard::Nothing) => {}
            Wake::Inbox(Reading::Entries { entries, nudged }) => {
                if nudged {
                    self.lease.look_now(self.now);
                }
                self.take_entries(entries);
            }
            Wake::Guide(guide) => self.start_with(guide),
            Wake::Inbox(Reading::Gone) => return Ok(Some(Left::Ended(Ended::Gone))),
            Wake::Inbox(Reading::Failing(error)) => tracing::warn!(%error, "the inbox could not be read"),
            Wake::Booked(low) => {
                for (budget, remaining) in low {
                    self.tell(Input::BudgetLeft { budget, remaining });
                }
            }
            Wake::Finished(Ok(state)) => {
                let until = self.now.plus_ms(FAREWELL_MS);
                self.enter_phase(Phase::Farewell { ended: Ended::Over(state), until });
            }
            Wake::Finished(Err(error)) => return Err(RunError::Ending(error.to_string())),
            Wake::Time => self.on_time(),
        }
        Ok(None)
    }

    fn committed(&mut self, outcome: CommitOutcome) -> Result<Option<Left>, RunError> {
        match outcome {
            CommitOutcome::Stored { first_seq } => {
                self.in_log = true;
                let events = std::mem::take(&mut self.committing);
                counting::committed(&events);
                self.push_events(first_seq, &events);
                if events.iter().any(|event| matches!(event, Event::Started { .. })) {
                    self.put_summary();
                }
                if events.iter().any(|event| matches!(event, Event::AnswerCommitted { .. })) {
                    self.book();
                }
                Ok(None)
            }
            CommitOutcome::Fenced { .. } if !self.in_log => Ok(Some(Left::NotEntered)),
            CommitOutcome::Fenced { .. } => Ok(Some(Left::Ended(Ended::Fenced))),
            CommitOutcome::Gone => Ok(Some(Left::Ended(Ended::Gone))),
            CommitOutcome::Failing { error, gives_up: true } => Err(error.into()),
            CommitOutcome::Failing { error, gives_up: false } => {
                tracing::warn!(%error, "a commit failed; it is tried again");
                let full = matches!(error, crate::ports::journal::JournalError::Full);
                let code = if full { v1::ErrorCode::StorageFull } else { v1::ErrorCode::StorageFailed };
                let re = v1::Re { id: None, session: Some(self.session.clone()), seq: None };
                let retry_after_ms = self.log.deadline().map(|at| at.since_ms(self.now));
                self.push_error(v1::Error { code, message: STORED_LATER.into(), retryable: true, re, retry_after_ms });
                Ok(None)
            }
        }
    }

    fn push_events(&mut self, first_seq: u64, events: &[Event]) {
        if events.is_empty() {
            return;
        }
        let session = &self.session;
        self.push.committed(first_seq, events, |seq, event| wire::event_text(session, seq, event));
    }

    /// Tells the core and takes what it says.
    pub(super) fn tell(&mut self, input: Input) {
        self.core.handle(input, self.session_time());
        loop {
            match self.core.poll_output() {
                Output::Emit(event) => {
                    if let Event::BudgetWarning { budget: Budget::Audio | Budget::Tokens, remaining: 0 } = event {
                        self.tell_over_budget();
                    }
                    self.outbox.push(event);
                }
                Output::Effect(effect) => self.perform(effect),
                Output::Wait(until) => {
                    self.core_deadline = until.map(|(SessionTime(at), _)| self.row.created.plus_ms(at));
                    break;
                }
            }
        }
        let cursor = self.cursor();
        self.outbox.end_group(cursor);
    }

    pub(super) fn cursor(&mut self) -> Cursor {
        let audio_from = self.hearing.as_mut().map_or(self.outbox.cursor().audio_from, Hearing::settled);
        let through_seq = self.handled_through_seq;
        self.ending_seq = self.core.is_ending_answer().then(|| self.ending_seq.unwrap_or(through_seq));
        let inbox_through_seq = self.ending_seq.map_or(through_seq, |seq| through_seq.min(seq.saturating_sub(1)));
        Cursor { inbox_through_seq, audio_from }
    }

    pub(super) fn session_time(&self) -> SessionTime {
        SessionTime(self.now.since_ms(self.row.created))
    }
}

fn render(key: &SessionKey, seq: u64, stored: &str) -> Option<Arc<str>> {
    match wire::stored_text(key, seq, stored) {
        Ok(text) => Some(text),
        Err(error) => {
            tracing::error!(%error, seq, "a stored event could not be read");
            None
        }
    }
}

/// What a client is told while commits fail; what the store said is in the log.
const STORED_LATER: &str = "what happened could not be stored yet; it is tried again";
