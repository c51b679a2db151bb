//! A model of Bedrock by ConverseStream.

use super::Times;
use super::reply::{Events, Reply, Step};
use super::request::{Dialect, Parts, guardrail};
use super::setback::{Setback, failed, persist};
use crate::cloud::aws::Aws;
use crate::config::bedrock::{BedrockConfig, Guardrail};
use crate::ports::text_model::{Chunks, ModelError, ModelInfo, ModelKind, Task, TextModel, TokenUsage};
use crate::prompts::replies::{Model, Wanted, chunks};
use async_trait::async_trait;
use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::StalledStreamProtectionConfig;
use aws_sdk_bedrockruntime::config::retry::RetryConfig;
use aws_sdk_bedrockruntime::operation::converse_stream::ConverseStreamOutput;
use aws_sdk_bedrockruntime::types::error::ConverseStreamOutputError as StreamError;
use aws_sdk_bedrockruntime::types::{
    ContentBlockDelta, ConverseStreamOutput as Event, StopReason, TokenUsage as Counted,
};
use std::sync::{Arc, Mutex, PoisonError};

/// Contract: as of [`TextModel`]. The request is made when the stream is first polled.
#[derive(Clone, Debug)]
pub struct ConverseModel {
    endpoint: Arc<Endpoint>,
    times: Times,
}

#[derive(Debug)]
struct Endpoint {
    client: Client,
    model: String,
    guardrail: Option<Guardrail>,
    temperature: Option<f32>,
    /// What the model has been found to take.
    dialect: Mutex<Dialect>,
}

impl ConverseModel {
    /// `model` is a model's id, or the id or ARN of an inference profile.
    pub fn new(aws: &Aws, model: &str, config: &BedrockConfig) -> Self {
        // Attempts and time-outs are our own: the SDK's would go on unseen while a candidate waits.
        let service = aws_sdk_bedrockruntime::config::Builder::from(&aws.of_service("BEDROCK_RUNTIME"))
            .retry_config(RetryConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        let endpoint = Endpoint {
            client: Client::from_conf(service),
            model: model.to_owned(),
            guardrail: config.guardrail.clone(),
            temperature: config.temperature,
            dialect: Mutex::new(Dialect { cache: config.cache, tool: config.tool }),
        };
        Self { endpoint: Arc::new(endpoint), times: Times::default() }
    }

    #[must_use]
    pub fn with_times(self, times: Times) -> Self {
        Self { times, ..self }
    }
}

#[async_trait]
impl TextModel for ConverseModel {
    /// The name leaves out the account that an ARN tells.
    fn info(&self) -> ModelInfo {
        let model = &self.endpoint.model;
        let name = model.rsplit('/').next().unwrap_or(model);
        ModelInfo { name: name.to_owned(), kind: ModelKind::Bedrock }
    }

    async fn perform(&self, task: Task) -> Result<Chunks, ModelError> {
        Ok(chunks(Arc::clone(&self.endpoint), &task, self.times.of(&task)))
    }
}

impl Model for Arc<Endpoint> {
    type Reply = Reply<Converse>;

    async fn ask(&self, wanted: &Wanted) -> Result<Self::Reply, ModelError> {
        persist(|| self.attempt(wanted), |complaint| self.simplify(complaint)).await
    }
}

impl Endpoint {
    async fn attempt(&self, wanted: &Wanted) -> Result<Reply<Converse>, Setback> {
        let parts = Parts::of(wanted, self.dialect(), self.temperature)
            .map_err(|_| Setback::Final(failed("the request could not be made")))?;
        let answered = self
            .client
            .converse_stream()
            .model_id(&self.model)
            .set_system(Some(parts.system))
            .set_messages(Some(parts.turns))
            .inference_config(parts.inference)
            .set_tool_config(parts.tools)
            .set_guardrail_config(self.guardrail.as_ref().map(guardrail))
            .send()
            .await
            .map_err(|error| Setback::of_request(&error))?;
        Reply::begin(Converse(answered)).await
    }

    fn dialect(&self) -> Dialect {
        *self.dialect.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn simplify(&self, complaint: &str) -> bool {
        let Some(simpler) = self.dialect().without(complaint) else { return false };
        tracing::info!(?simpler, "the model does not take part of a request; going on without it");
        *self.dialect.lock().unwrap_or_else(PoisonError::into_inner) = simpler;
        true
    }
}

struct Converse(ConverseStreamOutput);

impl Events for Converse {
    async fn receive(&mut self) -> Result<Option<Step>, Setback> {
        let event = self.0.stream.recv().await.map_err(|error| Setback::of_stream(&error, name))?;
        event.map(step).transpose()
    }
}

fn step(event: Event) -> Result<Step, Setback> {
    Ok(match event {
        Event::ContentBlockDelta(delta) => match delta.delta {
            Some(ContentBlockDelta::Text(text)) => Step::Text(text),
            Some(ContentBlockDelta::ToolUse(part)) => Step::Text(part.input),
            Some(ContentBlockDelta::ReasoningContent(thought)) => {
                Step::Thought(thought.as_text().map_or(0, String::len))
            }
            Some(_) | None => Step::Frame,
        },
        Event::MessageStop(stop) => match stop.stop_reason {
            StopReason::GuardrailIntervened | StopReason::ContentFiltered => {
                return Err(Setback::Final(ModelError::Refused));
            }
            StopReason::ModelContextWindowExceeded => {
                return Err(Setback::Final(ModelError::Invalid("the talk is too long for it".to_owned())));
            }
            // At the limit of tokens a question is cut off as at our own; a debrief that is cut off or malformed is no JSON, and repaired.
            _ => Step::Stopped,
        },
        Event::Metadata(metadata) => metadata.usage.map_or(Step::Frame, |usage| Step::Usage(counted(&usage))),
        _ => Step::Frame,
    })
}

fn name(error: &StreamError) -> &'static str {
    match error {
        StreamError::InternalServerException(_) => "InternalServerException",
        StreamError::ModelStreamErrorException(_) => "ModelStreamErrorException",
        StreamError::ValidationException(_) => "ValidationException",
        StreamError::ThrottlingException(_) => "ThrottlingException",
        StreamError::ServiceUnavailableException(_) => "ServiceUnavailableException",
        _ => "",
    }
}

/// Bedrock counts what its cache held or took besides the rest of the prompt; we count it as part of the prompt.
fn counted(usage: &Counted) -> TokenUsage {
    let count = |tokens: i32| u64::try_from(tokens).unwrap_or_default();
    let read = count(usage.cache_read_input_tokens.unwrap_or_default());
    let write = count(usage.cache_write_input_tokens.unwrap_or_default());
    TokenUsage {
        input_tokens: count(usage.input_tokens) + read + write,
        output_tokens: count(usage.output_tokens),
        cache_read_tokens: read,
        cache_write_tokens: write,
    }
}
