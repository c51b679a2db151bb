//! The built-in interviewer: rules and question banks, no network and no language model, and it says so.
//!
//! It picks questions by topic, role and level, follows up what the candidate said, and writes feedback from what can be counted and quoted.
//! Questions about files it answers with sentences of the files, quoted. Quiz items are not its work: `quiz::generate` makes them by rules.
//! It is deterministic: the same task gives the same words. It understands nothing, and never judges whether something is true.

mod answer;
mod bank;
mod debrief;
mod excerpts;
mod fill;
mod interviewer;
mod language;
mod mentions;
mod moves;
mod text;
mod theme;

use crate::ports::text_model::{Chunk, Chunks, ModelError, ModelInfo, ModelKind, Task, TextModel, TokenUsage};
use async_trait::async_trait;
use futures::{StreamExt, stream};

#[derive(Clone, Copy, Debug, Default)]
pub struct BuiltinModel;

impl BuiltinModel {
    pub fn new() -> Self {
        Self
    }
}

#[async_trait]
impl TextModel for BuiltinModel {
    fn info(&self) -> ModelInfo {
        ModelInfo { name: "viva built-in interviewer (rules, no language model)".to_owned(), kind: ModelKind::Builtin }
    }

    /// Uses no tokens, so that its usage is zero.
    async fn perform(&self, task: Task) -> Result<Chunks, ModelError> {
        let mut chunks = match task {
            Task::NextQuestion(task) => deltas(&interviewer::next_question(&task)),
            Task::Debrief(task) => vec![Ok(Chunk::Debrief(debrief::debrief(&task)))],
            Task::Answer(task) => deltas(&excerpts::answer(&task)),
            Task::Title(task) => deltas(&excerpts::title(&task)),
            Task::QuizItems(_) | Task::QuizAnswers(_) => {
                return Err(ModelError::Invalid(
                    "rules make quiz items from whole texts, not batch by batch".to_owned(),
                ));
            }
        };
        chunks.push(Ok(Chunk::Done { usage: TokenUsage::default() }));
        Ok(stream::iter(chunks).boxed())
    }

    fn writes_quizzes(&self) -> bool {
        false
    }
}

fn deltas(text: &str) -> Vec<Result<Chunk, ModelError>> {
    text.split_inclusive(' ').map(|word| Ok(Chunk::Delta(word.to_owned()))).collect()
}
