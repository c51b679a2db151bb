//! When an answer is over, and what is committed then. Silence is counted in media time: a lost connection never ends an answer.

use crate::config::limits;
use crate::interview::SessionTime;
use crate::interview::completeness;
use crate::interview::delivery;
use crate::interview::endpoint::{self, Pause};
use crate::interview::event::{CommitReason, Event, Word};
use crate::interview::history::Turn;
use crate::interview::live::{AnswerEnd, EndAsked, Listening, Phase, Tail};
use crate::interview::machine::Interview;
use crate::interview::wording::{clean, clip_json, join, key, tokens};

impl Interview {
    /// Looks whether the answer is over, and whether the next question may be generated ahead.
    pub(super) fn consider_answer(&mut self) {
        let Phase::Listening(Listening { turn, end_asked }) = self.live.phase else { return };
        if self.open_turn().is_none() {
            return;
        }
        let caught_up = !self.live.ear.has_unrecognized_voice();
        if let Some(asked) = end_asked {
            if (caught_up && !key(&self.answer_so_far(turn)).is_empty()) || !self.has_recognizer() {
                self.commit(asked.reason, None, Some(asked));
            }
            return;
        }
        if self.live.playback.playing {
            return;
        }
        self.drop_stale_speculation(turn);
        let waits = self.silence_ms() < limits::SPECULATION_SILENCE_MS && !self.may_be_too_long(turn);
        if waits || !self.has_fresh_words(turn) {
            return;
        }
        if self.is_too_long(turn) {
            return self.commit(CommitReason::Limit, None, None);
        }
        self.consider_speculation();
        let Some(params) = self.history.params() else { return };
        let pause = Pause {
            silence_ms: self.silence_ms(),
            completeness: completeness::of(&self.answer_so_far(turn), &params.language),
            caught_up,
            said_over_question: self.was_said_over_question(turn),
        };
        // Words that are still to come tell whether the answer goes on: a recognizer that has little of the machine may be many seconds behind.
        // While audio is fed again, faster than it was spoken, its lag says nothing.
        let reliable = caught_up || !(self.live.clock.refeeding || self.live.ear.is_behind(self.now));
        if reliable && endpoint::is_over(params.turn_taking, pause) {
            self.commit(CommitReason::Silence, None, None);
        }
    }

    /// Silence since the voice, the words and the question have ended. What was never received counts for nothing: lost audio may have been
    /// speech, and who muted the microphone wants not to be heard, which is no answer's end.
    fn silence_ms(&self) -> u64 {
        let ear = &self.live.ear;
        let words_ms = ear.partial.is_none().then_some(self.history.final_end_ms);
        let voice_ms = ear.voiced_end_ms.or(ear.partial.as_ref().map(|partial| partial.end_ms));
        let last = [voice_ms, words_ms, self.live.playback.ended_ms].into_iter().flatten().max();
        ear.media_ms.saturating_sub(last.unwrap_or(0) + ear.missing_ms)
    }

    /// Something was said since the question was (last) asked.
    pub(super) fn has_fresh_words(&self, turn: u32) -> bool {
        let Some(known) = self.history.turn(turn) else { return false };
        let since_ms = known.attempt().started_ms;
        let partial = self.live.ear.partial.as_ref();
        let mut segments = known.segments.iter().rev();
        partial.is_some_and(|partial| partial.turn == turn && partial.end_ms >= since_ms)
            || segments.any(|segment| segment.words.last().is_none_or(|word| word.start_ms >= since_ms))
    }

    fn was_said_over_question(&self, turn: u32) -> bool {
        self.live.playback.ended_ms.is_some_and(|ended| {
            self.playback_mode() == crate::interview::params::Playback::Voice
                && self.history.turn(turn).is_some_and(|turn| turn.attempt().heard_all)
                && key(&self.said_since(turn, ended)).is_empty()
        })
    }

    /// Cheap, since it is asked with every piece of audio.
    fn may_be_too_long(&self, turn: u32) -> bool {
        let chars =
            self.history.turn(turn).map_or(0, |turn| turn.segments.iter().map(|segment| segment.text.len()).sum());
        let partial = self.live.ear.partial.as_ref().map_or(0, |partial| partial.text.len());
        let asked_ms = self.history.turn(turn).map_or(0, Turn::started_ms);
        chars + partial + 1 >= limits::ANSWER_CHARS_MAX
            || self.live.ear.media_ms.saturating_sub(asked_ms) >= limits::ANSWER_MS_MAX
    }

    fn is_too_long(&self, turn: u32) -> bool {
        let partial = self.live.ear.partial.as_ref().filter(|partial| partial.turn == turn);
        let first = self.history.turn(turn).and_then(|turn| turn.words().next().map(|word| word.start_ms));
        let start_ms = first.or(partial.map(|partial| partial.start_ms));
        start_ms.is_some_and(|start| self.live.ear.media_ms.saturating_sub(start) >= limits::ANSWER_MS_MAX)
            || self.answer_so_far(turn).len() >= limits::ANSWER_CHARS_MAX
    }

    /// Whether an `answer.end` was heard that no event tells of yet: the last words are waited for.
    pub fn is_ending_answer(&self) -> bool {
        matches!(self.live.phase, Phase::Listening(Listening { end_asked: Some(_), .. }))
    }

    /// Nobody speaks or is spoken to, and nothing that was said is still to be understood: a good moment for a change of worker.
    pub fn is_at_rest(&self) -> bool {
        let ear = &self.live.ear;
        let silent = ear.voiced_end_ms.is_none_or(|_| ear.silence_ms() >= limits::REST_SILENCE_MS);
        matches!(self.live.phase, Phase::Listening(Listening { end_asked: None, .. }))
            && !self.live.playback.playing
            && ear.partial.is_none()
            && silent
            && !ear.has_unrecognized_voice()
            && self.live.speculation.is_none()
    }

    /// `answer.end`: at once if the words are there; else as soon as they are, or a moment later.
    pub(super) fn end_answer(&mut self, reason: CommitReason) {
        let Phase::Listening(Listening { turn, end_asked: None }) = self.live.phase else { return };
        let behind = self.has_recognizer() && self.live.ear.has_unrecognized_voice();
        if !behind {
            return self.commit(reason, None, None);
        }
        self.flush_recognizer();
        let nothing = key(&self.answer_so_far(turn)).is_empty();
        let wait = if nothing { limits::FIRST_WORDS_WAIT_MS } else { limits::LAST_WORDS_WAIT_MS };
        let end_asked = EndAsked { at: self.now, until: SessionTime(self.now.0 + wait), reason };
        self.live.phase = Phase::Listening(Listening { turn, end_asked: Some(end_asked) });
    }

    /// The words did not come in time.
    pub(super) fn give_up_on_words(&mut self) {
        if let Phase::Listening(Listening { end_asked: Some(asked), .. }) = self.live.phase {
            self.commit(asked.reason, None, Some(asked));
        }
    }

    /// The answer is over; what is due next begins.
    pub(super) fn commit(&mut self, reason: CommitReason, typed: Option<&str>, asked: Option<EndAsked>) {
        let Some(turn) = self.open_turn().map(|turn| turn.turn) else { return };
        let ended = match (reason, asked) {
            (_, Some(asked)) => asked.at,
            (CommitReason::Silence, None) => self.live.ear.voiced_end_at,
            (CommitReason::Ended | CommitReason::Typed | CommitReason::Skipped | CommitReason::Limit, None) => self.now,
        };
        let decided = asked.map_or(self.now, |asked| asked.at);
        self.record_answer(turn, reason, typed);
        self.live.timing = Some(AnswerEnd { turn, ended, decided, committed: self.now });
        self.go_on();
    }

    /// Commits what was said and typed.
    pub(super) fn record_answer(&mut self, turn: u32, reason: CommitReason, typed: Option<&str>) {
        let typed = typed.map(|typed| clean(typed).trim().to_owned()).filter(|typed| !typed.is_empty());
        let spoken = match reason {
            CommitReason::Skipped => String::new(),
            CommitReason::Silence | CommitReason::Ended | CommitReason::Typed | CommitReason::Limit => {
                self.answer_so_far(turn)
            }
        };
        let whole = join([spoken.as_str(), typed.as_deref().unwrap_or("")]);
        let text = clip_json(&whole, limits::ANSWER_JSON_BYTES_MAX).to_owned();
        let metrics = match self.history.turn(turn) {
            Some(known) if reason != CommitReason::Skipped => {
                delivery::of_answer(&self.history, known, &text, &self.provisional_words(turn))
            }
            _ => Vec::new(),
        };
        let (media_ms, progress) = (self.live.ear.media_ms, self.progress());
        self.emit(Event::AnswerCommitted { turn, text, metrics, reason, media_ms, typed, progress });
        self.live.tail = self.live.ear.partial.as_ref().filter(|partial| partial.turn == turn).map(|partial| Tail {
            turn,
            words: tokens(&spoken).len(),
            end_ms: partial.end_ms.min(self.live.ear.voiced_end_ms.unwrap_or(u64::MAX)),
            until: SessionTime(self.now.0 + limits::FINALS_WAIT_MS),
            latest: SessionTime(self.now.0 + limits::RECOGNIZER_BEHIND_MS_MAX),
        });
        self.flush_recognizer();
    }

    /// The partial's words, spread over its time: enough for a pace, not for pauses.
    fn provisional_words(&self, turn: u32) -> Vec<Word> {
        let Some(partial) = self.live.ear.partial.as_ref().filter(|partial| partial.turn == turn) else {
            return Vec::new();
        };
        let end_ms = partial.end_ms.min(self.live.ear.voiced_end_ms.unwrap_or(u64::MAX)).max(partial.start_ms);
        let words: Vec<&str> = partial.text.split_whitespace().collect();
        let step = (end_ms - partial.start_ms) / (words.len() as u64).max(1);
        let place = |(index, text): (usize, &&str)| Word {
            text: (*text).to_owned(),
            start_ms: partial.start_ms + step * index as u64,
            end_ms: partial.start_ms + step * (index as u64 + 1),
            confidence: 1.0,
        };
        words.iter().enumerate().map(place).collect()
    }
}
