//! The moments that the core waits for, each with its reason, and what is done when one has come.
//!
//! Turn timers and the duration run on bound time: they stand still while nobody is bound or audio is fed again.

use crate::config::limits;
use crate::interview::SessionTime;
use crate::interview::effect::Reason;
use crate::interview::event::{Budget, FinishReason};
use crate::interview::live::{Call, Closing, ClosingStage, Listening, Phase};
use crate::interview::machine::Interview;

impl Interview {
    pub(super) fn next_deadline(&self) -> Option<(SessionTime, Reason)> {
        self.deadlines().into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    /// Does what is due. Every deadline that has come is gone afterwards, so that this ends.
    pub(super) fn check_deadlines(&mut self) {
        while let Some((at, reason)) = self.next_deadline() {
            if at > self.now {
                return;
            }
            self.on_deadline(reason);
        }
    }

    fn on_deadline(&mut self, reason: Reason) {
        match reason {
            Reason::DeltaCoalescing => self.flush_delta(),
            Reason::ModelRetry if matches!(self.live.phase, Phase::Closing(_)) => self.retry_debrief(),
            Reason::ModelRetry => self.retry_question(),
            Reason::FalseInterruption => self.resume_question(),
            Reason::RenderedUnknown => self.give_up_on_rendered(),
            Reason::DurationWarning => self.warn_of_the_end(),
            Reason::DurationOver => self.time_is_over(),
            Reason::QuestionOver => self.time_of_question_is_over(),
            Reason::FinalsAwaited => self.stop_awaiting_finals(),
        }
    }

    fn stop_awaiting_finals(&mut self) {
        let due = |until: SessionTime| until <= self.now;
        if self.live.tail.as_ref().is_some_and(|tail| due(tail.until)) {
            self.live.tail = None;
            return self.consider_closing();
        }
        match &self.live.phase {
            Phase::Listening(Listening { end_asked: Some(asked), .. }) if due(asked.until) => self.give_up_on_words(),
            Phase::Closing(Closing { stage: ClosingStage::AwaitFinals { until, .. } }) if due(*until) => {
                self.begin_debrief()
            }
            _ => {}
        }
    }

    fn deadlines(&self) -> [Option<(SessionTime, Reason)>; 8] {
        let clock = &self.live.clock;
        let playback = &self.live.playback;
        let bound = |elapsed_ms: u64| clock.when(elapsed_ms);
        let of_phase = match &self.live.phase {
            Phase::Asking(asking) => match asking.call {
                Call::Waiting { until } => Some((until, Reason::ModelRetry)),
                Call::Running(_) if asking.pending.is_empty() => None,
                Call::Running(_) => asking
                    .last_delta
                    .map(|at| (SessionTime(at.0 + limits::DELTA_COALESCING_MS), Reason::DeltaCoalescing)),
            },
            Phase::Listening(listening) => listening.end_asked.map(|asked| (asked.until, Reason::FinalsAwaited)),
            Phase::Closing(Closing { stage }) => match stage {
                ClosingStage::AwaitFinals { until, .. } => Some((*until, Reason::FinalsAwaited)),
                ClosingStage::Debrief { call: Call::Waiting { until }, .. } => Some((*until, Reason::ModelRetry)),
                ClosingStage::Debrief { call: Call::Running(_), .. } => None,
            },
            Phase::Idle | Phase::Over => return [None; 8],
        };
        let tail = self.live.tail.as_ref().map(|tail| (tail.until, Reason::FinalsAwaited));
        if !self.is_asking_or_listening() {
            return [of_phase, tail, None, None, None, None, None, None];
        }
        let duration = self.history.params().and_then(|params| params.duration_ms);
        let warned = self.history.warned.contains(&Budget::Duration);
        let warning = duration.filter(|_| !warned).map(|ms| ms - limits::DURATION_WARNING_MS.min(ms / 10));
        let grace = self.live.grace_until;
        let timed_out = self.closing_reason() == Some(FinishReason::Time);
        let over = duration.filter(|_| !timed_out && self.closing_reason().is_none());
        let at = |elapsed: Option<u64>, reason| elapsed.and_then(bound).map(|at| (at, reason));
        [
            of_phase,
            tail,
            at(playback.hold.map(|hold| hold.until), Reason::FalseInterruption),
            at(playback.unknown_until.filter(|_| playback.playing && playback.hold.is_none()), Reason::RenderedUnknown),
            at(warning, Reason::DurationWarning),
            at(over, Reason::DurationOver),
            at(grace, Reason::DurationOver),
            at(self.question_over_at(), Reason::QuestionOver),
        ]
    }
}
