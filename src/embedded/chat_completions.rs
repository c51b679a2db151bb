//! Text models behind any OpenAI-compatible `/v1/chat/completions`: Ollama, llama.cpp, vLLM, OpenAI itself.
//!
//! It speaks the protocol and closes the connection when its stream is dropped. What is asked, what of a reply is fit to be said, time-outs and
//! limits are in `prompts`; whether a quote is true is checked by the core.

mod reply;
mod server;
mod sse;

pub use crate::prompts::TimeOuts;

use crate::config::limits::MODEL_CONNECT_MS_MAX;
use crate::ports::text_model::{Chunks, ModelError, ModelInfo, ModelKind, Task, TextModel};
use crate::prompts::replies::chunks;
use async_trait::async_trait;
use server::Server;
use std::sync::Arc;
use std::time::Duration;

/// Where the model is.
#[derive(Clone)]
pub struct ChatCompletionsConfig {
    /// The endpoint's base, e.g. `http://127.0.0.1:11434/v1`.
    pub url: String,
    pub model: String,
    /// The bearer token for it.
    pub key: Option<String>,
    pub question_times: TimeOuts,
    pub debrief_times: TimeOuts,
    /// For answers from files, and for titles.
    pub answer_times: TimeOuts,
    /// For quiz items, and for answers to them.
    pub quiz_times: TimeOuts,
}

#[derive(Clone, Debug)]
pub struct ChatCompletionsModel {
    server: Arc<Server>,
    name: String,
    question_times: TimeOuts,
    debrief_times: TimeOuts,
    answer_times: TimeOuts,
    quiz_times: TimeOuts,
}

#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be made: {0}")]
pub struct ClientError(#[source] reqwest::Error);

impl ChatCompletionsConfig {
    pub fn new(url: impl Into<String>, model: impl Into<String>, key: Option<String>) -> Self {
        Self {
            url: url.into(),
            model: model.into(),
            key,
            question_times: TimeOuts::QUESTION,
            debrief_times: TimeOuts::DEBRIEF,
            answer_times: TimeOuts::ANSWER,
            quiz_times: TimeOuts::QUIZ,
        }
    }
}

impl std::fmt::Debug for ChatCompletionsConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChatCompletionsConfig")
            .field("url", &self.url)
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}

impl ChatCompletionsModel {
    pub fn new(config: ChatCompletionsConfig) -> Result<Self, ClientError> {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // It fails when another thread was quicker, which serves as well.
            drop(rustls::crypto::ring::default_provider().install_default());
        }
        let client = reqwest::Client::builder()
            .connect_timeout(Duration::from_millis(MODEL_CONNECT_MS_MAX))
            // A redirect would take the candidate's words to a place that nobody configured.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("viva/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(ClientError)?;
        let server = Arc::new(Server::new(client, &config.url, config.model.clone(), config.key));
        let ChatCompletionsConfig { question_times, debrief_times, answer_times, quiz_times, .. } = config;
        Ok(Self { server, name: config.model, question_times, debrief_times, answer_times, quiz_times })
    }
}

#[async_trait]
impl TextModel for ChatCompletionsModel {
    fn info(&self) -> ModelInfo {
        ModelInfo { name: self.name.clone(), kind: ModelKind::OpenAi }
    }

    /// Returns at once; the request is made when the stream is first polled.
    async fn perform(&self, task: Task) -> Result<Chunks, ModelError> {
        let times = match task {
            Task::NextQuestion(_) => self.question_times,
            Task::Debrief(_) => self.debrief_times,
            Task::Answer(_) | Task::Title(_) => self.answer_times,
            Task::QuizItems(_) | Task::QuizAnswers(_) => self.quiz_times,
        };
        Ok(chunks(Arc::clone(&self.server), &task, times))
    }
}
