//! Commits, snapshots, and the ways out of the loop: the interview is over, nobody is there, or the worker is asked to stop.

use crate::config::limits::{
    ABANDONED_MS, AUDIO_AHEAD_MS_MAX, FAREWELL_MS, RECORDING_AWAITED_MS, SNAPSHOT_EVERY_EVENTS,
};
use crate::interview::driver::ending::Shown;
use crate::interview::driver::worker::{Left, Phase, Worker};
use crate::interview::driver::{Ended, RunError, ending};
use crate::interview::{Interview, State, wire};
use crate::ports::budgets::Spent;
use crate::ports::journal::{Cursor, SessionState};
use crate::session::snapshots;
use std::time::Duration;

impl<'d> Worker<'d> {
    /// The interview is over: nothing more is read or asked.
    pub(super) fn close(&mut self) {
        if !matches!(self.phase, Phase::Live | Phase::Leaving { .. }) {
            return;
        }
        if let Some(hearing) = &mut self.hearing {
            hearing.stop();
        }
        self.inbox.stop();
        self.enter_phase(Phase::Closing);
        let recorded = self.core.params().and_then(|params| params.audio.filter(|_| params.recording));
        let (deps, key) = (self.deps, self.key);
        let end_ms = self.session_time().0 + AUDIO_AHEAD_MS_MAX;
        let shown = self.shown();
        // Whoever is told that it is over finds it so in the list, with report and recording.
        self.recording = Some(Box::pin(async move {
            let recording = async {
                if let Some(format) = recorded {
                    ending::record(deps, key, format, end_ms).await;
                }
            };
            tokio::join!(recording, ending::show(deps, key, &shown)).1
        }));
    }

    fn shown(&self) -> Shown {
        let summary = ending::summary(self.key, &self.row, &self.core, self.now);
        let report = self.core.report().map(|report| serde_json::to_string(report).expect("a report is plain data"));
        Shown { summary, report_json: report }
    }

    pub(super) fn enter_phase(&mut self, phase: Phase<'d>) {
        self.phase = phase;
        self.phase_since = self.now;
    }

    /// Starts what can be started: a commit, the storing of the end.
    pub(super) fn go_on(&mut self) {
        self.retire();
        let awaits_recording = matches!(self.phase, Phase::Closing)
            && self.recording.is_some()
            && self.now.since_ms(self.phase_since) < RECORDING_AWAITED_MS;
        if !self.log.is_busy()
            && !awaits_recording
            && let Some((events, cursor)) = self.outbox.take()
        {
            self.log.commit(events.iter().map(wire::encode_event).collect(), cursor, self.now);
            self.committing = events;
        }
        if matches!(self.phase, Phase::Closing) && self.is_quiet() && self.recording.is_none() {
            self.book();
            let unshown = (!self.is_shown).then(|| self.shown());
            let keeps_audio = self.core.params().is_none_or(|params| params.recording);
            let (state, held) = (ending::end_state(&self.core), (self.id, self.log.epoch()));
            let finishing = ending::finish(self.deps, self.key, held, state, unshown, keeps_audio);
            self.enter_phase(Phase::Finishing(Box::pin(finishing)));
        }
        if matches!(self.phase, Phase::Live)
            && self.is_quiet()
            && self.log.head_seq() >= self.snapshot_seq + SNAPSHOT_EVERY_EVENTS
        {
            let saving = self.save_snapshot(self.outbox.cursor());
            self.errands.push(Box::pin(saving));
        }
    }

    /// Whether all that was said is stored.
    pub(super) fn is_quiet(&self) -> bool {
        self.outbox.is_empty() && !self.log.is_busy()
    }

    pub(super) fn save_snapshot(&mut self, cursor: Cursor) -> impl Future<Output = ()> + Send + use<'d> {
        self.snapshot_seq = self.log.head_seq();
        let state = serde_json::to_string(&self.core).expect("an interview's history is plain data");
        let (journal, key, seq) = (&*self.deps.journal, self.key, self.snapshot_seq);
        async move {
            if let Err(error) = snapshots::save(journal, key, Interview::SNAPSHOT_SCHEMA, seq, cursor, state).await {
                tracing::warn!(%error, "a snapshot could not be written; the log has everything");
            }
        }
    }

    /// Whether the loop is to be left.
    pub(super) async fn leave(&mut self) -> Result<Option<Left>, RunError> {
        match self.phase {
            Phase::Live | Phase::Closing | Phase::Finishing(_) => Ok(None),
            Phase::Farewell { ended, until } => {
                let done =
                    (self.push.is_idle() && self.errands.is_empty() && self.spending.is_idle()) || until <= self.now;
                Ok(done.then_some(Left::Ended(ended)))
            }
            Phase::Leaving { ended, until } => {
                if !self.is_quiet() && self.now < until {
                    return Ok(None);
                }
                if self.is_quiet() && self.core.state() == State::Open {
                    self.tell_used();
                    self.core.note_progress();
                    // All that was handled has had its effect by now, so that a successor need not hear of it again.
                    let cursor = self.cursor();
                    self.save_snapshot(cursor).await;
                    let summary = ending::summary(self.key, &self.row, &self.core, self.now);
                    if let Err(error) = self.deps.reports.put(summary).await {
                        tracing::warn!(%error, "a summary could not be stored");
                    }
                }
                let due_at = match ended {
                    // Its successor is due at once.
                    Ended::Retired => Some(self.now),
                    _ => self.unbound_since.map(|since| since.plus_ms(ABANDONED_MS)),
                };
                let (journal, epoch) = (&self.deps.journal, self.log.epoch());
                journal.release(self.key, self.id, epoch, SessionState::Open, due_at).await?;
                Ok(Some(Left::Ended(ended)))
            }
        }
    }

    /// Another has the session, or nobody: a recording that is being written is waited for, because whoever is stopped after this (a function
    /// between two calls) could not take it away again.
    pub(super) async fn let_go(&mut self) {
        if let Some(recording) = self.recording.take()
            && tokio::time::timeout(Duration::from_millis(FAREWELL_MS), recording).await.is_err()
        {
            tracing::warn!("a recording is still being written");
        }
    }

    pub(super) fn put_summary(&mut self) {
        let (reports, summary) = (&*self.deps.reports, ending::summary(self.key, &self.row, &self.core, self.now));
        self.errands.push(Box::pin(async move {
            if let Err(error) = reports.put(summary).await {
                tracing::warn!(%error, "a summary could not be stored");
            }
        }));
    }

    /// Books what was used so far.
    pub(super) fn book(&mut self) {
        self.tell_used();
        let usage = self.core.usage();
        let tokens = usage.model_input_tokens + usage.model_output_tokens + usage.speculative_dropped_tokens;
        self.spending.book(Spent { recognizer_ms: usage.recognizer_ms, tokens }, self.now);
    }
}
