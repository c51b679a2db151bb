//! A text model that follows a script: so many tokens, so far apart, and faults on demand. For tests and load.
//!
//! It reads nothing of the material but what a debrief or a quiz item must quote, and costs one timer for each stream in progress.

mod quiz;

use crate::config::limits::{MODEL_QUESTION_CHARS_MAX, MODEL_TOKEN_GAP_MS_MAX};
use crate::ports::text_model::{
    Chunk, Chunks, Debrief, DebriefDraft, DraftFinding, DraftQuote, ModelError, ModelInfo, ModelKind, Outcome, Task,
    TextModel, TokenUsage,
};
use async_stream::stream;
use async_trait::async_trait;
use futures::StreamExt;
use futures::stream;
use serde::Deserialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, sleep};

/// What a [`ScriptedModel`] does; as JSON it is what `VIVA_MODEL_SCRIPT` names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ModelScript {
    /// What every request gets that has no play of its own.
    pub usual: Play,
    /// For the first requests, in the order in which they come.
    pub plays: Vec<Play>,
}

/// One reply.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Play {
    /// The words to say; absent: `tokens` invented ones.
    pub text: Option<String>,
    pub tokens: u32,
    pub first_after_ms: u64,
    pub interval_ms: u64,
    pub fault: Option<Fault>,
}

/// What goes wrong, after so many tokens.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind", deny_unknown_fields)]
pub enum Fault {
    /// Nothing more comes, until the time-out that every adapter keeps.
    Stall {
        after_tokens: u32,
    },
    /// Tokens without end, until the limit that every adapter keeps.
    Flood,
    Busy {
        after_tokens: u32,
        retry_after_ms: Option<u64>,
    },
    Refusal {
        after_tokens: u32,
    },
    Failure {
        after_tokens: u32,
    },
}

#[derive(Debug)]
pub struct ScriptedModel {
    script: Arc<ModelScript>,
    requests: AtomicUsize,
}

impl ScriptedModel {
    pub fn new(script: ModelScript) -> Self {
        Self { script: Arc::new(script), requests: AtomicUsize::new(0) }
    }

    /// How many requests it has had.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    fn next_play(&self) -> Play {
        let request = self.requests.fetch_add(1, Ordering::Relaxed);
        self.script.plays.get(request).unwrap_or(&self.script.usual).clone()
    }
}

impl Default for Play {
    fn default() -> Self {
        Self { text: None, tokens: 40, first_after_ms: 0, interval_ms: 20, fault: None }
    }
}

#[async_trait]
impl TextModel for ScriptedModel {
    fn info(&self) -> ModelInfo {
        ModelInfo { name: "scripted (for tests and load)".to_owned(), kind: ModelKind::Builtin }
    }

    async fn perform(&self, task: Task) -> Result<Chunks, ModelError> {
        let play = self.next_play();
        if let Some(error) = play.fault.as_ref().and_then(|fault| fault.at(0)) {
            return Err(error);
        }
        Ok(match task {
            Task::NextQuestion(question) => Recital::new(play, question.turn).into_chunks(),
            Task::Debrief(debrief) => whole(play.clone(), Chunk::Debrief(scripted_draft(&play, &debrief))),
            Task::Answer(_) | Task::Title(_) => Recital::new(play, 1).into_chunks(),
            Task::QuizItems(task) => whole(play, Chunk::QuizItems(quiz::items(&task))),
            Task::QuizAnswers(task) => whole(play, Chunk::QuizAnswers(quiz::answers(&task))),
        })
    }
}

impl Fault {
    /// The error that takes the place of token `index`.
    fn at(&self, index: u32) -> Option<ModelError> {
        match self {
            Self::Busy { after_tokens, retry_after_ms } if *after_tokens == index => {
                Some(ModelError::Busy { retry_after_ms: *retry_after_ms })
            }
            Self::Refusal { after_tokens } if *after_tokens == index => Some(ModelError::Refused),
            Self::Failure { after_tokens } if *after_tokens == index => {
                Some(ModelError::Failed("as the script says".to_owned()))
            }
            Self::Stall { .. } | Self::Flood | Self::Busy { .. } | Self::Refusal { .. } | Self::Failure { .. } => None,
        }
    }

    /// How many tokens come before it.
    fn after_tokens(&self) -> Option<u32> {
        match self {
            Self::Stall { after_tokens }
            | Self::Busy { after_tokens, .. }
            | Self::Refusal { after_tokens }
            | Self::Failure { after_tokens } => Some(*after_tokens),
            Self::Flood => None,
        }
    }

    fn stalls_at(&self, index: u32) -> bool {
        matches!(self, Self::Stall { after_tokens } if *after_tokens == index)
    }
}

/// One reply being said.
struct Recital {
    play: Play,
    words: Vec<String>,
    said: u32,
    /// How many of them it has told to have used.
    told: u32,
    chars: usize,
    pace: Option<tokio::time::Interval>,
    over: bool,
}

impl Recital {
    fn new(play: Play, turn: u32) -> Self {
        let words = match &play.text {
            Some(text) => text.split_inclusive(' ').map(str::to_owned).collect(),
            None => invented_words(turn, play.tokens),
        };
        Self { play, words, said: 0, told: 0, chars: 0, pace: None, over: false }
    }

    fn into_chunks(self) -> Chunks {
        stream::unfold(self, |mut recital| async move {
            let chunk = recital.next().await?;
            Some((chunk, recital))
        })
        .boxed()
    }

    async fn next(&mut self) -> Option<Result<Chunk, ModelError>> {
        if self.over {
            return None;
        }
        if self.told < self.said {
            self.told = self.said;
            return Some(Ok(Chunk::Spent { usage: said(self.said) }));
        }
        self.wait().await;
        if let Some(fault) = &self.play.fault {
            if let Some(error) = fault.at(self.said) {
                self.over = true;
                return Some(Err(error));
            }
            if fault.stalls_at(self.said) {
                sleep(Duration::from_millis(MODEL_TOKEN_GAP_MS_MAX)).await;
                self.over = true;
                return Some(Err(ModelError::TimedOut));
            }
        }
        let flooding = matches!(self.play.fault, Some(Fault::Flood)) && self.chars < MODEL_QUESTION_CHARS_MAX;
        let word = match self.words.get(self.said as usize) {
            Some(word) => word.clone(),
            None if flooding => "more ".to_owned(),
            None => {
                self.over = true;
                return Some(Ok(Chunk::Done { usage: said(self.said) }));
            }
        };
        self.said += 1;
        self.chars += word.len();
        Some(Ok(Chunk::Delta(word)))
    }

    /// Waits until the next token is due. The end follows the last token at once.
    async fn wait(&mut self) {
        let all_said = self.said as usize >= self.words.len() && !matches!(self.play.fault, Some(Fault::Flood));
        if self.said == 0 {
            if self.play.first_after_ms > 0 {
                sleep(Duration::from_millis(self.play.first_after_ms)).await;
            }
        } else if !all_said && self.play.interval_ms > 0 {
            let period = Duration::from_millis(self.play.interval_ms);
            match &mut self.pace {
                Some(pace) => {
                    pace.tick().await;
                }
                None => {
                    sleep(period).await;
                    let mut pace = tokio::time::interval(period);
                    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
                    pace.tick().await;
                    self.pace = Some(pace);
                }
            }
        }
    }
}

fn invented_words(turn: u32, tokens: u32) -> Vec<String> {
    (1..=tokens)
        .map(|index| match index {
            1 => format!("Question {turn}:"),
            _ if index == tokens => " why?".to_owned(),
            _ => format!(" word{index}"),
        })
        .collect()
}

/// All of it after the time that its tokens would have taken.
fn whole(play: Play, chunk: Chunk) -> Chunks {
    stream! {
        let tokens = play.fault.as_ref().and_then(Fault::after_tokens).map_or(play.tokens, |after| after.min(play.tokens));
        sleep(Duration::from_millis(play.first_after_ms + play.interval_ms * u64::from(tokens.saturating_sub(1)))).await;
        yield Ok(Chunk::Spent { usage: said(tokens) });
        if play.fault.as_ref().is_some_and(|fault| fault.stalls_at(tokens)) {
            sleep(Duration::from_millis(MODEL_TOKEN_GAP_MS_MAX)).await;
            yield Err(ModelError::TimedOut);
        } else if let Some(error) = play.fault.and_then(|fault| fault.at(tokens)) {
            yield Err(error);
        } else {
            yield Ok(chunk);
            yield Ok(Chunk::Done { usage: said(tokens) });
        }
    }
    .boxed()
}

fn said(tokens: u32) -> TokenUsage {
    TokenUsage { output_tokens: u64::from(tokens), ..TokenUsage::default() }
}

fn scripted_draft(play: &Play, debrief: &Debrief) -> DebriefDraft {
    let quotes = debrief
        .exchanges
        .iter()
        .find_map(|exchange| match &exchange.outcome {
            Outcome::Answered { text } if !text.trim().is_empty() => {
                let quote = text.split_inclusive(' ').take(6).collect::<String>().trim().to_owned();
                Some(DraftQuote { turn: exchange.turn, quote })
            }
            Outcome::Answered { .. } | Outcome::Skipped | Outcome::Unanswered => None,
        })
        .into_iter()
        .collect();
    DebriefDraft {
        summary: play.text.clone().unwrap_or_else(|| "This feedback follows a script.".to_owned()),
        strengths: vec![DraftFinding { text: "You answered.".to_owned(), quotes }],
        improvements: Vec::new(),
        ratings: Vec::new(),
    }
}
