//! What runs at the moment: the phase, the voice that is heard, the calls of the model. None of it survives a change of worker; it is
//! built anew from the history and from the audio that is fed again.

use crate::config::limits;
use crate::interview::SessionTime;
use crate::interview::effect::EffectId;
use crate::interview::event::{CommitReason, FinishReason, Usage};
use crate::interview::guide::Place;
use crate::ports::text_model::{DebriefDraft, TokenUsage};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default)]
pub(super) struct Live {
    pub(super) phase: Phase,
    pub(super) clock: BoundClock,
    pub(super) ear: Ear,
    pub(super) playback: Playback,
    pub(super) speculation: Option<Speculation>,
    pub(super) speculations_of_turn: u32,
    /// The answer that the next question follows, until its first delta.
    pub(super) timing: Option<AnswerEnd>,
    /// The part of the last committed answer that only a partial vouches for.
    pub(super) tail: Option<Tail>,
    /// The next effect's number within this epoch.
    pub(super) effects: u32,
    pub(super) usage_before: Usage,
    pub(super) usage_of_shell: Usage,
    /// Of calls that are over.
    pub(super) usage_of_model: Usage,
    /// Calls that are under way, each with what it has used so far.
    pub(super) calls: BTreeMap<EffectId, TokenUsage>,
    pub(super) recognizer_lost: bool,
    /// Nothing may be asked of it in vain.
    pub(super) model_acts: bool,
    /// Someone was speaking when the time was over: so long it may go on, in bound time.
    pub(super) grace_until: Option<u64>,
    /// The same for the time of a guide's question.
    pub(super) question_grace: Option<Grace>,
    /// Why it closes, where the history cannot know.
    pub(super) closing: Option<FinishReason>,
}

#[derive(Clone, Debug, Default)]
pub(super) enum Phase {
    /// Nothing has begun, or a successor has not been told `Continued` yet.
    #[default]
    Idle,
    Asking(Asking),
    Listening(Listening),
    Closing(Closing),
    Over,
}

/// A question is on its way.
#[derive(Clone, Debug)]
pub(super) struct Asking {
    pub(super) turn: u32,
    pub(super) attempt: u32,
    pub(super) call: Call,
    /// Calls that failed so far.
    pub(super) failures: u32,
    /// What was emitted.
    pub(super) chars: usize,
    /// Received, and held back to be sent with what follows.
    pub(super) pending: String,
    pub(super) last_delta: Option<SessionTime>,
    pub(super) heard_before: Option<String>,
    pub(super) repeat_of: Option<String>,
    /// Which of the guide's questions it is.
    pub(super) place: Option<Place>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Running(EffectId),
    /// The last one failed.
    Waiting {
        until: SessionTime,
    },
}

/// The question has been said or was cut off; the answer is awaited.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listening {
    pub(super) turn: u32,
    /// `answer.end` came before any word was recognized.
    pub(super) end_asked: Option<EndAsked>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct EndAsked {
    pub(super) at: SessionTime,
    pub(super) until: SessionTime,
    pub(super) reason: CommitReason,
}

#[derive(Clone, Debug)]
pub(super) struct Closing {
    pub(super) stage: ClosingStage,
}

#[derive(Clone, Debug)]
pub(super) enum ClosingStage {
    /// For the recognizer's last words.
    AwaitFinals {
        until: SessionTime,
        /// It is not put off further, however the recognizer gets on.
        latest: SessionTime,
    },
    Debrief {
        call: Call,
        failures: u32,
        draft: Option<DebriefDraft>,
    },
}

/// Counts wall time while a client is bound and nothing is fed again; turn timers run on it.
#[derive(Clone, Copy, Debug)]
pub(super) struct BoundClock {
    pub(super) elapsed_ms: u64,
    pub(super) at: SessionTime,
    pub(super) bound: bool,
    pub(super) refeeding: bool,
}

impl Default for BoundClock {
    fn default() -> Self {
        Self { elapsed_ms: 0, at: SessionTime(0), bound: true, refeeding: false }
    }
}

impl BoundClock {
    pub(super) fn runs(&self) -> bool {
        self.bound && !self.refeeding
    }

    pub(super) fn advance(&mut self, now: SessionTime) {
        if self.runs() {
            self.elapsed_ms += now.0.saturating_sub(self.at.0);
        }
        self.at = self.at.max(now);
    }

    /// When a moment of bound time comes, if nothing stops the clock.
    pub(super) fn when(&self, elapsed_ms: u64) -> Option<SessionTime> {
        self.runs().then(|| SessionTime(self.at.0 + elapsed_ms.saturating_sub(self.elapsed_ms)))
    }
}

/// What the microphone hears, in media time.
#[derive(Clone, Debug, Default)]
pub(super) struct Ear {
    /// End of the audio received.
    pub(super) media_ms: u64,
    pub(super) speaking: bool,
    /// Length of the voice since its last real gap.
    pub(super) voiced_run_ms: u64,
    pub(super) voiced_end_ms: Option<u64>,
    /// When that end was received.
    pub(super) voiced_end_at: SessionTime,
    pub(super) partial: Option<Partial>,
    pub(super) revision: u32,
    /// The recognizer's words reach so far.
    pub(super) covered_ms: u64,
    /// The recognizer has worked on everything up to here; absent where it does not tell.
    pub(super) processed_ms: Option<u64>,
    /// When the recognizer last got on.
    pub(super) progress_at: SessionTime,
    /// What was never received since the last voice: lost, dropped by the device, or muted. It is no silence.
    pub(super) missing_ms: u64,
    /// Voice up to here was the question's echo, as far as the recognizer tells.
    pub(super) echo_end_ms: u64,
    /// Media time at which the recognizer was last told to end its segment.
    pub(super) flushed_ms: Option<u64>,
}

impl Ear {
    pub(super) fn silence_ms(&self) -> u64 {
        self.media_ms.saturating_sub(self.voiced_end_ms.unwrap_or(0))
    }

    /// Voice was heard that the recognizer has not worked on yet.
    pub(super) fn has_unrecognized_voice(&self) -> bool {
        let through_ms = match self.processed_ms {
            Some(processed_ms) => processed_ms.max(self.covered_ms),
            None => self.covered_ms + limits::RECOGNIZER_LAG_MS,
        };
        self.voiced_end_ms.is_some_and(|end| end > through_ms)
    }

    /// The recognizer is behind the voice, and there is hope that it catches up. Wall time: audio that had to wait for the network comes
    /// faster than it was spoken, so that no silence in it tells how long the recognizer has had.
    pub(super) fn is_behind(&self, now: SessionTime) -> bool {
        let quiet_ms_max = match self.processed_ms {
            Some(_) => limits::RECOGNIZER_PROGRESS_MS_MAX,
            None => limits::RECOGNIZER_QUIET_MS_MAX,
        };
        let since = |at: SessionTime| now.0.saturating_sub(at.0);
        self.has_unrecognized_voice()
            && since(self.progress_at.max(self.voiced_end_at)) < quiet_ms_max
            && since(self.voiced_end_at) < limits::RECOGNIZER_BEHIND_MS_MAX
    }

    /// Another stream recognizes what was said from there on.
    pub(super) fn begin_anew(&mut self, from_ms: u64) {
        self.covered_ms = self.covered_ms.min(from_ms);
        self.processed_ms = self.processed_ms.map(|processed_ms| processed_ms.min(from_ms));
    }
}

/// The segment that the recognizer is working on.
#[derive(Clone, Debug)]
pub(super) struct Partial {
    pub(super) turn: u32,
    pub(super) text: String,
    pub(super) start_ms: u64,
    pub(super) end_ms: u64,
}

/// The current question's way to the candidate's ears.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Playback {
    pub(super) playing: bool,
    /// Some `rendered` came.
    pub(super) reported: bool,
    /// Bound time of its first piece.
    pub(super) began: Option<u64>,
    /// Words of the segment that was open when it began: they belong to the answer before.
    pub(super) words_before: usize,
    /// Where nothing is reported by then (bound time) it counts as over.
    pub(super) unknown_until: Option<u64>,
    /// Media time of its end.
    pub(super) ended_ms: Option<u64>,
    pub(super) hold: Option<Hold>,
    /// It went on after a false interruption: so many real words interrupt it no more, and voice alone no more.
    pub(super) words_ignored: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Hold {
    /// Bound time.
    pub(super) until: u64,
}

/// So long somebody may go on who was speaking when a question's time was over, in bound time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grace {
    pub(super) turn: u32,
    pub(super) until: u64,
}

/// The next question, generated ahead.
#[derive(Clone, Debug)]
pub(super) struct Speculation {
    pub(super) id: EffectId,
    pub(super) place: Option<Place>,
    /// Normalised text of the answer that it follows.
    pub(super) key: String,
    pub(super) held: String,
    pub(super) done: Option<TokenUsage>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct AnswerEnd {
    pub(super) turn: u32,
    pub(super) ended: SessionTime,
    pub(super) decided: SessionTime,
    pub(super) committed: SessionTime,
}

#[derive(Clone, Debug)]
pub(super) struct Tail {
    pub(super) turn: u32,
    pub(super) words: usize,
    pub(super) end_ms: u64,
    pub(super) until: SessionTime,
    /// It is not put off further, however the recognizer gets on.
    pub(super) latest: SessionTime,
}
