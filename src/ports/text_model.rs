//! Language models as a role: typed tasks in, a stream of pieces out.
//!
//! What a candidate said is material in a task, never an instruction; adapters render it as delimited data.

use crate::quiz::answer::Answer as QuizAnswer;
use crate::quiz::generation::Draft;
use crate::quiz::item::{Difficulty, ItemId, Kind};
use crate::quiz::public::PublicItem;
use async_trait::async_trait;
use futures::stream::BoxStream;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelInfo {
    pub name: String,
    pub kind: ModelKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ModelKind {
    Builtin,
    OpenAi,
    Bedrock,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Task {
    NextQuestion(NextQuestion),
    Debrief(Debrief),
    Answer(Answer),
    Title(Title),
    QuizItems(QuizItems),
    QuizAnswers(QuizAnswers),
}

/// Write quiz items about passages. Output: [`Chunk::Spent`] now and then, one [`Chunk::QuizItems`], then [`Chunk::Done`]. Whether they hold is for the caller to judge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuizItems {
    /// Written by whoever made the files: data, never instructions.
    pub passages: Vec<Source>,
    /// BCP 47: the language to write; `None`: that of the passages.
    pub language: Option<String>,
    pub difficulty: Difficulty,
    /// How many of each kind.
    pub counts: BTreeMap<Kind, u32>,
    /// What is asked already.
    pub asked: Vec<String>,
}

/// Answer quiz items from passages without having seen their keys. Output: [`Chunk::Spent`] now and then, one [`Chunk::QuizAnswers`],
/// then [`Chunk::Done`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuizAnswers {
    /// Written by whoever made the files: data, never instructions.
    pub passages: Vec<Source>,
    pub questions: Vec<QuizQuestion>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuizQuestion {
    /// The number of the passage that it is to be answered from.
    pub passage: u32,
    pub item: PublicItem,
}

/// Answer a question from passages of files. Output: [`Chunk::Delta`]s of Markdown in which `[1]` after a statement names the source that
/// it rests on, and [`Chunk::Spent`] now and then; at last [`Chunk::Done`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub question: String,
    /// What was said before, oldest first.
    pub talk: Vec<Talk>,
    /// Written by whoever made the files: data, never instructions.
    pub sources: Vec<Source>,
}

/// One question and what was answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Talk {
    pub question: String,
    pub answer: String,
}

/// A passage that an answer may rest on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// From 1.
    pub number: u32,
    /// The file's name.
    pub name: String,
    /// Where in the file, for people.
    pub place: String,
    pub text: String,
}

/// Give a conversation a title of a few words. Output: [`Chunk::Delta`]s of plain text, and [`Chunk::Spent`] now and then; at last
/// [`Chunk::Done`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Title {
    pub first: Talk,
}

/// What the interview is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    pub topic: String,
    pub role: Option<String>,
    pub level: Option<String>,
    /// BCP 47: the language to speak.
    pub language: String,
}

/// One question and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    pub turn: u32,
    /// As far as it was heard.
    pub question: String,
    pub outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    Answered {
        text: String,
    },
    Skipped,
    /// The question was cut off and asked anew, or the interview ended before an answer.
    Unanswered,
}

/// Ask the next question. Output: [`Chunk::Delta`]s of plain text (one question, at most about 60 words), and [`Chunk::Spent`] now and
/// then; at last [`Chunk::Done`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextQuestion {
    pub subject: Subject,
    /// The turn that the question opens, from 1.
    pub turn: u32,
    pub attempt: u32,
    /// Questions in all.
    pub questions: u32,
    pub remaining_ms: Option<u64>,
    /// Oldest first. The last one is what to follow up.
    pub history: Vec<Exchange>,
    /// The same turn was cut off after this much was heard: ask it again in other, shorter words.
    pub heard_before: Option<String>,
    /// The candidate asked to hear it again: this is what was asked.
    pub repeat_of: Option<String>,
    /// The guide's question; absent: the interviewer is free.
    pub guided: Option<Guided>,
    /// Passages of the files that the interview is about, the most fitting first. Written by whoever made the files: data, never
    /// instructions.
    pub sources: Vec<Source>,
}

/// A question of a teacher's guide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guided {
    /// Which of the guide's questions, from 1.
    pub question: u32,
    /// How many it has.
    pub questions: u32,
    /// The guide's question as it stands.
    pub text: String,
    /// What to look for; may be empty. Not for the candidate.
    pub notes: String,
    pub step: GuidedStep,
}

/// What of a guide's question is to be asked now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GuidedStep {
    /// The question itself, as it stands.
    Question,
    /// This follow-up, as it stands.
    Prepared { text: String },
    /// A follow-up of the interviewer's own. What a full answer mentions and was not said yet; may be empty.
    FollowUp { unsaid: Vec<String> },
}

/// Write feedback on a finished interview. Output: [`Chunk::Spent`] now and then, one [`Chunk::Debrief`], then [`Chunk::Done`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Debrief {
    pub subject: Subject,
    pub exchanges: Vec<Exchange>,
    /// What was computed about delivery, as sentences with figures; facts to rest on, not to contradict.
    pub evidence: Vec<String>,
    /// What to rate, in this order; empty: the usual four.
    pub criteria: Vec<Criterion>,
}

/// A criterion of a rubric.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Criterion {
    pub name: String,
    /// May be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Lowest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<Level>,
    /// What answers should mention.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
}

/// What earns a rating.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Level {
    /// 1 to 5.
    pub rating: u8,
    pub text: String,
}

/// Feedback as a model wrote it, before its quotes are checked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DebriefDraft {
    pub summary: String,
    pub strengths: Vec<DraftFinding>,
    pub improvements: Vec<DraftFinding>,
    pub ratings: Vec<DraftRating>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DraftFinding {
    pub text: String,
    pub quotes: Vec<DraftQuote>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DraftRating {
    pub criterion: String,
    /// 1 to 5; absent when the material does not suffice.
    pub rating: Option<u8>,
    pub rationale: String,
    pub quotes: Vec<DraftQuote>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DraftQuote {
    pub turn: u32,
    pub quote: String,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Chunk {
    Delta(String),
    Debrief(DebriefDraft),
    QuizItems(Vec<Draft>),
    /// Those that were answered; an empty answer says that the passage does not tell.
    QuizAnswers(BTreeMap<ItemId, QuizAnswer>),
    /// What the task has used so far, estimated where the model's side has not counted it yet; the newest counts. Where the task fails or is
    /// dropped nothing else tells.
    Spent {
        usage: TokenUsage,
    },
    /// `usage` is that of the whole task.
    Done {
        usage: TokenUsage,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TokenUsage {
    /// All of the prompt, whether from a cache or not.
    pub input_tokens: u64,
    pub output_tokens: u64,
    /// Of `input_tokens`, those that a cache held.
    pub cache_read_tokens: u64,
    /// Of `input_tokens`, those that went into a cache.
    pub cache_write_tokens: u64,
}

impl TokenUsage {
    /// What a budget counts.
    pub const fn billed(&self) -> u64 {
        self.input_tokens + self.output_tokens
    }

    /// For texts of so many bytes, where nobody has counted.
    pub const fn estimated(input_bytes: usize, output_bytes: usize) -> Self {
        Self {
            input_tokens: estimated_tokens(input_bytes) as u64,
            output_tokens: estimated_tokens(output_bytes) as u64,
            cache_read_tokens: 0,
            cache_write_tokens: 0,
        }
    }
}

/// How many tokens a text of so many bytes is to a model: an estimate that errs on the safe side for European languages.
pub const fn estimated_tokens(bytes: usize) -> usize {
    bytes.div_ceil(BYTES_PER_TOKEN)
}

pub const BYTES_PER_TOKEN: usize = 4;

impl std::ops::Add for TokenUsage {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl std::ops::AddAssign for TokenUsage {
    fn add_assign(&mut self, other: Self) {
        let Self { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens } = other;
        self.input_tokens += input_tokens;
        self.output_tokens += output_tokens;
        self.cache_read_tokens += cache_read_tokens;
        self.cache_write_tokens += cache_write_tokens;
    }
}

pub type Chunks = BoxStream<'static, Result<Chunk, ModelError>>;

/// Does tasks.
///
/// Contract: the stream ends after `Done` or an error; dropping it cancels the work; first-token and inter-token time-outs are kept by
/// the adapter, so that a stream always ends.
#[async_trait]
pub trait TextModel: Send + Sync {
    fn info(&self) -> ModelInfo;

    async fn perform(&self, task: Task) -> Result<Chunks, ModelError>;

    /// Whether it does [`Task::QuizItems`] and [`Task::QuizAnswers`]; where not, rules make the items (`quiz::generation::rules`).
    fn writes_quizzes(&self) -> bool {
        true
    }

    /// Whether a task may be performed that is perhaps dropped again. An agent that acts on the world is not asked in vain.
    fn may_speculate(&self) -> bool {
        true
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    #[error("the model did not answer in time")]
    TimedOut,
    /// Try again, after so long where it said so.
    #[error("the model is busy")]
    Busy { retry_after_ms: Option<u64> },
    /// A filter or guardrail stopped it.
    #[error("the model refused")]
    Refused,
    #[error("the model's answer could not be used: {0}")]
    Invalid(String),
    #[error("the model failed: {0}")]
    Failed(String),
}
