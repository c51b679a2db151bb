//! What has happened in an interview: the fold of its events, and so all that survives a change of worker.
//!
//! Nothing is decided here, and nothing that runs (calls, deadlines, partials) is kept here: that is `machine`'s.

use crate::interview::event::{
    Budget, CancelReason, CommitReason, Event, FinishReason, Progress, RevisionCause, Usage, Word,
};
use crate::interview::guide::{Followed, Place};
use crate::interview::params::Params;
use crate::interview::report::Report;
use crate::ports::recognizer::RecognizerInfo;
use crate::ports::text_model::ModelInfo;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct History {
    pub started: Option<Started>,
    pub epoch: u64,
    pub turns: Vec<Turn>,
    pub warned: Vec<Budget>,
    /// Why no further question is asked, once that is so.
    pub closing: Option<FinishReason>,
    pub report: Option<Report>,
    pub ended: Option<Ended>,
    pub progress: Progress,
    /// End of the last final's last word, in media time: words that end by then are known already.
    pub final_end_ms: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Started {
    pub params: Params,
    pub recognizer: Option<RecognizerInfo>,
    pub model: ModelInfo,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guide: Option<Box<Followed>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ended {
    pub reason: FinishReason,
    pub usage: Usage,
}

/// A question, with every attempt at asking it, and what was said to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Turn {
    pub turn: u32,
    /// Never empty.
    pub attempts: Vec<Attempt>,
    pub segments: Vec<Segment>,
    pub answer: Option<Answer>,
    /// Which of the guide's questions it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Bound time at which it was asked whole for the first time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_ms: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    pub attempt: u32,
    /// As far as it was said; once cancelled, as far as it was heard.
    pub text: String,
    /// As far as it was said, whatever was heard of it.
    pub asked: String,
    pub state: AttemptState,
    /// It is paused, because someone speaks.
    pub held: bool,
    pub heard_chars: u32,
    pub heard_all: bool,
    pub started_ms: u64,
    pub done_ms: Option<u64>,
    /// Media time of the last word on how much was rendered.
    pub heard_ms: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AttemptState {
    Asking,
    Done,
    Cancelled(CancelReason),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Segment {
    pub segment: u32,
    pub text: String,
    pub words: Vec<Word>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// As it stands now.
    pub text: String,
    /// As it stood before the last revision.
    pub previous: Option<String>,
    /// The text before the candidate corrected it.
    pub spoken: Option<String>,
    pub typed: Option<String>,
    pub reason: CommitReason,
    pub media_ms: u64,
}

impl History {
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Started { params, recognizer, model, guide } => {
                let (params, recognizer, model) = (params.clone(), recognizer.clone(), model.clone());
                self.started = Some(Started { params, recognizer, model, guide: guide.clone() });
            }
            Event::Continued { epoch } => self.epoch = *epoch,
            Event::InputLost { .. } | Event::TurnTiming { .. } => {}
            Event::BudgetWarning { budget, remaining } => self.warn(*budget, *remaining),
            Event::QuestionStarted { turn, attempt, media_ms, place, limit_ms: _ } => {
                self.start_question(*turn, *attempt, *media_ms, *place);
            }
            Event::QuestionDelta { .. }
            | Event::QuestionDone { .. }
            | Event::QuestionHeld { .. }
            | Event::QuestionResumed { .. }
            | Event::QuestionHeard { .. }
            | Event::QuestionCancelled { .. } => self.apply_to_attempt(event),
            Event::TranscriptFinal { .. } | Event::AnswerCommitted { .. } | Event::AnswerRevised { .. } => {
                self.apply_to_answer(event);
            }
            Event::Report { report } => self.report = Some((**report).clone()),
            Event::Finished { reason, usage } => self.ended = Some(Ended { reason: *reason, usage: *usage }),
        }
    }

    pub fn params(&self) -> Option<&Params> {
        self.started.as_ref().map(|started| &started.params)
    }

    pub fn turn(&self, turn: u32) -> Option<&Turn> {
        self.turns.iter().find(|known| known.turn == turn)
    }

    pub fn last_turn(&self) -> Option<&Turn> {
        self.turns.last()
    }

    /// The turn that is said or answered at a moment of the media: the last one whose question had begun by then.
    pub fn turn_at(&self, media_ms: u64) -> Option<u32> {
        self.turns.iter().rev().find(|turn| turn.started_ms() <= media_ms).map(|turn| turn.turn)
    }

    /// The furthest moment of the media that the log speaks of.
    pub fn media_ms(&self) -> u64 {
        let of_turn = |turn: &Turn| {
            let attempts = turn.attempts.iter().flat_map(|attempt| {
                [Some(attempt.started_ms), attempt.done_ms, attempt.heard_ms].into_iter().flatten()
            });
            attempts.chain(turn.answer.iter().map(|answer| answer.media_ms)).max()
        };
        self.turns.iter().filter_map(of_turn).max().unwrap_or(0).max(self.final_end_ms)
    }

    fn warn(&mut self, budget: Budget, remaining: u64) {
        if !self.warned.contains(&budget) {
            self.warned.push(budget);
        }
        if remaining == 0 && self.closing.is_none() {
            self.closing = Some(match budget {
                Budget::Duration => FinishReason::Time,
                Budget::Questions => FinishReason::Finished,
                Budget::Audio | Budget::Tokens => FinishReason::Budget,
            });
        }
    }

    fn start_question(&mut self, turn: u32, attempt: u32, media_ms: u64, place: Option<Place>) {
        let asked = Attempt {
            attempt,
            text: String::new(),
            asked: String::new(),
            state: AttemptState::Asking,
            held: false,
            heard_chars: 0,
            heard_all: false,
            started_ms: media_ms,
            done_ms: None,
            heard_ms: None,
        };
        match self.turns.iter_mut().find(|known| known.turn == turn) {
            Some(known) => known.attempts.push(asked),
            None => self.turns.push(Turn {
                turn,
                attempts: vec![asked],
                segments: Vec::new(),
                answer: None,
                place,
                asked_ms: None,
            }),
        }
    }

    fn attempt_mut(&mut self, turn: u32, attempt: u32) -> Option<&mut Attempt> {
        let turn = self.turns.iter_mut().find(|known| known.turn == turn)?;
        turn.attempts.iter_mut().find(|known| known.attempt == attempt)
    }

    fn apply_to_attempt(&mut self, event: &Event) {
        match event {
            Event::QuestionDelta { turn, attempt, text } => {
                if let Some(asked) = self.attempt_mut(*turn, *attempt) {
                    asked.text.push_str(text);
                    asked.asked.push_str(text);
                }
            }
            Event::QuestionDone { turn, attempt, text, media_ms, progress } => {
                if let Some(asked) = self.attempt_mut(*turn, *attempt) {
                    asked.text.clone_from(text);
                    asked.asked.clone_from(text);
                    asked.state = AttemptState::Done;
                    asked.done_ms = Some(*media_ms);
                }
                if let Some(known) = self.turns.iter_mut().find(|known| known.turn == *turn) {
                    known.asked_ms.get_or_insert(progress.bound_ms);
                }
                self.progress = *progress;
            }
            Event::QuestionHeld { turn, attempt, .. } => {
                if let Some(asked) = self.attempt_mut(*turn, *attempt) {
                    asked.held = true;
                }
            }
            Event::QuestionResumed { turn, attempt, .. } => {
                if let Some(asked) = self.attempt_mut(*turn, *attempt) {
                    asked.held = false;
                }
            }
            Event::QuestionHeard { turn, attempt, chars, finished, media_ms } => {
                if let Some(asked) = self.attempt_mut(*turn, *attempt) {
                    asked.heard_chars = *chars;
                    asked.heard_all |= *finished;
                    asked.heard_ms = Some(*media_ms);
                }
            }
            Event::QuestionCancelled { turn, attempt, text, reason, media_ms } => {
                if let Some(asked) = self.attempt_mut(*turn, *attempt) {
                    asked.text.clone_from(text);
                    asked.state = AttemptState::Cancelled(*reason);
                    asked.held = false;
                    asked.heard_chars = asked.heard_chars.min(text.chars().count() as u32);
                    asked.heard_ms = Some(*media_ms);
                }
                if *reason == CancelReason::Finished && self.closing.is_none() {
                    self.closing = Some(FinishReason::Finished);
                }
            }
            _ => {}
        }
    }

    fn apply_to_answer(&mut self, event: &Event) {
        match event {
            Event::TranscriptFinal { turn, segment, text, words } => {
                if let Some(end_ms) = words.iter().map(|word| word.end_ms).max() {
                    self.final_end_ms = self.final_end_ms.max(end_ms);
                }
                if let Some(turn) = self.turns.iter_mut().find(|known| known.turn == *turn) {
                    turn.segments.push(Segment { segment: *segment, text: text.clone(), words: words.clone() });
                }
            }
            Event::AnswerCommitted { turn, text, reason, media_ms, typed, progress, .. } => {
                self.progress = *progress;
                if let Some(turn) = self.turns.iter_mut().find(|known| known.turn == *turn) {
                    turn.answer = Some(Answer {
                        text: text.clone(),
                        previous: None,
                        spoken: None,
                        typed: typed.clone(),
                        reason: *reason,
                        media_ms: *media_ms,
                    });
                }
            }
            Event::AnswerRevised { turn, text, previous, cause } => {
                let Some(turn) = self.turns.iter_mut().find(|known| known.turn == *turn) else { return };
                let Some(answer) = turn.answer.as_mut() else { return };
                if *cause == RevisionCause::Candidate && answer.spoken.is_none() {
                    answer.spoken = Some(answer.text.clone());
                }
                answer.previous = Some(previous.clone());
                answer.text.clone_from(text);
            }
            _ => {}
        }
    }
}

impl Turn {
    /// The attempt that counts: the last.
    pub fn attempt(&self) -> &Attempt {
        self.attempts.last().expect("a turn begins with an attempt")
    }

    /// When its question began for the first time.
    pub fn started_ms(&self) -> u64 {
        self.attempts.first().map_or(0, |attempt| attempt.started_ms)
    }

    pub fn words(&self) -> impl Iterator<Item = &Word> {
        self.segments.iter().flat_map(|segment| &segment.words)
    }

    /// The recognizer's final words so far.
    pub fn spoken(&self) -> String {
        let texts: Vec<&str> = self.segments.iter().map(|segment| segment.text.as_str()).collect();
        texts.join(" ")
    }
}
