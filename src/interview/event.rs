//! What happened, as it is stored: the events of the outbox log, in the core's own words. The wire has its own types (`wire` maps them).

use crate::interview::guide::{Followed, Place};
use crate::interview::metric::Metric;
use crate::interview::params::Params;
use crate::interview::report::Report;
use crate::ports::metering::Counts;
use crate::ports::recognizer::RecognizerInfo;
use crate::ports::text_model::ModelInfo;
use serde::{Deserialize, Serialize};

/// One numbered event. Stored as JSON with [`EVENT_VERSION`]; fields are only ever added, with defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Event {
    Started {
        params: Params,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recognizer: Option<RecognizerInfo>,
        model: ModelInfo,
        /// As it was then, so that what becomes of its file changes nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        guide: Option<Box<Followed>>,
    },
    /// A successor took over; a question that was being asked is cancelled as `Restarted` right after.
    Continued {
        epoch: u64,
    },
    /// These inbox numbers never came.
    InputLost {
        from_seq: u64,
        through_seq: u64,
    },
    /// With 0 remaining the interview is closing: no further question is asked (`Questions`: the candidate finished it).
    BudgetWarning {
        budget: Budget,
        remaining: u64,
    },
    QuestionStarted {
        turn: u32,
        attempt: u32,
        media_ms: u64,
        /// Which of the guide's questions it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<Place>,
        /// How long the guide gives it, with what follows it up; told with the question itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit_ms: Option<u64>,
    },
    /// A piece of the question's text.
    QuestionDelta {
        turn: u32,
        attempt: u32,
        text: String,
    },
    QuestionDone {
        turn: u32,
        attempt: u32,
        text: String,
        #[serde(default)]
        media_ms: u64,
        #[serde(default)]
        progress: Progress,
    },
    /// Someone speaks during the question: it pauses.
    QuestionHeld {
        turn: u32,
        attempt: u32,
        media_ms: u64,
    },
    /// It was a false interruption: the question goes on.
    QuestionResumed {
        turn: u32,
        attempt: u32,
        media_ms: u64,
    },
    /// The first `chars` Unicode scalar values have been rendered; `finished` when all was.
    QuestionHeard {
        turn: u32,
        attempt: u32,
        chars: u32,
        #[serde(default)]
        finished: bool,
        #[serde(default)]
        media_ms: u64,
    },
    /// `text` is what was heard of it, and all that stays.
    QuestionCancelled {
        turn: u32,
        attempt: u32,
        text: String,
        reason: CancelReason,
        #[serde(default)]
        media_ms: u64,
    },
    TranscriptFinal {
        turn: u32,
        segment: u32,
        text: String,
        words: Vec<Word>,
    },
    AnswerCommitted {
        turn: u32,
        text: String,
        metrics: Vec<Metric>,
        reason: CommitReason,
        media_ms: u64,
        /// The part of `text` that was typed; it stands after the spoken words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        typed: Option<String>,
        #[serde(default)]
        progress: Progress,
    },
    AnswerRevised {
        turn: u32,
        text: String,
        previous: String,
        cause: RevisionCause,
    },
    TurnTiming {
        turn: u32,
        total_ms: u64,
        stages: Vec<Stage>,
    },
    Report {
        report: Box<Report>,
    },
    Finished {
        reason: FinishReason,
        usage: Usage,
    },
}

/// A recognized word; times are media time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Word {
    pub text: String,
    pub start_ms: u64,
    pub end_ms: u64,
    /// 0 to 1.
    pub confidence: f32,
}

/// A part of the wait between an answer's end and the next question's first delta; the stages add up to the total.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stage {
    /// `endpointing`, `commit`, `model` …
    pub name: String,
    pub duration_ms: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    BargeIn,
    Repeated,
    Skipped,
    Restarted,
    Finished,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommitReason {
    Silence,
    Ended,
    Typed,
    Skipped,
    Limit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevisionCause {
    Recognizer,
    Candidate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Budget {
    /// Remaining: ms.
    Duration,
    /// Remaining: questions.
    Questions,
    /// Remaining: ms of recognized audio.
    Audio,
    /// Remaining: tokens.
    Tokens,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// All questions were asked and answered.
    Completed,
    /// The candidate finished it.
    Finished,
    /// The time is over.
    Time,
    Abandoned,
    Failed,
    Budget,
}

/// What a session has used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Usage {
    pub audio_ms: u64,
    pub speech_ms: u64,
    pub recognizer_ms: u64,
    pub recognizer_streams: u64,
    pub model_requests: u64,
    pub model_input_tokens: u64,
    pub model_output_tokens: u64,
    pub speculative_requests: u64,
    pub speculative_dropped_tokens: u64,
    pub messages: u64,
    /// Of services that bill by use, where that is counted.
    #[serde(skip_serializing_if = "Counts::is_zero")]
    pub services: Counts,
    /// What those cost, in billionths of a dollar, by the prices of the day.
    #[serde(skip_serializing_if = "is_zero")]
    pub cost_nano_usd: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(amount: &u64) -> bool {
    *amount == 0
}

/// What had been used by then, so that a successor goes on counting; not on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Progress {
    /// Wall time while a client was bound.
    pub bound_ms: u64,
    pub usage: Usage,
}

/// Version of the stored form of [`Event`].
pub const EVENT_VERSION: u32 = 1;
