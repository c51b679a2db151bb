//! What the core tells the shell.

use crate::interview::SessionTime;
use crate::interview::event::Event;
use crate::ports::text_model::Task;
use serde::{Deserialize, Serialize};

/// Drained after every input until `Wait`.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "events go straight into the log; a box for each would cost more than the copy"
)]
pub enum Output {
    /// Commit this, then push it. The core has applied it already.
    Emit(Event),
    Effect(Effect),
    /// Nothing more until an input comes, or until that moment (then `Input::Elapsed`). The last one replaces those before it.
    Wait(Option<(SessionTime, Reason)>),
}

/// Names a running effect; results carry it. Never used twice in a session, also across workers (it is derived from turn, attempt and a
/// counter that is part of the state).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EffectId(pub u64);

#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Start the model. A speculative call is booked on its own line.
    Perform { id: EffectId, task: Box<Task>, speculative: bool },
    /// Drop that call; results that still come are no-ops.
    Cancel { id: EffectId },
    /// Push, unnumbered: the candidate began or ceased to speak.
    Speaking { on: bool },
    /// Push, unnumbered; replaces the previous revision of the segment.
    Partial { turn: u32, segment: u32, revision: u32, text: String, stable_chars: usize },
    /// A stored message made no sense: tell the client; its number is spent.
    Reject { seq: u64, code: Rejection, message: String },
    /// Tell the client; belongs to no message.
    Notify { code: Rejection, message: String, retry_after_ms: Option<u64> },
    /// The answer ended: end the recognizer's segment now, so that its final comes soon.
    FlushRecognizer,
    /// Everything is said and committed: the session is over.
    Close,
}

/// Why a deadline is waited for; for logs and tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    FalseInterruption,
    RenderedUnknown,
    DurationWarning,
    DurationOver,
    QuestionOver,
    ModelRetry,
    DeltaCoalescing,
    FinalsAwaited,
}

/// Codes of the wire that the core may give; `wire` maps them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rejection {
    TurnUnknown,
    InvalidField,
    SessionFinished,
    LanguageUnsupported,
    RecognizerUnavailable,
    RecognizerFailed,
    RecognizerBusy,
    ModelFailed,
    BudgetExceeded,
}
