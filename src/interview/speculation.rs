//! The next question, generated ahead from a stable partial and a short silence, keyed by the answer's normalised text and held back
//! until that answer is committed. What is dropped is booked on its own line.

use crate::config::limits;
use crate::interview::completeness::{self, Completeness};
use crate::interview::effect::Effect;
use crate::interview::guide::Place;
use crate::interview::live::{Phase, Speculation};
use crate::interview::machine::Interview;
use crate::interview::params::TurnTaking;
use crate::interview::wording::key;
use crate::ports::text_model::Task;

impl Interview {
    /// The candidate goes on: what was generated for fewer words is dropped.
    pub(super) fn drop_stale_speculation(&mut self, turn: u32) {
        let stale = |key_of: &str| key_of != key(&self.answer_so_far(turn));
        if self.live.speculation.as_ref().is_some_and(|speculation| stale(&speculation.key)) {
            self.drop_speculation();
        }
    }

    /// Starts a call ahead where the answer may be over soon.
    pub(super) fn consider_speculation(&mut self) {
        let Phase::Listening(listening) = &self.live.phase else { return };
        let turn = listening.turn;
        let answer = self.answer_so_far(turn);
        let wanted = key(&answer);
        let Some(params) = self.history.params() else { return };
        let likely = params.turn_taking == TurnTaking::Auto
            && completeness::of(&answer, &params.language) <= Completeness::Short
            && self.live.ear.silence_ms() >= limits::SPECULATION_SILENCE_MS
            && !self.live.ear.has_unrecognized_voice()
            && self.has_fresh_words(turn)
            && !self.live.playback.playing;
        let allowed = self.live.speculation.is_none()
            && !self.live.model_acts
            && self.live.speculations_of_turn < limits::SPECULATIONS_PER_TURN_MAX
            && !self.is_through(Some(&answer))
            && self.closing_reason().is_none();
        if !likely || !allowed || wanted.is_empty() {
            return;
        }
        let place = self.planned(Some(&answer));
        let task = self.next_question(turn + 1, 1, place, Some(&answer));
        self.live.speculations_of_turn += 1;
        self.live.usage_of_model.speculative_requests += 1;
        let id = self.perform(Task::NextQuestion(task), true);
        self.live.speculation = Some(Speculation { id, place, key: wanted, held: String::new(), done: None });
    }

    /// The one that was generated for the answer as it was committed; another is dropped.
    pub(super) fn take_speculation(&mut self, turn: u32, attempt: u32, place: Option<Place>) -> Option<Speculation> {
        let committed = turn.checked_sub(1).and_then(|previous| self.history.turn(previous)?.answer.as_ref());
        let wanted = committed.map(|answer| key(&answer.text));
        match &self.live.speculation {
            Some(speculation)
                if attempt == 1 && speculation.place == place && wanted.as_ref() == Some(&speculation.key) =>
            {
                self.live.usage_of_model.model_requests += 1;
                self.live.speculation.take()
            }
            Some(_) => {
                self.drop_speculation();
                None
            }
            None => None,
        }
    }

    pub(super) fn drop_speculation(&mut self) {
        let Some(speculation) = self.live.speculation.take() else { return };
        let spent = self.live.calls.remove(&speculation.id).unwrap_or_default().billed();
        let dropped = match speculation.done {
            Some(_) => spent,
            // Cancelled, and it may have told nothing yet: at least what had come.
            None => spent.max((speculation.held.chars().count() as u64).div_ceil(CHARS_PER_TOKEN)),
        };
        self.live.usage_of_model.speculative_dropped_tokens += dropped;
        self.effect(Effect::Cancel { id: speculation.id });
    }
}

const CHARS_PER_TOKEN: u64 = 4;
