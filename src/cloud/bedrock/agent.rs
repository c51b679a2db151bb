//! An agent of Bedrock by InvokeAgent. Its instruction is the agent's own (`agents/*.md`, put there by the stack), so that only the material
//! is sent; a fresh session for each request, so that it remembers nobody.

use super::Times;
use super::reply::{Events, Reply, Step, acts_elsewhere};
use super::setback::{Setback, persist};
use crate::cloud::aws::Aws;
use crate::config::limits::AGENT_GUARDRAIL_CHARS;
use crate::ports::text_model::{Chunks, ModelError, ModelInfo, ModelKind, Task, TextModel};
use crate::prompts::replies::{Model, Wanted, chunks};
use crate::prompts::{Message, Role};
use async_trait::async_trait;
use aws_sdk_bedrockagentruntime::Client;
use aws_sdk_bedrockagentruntime::config::StalledStreamProtectionConfig;
use aws_sdk_bedrockagentruntime::config::retry::RetryConfig;
use aws_sdk_bedrockagentruntime::operation::invoke_agent::InvokeAgentOutput;
use aws_sdk_bedrockagentruntime::types::error::ResponseStreamError as StreamError;
use aws_sdk_bedrockagentruntime::types::{ResponseStream, StreamingConfigurations};
use std::sync::Arc;
use uuid::Uuid;

/// Contract: as of [`TextModel`]. Bedrock does not tell what an agent used, so that it is estimated.
#[derive(Clone, Debug)]
pub struct AgentModel {
    endpoint: Arc<Endpoint>,
    times: Times,
}

#[derive(Debug)]
struct Endpoint {
    client: Client,
    agent: String,
    alias: String,
}

impl AgentModel {
    pub fn new(aws: &Aws, agent: &str, alias: &str) -> Self {
        // Attempts and time-outs are our own: the SDK's would go on unseen while a candidate waits.
        let service = aws_sdk_bedrockagentruntime::config::Builder::from(&aws.of_service("BEDROCK_AGENT_RUNTIME"))
            .retry_config(RetryConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        let client = Client::from_conf(service);
        let endpoint = Endpoint { client, agent: agent.to_owned(), alias: alias.to_owned() };
        Self { endpoint: Arc::new(endpoint), times: Times::default() }
    }

    #[must_use]
    pub fn with_times(self, times: Times) -> Self {
        Self { times, ..self }
    }
}

#[async_trait]
impl TextModel for AgentModel {
    fn info(&self) -> ModelInfo {
        ModelInfo { name: format!("Bedrock agent {}", self.endpoint.agent), kind: ModelKind::Bedrock }
    }

    async fn perform(&self, task: Task) -> Result<Chunks, ModelError> {
        Ok(chunks(Arc::clone(&self.endpoint), &task, self.times.of(&task)))
    }

    /// An agent may call functions and write to places that we know nothing of.
    fn may_speculate(&self) -> bool {
        false
    }
}

impl Model for Arc<Endpoint> {
    type Reply = Reply<Agent>;

    async fn ask(&self, wanted: &Wanted) -> Result<Self::Reply, ModelError> {
        persist(|| self.attempt(wanted), |_| false).await
    }
}

impl Endpoint {
    async fn attempt(&self, wanted: &Wanted) -> Result<Reply<Agent>, Setback> {
        let streaming = StreamingConfigurations::builder()
            .stream_final_response(true)
            .apply_guardrail_interval(AGENT_GUARDRAIL_CHARS)
            .build();
        let answered = self
            .client
            .invoke_agent()
            .agent_id(&self.agent)
            .agent_alias_id(&self.alias)
            .session_id(fresh_session())
            // Set, it would end the session in place of an answer; it ends when nobody has used it for a while.
            .end_session(false)
            .enable_trace(false)
            .streaming_configurations(streaming)
            .input_text(input(&wanted.messages))
            .send()
            .await
            .map_err(|error| Setback::of_request(&error))?;
        Reply::begin(Agent { answered, cut: Vec::new(), ended: false }).await
    }
}

/// The material, and for a repair what was said to it before. The instructions are the agent's own.
fn input(messages: &[Message]) -> String {
    let told = messages.iter().filter_map(|message| match message.role {
        Role::System => None,
        Role::User => Some(message.content.clone()),
        Role::Assistant => Some(format!("You replied:\n{}", message.content)),
    });
    told.collect::<Vec<_>>().join("\n\n")
}

#[expect(clippy::disallowed_methods, reason = "this adapter names a session that nobody goes on with")]
fn fresh_session() -> String {
    Uuid::new_v4().to_string()
}

struct Agent {
    answered: InvokeAgentOutput,
    /// The beginning of a letter whose rest comes with the next chunk.
    cut: Vec<u8>,
    ended: bool,
}

impl Events for Agent {
    async fn receive(&mut self) -> Result<Option<Step>, Setback> {
        if self.ended {
            return Ok(None);
        }
        let event = self.answered.completion.recv().await.map_err(|error| Setback::of_stream(&error, name))?;
        Ok(Some(match event {
            Some(ResponseStream::Chunk(part)) => {
                self.cut.extend_from_slice(part.bytes.as_ref().map(AsRef::as_ref).unwrap_or_default());
                Step::Text(whole_letters(&mut self.cut))
            }
            Some(ResponseStream::ReturnControl(_) | ResponseStream::Files(_)) => return Err(acts_elsewhere()),
            Some(_) => Step::Frame,
            // An agent's stream has no event for its end; one that is cut off is an error above.
            None => {
                self.ended = true;
                Step::Stopped
            }
        }))
    }
}

fn name(error: &StreamError) -> &'static str {
    match error {
        StreamError::AccessDeniedException(_) => "AccessDeniedException",
        StreamError::BadGatewayException(_) => "BadGatewayException",
        StreamError::ConflictException(_) => "ConflictException",
        StreamError::DependencyFailedException(_) => "DependencyFailedException",
        StreamError::InternalServerException(_) => "InternalServerException",
        StreamError::ModelNotReadyException(_) => "ModelNotReadyException",
        StreamError::ResourceNotFoundException(_) => "ResourceNotFoundException",
        StreamError::ServiceQuotaExceededException(_) => "ServiceQuotaExceededException",
        StreamError::ThrottlingException(_) => "ThrottlingException",
        StreamError::ValidationException(_) => "ValidationException",
        _ => "",
    }
}

/// Takes what is complete; bytes that are no text become replacement characters.
fn whole_letters(bytes: &mut Vec<u8>) -> String {
    let complete = match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        Ok(_) | Err(_) => bytes.len(),
    };
    let rest = bytes.split_off(complete);
    String::from_utf8_lossy(&std::mem::replace(bytes, rest)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::whole_letters;

    #[test]
    fn a_letter_that_is_cut_waits_for_its_rest() {
        let text = "Für wen? 🦀";
        let mut cut = Vec::new();
        let told = text.bytes().map(|byte| {
            cut.push(byte);
            whole_letters(&mut cut)
        });
        assert_eq!(told.collect::<String>(), text);
        assert_eq!(whole_letters(&mut vec![b'a', 0xff, b'b']), "a\u{fffd}b");
    }
}
