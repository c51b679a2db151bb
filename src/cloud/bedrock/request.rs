//! Messages as ConverseStream takes them: instructions, the talk, limits, and the schema of what is to be JSON as a tool.

use crate::config::bedrock::Guardrail;
use crate::prompts::replies::{Form, Wanted};
use crate::prompts::{Message, Role};
use aws_sdk_bedrockruntime::error::BuildError;
use aws_sdk_bedrockruntime::types::{
    CachePointBlock, CachePointType, ContentBlock, ConversationRole, GuardrailStreamConfiguration,
    GuardrailStreamProcessingMode, InferenceConfiguration, Message as Turn, SpecificToolChoice, SystemContentBlock,
    Tool, ToolChoice, ToolConfiguration, ToolInputSchema, ToolSpecification,
};
use aws_smithy_types::{Document, Number};
use serde_json::Value;

/// What not every model takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) cache: bool,
    pub(super) tool: bool,
}

/// The parts of a request.
pub(super) struct Parts {
    pub(super) system: Vec<SystemContentBlock>,
    pub(super) turns: Vec<Turn>,
    pub(super) inference: InferenceConfiguration,
    pub(super) tools: Option<ToolConfiguration>,
}

impl Dialect {
    /// The same without what the model complains of.
    pub(super) fn without(self, complaint: &str) -> Option<Self> {
        if self.cache && complaint.contains("cach") {
            return Some(Self { cache: false, ..self });
        }
        if self.tool && ["tool", "schema"].iter().any(|name| complaint.contains(name)) {
            return Some(Self { tool: false, ..self });
        }
        None
    }
}

impl Parts {
    pub(super) fn of(wanted: &Wanted, dialect: Dialect, temperature: Option<f32>) -> Result<Self, BuildError> {
        let mut system = Vec::new();
        let mut turns = Vec::new();
        for message in &wanted.messages {
            match message.role {
                Role::System => system.push(SystemContentBlock::Text(message.content.clone())),
                Role::User => turns.push(turn(ConversationRole::User, message)?),
                Role::Assistant => turns.push(turn(ConversationRole::Assistant, message)?),
            }
        }
        if dialect.cache {
            let point = CachePointBlock::builder().r#type(CachePointType::Default).build()?;
            system.push(SystemContentBlock::CachePoint(point));
        }
        let tokens_max = i32::try_from(wanted.tokens_max).unwrap_or(i32::MAX);
        let inference = InferenceConfiguration::builder().max_tokens(tokens_max).set_temperature(temperature).build();
        let tools = match &wanted.form {
            Form::Json { name, takes, schema } if dialect.tool => Some(tool(name, takes, schema)?),
            Form::Json { .. } | Form::Text => None,
        };
        Ok(Self { system, turns, inference, tools })
    }
}

/// Words are checked while they stream: buffering them would cost the wait that streaming saves.
pub(super) fn guardrail(guardrail: &Guardrail) -> GuardrailStreamConfiguration {
    GuardrailStreamConfiguration::builder()
        .guardrail_identifier(&guardrail.id)
        .guardrail_version(&guardrail.version)
        .stream_processing_mode(GuardrailStreamProcessingMode::Async)
        .build()
}

fn turn(role: ConversationRole, message: &Message) -> Result<Turn, BuildError> {
    // An empty text is refused, and a model may have said nothing.
    let content = if message.content.trim().is_empty() { "(nothing)" } else { &message.content };
    Turn::builder().role(role).content(ContentBlock::Text(content.to_owned())).build()
}

/// The model must call it, and what it calls it with is what was asked for; nothing is run.
fn tool(name: &str, takes: &str, schema: &Value) -> Result<ToolConfiguration, BuildError> {
    let specification = ToolSpecification::builder()
        .name(name)
        .description(takes)
        .input_schema(ToolInputSchema::Json(document(schema)))
        .build()?;
    let choice = SpecificToolChoice::builder().name(name).build()?;
    ToolConfiguration::builder().tools(Tool::ToolSpec(specification)).tool_choice(ToolChoice::Tool(choice)).build()
}

fn document(value: &Value) -> Document {
    match value {
        Value::Null => Document::Null,
        Value::Bool(value) => Document::Bool(*value),
        Value::Number(number) => Document::Number(match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => Number::PosInt(number),
            (None, Some(number)) => Number::NegInt(number),
            (None, None) => Number::Float(number.as_f64().unwrap_or_default()),
        }),
        Value::String(text) => Document::String(text.clone()),
        Value::Array(items) => Document::Array(items.iter().map(document).collect()),
        Value::Object(fields) => {
            Document::Object(fields.iter().map(|(name, value)| (name.clone(), document(value))).collect())
        }
    }
}
