//! Text models behind any OpenAI-compatible `/v1/chat/completions`: Ollama, llama.cpp, vLLM, OpenAI itself.
//!
//! It renders tasks to messages, streams what is fit to be said, keeps the time-outs and limits, and closes the connection when its stream is
//! dropped. What a question should be is in `prompts`; whether a quote is true is checked by the core.

mod draft;
mod patience;
mod prompts;
mod reply;
mod server;
mod spoken;
mod sse;

pub use patience::TimeOuts;

use crate::config::limits::{
    MODEL_CONNECT_MS_MAX, MODEL_DEBRIEF_CHARS_MAX, MODEL_DEBRIEF_TOKENS_MAX, MODEL_QUESTION_CHARS_MAX,
    MODEL_QUESTION_TOKENS_MAX,
};
use crate::ports::text_model::{
    Chunk, Chunks, Debrief, DebriefDraft, ModelError, ModelInfo, ModelKind, NextQuestion, Task, TextModel, TokenUsage,
};
use async_stream::try_stream;
use async_trait::async_trait;
use futures::StreamExt;
use patience::Patience;
use prompts::{Message, debrief_messages, question_messages, repair_messages};
use reply::Piece;
use server::{Form, Server, Wanted};
use spoken::Spoken;
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
}

#[derive(Clone, Debug)]
pub struct ChatCompletionsModel {
    server: Arc<Server>,
    name: String,
    question_times: TimeOuts,
    debrief_times: TimeOuts,
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
        let (question_times, debrief_times) = (config.question_times, config.debrief_times);
        Ok(Self { server, name: config.model, question_times, debrief_times })
    }

    fn question(&self, task: &NextQuestion) -> Chunks {
        let (server, times) = (self.server.clone(), self.question_times);
        let messages = question_messages(task);
        try_stream! {
            let patience = Patience::from_now(times);
            let mut usage = UsageCount::of(&messages);
            let wanted = Wanted { messages, tokens_max: MODEL_QUESTION_TOKENS_MAX, form: Form::Text };
            let mut reply = patience.at_first(server.ask(&wanted)).await??;
            let mut spoken = Spoken::default();
            let mut said = 0;
            while said < MODEL_QUESTION_CHARS_MAX {
                // A model that thinks first makes progress, but the candidate hears nothing: the first word is waited for.
                let piece = if said == 0 { patience.at_first(reply.next()).await?? } else { patience.between(reply.next()).await?? };
                let text = match piece {
                    Some(Piece::Text(text)) => {
                        usage.add(&text);
                        spoken.push(&text)
                    }
                    Some(Piece::Usage(counted)) => {
                        usage.counted = Some(counted);
                        continue;
                    }
                    Some(Piece::Progress) => continue,
                    None => break,
                };
                let text = within(text, MODEL_QUESTION_CHARS_MAX - said);
                if !text.is_empty() {
                    said += text.len();
                    yield Chunk::Delta(text);
                }
            }
            let rest = within(spoken.finish(), MODEL_QUESTION_CHARS_MAX.saturating_sub(said));
            if !rest.is_empty() {
                said += rest.len();
                yield Chunk::Delta(rest);
            }
            if said == 0 {
                Err(ModelError::Invalid("it said nothing".to_owned()))?;
            }
            yield Chunk::Done { usage: usage.total() };
        }
        .boxed()
    }

    fn debrief(&self, task: &Debrief) -> Chunks {
        let (server, times) = (self.server.clone(), self.debrief_times);
        let messages = debrief_messages(task);
        try_stream! {
            let patience = Patience::from_now(times);
            let (reply, mut usage) = whole_reply(&server, messages.clone(), patience).await?;
            let draft = match draft::parse(&reply) {
                Some(draft) => draft,
                None => {
                    let again = repair_messages(messages, &reply);
                    let (reply, more) = whole_reply(&server, again, patience.renewed(times)).await?;
                    usage.input_tokens += more.input_tokens;
                    usage.output_tokens += more.output_tokens;
                    parsed(&reply)?
                }
            };
            yield Chunk::Debrief(draft);
            yield Chunk::Done { usage };
        }
        .boxed()
    }
}

#[async_trait]
impl TextModel for ChatCompletionsModel {
    fn info(&self) -> ModelInfo {
        ModelInfo { name: self.name.clone(), kind: ModelKind::OpenAi }
    }

    /// Returns at once; the request is made when the stream is first polled.
    async fn perform(&self, task: Task) -> Result<Chunks, ModelError> {
        Ok(match task {
            Task::NextQuestion(task) => self.question(&task),
            Task::Debrief(task) => self.debrief(&task),
        })
    }
}

/// A debrief's text as a whole. It is streamed all the same, so that a model that stalls is noticed and one that is dropped stops.
async fn whole_reply(
    server: &Server,
    messages: Vec<Message>,
    patience: Patience,
) -> Result<(String, TokenUsage), ModelError> {
    let mut usage = UsageCount::of(&messages);
    let wanted = Wanted { messages, tokens_max: MODEL_DEBRIEF_TOKENS_MAX, form: Form::Debrief };
    let mut reply = patience.at_first(server.ask(&wanted)).await??;
    let mut text = String::new();
    let mut begun = false;
    loop {
        let piece =
            if begun { patience.between(reply.next()).await?? } else { patience.at_first(reply.next()).await?? };
        begun = true;
        match piece {
            Some(Piece::Text(piece)) => {
                usage.add(&piece);
                text.push_str(&piece);
            }
            Some(Piece::Usage(counted)) => usage.counted = Some(counted),
            Some(Piece::Progress) => {}
            None => return Ok((text, usage.total())),
        }
        if text.len() > MODEL_DEBRIEF_CHARS_MAX {
            return Err(ModelError::Invalid("the feedback is too long".to_owned()));
        }
    }
}

fn parsed(reply: &str) -> Result<DebriefDraft, ModelError> {
    draft::parse(reply).ok_or_else(|| ModelError::Invalid("the feedback is not the JSON asked for".to_owned()))
}

fn within(mut text: String, bytes_max: usize) -> String {
    text.truncate(text.floor_char_boundary(bytes_max));
    text
}

/// Tokens as the server counted them; where it did not (or the stream was cut off before), an estimate of a token for every four bytes.
#[derive(Debug)]
struct UsageCount {
    counted: Option<TokenUsage>,
    input_bytes: usize,
    output_bytes: usize,
}

impl UsageCount {
    fn of(messages: &[Message]) -> Self {
        let input_bytes = messages.iter().map(|message| message.content.len()).sum();
        Self { counted: None, input_bytes, output_bytes: 0 }
    }

    fn add(&mut self, text: &str) {
        self.output_bytes += text.len();
    }

    fn total(&self) -> TokenUsage {
        self.counted.unwrap_or(TokenUsage {
            input_tokens: self.input_bytes.div_ceil(BYTES_PER_TOKEN) as u64,
            output_tokens: self.output_bytes.div_ceil(BYTES_PER_TOKEN) as u64,
        })
    }
}

const BYTES_PER_TOKEN: usize = 4;
