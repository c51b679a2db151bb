//! From audio entries to what the core is told of them: intake, gate, the recognizer's stream, and the way back from its time to media time.
//!
//! The inbox is the only store of audio: whatever went wrong, hearing begins again from the last settled moment and drops the words that
//! are known. Turns are the core's business.

use crate::audio::gate::{Gate, GateAction};
use crate::audio::intake::Intake;
use crate::audio::{AudioError, TimedPiece, framing, opus_packet};
use crate::config::limits::{
    AUDIO_AHEAD_MS_MAX, AUDIO_CONCEALED_MS_MAX, AUDIO_MARKS_MAX, AUDIO_MESSAGE_MS_MAX, AUDIO_OVERLAP_MS_MAX,
    GATE_PRE_ROLL_MS, GATE_STARVED_MS_MAX, RECOGNIZER_BILLED_MS_MIN, RECOGNIZER_FAILURES_MAX, RECOGNIZER_RETRY_MS,
    RECOGNIZER_RETRY_MS_MAX,
};
use crate::interview::Input;
use crate::interview::driver::listening::{Listening, Sign};
use crate::interview::event::{Usage, Word};
use crate::interview::params::{AudioFormat, Codec};
use crate::ports::clock::UnixMs;
use crate::ports::journal::AudioFrom;
use crate::ports::recognizer::{AudioForm, Recognized, RecognizedWord, Recognizer, RecognizerError, StreamSpec};
use bytes::Bytes;
use std::collections::VecDeque;
use std::task::{Context, Poll, ready};

/// What hearing brought.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "one lives for the length of a match")]
pub(super) enum Heard {
    /// The core is to be told.
    Tell(Input),
    /// A new stream is to be fed from there: read the inbox again after this number.
    Rewind {
        after_seq: u64,
        /// In media time.
        from_ms: u64,
    },
    Nothing,
}

/// Audio that the core has not been told of before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) from_ms: u64,
    pub(super) through_ms: u64,
    pub(super) voiced: bool,
}

#[derive(Debug)]
pub(super) struct Hearing<'d> {
    format: AudioFormat,
    form: AudioForm,
    /// Made with the first entry.
    intake: Option<Intake>,
    gate: Gate,
    /// Absent: nobody recognizes, now or any more.
    ear: Option<Listening<'d>>,
    retry: Retry,
    /// Where the entries of audio that may be needed again begin in media time.
    marks: VecDeque<(u64, u64)>,
    /// From here on everything is needed again; it only grows.
    settled: AudioFrom,
    /// The gate takes what ends later.
    feed_from_ms: u64,
    told_through_ms: u64,
    /// Words that are in the log already end here.
    known_until_ms: u64,
    counted: Usage,
    /// Entries up to here were counted by a predecessor.
    counted_through_seq: u64,
    counts: bool,
    /// What the present stream was fed, and what all of them are billed.
    stream_ms: u64,
    billed_ms: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Retry {
    failures: u32,
    /// Others had all streams. However often, it is no reason to give up.
    refusals: u32,
    at: Option<UnixMs>,
    /// Speech from there on met with silence once: it is taken for noise the second time.
    mute_from_ms: Option<u64>,
}

impl<'d> Hearing<'d> {
    /// `from`: where a predecessor's log says that audio is needed from. `known_until_ms`: where the words in the log end.
    pub(super) fn new(
        recognizer: Option<&'d dyn Recognizer>,
        spec: StreamSpec,
        format: AudioFormat,
        from: AudioFrom,
        known_until_ms: u64,
    ) -> Self {
        Self {
            format,
            form: recognizer.map_or(AudioForm::Timing, Recognizer::audio_form),
            intake: None,
            gate: Gate::new(),
            ear: recognizer.map(|recognizer| Listening::new(recognizer, spec)),
            retry: Retry::default(),
            marks: VecDeque::new(),
            settled: from,
            feed_from_ms: from.media_ms.saturating_sub(GATE_PRE_ROLL_MS),
            told_through_ms: from.media_ms,
            known_until_ms,
            counted: Usage::default(),
            counted_through_seq: 0,
            counts: true,
            stream_ms: 0,
            billed_ms: 0,
        }
    }

    /// Audio of entries up to that number was counted when a predecessor heard it.
    pub(super) fn counting_after(self, counted_through_seq: u64) -> Self {
        Self { counted_through_seq, ..self }
    }

    /// What this worker has counted.
    pub(super) fn counted(&self) -> Usage {
        self.counted
    }

    /// What the recognizer's streams are billed, each at least its minimum.
    pub(super) fn billed_ms(&self) -> u64 {
        self.billed_ms
    }

    /// The end of the audio that was taken.
    pub(super) fn position_ms(&self) -> u64 {
        self.intake.as_ref().map_or(self.told_through_ms, Intake::position_ms)
    }

    /// Whether the recognizer keeps up; what it has no room for stays in the inbox.
    pub(super) fn has_room(&self) -> bool {
        self.ear.as_ref().is_none_or(Listening::has_room)
    }

    pub(super) fn deadline(&self) -> Option<UnixMs> {
        [self.retry.at, self.starves_at(), self.ear.as_ref().and_then(Listening::deadline)].into_iter().flatten().min()
    }

    /// When the stream has been without audio for as long as it may.
    fn starves_at(&self) -> Option<UnixMs> {
        let ear = self.ear.as_ref().filter(|_| self.gate.is_open())?;
        Some(ear.fed_at()?.plus_ms(GATE_STARVED_MS_MAX))
    }

    /// Takes an entry of audio. `session_ms`: the time since the interview began.
    pub(super) fn take(
        &mut self,
        seq: u64,
        media_ms: u64,
        data: &Bytes,
        session_ms: u64,
    ) -> Result<Vec<Told>, AudioError> {
        self.check_not_ahead(media_ms, data, session_ms)?;
        let position_ms = self.position_ms();
        let intake = match &mut self.intake {
            Some(intake) => intake,
            // Nothing came before the first; one who begins again begins with the entry that is needed first.
            none if self.settled.seq == 0 => none.insert(Intake::new(self.format, self.form)?),
            none => none.insert(Intake::starting_at(self.format, self.form, media_ms)?),
        };
        let pieces = intake.take(media_ms, data)?;
        self.mark(seq, media_ms);
        // What fills a gap was never received: whether it was silence, nobody knows.
        self.counts = seq > self.counted_through_seq;
        let received_from_ms = if media_ms > position_ms + AUDIO_OVERLAP_MS_MAX { media_ms } else { 0 };
        let mut told: Vec<Told> = Vec::new();
        for timed in pieces {
            self.tell(&timed, received_from_ms, &mut told);
            if timed.through_ms() > self.feed_from_ms && self.ear.is_some() && self.retry.at.is_none() {
                let actions = self.gate.push(timed);
                self.act(actions);
            }
        }
        Ok(told)
    }

    /// The answer is over: the recognizer is to finish its segment now.
    pub(super) fn hush(&mut self) {
        let actions = self.gate.hush();
        self.act(actions);
    }

    /// Time passed without audio.
    pub(super) fn waited(&mut self, ms: u64) {
        let actions = self.gate.waited(ms);
        self.act(actions);
    }

    /// The stream is closed at once; nothing is listened to any more.
    pub(super) fn stop(&mut self) {
        self.ear = None;
        self.retry.at = None;
    }

    /// Where a successor, or a new stream, must begin.
    pub(super) fn settled(&mut self) -> AudioFrom {
        let position_ms = self.position_ms();
        let settled_ms = if self.ear.is_some() { self.gate.settled_ms().min(position_ms) } else { position_ms };
        self.settled.media_ms = self.settled.media_ms.max(settled_ms);
        let needed_ms = self.settled.media_ms.saturating_sub(GATE_PRE_ROLL_MS);
        while self.marks.get(1).is_some_and(|(_, media_ms)| media_ms + KEPT_BEFORE_MS <= needed_ms) {
            self.marks.pop_front();
        }
        let within = self.marks.partition_point(|(_, media_ms)| *media_ms <= needed_ms).saturating_sub(1);
        if let Some((seq, _)) = self.marks.get(within) {
            self.settled.seq = *seq;
        }
        self.settled
    }

    /// `known_until_ms`: where the words in the log end.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, now: UnixMs, known_until_ms: u64) -> Poll<Heard> {
        if self.retry.at.is_some_and(|at| at <= now) {
            return Poll::Ready(self.begin_again(known_until_ms));
        }
        if self.starves_at().is_some_and(|at| at <= now) {
            let actions = self.gate.starve();
            self.act(actions);
        }
        let Some(ear) = &mut self.ear else { return Poll::Pending };
        let heard = match ready!(ear.poll(cx, now)) {
            Sign::Said(Recognized::Partial { text, stable_chars, start_ms, end_ms }) => {
                self.retry.mute_from_ms = None;
                let (start_ms, end_ms) = (self.gate.media_of(start_ms), self.gate.media_of(end_ms));
                if end_ms <= self.known_until_ms {
                    return Poll::Ready(Heard::Nothing);
                }
                Heard::Tell(Input::Partial { text, stable_chars, start_ms, end_ms })
            }
            Sign::Said(Recognized::Final { text, words }) => {
                self.retry = Retry::default();
                Heard::Tell(self.finish(text, words))
            }
            Sign::Said(Recognized::Progress { through_ms }) => {
                Heard::Tell(Input::RecognizedThrough { media_ms: self.gate.media_of(through_ms) })
            }
            Sign::Drained => {
                self.gate.drained();
                Heard::Nothing
            }
            Sign::Failed(error) => self.fail(error, now),
            Sign::Mute => {
                let position_ms = self.position_ms();
                let from_ms = self.settled().media_ms;
                if self.retry.mute_from_ms.replace(from_ms) == Some(from_ms) {
                    // A second stream had nothing to say to it either.
                    self.settled.media_ms = position_ms;
                }
                self.retry.at = Some(now);
                Heard::Nothing
            }
        };
        Poll::Ready(heard)
    }

    fn finish(&mut self, text: String, words: Vec<RecognizedWord>) -> Input {
        let through = words.last().map_or(u64::MAX, |word| word.end_ms);
        let all = words.len();
        let words: Vec<Word> = words
            .into_iter()
            .map(|RecognizedWord { text, start_ms, end_ms, confidence }| Word {
                text,
                start_ms: self.gate.media_of(start_ms),
                end_ms: self.gate.media_of(end_ms),
                confidence,
            })
            // The middle, because a word that is heard again does not end at the same millisecond.
            .filter(|word| u64::midpoint(word.start_ms, word.end_ms) >= self.known_until_ms)
            .collect();
        self.gate.final_through(through);
        let text = if words.len() == all {
            text
        } else {
            words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
        };
        Input::Final { text, words }
    }

    fn fail(&mut self, error: RecognizerError, now: UnixMs) -> Heard {
        self.gate.closed();
        let doublings = (self.retry.failures + self.retry.refusals).min(u64::BITS / 4);
        let wait_ms = (RECOGNIZER_RETRY_MS << doublings).min(RECOGNIZER_RETRY_MS_MAX);
        let for_good = match error {
            RecognizerError::Unavailable(_) | RecognizerError::Language { .. } => true,
            RecognizerError::Busy => {
                self.retry.refusals += 1;
                false
            }
            RecognizerError::Failed(_) => {
                self.retry.failures += 1;
                self.retry.failures >= RECOGNIZER_FAILURES_MAX
            }
        };
        tracing::warn!(%error, failures = self.retry.failures, "the recognizer failed");
        if for_good {
            self.stop();
        } else {
            self.retry.at = Some(now.plus_ms(wait_ms));
        }
        Heard::Tell(match error {
            RecognizerError::Busy => Input::RecognizerBusy { retry_after_ms: wait_ms },
            error => Input::RecognizerFailed { message: error.to_string(), retrying: !for_good },
        })
    }

    /// Everything since the last settled moment is heard again, by a new stream.
    fn begin_again(&mut self, known_until_ms: u64) -> Heard {
        let settled = self.settled();
        self.retry.at = None;
        self.known_until_ms = known_until_ms;
        self.feed_from_ms = settled.media_ms.saturating_sub(GATE_PRE_ROLL_MS);
        self.told_through_ms = self.position_ms();
        self.intake = None;
        self.gate = Gate::new();
        self.marks.clear();
        if let Some(ear) = &mut self.ear {
            ear.abort();
        }
        match settled.seq.checked_sub(1) {
            Some(after_seq) => Heard::Rewind { after_seq, from_ms: settled.media_ms },
            None => Heard::Nothing,
        }
    }

    /// Silence is told where audio was received, from `received_from_ms` on.
    fn tell(&mut self, timed: &TimedPiece, received_from_ms: u64, told: &mut Vec<Told>) {
        let (from_ms, through_ms) = (timed.from_ms.max(self.told_through_ms), timed.through_ms());
        if through_ms <= from_ms {
            return;
        }
        self.told_through_ms = through_ms;
        let (ms, voiced) = (through_ms - from_ms, timed.piece.voiced);
        if self.counts && ms <= AUDIO_CONCEALED_MS_MAX {
            self.counted.audio_ms += ms;
        }
        if self.counts && voiced {
            self.counted.speech_ms += ms;
        }
        let from_ms = if voiced { from_ms } else { from_ms.max(received_from_ms) };
        if through_ms <= from_ms {
            return;
        }
        match told.last_mut() {
            Some(last) if last.voiced == voiced && last.through_ms == from_ms => last.through_ms = through_ms,
            _ => told.push(Told { from_ms, through_ms, voiced }),
        }
    }

    fn act(&mut self, actions: Vec<GateAction>) {
        let Some(ear) = &mut self.ear else { return };
        for action in actions {
            match action {
                GateAction::Open => {
                    self.counted.recognizer_streams += 1;
                    self.stream_ms = 0;
                    self.billed_ms += RECOGNIZER_BILLED_MS_MIN;
                    ear.open();
                }
                GateAction::Feed(piece) => {
                    self.counted.recognizer_ms += piece.duration_ms;
                    self.stream_ms += piece.duration_ms;
                    self.billed_ms += self.stream_ms.saturating_sub(RECOGNIZER_BILLED_MS_MIN).min(piece.duration_ms);
                    ear.feed(piece);
                }
                GateAction::Close => ear.end(),
            }
        }
    }

    fn mark(&mut self, seq: u64, media_ms: u64) {
        self.marks.push_back((seq, media_ms));
        if self.settled.seq == 0 {
            self.settled.seq = seq;
        }
        if self.marks.len() > AUDIO_MARKS_MAX {
            // Every second one: a little more than needed is read again.
            let mut at = 0;
            self.marks.retain(|_| {
                at += 1;
                at % 2 == 1
            });
        }
    }

    fn check_not_ahead(&self, media_ms: u64, data: &Bytes, session_ms: u64) -> Result<(), AudioError> {
        let latest_ms = session_ms + AUDIO_AHEAD_MS_MAX;
        // Only what comes close is measured exactly.
        if media_ms + AUDIO_MESSAGE_MS_MAX <= latest_ms {
            return Ok(());
        }
        match media_ms + self.duration_ms(data)? {
            end_ms if end_ms > latest_ms => Err(AudioError::MediaTime { given_ms: end_ms, expected_ms: latest_ms }),
            _ => Ok(()),
        }
    }

    fn duration_ms(&self, data: &Bytes) -> Result<u64, AudioError> {
        match self.format.codec {
            Codec::PcmS16le => {
                let samples = data.len() as u64 / (2 * u64::from(self.format.channels.max(1)));
                Ok(samples * 1_000 / u64::from(self.format.sample_rate_hz.max(1)))
            }
            Codec::Opus => framing::packets(data)?
                .iter()
                .try_fold(0, |ms, packet| Ok(ms + opus_packet::inspect(packet)?.samples / opus_packet::SAMPLES_PER_MS)),
        }
    }
}

/// Marks are kept a little longer than they are needed: speech that begins settles back to its pre-roll.
const KEPT_BEFORE_MS: u64 = 2 * GATE_PRE_ROLL_MS;

#[cfg(test)]
mod tests;
