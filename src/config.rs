//! Configuration: one struct per concern, each read once from the environment, and every limit by name.
//!
//! A struct's fields name their variables. Nothing here opens a file or a socket; what values mean to an adapter is the adapter's
//! business.

pub mod bedrock;
pub mod cloud;
pub mod data;
pub mod embeddings;
pub mod environment;
pub mod files;
pub mod gateway;
pub mod limits;
pub mod log;
pub mod model;
pub mod passages;
pub mod prices;
pub mod quizzes;
pub mod recognizer;
pub mod tokens;
pub mod transcribe;
pub mod webhook;

pub use bedrock::BedrockConfig;
pub use cloud::CloudConfig;
pub use data::DataConfig;
pub use embeddings::{EmbeddingsChoice, EmbeddingsConfig};
pub use environment::{ConfigError, Environment};
pub use files::FilesConfig;
pub use gateway::GatewayConfig;
pub use log::{LogConfig, LogFormat};
pub use model::{ModelChoice, ModelConfig};
pub use passages::{PassagesChoice, PassagesConfig};
pub use quizzes::QuizzesConfig;
pub use recognizer::{RecognizerChoice, RecognizerConfig};
pub use tokens::{IssuerConfig, SignIn, TokensConfig};
pub use transcribe::TranscribeConfig;
pub use webhook::WebhookConfig;

mod budgets;
pub use budgets::BudgetsConfig;

/// Everything that `viva serve` is told.
#[derive(Clone, Debug)]
pub struct Config {
    pub gateway: GatewayConfig,
    pub data: DataConfig,
    pub tokens: TokensConfig,
    pub recognizer: RecognizerConfig,
    pub model: ModelConfig,
    pub bedrock: BedrockConfig,
    pub budgets: BudgetsConfig,
    pub files: FilesConfig,
    pub quizzes: QuizzesConfig,
    pub embeddings: EmbeddingsConfig,
    pub passages: PassagesConfig,
    /// `None`: nobody is told of an interview's end.
    pub webhook: Option<WebhookConfig>,
    pub log: LogConfig,
    pub transcribe: TranscribeConfig,
    /// AWS's own variables (`AWS_REGION`, `AWS_PROFILE` …), for adapters that speak with AWS; which there are is AWS's business.
    pub aws: Environment,
}

impl Config {
    pub fn read(environment: &Environment) -> Result<Self, ConfigError> {
        let config = Self {
            gateway: GatewayConfig::read(environment)?,
            data: DataConfig::read(environment)?,
            tokens: TokensConfig::read(environment)?,
            recognizer: RecognizerConfig::read(environment)?,
            model: ModelConfig::read(environment)?,
            bedrock: BedrockConfig::read(environment)?,
            budgets: BudgetsConfig::read(environment)?,
            files: FilesConfig::read(environment)?,
            quizzes: QuizzesConfig::read(environment)?,
            embeddings: EmbeddingsConfig::read(environment)?,
            passages: PassagesConfig::read(environment)?,
            webhook: WebhookConfig::read(environment)?,
            log: LogConfig::read(environment)?,
            transcribe: TranscribeConfig::read(environment)?,
            aws: environment.clone(),
        };
        config.gateway.check_dev_tokens(&config.tokens)?;
        Ok(config)
    }
}
