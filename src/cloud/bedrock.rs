//! Text models on Amazon Bedrock: any model by ConverseStream, or an agent by InvokeAgent, one for each role.
//!
//! It speaks the two protocols. What is asked, what of a reply is fit to be said, time-outs and limits are in `prompts`; whether a quote is
//! true is checked by the core. Knowledge bases and embeddings are not its business.

mod agent;
mod blocked;
mod converse;
mod reply;
mod request;
mod roles;
mod setback;

pub use agent::AgentModel;
pub use converse::ConverseModel;
pub use roles::RoleModels;

pub use crate::prompts::TimeOuts;

use crate::ports::text_model::Task;

/// How long each kind of task may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    pub question: TimeOuts,
    pub debrief: TimeOuts,
    /// For answers from files, and for titles.
    pub answer: TimeOuts,
    /// For quiz items, and for answers to them.
    pub quiz: TimeOuts,
}

impl Times {
    fn of(&self, task: &Task) -> TimeOuts {
        match task {
            Task::NextQuestion(_) => self.question,
            Task::Debrief(_) => self.debrief,
            Task::Answer(_) | Task::Title(_) => self.answer,
            Task::QuizItems(_) | Task::QuizAnswers(_) => self.quiz,
        }
    }
}

impl Default for Times {
    fn default() -> Self {
        Self {
            question: TimeOuts::QUESTION,
            debrief: TimeOuts::DEBRIEF,
            answer: TimeOuts::ANSWER,
            quiz: TimeOuts::QUIZ,
        }
    }
}
