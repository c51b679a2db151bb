//! What happens to a question while it is being said: heard, held, resumed, cut off.
//!
//! Real words cut a question off; what was heard of it is all that stays, and the words begin the answer. A cough only holds it.

use crate::config::limits;
use crate::interview::echo;
use crate::interview::event::{CancelReason, Event};
use crate::interview::history::{Attempt, AttemptState, Turn};
use crate::interview::input::PlaybackState;
use crate::interview::live::{Call, Hold, Listening, Phase};
use crate::interview::machine::Interview;
use crate::interview::params::Playback as PlaybackMode;
use crate::interview::wording::{join, prefix};

impl Interview {
    pub(super) fn playback_mode(&self) -> PlaybackMode {
        self.history.params().map_or(PlaybackMode::Text, |params| params.playback)
    }

    /// The turn whose question is being said or answered, and which has no answer yet.
    pub(super) fn open_turn(&self) -> Option<&Turn> {
        let turn = match &self.live.phase {
            Phase::Asking(asking) => asking.turn,
            Phase::Listening(listening) => listening.turn,
            Phase::Idle | Phase::Closing(_) | Phase::Over => return None,
        };
        self.history.turn(turn).filter(|turn| turn.answer.is_none())
    }

    /// What was heard of a question. Shown texts count as heard; of spoken ones what was reported.
    pub(super) fn heard_text(&self, asked: &Attempt) -> String {
        let heard = match self.playback_mode() {
            PlaybackMode::Text => asked.asked.as_str(),
            PlaybackMode::Voice if asked.heard_all => asked.asked.as_str(),
            PlaybackMode::Voice if asked.heard_ms.is_some() => prefix(&asked.asked, asked.heard_chars as usize),
            PlaybackMode::Voice => self.probably_heard(&asked.asked),
        };
        heard.trim_end().to_owned()
    }

    /// A client that does not report: what can have been read aloud since the question began, in whole words.
    fn probably_heard<'a>(&self, asked: &'a str) -> &'a str {
        let Some(began) = self.live.playback.began else { return "" };
        let chars = self.live.clock.elapsed_ms.saturating_sub(began) / limits::SPOKEN_CHAR_MS;
        let heard = prefix(asked, usize::try_from(chars).unwrap_or(usize::MAX));
        if heard.len() == asked.len() { asked } else { heard.rsplit_once(' ').map_or("", |(whole, _)| whole) }
    }

    pub(super) fn cancel_question(&mut self, turn: u32, attempt: u32, text: String, reason: CancelReason) {
        self.emit(Event::QuestionCancelled { turn, attempt, text, reason, media_ms: self.live.ear.media_ms });
    }

    /// Ends the question in hand, if one is still being generated or played. True when there was one.
    pub(super) fn cut_off_question(&mut self, reason: CancelReason) -> bool {
        let generating = match &self.live.phase {
            Phase::Asking(asking) => Some(asking.call),
            _ => None,
        };
        if generating.is_none() && !self.live.playback.playing {
            return false;
        }
        self.flush_delta();
        let Some((turn, asked)) = self.open_turn().map(|turn| (turn.turn, turn.attempt().clone())) else {
            return false;
        };
        if matches!(asked.state, AttemptState::Cancelled(_)) {
            return false;
        }
        if let Some(Call::Running(id)) = generating {
            self.cancel(id);
        }
        let heard = self.heard_text(&asked);
        self.cancel_question(turn, asked.attempt, heard, reason);
        self.live.playback.hold = None;
        self.end_playback();
        self.live.phase = Phase::Listening(Listening { turn, end_asked: None });
        true
    }

    /// Nothing is being read aloud any more.
    pub(super) fn end_playback(&mut self) {
        if self.live.playback.hold.is_some() {
            self.resume_question();
        }
        let playback = &mut self.live.playback;
        if playback.playing {
            playback.ended_ms = Some(self.live.ear.media_ms);
        }
        playback.playing = false;
        playback.unknown_until = None;
    }

    /// Looks whether what is heard interrupts the question.
    pub(super) fn consider_barge_in(&mut self) {
        if !self.live.playback.playing || !self.has_recognizer() {
            return;
        }
        let voice = self.unexplained_voice_ms() >= limits::BARGE_IN_VOICED_MS;
        let Some(turn) = self.open_turn() else { return };
        if !voice && self.live.ear.partial.is_none() && turn.segments.is_empty() {
            return;
        }
        let words = echo::real_words(&turn.attempt().asked, &self.said_over(turn));
        let ignored = self.live.playback.words_ignored;
        let more = words > ignored.unwrap_or(0);
        if more && (words >= limits::BARGE_IN_WORDS || voice) {
            self.hold_question();
            self.cut_off_question(CancelReason::BargeIn);
        } else if more || (voice && ignored.is_none()) {
            self.hold_question();
        }
    }

    /// How long there has been voice that is not known to be echo, nor the end of the answer before this question.
    fn unexplained_voice_ms(&self) -> u64 {
        let ear = &self.live.ear;
        let explained_ms = self.open_turn().map_or(0, |turn| turn.attempt().started_ms).max(ear.echo_end_ms);
        ear.voiced_run_ms.min(ear.voiced_end_ms.unwrap_or(0).saturating_sub(explained_ms))
    }

    /// What was said while the question was being said; also where its segment began before the question.
    fn said_over(&self, turn: &Turn) -> String {
        let since_ms = turn.attempt().started_ms;
        let said = self.said_since(turn.turn, since_ms);
        let earlier =
            self.live.ear.partial.as_ref().filter(|partial| partial.turn < turn.turn && partial.end_ms > since_ms);
        let further = earlier.into_iter().flat_map(|partial| partial.text.split_whitespace());
        join(std::iter::once(said.as_str()).chain(further.skip(self.live.playback.words_before)))
    }

    fn hold_question(&mut self) {
        if self.live.playback.hold.is_some() {
            return;
        }
        let Some((turn, attempt)) = self.open_turn().map(|turn| (turn.turn, turn.attempt().attempt)) else { return };
        self.live.playback.hold = Some(Hold { until: self.live.clock.elapsed_ms + limits::FALSE_INTERRUPTION_MS });
        self.emit(Event::QuestionHeld { turn, attempt, media_ms: self.live.ear.media_ms });
    }

    /// No (further) words came: the question goes on.
    pub(super) fn resume_question(&mut self) {
        self.live.playback.hold = None;
        let Some(turn) = self.open_turn() else { return };
        let (number, attempt) = (turn.turn, turn.attempt().attempt);
        let words = echo::real_words(&turn.attempt().asked, &self.said_over(turn));
        self.live.playback.words_ignored = Some(words);
        if let Some(until) = &mut self.live.playback.unknown_until {
            *until += limits::FALSE_INTERRUPTION_MS;
        }
        self.emit(Event::QuestionResumed { turn: number, attempt, media_ms: self.live.ear.media_ms });
    }

    /// `rendered`: how much of the question was seen or heard. Of one that is over it tells nothing new.
    pub(super) fn on_rendered(&mut self, turn: u32, attempt: u32, chars: u32, state: PlaybackState) {
        let Some(asked) = self.open_turn().filter(|open| open.turn == turn).map(|open| open.attempt().clone()) else {
            return;
        };
        if asked.attempt != attempt || matches!(asked.state, AttemptState::Cancelled(_)) || asked.heard_all {
            return;
        }
        let length = asked.asked.chars().count() as u32;
        let finished = state == PlaybackState::Done && asked.state == AttemptState::Done;
        let chars = if finished { length } else { chars.min(length).max(asked.heard_chars) };
        if finished || chars > asked.heard_chars || asked.heard_ms.is_none() {
            self.emit(Event::QuestionHeard { turn, attempt, chars, finished, media_ms: self.live.ear.media_ms });
        }
        if self.playback_mode() == PlaybackMode::Text {
            return;
        }
        self.live.playback.reported = true;
        if finished {
            self.end_playback();
            self.consider_answer();
        } else if self.live.playback.unknown_until.is_some() {
            let rest = u64::from(length - chars) * limits::SPOKEN_CHAR_MS;
            self.live.playback.unknown_until = Some(self.live.clock.elapsed_ms + rest + limits::RENDERED_UNKNOWN_MS);
        }
    }

    /// Nothing was reported for too long. Where nothing ever was, all counts as heard.
    pub(super) fn give_up_on_rendered(&mut self) {
        let reported = self.live.playback.reported;
        if let Some(asked) = self.open_turn().map(|turn| (turn.turn, turn.attempt().clone()))
            && !reported
            && asked.1.heard_ms.is_none()
        {
            let (turn, attempt) = (asked.0, asked.1.attempt);
            let chars = asked.1.asked.chars().count() as u32;
            let media_ms = self.live.ear.media_ms;
            self.emit(Event::QuestionHeard { turn, attempt, chars, finished: true, media_ms });
        }
        self.end_playback();
        self.consider_answer();
    }

    /// A successor finds a question that was said in full.
    pub(super) fn resume_listening(&mut self, turn: u32, asked: &Attempt) {
        self.live.phase = Phase::Listening(Listening { turn, end_asked: None });
        let playback = &mut self.live.playback;
        let voice = self.history.params().is_some_and(|params| params.playback == PlaybackMode::Voice);
        if voice && asked.state == AttemptState::Done && !asked.heard_all {
            let rest = (asked.asked.chars().count() as u64).saturating_sub(u64::from(asked.heard_chars));
            playback.playing = true;
            playback.reported = asked.heard_ms.is_some();
            playback.unknown_until =
                Some(self.live.clock.elapsed_ms + rest * limits::SPOKEN_CHAR_MS + limits::RENDERED_UNKNOWN_MS);
            if asked.held {
                playback.hold = Some(Hold { until: self.live.clock.elapsed_ms + limits::FALSE_INTERRUPTION_MS });
            }
        } else {
            playback.ended_ms = asked.heard_ms.or(asked.done_ms);
        }
        if self.closing_reason().is_some() {
            self.wind_up();
        }
    }
}
