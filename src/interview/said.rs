//! The candidate's control messages: what each means in the state it meets. What is late or repeated changes nothing; what makes no
//! sense is answered with a rejection.

use crate::config::limits;
use crate::interview::asking::Again;
use crate::interview::effect::Rejection;
use crate::interview::event::{CancelReason, CommitReason, Event, FinishReason, RevisionCause};
use crate::interview::history::{Attempt, AttemptState};
use crate::interview::input::Said;
use crate::interview::live::{Call, Listening, Phase};
use crate::interview::machine::Interview;
use crate::interview::wording::{clean, clip_json};

impl Interview {
    pub(super) fn on_said(&mut self, seq: u64, said: Said) {
        match self.live.phase {
            Phase::Idle => return self.reject(seq, Rejection::TurnUnknown, "the interview has not begun"),
            Phase::Over => {
                return match said {
                    Said::Rendered { .. } | Said::Finish => {}
                    _ => self.reject(seq, Rejection::SessionFinished, "the interview is over"),
                };
            }
            Phase::Asking(_) | Phase::Listening(_) | Phase::Closing(_) => {}
        }
        match &said {
            Said::AnswerEnd { turn }
            | Said::AnswerText { turn, .. }
            | Said::AnswerCorrect { turn, .. }
            | Said::QuestionSkip { turn }
            | Said::QuestionRepeat { turn }
            | Said::Rendered { turn, .. }
                if self.history.turn(*turn).is_none() =>
            {
                return self.reject(seq, Rejection::TurnUnknown, &format!("question {turn} has not been asked"));
            }
            _ => {}
        }
        match said {
            Said::AnswerEnd { turn } => self.on_answer_end(turn),
            Said::AnswerText { turn, text } => self.on_answer_text(seq, turn, &text),
            Said::AnswerCorrect { turn, text } => self.on_answer_correct(seq, turn, &text),
            Said::QuestionSkip { turn } => self.on_skip(turn),
            Said::QuestionRepeat { turn } => self.on_repeat(seq, turn),
            Said::Rendered { turn, attempt, chars, state } => self.on_rendered(turn, attempt, chars, state),
            Said::Finish => self.on_finish(),
        }
    }

    fn is_open(&self, turn: u32) -> bool {
        self.open_turn().is_some_and(|open| open.turn == turn)
    }

    fn on_answer_end(&mut self, turn: u32) {
        if !self.is_open(turn) {
            return;
        }
        if matches!(self.live.phase, Phase::Asking(_)) || self.live.playback.playing {
            // Said over the question: with words it is an answer, without it ends nothing.
            if !self.has_fresh_words(turn) {
                return;
            }
            self.stop_asking(CancelReason::BargeIn);
        }
        self.end_answer(CommitReason::Ended);
    }

    fn on_answer_text(&mut self, seq: u64, turn: u32, text: &str) {
        let text = clean(text).trim().to_owned();
        if text.is_empty() {
            return self.reject(seq, Rejection::InvalidField, "the answer has no text");
        }
        if !self.is_open(turn) {
            let known = self.history.turn(turn).and_then(|turn| turn.answer.as_ref()?.typed.as_ref());
            if known != Some(&text) {
                self.reject(seq, Rejection::InvalidField, "the answer to this question is over; it can be corrected");
            }
            return;
        }
        self.stop_asking(CancelReason::BargeIn);
        self.commit(CommitReason::Typed, Some(&text), None);
    }

    fn on_answer_correct(&mut self, seq: u64, turn: u32, text: &str) {
        let text = clip_json(clean(text).trim(), limits::ANSWER_JSON_BYTES_MAX).to_owned();
        let Some(answer) = self.history.turn(turn).and_then(|turn| turn.answer.as_ref()) else {
            return self.reject(seq, Rejection::InvalidField, "this question has no answer yet");
        };
        if text.is_empty() || answer.reason == CommitReason::Skipped {
            return self.reject(seq, Rejection::InvalidField, "there is nothing to correct");
        }
        if text == answer.text {
            return;
        }
        let previous = answer.text.clone();
        self.emit(Event::AnswerRevised { turn, text, previous, cause: RevisionCause::Candidate });
    }

    fn on_skip(&mut self, turn: u32) {
        if self.is_open(turn) {
            self.stop_asking(CancelReason::Skipped);
            self.commit(CommitReason::Skipped, None, None);
        }
    }

    fn on_repeat(&mut self, seq: u64, turn: u32) {
        let Some(asked) = self.open_turn().filter(|open| open.turn == turn).map(|open| open.attempt().clone()) else {
            return;
        };
        let cancelled = match asked.state {
            AttemptState::Asking | AttemptState::Done => false,
            AttemptState::Cancelled(CancelReason::BargeIn) => true,
            // It is on its way already.
            AttemptState::Cancelled(_) => return,
        };
        if asked.attempt >= limits::QUESTION_ATTEMPTS_MAX {
            return self.reject(seq, Rejection::InvalidField, "the question was asked often enough");
        }
        let repeat_of = asked.asked.trim_end().to_owned();
        if !cancelled && !self.cut_off_question(CancelReason::Repeated) {
            let heard = self.heard_text(&asked);
            self.cancel_question(turn, asked.attempt, heard, CancelReason::Repeated);
        }
        self.drop_speculation();
        self.ask(turn, asked.attempt + 1, Again { heard_before: None, repeat_of: Some(repeat_of) });
    }

    fn on_finish(&mut self) {
        if self.live.closing.is_none() && !matches!(self.live.phase, Phase::Closing(_)) {
            self.live.closing = Some(FinishReason::Finished);
            self.wind_up();
        }
    }

    /// Leaves the question, whether it is being generated, played, or waits for another try.
    fn stop_asking(&mut self, reason: CancelReason) {
        if self.cut_off_question(reason) {
            return;
        }
        if let Phase::Asking(asking) = &self.live.phase {
            let (turn, call) = (asking.turn, asking.call);
            if let Call::Running(id) = call {
                self.cancel(id);
            }
            self.live.phase = Phase::Listening(Listening { turn, end_asked: None });
        }
    }

    /// A successor finds a question that was cut off, and does what was to follow.
    pub(super) fn resume_cancelled(&mut self, turn: u32, asked: &Attempt, reason: CancelReason) {
        if self.closing_reason().is_some() {
            return self.start_closing();
        }
        let heard_before = (!asked.text.is_empty()).then(|| asked.text.clone());
        match reason {
            CancelReason::BargeIn => self.resume_listening(turn, asked),
            CancelReason::Repeated => {
                let repeat_of = Some(asked.asked.trim_end().to_owned());
                self.ask(turn, asked.attempt + 1, Again { heard_before: None, repeat_of });
            }
            CancelReason::Restarted => self.ask(turn, asked.attempt + 1, Again { heard_before, repeat_of: None }),
            CancelReason::Skipped => {
                self.record_answer(turn, CommitReason::Skipped, None);
                self.go_on();
            }
            CancelReason::Finished => self.start_closing(),
        }
    }
}
