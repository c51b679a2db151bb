//! What the microphone and the recognizer bring: voice, partials, finals. Each word finds its turn by media time.
//!
//! Whether that ends an answer or interrupts a question is decided in `listening` and `barge_in`.

use crate::config::limits;
use crate::interview::SessionTime;
use crate::interview::echo;
use crate::interview::effect::{Effect, Rejection};
use crate::interview::event::{CommitReason, Event, RevisionCause, Word};
use crate::interview::history::Turn;
use crate::interview::live::{Closing, ClosingStage, Partial, Phase};
use crate::interview::machine::Interview;
use crate::interview::params::Playback as PlaybackMode;
use crate::interview::wording::{clean, clip_json, join, key, prefix, tokens};

impl Interview {
    /// Whether speech becomes words here.
    pub(super) fn has_recognizer(&self) -> bool {
        let Some(started) = &self.history.started else { return false };
        let speaks = started.recognizer.as_ref().is_some_and(|recognizer| recognizer.speaks(&started.params.language));
        speaks && started.params.audio.is_some() && !self.live.recognizer_lost
    }

    fn is_running(&self) -> bool {
        !matches!(self.live.phase, Phase::Idle | Phase::Over)
    }

    pub(super) fn on_audio(&mut self, from_ms: u64, through_ms: u64, voiced: bool) {
        let ear = &mut self.live.ear;
        if !matches!(self.live.phase, Phase::Idle | Phase::Over) && through_ms > ear.media_ms {
            let from_ms = from_ms.min(through_ms);
            ear.missing_ms += from_ms.saturating_sub(ear.media_ms);
            ear.media_ms = through_ms;
            if voiced {
                let gap = from_ms.saturating_sub(ear.voiced_end_ms.unwrap_or(0));
                let run = if gap > limits::VOICE_GAP_MS { 0 } else { ear.voiced_run_ms };
                ear.voiced_run_ms = run + (through_ms - from_ms);
                ear.voiced_end_ms = Some(through_ms);
                ear.voiced_end_at = self.now;
                ear.missing_ms = 0;
            } else if ear.silence_ms() > limits::VOICE_GAP_MS {
                ear.voiced_run_ms = 0;
            }
            let speaking = voiced || (ear.speaking && ear.silence_ms() < limits::SPEAKING_OFF_MS);
            if speaking != ear.speaking {
                ear.speaking = speaking;
                self.effect(Effect::Speaking { on: speaking });
            }
            self.consider_barge_in();
            self.consider_answer();
        }
    }

    pub(super) fn on_partial(&mut self, text: &str, stable_chars: usize, start_ms: u64, end_ms: u64) {
        if !self.is_running() || end_ms <= self.history.final_end_ms && end_ms > 0 {
            return;
        }
        self.live.ear.progress_at = self.now;
        let Some(turn) = self.turn_of(start_ms, end_ms) else { return };
        let cleaned = clean(clip_json(text.trim(), limits::PARTIAL_JSON_BYTES_MAX));
        let text = if self.may_be_echo(turn, start_ms) { self.without_echo(turn, &cleaned) } else { cleaned.clone() };
        if text.len() < cleaned.len() {
            self.live.ear.echo_end_ms = self.live.ear.echo_end_ms.max(end_ms);
        }
        let stable_chars = stable_chars.min(text.chars().count());
        self.live.ear.covered_ms = self.live.ear.covered_ms.max(end_ms);
        let unchanged =
            self.live.ear.partial.as_ref().is_some_and(|partial| partial.text == text && partial.turn == turn);
        let text = if key(&text).is_empty() { String::new() } else { text };
        self.live.ear.partial =
            (!text.is_empty()).then(|| Partial { turn, text: text.clone(), start_ms, end_ms: end_ms.max(start_ms) });
        if !text.is_empty() && !unchanged {
            self.live.ear.revision += 1;
            let (revision, segment) = (self.live.ear.revision, self.next_segment(turn));
            self.effect(Effect::Partial { turn, segment, revision, text, stable_chars });
        }
        self.consider_barge_in();
        self.consider_answer();
    }

    pub(super) fn on_final(&mut self, text: &str, words: Vec<Word>) {
        if !self.is_running() {
            return;
        }
        let partial = self.live.ear.partial.take();
        self.live.ear.revision = 0;
        self.live.ear.progress_at = self.now;
        let known_ms = self.history.final_end_ms;
        // Without any times they cannot be placed one by one.
        let words = if words.iter().any(|word| word.end_ms > 0) { words } else { Vec::new() };
        let given = words.len();
        let words: Vec<Word> = words.into_iter().filter(|word| word.end_ms > known_ms).map(tidy).collect();
        let whole = words.len() == given;
        if given == 0 {
            // No times: where the partial stood, or here.
            let at = partial.as_ref().map_or(self.live.ear.media_ms, |partial| partial.start_ms);
            self.live.ear.covered_ms = self.live.ear.covered_ms.max(self.live.ear.voiced_end_ms.unwrap_or(0));
            if let Some(turn) = self.turn_of(at, at) {
                self.take_segment(turn, text, Vec::new(), at);
            }
        } else if let Some(end_ms) = words.iter().map(|word| word.end_ms).max() {
            self.live.ear.covered_ms = self.live.ear.covered_ms.max(end_ms);
            for (turn, words) in self.by_turn(words) {
                let all = whole && words.len() == given;
                let start_ms = words.first().map_or(0, |word| word.start_ms);
                let joined = join(words.iter().map(|word| word.text.as_str()));
                self.take_segment(turn, if all { text } else { &joined }, words, start_ms);
            }
        }
        self.consider_barge_in();
        self.consider_answer();
        self.consider_closing();
    }

    /// The recognizer gets on, with or without words.
    pub(super) fn on_recognized_through(&mut self, media_ms: u64) {
        if !self.is_running() {
            return;
        }
        self.live.ear.processed_ms = self.live.ear.processed_ms.max(Some(media_ms));
        self.live.ear.progress_at = self.now;
        self.put_off_the_finals_deadline();
        self.consider_answer();
        self.consider_closing();
    }

    /// One that gets on is not given up.
    fn put_off_the_finals_deadline(&mut self) {
        let later = SessionTime(self.now.0 + limits::FINALS_WAIT_MS);
        let awaits = self.awaits_finals();
        if let Some(tail) = self.live.tail.as_mut().filter(|_| awaits) {
            tail.until = tail.until.max(later.min(tail.latest));
        }
        if let Phase::Closing(Closing { stage: ClosingStage::AwaitFinals { until, latest } }) = &mut self.live.phase
            && awaits
        {
            *until = (*until).max(later.min(*latest));
        }
    }

    /// Words before the first question belong to nothing, and are kept in the recording alone.
    fn by_turn(&self, words: Vec<Word>) -> Vec<(u32, Vec<Word>)> {
        let mut groups: Vec<(u32, Vec<Word>)> = Vec::new();
        for word in words {
            let Some(turn) = self.turn_of(word.start_ms, word.end_ms) else { continue };
            match groups.last_mut() {
                Some((last, group)) if *last >= turn => group.push(word),
                _ => groups.push((turn, vec![word])),
            }
        }
        groups
    }

    /// A word that straddles the beginning of a question belongs to the answer before it.
    fn turn_of(&self, start_ms: u64, end_ms: u64) -> Option<u32> {
        self.history.turn_at(start_ms).or_else(|| self.history.turn_at(end_ms))
    }

    pub(super) fn next_segment(&self, turn: u32) -> u32 {
        self.history.turn(turn).map_or(1, |turn| turn.segments.len() as u32 + 1)
    }

    fn may_be_echo(&self, turn: u32, start_ms: u64) -> bool {
        let Some(turn) = self.history.turn(turn) else { return false };
        let current = self.open_turn().is_some_and(|open| open.turn == turn.turn);
        let playback = self.live.playback;
        let until = playback.ended_ms.map(|ended| ended + limits::ECHO_TAIL_MS);
        current
            && self.playback_mode() == PlaybackMode::Voice
            && start_ms >= turn.attempt().started_ms
            && (playback.playing || until.is_some_and(|until| start_ms < until))
    }

    fn without_echo(&self, turn: u32, text: &str) -> String {
        self.history.turn(turn).map_or_else(String::new, |turn| echo::without_echo(&turn.attempt().asked, text))
    }

    /// A segment of one turn: emitted without its echo, in pieces where it is long.
    fn take_segment(&mut self, turn: u32, text: &str, mut words: Vec<Word>, start_ms: u64) {
        let mut text = clean(text.trim());
        if self.may_be_echo(turn, start_ms) {
            let before = words.len();
            let normalised: Vec<String> = words.iter().map(|word| tokens(&word.text).concat()).collect();
            let question = self.history.turn(turn).map_or("", |turn| turn.attempt().asked.as_str());
            let mut echo = echo::echoed(question, &normalised).into_iter();
            words.retain(|_| !echo.next().unwrap_or(false));
            if words.len() < before {
                self.live.ear.echo_end_ms = self.live.ear.echo_end_ms.max(self.live.ear.covered_ms);
                text = join(words.iter().map(|word| word.text.as_str()));
            } else if before == 0 {
                text = self.without_echo(turn, &text);
            }
        }
        if key(&text).is_empty() {
            return;
        }
        if words.len() <= limits::FINAL_WORDS_MAX {
            let text = clip_json(&text, limits::PARTIAL_JSON_BYTES_MAX).to_owned();
            self.emit(Event::TranscriptFinal { turn, segment: self.next_segment(turn), text, words });
        } else {
            for piece in words.chunks(limits::FINAL_WORDS_MAX) {
                let text = join(piece.iter().map(|word| word.text.as_str()));
                self.emit(Event::TranscriptFinal {
                    turn,
                    segment: self.next_segment(turn),
                    text,
                    words: piece.to_vec(),
                });
            }
        }
        self.consider_revision(turn);
    }

    /// A final that differs from what was committed amends the answer, and never asks again.
    fn consider_revision(&mut self, number: u32) {
        let Some(turn) = self.history.turn(number) else { return };
        let Some(answer) = &turn.answer else { return };
        if answer.reason == CommitReason::Skipped || answer.spoken.is_some() {
            self.live.tail = None;
            return;
        }
        if let Some(tail) = self.live.tail.as_ref().filter(|tail| tail.turn == number) {
            let end_ms = turn.words().map(|word| word.end_ms).max();
            let reached = end_ms.is_none_or(|end_ms| end_ms + limits::RECOGNIZER_LAG_MS >= tail.end_ms);
            let as_long = tokens(&turn.spoken()).len() >= tail.words;
            if !reached && !as_long {
                return;
            }
        }
        let spoken = turn.spoken();
        let text =
            clip_json(&join([spoken.as_str(), answer.typed.as_deref().unwrap_or("")]), limits::ANSWER_JSON_BYTES_MAX)
                .to_owned();
        let previous = answer.text.clone();
        self.live.tail = None;
        if key(&text) != key(&previous) {
            self.emit(Event::AnswerRevised { turn: number, text, previous, cause: RevisionCause::Recognizer });
        }
    }

    pub(super) fn on_recognizer_failed(&mut self, message: String, retrying: bool) {
        if !self.is_running() || self.live.recognizer_lost {
            return;
        }
        self.live.recognizer_lost = !retrying;
        let code = if retrying { Rejection::RecognizerFailed } else { Rejection::RecognizerUnavailable };
        self.effect(Effect::Notify { code, message, retry_after_ms: None });
        self.consider_answer();
        self.consider_closing();
    }

    pub(super) fn on_recognizer_busy(&mut self, retry_after_ms: u64) {
        if !self.is_running() || self.live.recognizer_lost {
            return;
        }
        let message = "too many people speak at once for the recognizer".to_owned();
        let retry_after_ms = Some(retry_after_ms);
        self.effect(Effect::Notify { code: Rejection::RecognizerBusy, message, retry_after_ms });
        self.consider_answer();
        self.consider_closing();
    }

    /// What was said to a turn since some moment: finals, and the partial.
    pub(super) fn said_since(&self, turn: u32, since_ms: u64) -> String {
        let Some(known) = self.history.turn(turn) else { return String::new() };
        let since = |word: &&Word| word.start_ms >= since_ms;
        let finals = known.segments.iter().flat_map(|segment| {
            let untimed = segment.words.is_empty().then_some(segment.text.as_str());
            untimed.into_iter().chain(segment.words.iter().filter(since).map(|word| word.text.as_str()))
        });
        let partial =
            self.live.ear.partial.as_ref().filter(|partial| partial.turn == turn && partial.end_ms >= since_ms);
        join(finals.chain(partial.map(|partial| partial.text.as_str())))
    }

    /// All that was said to a turn so far.
    pub(super) fn answer_so_far(&self, turn: u32) -> String {
        let spoken = self.history.turn(turn).map_or_else(String::new, Turn::spoken);
        let partial = self.live.ear.partial.as_ref().filter(|partial| partial.turn == turn);
        join([spoken.as_str(), partial.map_or("", |partial| partial.text.as_str())])
    }

    /// Ends the recognizer's segment, where it has one open.
    pub(super) fn flush_recognizer(&mut self) {
        let media_ms = self.live.ear.media_ms;
        if self.awaits_finals() && self.live.ear.flushed_ms != Some(media_ms) {
            self.live.ear.flushed_ms = Some(media_ms);
            self.effect(Effect::FlushRecognizer);
        }
    }

    pub(super) fn awaits_finals(&self) -> bool {
        self.has_recognizer() && (self.live.ear.partial.is_some() || self.live.ear.has_unrecognized_voice())
    }
}

fn tidy(word: Word) -> Word {
    Word {
        text: prefix(&clean(word.text.trim()), limits::WORD_CHARS_MAX).to_owned(),
        end_ms: word.end_ms.max(word.start_ms),
        confidence: if word.confidence.is_finite() { word.confidence.clamp(0.0, 1.0) } else { 0.0 },
        ..word
    }
}
