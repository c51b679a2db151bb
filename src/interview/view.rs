//! What others may see of an interview: its turns as `session.get` shows them. Read only; nothing is decided here.

use crate::interview::delivery;
use crate::interview::event::{CommitReason, Word};
use crate::interview::guide::Place;
use crate::interview::history::{AttemptState, History, Turn};
use crate::interview::metric::Metric;

/// Where an interview stands as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `Input::Start` has not come.
    New,
    Open,
    Finished,
    Abandoned,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TurnView {
    pub turn: u32,
    /// The last attempt at asking.
    pub attempt: u32,
    /// As far as it was said, or, once cancelled, heard.
    pub question: String,
    pub question_state: QuestionState,
    /// Absent: it is not known how much was rendered.
    pub heard_chars: Option<u32>,
    /// Absent until it is committed.
    pub answer: Option<AnswerView>,
    /// Which of the guide's questions it is.
    pub place: Option<Place>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuestionState {
    Asking,
    Done,
    Cancelled,
}

#[derive(Clone, Debug, PartialEq)]
pub struct AnswerView {
    pub text: String,
    pub reason: CommitReason,
    /// The text before the candidate corrected it.
    pub spoken: Option<String>,
    /// The text before the last revision.
    pub previous: Option<String>,
    pub words: Vec<Word>,
    pub metrics: Vec<Metric>,
    pub start_ms: Option<u64>,
    pub end_ms: Option<u64>,
}

pub(super) fn turn_view(history: &History, turn: &Turn) -> TurnView {
    let attempt = turn.attempt();
    TurnView {
        turn: turn.turn,
        attempt: attempt.attempt,
        question: attempt.text.clone(),
        question_state: match attempt.state {
            AttemptState::Asking => QuestionState::Asking,
            AttemptState::Done => QuestionState::Done,
            AttemptState::Cancelled(_) => QuestionState::Cancelled,
        },
        heard_chars: attempt.heard_ms.map(|_| attempt.heard_chars),
        answer: turn.answer.as_ref().map(|answer| AnswerView {
            text: answer.text.clone(),
            reason: answer.reason,
            spoken: answer.spoken.clone(),
            previous: answer.previous.clone(),
            words: turn.words().cloned().collect(),
            metrics: delivery::of_turn(history, turn),
            start_ms: turn.words().map(|word| word.start_ms).min(),
            end_ms: turn.words().map(|word| word.end_ms).max(),
        }),
        place: turn.place,
    }
}
