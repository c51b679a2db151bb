//! Events on their way to the client.

use crate::interview::Event;
use crate::interview::event::{self, Progress, Stage, Word};
use crate::interview::wire::report::{metrics, report, usage};
use crate::interview::wire::{epoch, guide as of_guide, params};
use protocol::v1;

/// The wire message of event `seq` of a session.
#[expect(clippy::too_many_lines, reason = "one arm for each event, and nothing else")]
pub fn event_message(session: &v1::SessionId, seq: u64, event: &Event) -> v1::ServerMessage {
    let session = session.clone();
    match event {
        Event::Started { params, recognizer, model, guide } => v1::InterviewStarted {
            session,
            seq,
            params: params::params_to(params),
            model: params::model(model),
            recognizer: recognizer.as_ref().map(params::recognizer),
            guide: guide.as_ref().map(|followed| of_guide::guide(&followed.summary())),
            media_ms: None,
        }
        .into(),
        Event::Continued { epoch: taken } => {
            v1::SessionContinued { session, seq, epoch: epoch(*taken), media_ms: None }.into()
        }
        Event::InputLost { from_seq, through_seq } => {
            v1::InputLost { session, seq, from_seq: *from_seq, through_seq: *through_seq, media_ms: None }.into()
        }
        Event::BudgetWarning { budget: which, remaining } => {
            v1::BudgetWarning { session, seq, budget: budget(*which), remaining: *remaining, media_ms: None }.into()
        }
        Event::QuestionStarted { turn, attempt, media_ms, place, limit_ms } => v1::QuestionStarted {
            session,
            seq,
            turn: *turn,
            attempt: *attempt,
            guide: place.map(of_guide::place),
            limit_ms: *limit_ms,
            media_ms: Some(*media_ms),
        }
        .into(),
        Event::QuestionDelta { turn, attempt, text } => {
            let text = text.clone();
            v1::QuestionDelta { session, seq, turn: *turn, attempt: *attempt, text, media_ms: None }.into()
        }
        Event::QuestionDone { turn, attempt, text, media_ms, progress: Progress { .. } } => v1::QuestionDone {
            session,
            seq,
            turn: *turn,
            attempt: *attempt,
            text: text.clone(),
            media_ms: Some(*media_ms),
        }
        .into(),
        Event::QuestionHeld { turn, attempt, media_ms } => {
            v1::QuestionHeld { session, seq, turn: *turn, attempt: *attempt, media_ms: Some(*media_ms) }.into()
        }
        Event::QuestionResumed { turn, attempt, media_ms } => {
            v1::QuestionResumed { session, seq, turn: *turn, attempt: *attempt, media_ms: Some(*media_ms) }.into()
        }
        Event::QuestionHeard { turn, attempt, chars, finished: _, media_ms } => {
            v1::QuestionHeard { session, seq, turn: *turn, attempt: *attempt, chars: *chars, media_ms: Some(*media_ms) }
                .into()
        }
        Event::QuestionCancelled { turn, attempt, text, reason, media_ms } => v1::QuestionCancelled {
            session,
            seq,
            turn: *turn,
            attempt: *attempt,
            text: text.clone(),
            reason: cancel_reason(*reason),
            media_ms: Some(*media_ms),
        }
        .into(),
        Event::TranscriptFinal { turn, segment, text, words } => v1::TranscriptFinal {
            session,
            seq,
            turn: *turn,
            segment: *segment,
            text: text.clone(),
            media_ms: words.last().map(|word| word.end_ms),
            words: words.iter().map(word).collect(),
        }
        .into(),
        Event::AnswerCommitted {
            turn,
            text,
            metrics: measured,
            reason,
            media_ms,
            typed: _,
            progress: Progress { .. },
        } => v1::AnswerCommitted {
            session,
            seq,
            turn: *turn,
            text: text.clone(),
            metrics: metrics(measured),
            reason: answer_reason(*reason),
            media_ms: Some(*media_ms),
        }
        .into(),
        Event::AnswerRevised { turn, text, previous, cause } => v1::AnswerRevised {
            session,
            seq,
            turn: *turn,
            text: text.clone(),
            previous: previous.clone(),
            cause: revision_cause(*cause),
            media_ms: None,
        }
        .into(),
        Event::TurnTiming { turn, total_ms, stages } => v1::TurnTiming {
            session,
            seq,
            turn: *turn,
            total_ms: *total_ms,
            stages: stages.iter().map(stage).collect(),
            media_ms: None,
        }
        .into(),
        Event::Report { report: written } => {
            v1::InterviewReport { session, seq, report: Box::new(report(written)), media_ms: None }.into()
        }
        Event::Finished { reason, usage: used } => {
            v1::InterviewFinished { session, seq, reason: finish_reason(*reason), usage: usage(used), media_ms: None }
                .into()
        }
    }
}

pub(super) fn word(word: &Word) -> v1::Word {
    let Word { text, start_ms, end_ms, confidence } = word;
    v1::Word { text: text.clone(), start_ms: *start_ms, end_ms: *end_ms, confidence: *confidence }
}

fn stage(stage: &Stage) -> v1::TimingStage {
    let Stage { name, duration_ms } = stage;
    v1::TimingStage { name: name.clone(), duration_ms: *duration_ms }
}

fn budget(budget: event::Budget) -> v1::Budget {
    match budget {
        event::Budget::Duration => v1::Budget::Duration,
        event::Budget::Questions => v1::Budget::Questions,
        event::Budget::Audio => v1::Budget::Audio,
        event::Budget::Tokens => v1::Budget::Tokens,
    }
}

fn cancel_reason(reason: event::CancelReason) -> v1::CancelReason {
    match reason {
        event::CancelReason::BargeIn => v1::CancelReason::BargeIn,
        event::CancelReason::Repeated => v1::CancelReason::Repeated,
        event::CancelReason::Skipped => v1::CancelReason::Skipped,
        event::CancelReason::Restarted => v1::CancelReason::Restarted,
        event::CancelReason::Finished => v1::CancelReason::Finished,
    }
}

pub(super) fn answer_reason(reason: event::CommitReason) -> v1::AnswerReason {
    match reason {
        event::CommitReason::Silence => v1::AnswerReason::Silence,
        event::CommitReason::Ended => v1::AnswerReason::Ended,
        event::CommitReason::Typed => v1::AnswerReason::Typed,
        event::CommitReason::Skipped => v1::AnswerReason::Skipped,
        event::CommitReason::Limit => v1::AnswerReason::Limit,
    }
}

fn revision_cause(cause: event::RevisionCause) -> v1::RevisionCause {
    match cause {
        event::RevisionCause::Recognizer => v1::RevisionCause::Recognizer,
        event::RevisionCause::Candidate => v1::RevisionCause::Candidate,
    }
}

fn finish_reason(reason: event::FinishReason) -> v1::FinishReason {
    match reason {
        event::FinishReason::Completed => v1::FinishReason::Completed,
        event::FinishReason::Finished => v1::FinishReason::Finished,
        event::FinishReason::Time => v1::FinishReason::Time,
        event::FinishReason::Abandoned => v1::FinishReason::Abandoned,
        event::FinishReason::Failed => v1::FinishReason::Failed,
        event::FinishReason::Budget => v1::FinishReason::Budget,
    }
}
