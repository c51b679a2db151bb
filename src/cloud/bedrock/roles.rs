//! One model or agent for each role, seen as one model: questions go to the interviewer, feedback to the reviewer, what is asked about files
//! to the tutor, quizzes to the quiz writer.

use super::{AgentModel, ConverseModel};
use crate::cloud::aws::Aws;
use crate::config::ConfigError;
use crate::config::bedrock::{BedrockConfig, Mind};
use crate::ports::text_model::{Chunks, ModelError, ModelInfo, Task, TextModel};
use async_trait::async_trait;
use std::sync::Arc;

#[derive(Clone)]
pub struct RoleModels {
    pub interviewer: Arc<dyn TextModel>,
    pub reviewer: Arc<dyn TextModel>,
    pub tutor: Arc<dyn TextModel>,
    pub quiz_writer: Arc<dyn TextModel>,
}

impl std::fmt::Debug for RoleModels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RoleModels")
            .field("interviewer", &self.interviewer.info())
            .field("reviewer", &self.reviewer.info())
            .field("tutor", &self.tutor.info())
            .field("quiz_writer", &self.quiz_writer.info())
            .finish()
    }
}

impl RoleModels {
    /// As configured; a reviewer, a tutor and a quiz writer of their own are optional.
    pub fn new(aws: &Aws, config: &BedrockConfig) -> Result<Self, ConfigError> {
        let interviewer = config.needed_interviewer()?;
        let of = |mind: &Option<Mind>| model(aws, config, mind.as_ref().unwrap_or(interviewer));
        Ok(Self {
            interviewer: model(aws, config, interviewer),
            reviewer: of(&config.reviewer),
            tutor: of(&config.tutor),
            quiz_writer: of(&config.quiz_writer),
        })
    }

    /// The tutor alone, where nobody is interviewed.
    pub fn tutor(aws: &Aws, config: &BedrockConfig) -> Result<Arc<dyn TextModel>, ConfigError> {
        Ok(model(aws, config, config.needed_tutor()?))
    }

    /// The quiz writer alone.
    pub fn quiz_writer(aws: &Aws, config: &BedrockConfig) -> Result<Arc<dyn TextModel>, ConfigError> {
        Ok(model(aws, config, config.needed_quiz_writer()?))
    }
}

fn model(aws: &Aws, config: &BedrockConfig, mind: &Mind) -> Arc<dyn TextModel> {
    match mind {
        Mind::Model(id) => Arc::new(ConverseModel::new(aws, id, config)),
        Mind::Agent { id, alias } => Arc::new(AgentModel::new(aws, id, alias)),
    }
}

#[async_trait]
impl TextModel for RoleModels {
    /// Who the candidate speaks with.
    fn info(&self) -> ModelInfo {
        self.interviewer.info()
    }

    async fn perform(&self, task: Task) -> Result<Chunks, ModelError> {
        match task {
            Task::NextQuestion(_) => self.interviewer.perform(task).await,
            Task::Debrief(_) => self.reviewer.perform(task).await,
            Task::Answer(_) | Task::Title(_) => self.tutor.perform(task).await,
            Task::QuizItems(_) | Task::QuizAnswers(_) => self.quiz_writer.perform(task).await,
        }
    }

    /// Only questions are.
    fn may_speculate(&self) -> bool {
        self.interviewer.may_speculate()
    }
}
