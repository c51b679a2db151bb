//! The end of an interview: what is still open is concluded, the last finals and the debrief are waited for, the report is written.
//!
//! Budgets and the duration lead here too. A report is always written, with the model's feedback or without it.

use crate::config::limits;
use crate::interview::SessionTime;
use crate::interview::asking::retry_wait_ms;
use crate::interview::debrief::{self, Circumstances};
use crate::interview::effect::{Effect, EffectId};
use crate::interview::event::{Budget, CancelReason, CommitReason, Event, FinishReason};
use crate::interview::guide::plan;
use crate::interview::history::AttemptState;
use crate::interview::live::{Call, Closing, ClosingStage, Phase};
use crate::interview::machine::Interview;
use crate::interview::wording::{clip, key};
use crate::ports::text_model::{Debrief, DebriefDraft, Exchange, ModelError, Outcome, Subject, Task};

impl Interview {
    /// Why no further question is asked.
    pub(super) fn closing_reason(&self) -> Option<FinishReason> {
        self.live.closing.or(self.history.closing)
    }

    /// How many questions may still be asked, at most.
    pub(super) fn questions_left(&self) -> u32 {
        if let (Some(guide), Some(place)) = (self.guide(), self.history.last_turn().and_then(|turn| turn.place)) {
            return plan::left_after(guide, place);
        }
        let asked = self.history.last_turn().map_or(0, |turn| turn.turn);
        self.history.params().map_or(0, |params| params.questions.saturating_sub(asked))
    }

    pub(super) fn remaining_ms(&self) -> Option<u64> {
        let duration_ms = self.history.params()?.duration_ms?;
        Some(duration_ms.saturating_sub(self.live.clock.elapsed_ms))
    }

    pub(super) fn on_budget_left(&mut self, budget: Budget, remaining: u64) {
        if !self.is_asking_or_listening() {
            return;
        }
        if remaining > 0 {
            if !self.history.warned.contains(&budget) {
                self.emit(Event::BudgetWarning { budget, remaining });
            }
        } else if self.closing_reason().is_none() {
            self.emit(Event::BudgetWarning { budget, remaining: 0 });
            self.wind_up();
        }
    }

    pub(super) fn on_abandon(&mut self) {
        match self.live.phase {
            Phase::Idle | Phase::Over => {}
            Phase::Closing(_) => self.live.closing = Some(FinishReason::Abandoned),
            Phase::Asking(_) | Phase::Listening(_) => {
                self.live.closing = Some(FinishReason::Abandoned);
                self.wind_up();
            }
        }
    }

    pub(super) fn is_asking_or_listening(&self) -> bool {
        matches!(self.live.phase, Phase::Asking(_) | Phase::Listening(_))
    }

    /// The end of the time is near.
    pub(super) fn warn_of_the_end(&mut self) {
        let remaining = self.remaining_ms().unwrap_or(0);
        self.emit(Event::BudgetWarning { budget: Budget::Duration, remaining: remaining.max(1) });
    }

    /// The time is over. Someone who is speaking may end the sentence.
    pub(super) fn time_is_over(&mut self) {
        if self.closing_reason().is_none() {
            self.emit(Event::BudgetWarning { budget: Budget::Duration, remaining: 0 });
        }
        let speaking = matches!(self.live.phase, Phase::Listening(_))
            && !self.live.playback.playing
            && self.live.ear.voiced_end_ms.is_some()
            && self.live.ear.silence_ms() < limits::SILENCE_SHORT_MS;
        if speaking && self.live.grace_until.is_none() {
            self.live.grace_until = Some(self.live.clock.elapsed_ms + limits::DURATION_GRACE_MS);
        } else {
            self.wind_up();
        }
    }

    /// Ends the interview from wherever it is: what was said is committed, an unanswered question is cancelled.
    pub(super) fn wind_up(&mut self) {
        if matches!(self.live.phase, Phase::Closing(_) | Phase::Over) {
            return;
        }
        self.drop_speculation();
        self.live.timing = None;
        self.live.grace_until = None;
        let finished = self.closing_reason() == Some(FinishReason::Finished);
        let open = self.open_turn().map(|turn| (turn.turn, turn.attempt().clone()));
        if !self.cut_off_question(CancelReason::Finished)
            && let Phase::Asking(asking) = &self.live.phase
            && let Call::Running(id) = asking.call
        {
            self.cancel(id);
        }
        if let Some((turn, asked)) = open {
            if key(&self.answer_so_far(turn)).is_empty() {
                let state = self.history.turn(turn).map(|turn| turn.attempt().state);
                if matches!(state, Some(AttemptState::Asking | AttemptState::Done)) {
                    let heard = self.heard_text(&asked);
                    self.cancel_question(turn, asked.attempt, heard, CancelReason::Finished);
                }
            } else {
                let reason = if finished { CommitReason::Ended } else { CommitReason::Limit };
                self.record_answer(turn, reason, None);
            }
        }
        if finished && self.history.closing.is_none() && self.questions_left() > 0 {
            self.emit(Event::BudgetWarning { budget: Budget::Questions, remaining: 0 });
        }
        self.start_closing();
    }

    /// No further question: the recognizer's last words are waited for, then feedback.
    pub(super) fn start_closing(&mut self) {
        self.drop_speculation();
        self.live.timing = None;
        self.flush_recognizer();
        let until = SessionTime(self.now.0 + limits::FINALS_WAIT_MS);
        let latest = SessionTime(self.now.0 + limits::RECOGNIZER_BEHIND_MS_MAX);
        self.live.phase = Phase::Closing(Closing { stage: ClosingStage::AwaitFinals { until, latest } });
        self.consider_closing();
    }

    pub(super) fn consider_closing(&mut self) {
        if let Phase::Closing(Closing { stage: ClosingStage::AwaitFinals { .. } }) = &self.live.phase
            && !self.awaits_finals()
            && self.live.tail.is_none()
        {
            self.begin_debrief();
        }
    }

    /// All that will be known of the answers is known.
    pub(super) fn begin_debrief(&mut self) {
        let unanswered = self.history.last_turn().filter(|turn| turn.answer.is_none()).map(|turn| turn.turn);
        if let Some(turn) = unanswered
            && !key(&self.answer_so_far(turn)).is_empty()
        {
            self.record_answer(turn, CommitReason::Ended, None);
        }
        self.live.tail = None;
        let answered = self.history.turns.iter().any(debrief::is_answered);
        let affordable = !matches!(self.closing_reason(), Some(FinishReason::Budget | FinishReason::Failed));
        if answered && affordable {
            self.call_for_debrief(0);
        } else {
            self.write_report(None);
        }
    }

    fn call_for_debrief(&mut self, failures: u32) {
        self.live.usage_of_model.model_requests += 1;
        let turn = self.history.last_turn().map_or(0, |turn| turn.turn + 1);
        let task = Debrief {
            subject: self.subject(),
            exchanges: self.exchanges(turn, None),
            evidence: debrief::sentences(&self.history),
            criteria: self.guide().map_or_else(Vec::new, |guide| guide.rubric.clone()),
        };
        let id = self.perform(Task::Debrief(task), false);
        let stage = ClosingStage::Debrief { call: Call::Running(id), failures, draft: None };
        self.live.phase = Phase::Closing(Closing { stage });
    }

    /// The wait after a failure is over.
    pub(super) fn retry_debrief(&mut self) {
        if let Phase::Closing(Closing { stage: ClosingStage::Debrief { failures, .. } }) = self.live.phase {
            self.call_for_debrief(failures);
        }
    }

    pub(super) fn on_model_debrief(&mut self, id: EffectId, written: DebriefDraft) {
        if let Phase::Closing(Closing { stage: ClosingStage::Debrief { call, draft, .. } }) = &mut self.live.phase
            && *call == Call::Running(id)
        {
            *draft = Some(written);
        }
    }

    pub(super) fn on_debrief_done(&mut self, id: EffectId) {
        let Phase::Closing(Closing { stage: ClosingStage::Debrief { call, draft, .. } }) = &mut self.live.phase else {
            return;
        };
        if *call != Call::Running(id) {
            return;
        }
        let draft = draft.take();
        match draft {
            Some(draft) => self.write_report(Some(draft)),
            None => self.on_debrief_failed(id, &ModelError::Invalid("the debrief is empty".to_owned())),
        }
    }

    pub(super) fn on_debrief_failed(&mut self, id: EffectId, error: &ModelError) {
        let now = self.now;
        let Phase::Closing(Closing { stage: ClosingStage::Debrief { call, failures, draft } }) = &mut self.live.phase
        else {
            return;
        };
        if *call != Call::Running(id) {
            return;
        }
        *failures += 1;
        if let Some(draft) = draft.take() {
            self.write_report(Some(draft));
        } else if *failures >= limits::DEBRIEF_CALLS_MAX {
            self.write_report(None);
        } else {
            *call = Call::Waiting { until: SessionTime(now.0 + retry_wait_ms(*failures, error)) };
        }
    }

    fn write_report(&mut self, draft: Option<DebriefDraft>) {
        let circumstances = Circumstances { duration_ms: self.live.clock.elapsed_ms, reason: self.finish_reason() };
        if let Some(report) = debrief::report(&self.history, draft, circumstances) {
            self.emit(Event::Report { report: Box::new(report) });
        }
        self.finish();
    }

    pub(super) fn finish(&mut self) {
        let usage = self.usage_so_far();
        self.emit(Event::Finished { reason: self.finish_reason(), usage });
        self.effect(Effect::Close);
        self.live.phase = Phase::Over;
    }

    /// Finishing after the last answer is completing it.
    fn finish_reason(&self) -> FinishReason {
        let answered = self.history.last_turn().is_some_and(|turn| turn.answer.is_some());
        match self.closing_reason() {
            None => FinishReason::Completed,
            Some(FinishReason::Finished) if answered && self.questions_left() == 0 => FinishReason::Completed,
            Some(reason) => reason,
        }
    }

    pub(super) fn subject(&self) -> Subject {
        let params = self.history.params();
        Subject {
            topic: params.map_or_else(String::new, |params| params.topic.clone()),
            role: params.and_then(|params| params.role.clone()),
            level: params.and_then(|params| params.level.clone()),
            language: params.map_or_else(String::new, |params| params.language.clone()),
        }
    }

    /// What was asked and answered before `turn`; `answer` is the last one's where it is not committed yet.
    pub(super) fn exchanges(&self, turn: u32, answer: Option<&str>) -> Vec<Exchange> {
        let before = self.history.turns.iter().filter(|known| known.turn < turn);
        before
            .map(|known| {
                let text = match (&known.answer, answer) {
                    (Some(committed), _) if committed.reason == CommitReason::Skipped => None,
                    (Some(committed), _) => Some(committed.text.as_str()),
                    (None, Some(answer)) if known.turn + 1 == turn => Some(answer),
                    (None, _) => Some(""),
                };
                let outcome = match text {
                    None => Outcome::Skipped,
                    Some(text) if key(text).is_empty() => Outcome::Unanswered,
                    Some(text) => Outcome::Answered { text: clip(text, limits::EXCHANGE_CHARS_MAX) },
                };
                let asked = known.attempt();
                let question = match (asked.state, &outcome) {
                    (AttemptState::Cancelled(_), Outcome::Skipped) => asked.asked.clone(),
                    (AttemptState::Asking | AttemptState::Done | AttemptState::Cancelled(_), _) => asked.text.clone(),
                };
                Exchange { turn: known.turn, question: question.trim_end().to_owned(), outcome }
            })
            .collect()
    }
}
