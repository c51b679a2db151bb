//! What the shell tells the core.

use crate::interview::effect::EffectId;
use crate::interview::event::{Usage, Word};
use crate::interview::guide::Followed;
use crate::interview::params::Params;
use crate::ports::recognizer::RecognizerInfo;
use crate::ports::text_model::{DebriefDraft, ModelError, ModelInfo, TokenUsage};

#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The first input of every interview.
    Start {
        params: Params,
        recognizer: Option<RecognizerInfo>,
        model: ModelInfo,
        /// What `params.guide` names; absent where it could not be read.
        guide: Option<Box<Followed>>,
    },
    /// A control message, in the inbox's order. What it means is checked here; what makes no sense is answered with
    /// `Effect::Reject`, late or repeated ones are no-ops.
    Said {
        seq: u64,
        said: Said,
    },
    /// Audio from `from_ms` up to `through_ms` of media time was received; homogeneous: all voiced, or none of it. Re-fed audio comes again.
    /// Where it begins later than the last ended, something was never received: nobody knows whether that was silence.
    Audio {
        from_ms: u64,
        through_ms: u64,
        voiced: bool,
    },
    /// The recognizer's partial for the segment that is open, in media time.
    Partial {
        text: String,
        stable_chars: usize,
        start_ms: u64,
        end_ms: u64,
    },
    /// The recognizer has made a segment final. Empty: nothing was recognized in it.
    Final {
        text: String,
        words: Vec<Word>,
    },
    /// The recognizer has worked on everything up to there (media time): what it understood in it was told before. Some never tell this.
    RecognizedThrough {
        media_ms: u64,
    },
    /// What was said from there on is recognized anew, by another stream.
    RecognizedAnew {
        from_ms: u64,
    },
    /// Recognition is not to be had at the moment (`retrying`) or any more; typed answers go on.
    RecognizerFailed {
        message: String,
        retrying: bool,
    },
    /// As many people are recognized as can be; it is tried again after so long, and what was said meanwhile is heard then.
    RecognizerBusy {
        retry_after_ms: u64,
    },
    /// A piece of text of that effect.
    ModelDelta {
        id: EffectId,
        text: String,
    },
    ModelDebrief {
        id: EffectId,
        draft: DebriefDraft,
    },
    /// What that effect has used so far; the newest counts, should it fail or be cancelled.
    ModelSpent {
        id: EffectId,
        usage: TokenUsage,
    },
    /// `usage` is all that it used.
    ModelDone {
        id: EffectId,
        usage: TokenUsage,
    },
    ModelFailed {
        id: EffectId,
        error: ModelError,
    },
    /// Whether a client is bound (assumed until told). Unbound, turn timers and the duration stand still.
    Bound(bool),
    /// Re-feeding after a restore begins or ends; meanwhile turn timers stand still.
    Refeeding(bool),
    /// A successor has taken the session.
    Continued {
        epoch: u64,
    },
    InputLost {
        from_seq: u64,
        through_seq: u64,
    },
    /// What is left of the user's budget for the day, told when it runs low (0: stop).
    BudgetLeft {
        budget: crate::interview::event::Budget,
        remaining: u64,
    },
    /// What this worker's shell has counted since it took the session (audio, recognizer, messages): totals, not differences. The core
    /// adds what the log says of earlier workers, and what it knows of the model.
    Used(Usage),
    /// The model may act on the world: nothing is generated ahead, since it may be dropped again. Told by every worker.
    ModelActs,
    /// Nobody has been bound for 30 minutes.
    Abandon,
    /// The deadline of the last `Output::Wait` has come.
    Elapsed,
}

/// A control message of the candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    AnswerEnd { turn: u32 },
    AnswerText { turn: u32, text: String },
    AnswerCorrect { turn: u32, text: String },
    QuestionSkip { turn: u32 },
    QuestionRepeat { turn: u32 },
    Rendered { turn: u32, attempt: u32, chars: u32, state: PlaybackState },
    Finish,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaybackState {
    Playing,
    Paused,
    Done,
}
