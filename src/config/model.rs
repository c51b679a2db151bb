//! Who asks the questions and writes the feedback.

use crate::config::environment::{ConfigError, Environment};
use std::path::PathBuf;

#[derive(Clone, PartialEq, Eq)]
pub struct ModelConfig {
    /// `VIVA_MODEL`: `builtin` (rules, no network), `openai` (any OpenAI-compatible endpoint), `bedrock` or `agent`
    /// (Amazon Bedrock, see [`crate::config::BedrockConfig`]), or `scripted` (tests and load).
    pub choice: ModelChoice,
    /// `VIVA_MODEL_URL`: the endpoint's base, e.g. `http://127.0.0.1:11434/v1`.
    pub url: Option<String>,
    /// `VIVA_MODEL_NAME`: the model that it is asked for.
    pub name: Option<String>,
    /// `VIVA_MODEL_KEY`: the bearer token for it.
    pub key: Option<String>,
    /// `VIVA_MODEL_SCRIPT`: what `scripted` says, a JSON file; without it, something of its own.
    pub script: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelChoice {
    Builtin,
    OpenAi,
    /// Models of Amazon Bedrock.
    Bedrock,
    /// Agents of Amazon Bedrock.
    Agent,
    Scripted,
}

impl std::fmt::Debug for ModelConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ModelConfig")
            .field("choice", &self.choice)
            .field("url", &self.url)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl ModelConfig {
    pub fn read(environment: &Environment) -> Result<Self, ConfigError> {
        let choice = match environment.text("VIVA_MODEL") {
            None | Some("builtin") => ModelChoice::Builtin,
            Some("openai") => ModelChoice::OpenAi,
            Some("bedrock") => ModelChoice::Bedrock,
            Some("agent") => ModelChoice::Agent,
            Some("scripted") => ModelChoice::Scripted,
            Some(other) => {
                let problem = format!("`{other}` is none of builtin, openai, bedrock, agent, scripted");
                return Err(ConfigError::new("VIVA_MODEL", problem));
            }
        };
        let url = environment.url("VIVA_MODEL_URL")?;
        let name = environment.text("VIVA_MODEL_NAME").map(str::to_owned);
        if choice == ModelChoice::OpenAi && url.is_none() {
            let problem = "it must be set with VIVA_MODEL=openai, e.g. http://127.0.0.1:11434/v1";
            return Err(ConfigError::new("VIVA_MODEL_URL", problem));
        }
        if choice == ModelChoice::OpenAi && name.is_none() {
            return Err(ConfigError::new("VIVA_MODEL_NAME", "it must be set with VIVA_MODEL=openai, e.g. llama3.2"));
        }
        Ok(Self {
            choice,
            url,
            name,
            key: environment.text("VIVA_MODEL_KEY").map(str::to_owned),
            script: environment.text("VIVA_MODEL_SCRIPT").map(PathBuf::from),
        })
    }
}
