//! From configuration to adapters: the only place that names them. It decides nothing about interviews.

#[cfg(feature = "embedded")]
mod amazon;
#[cfg(feature = "embedded")]
mod embedded;
#[cfg(feature = "extraction")]
mod extraction;
#[cfg(feature = "embedded")]
mod files;
#[cfg(feature = "cloud")]
pub mod functions;
#[cfg(feature = "embedded")]
mod passages;
#[cfg(feature = "embedded")]
mod quiz_making;
#[cfg(feature = "embedded")]
mod quizzes;

#[cfg(feature = "embedded")]
pub(crate) use embedded::pocketsphinx;
#[cfg(feature = "embedded")]
pub use embedded::{embedded, token_key};
#[cfg(feature = "extraction")]
pub use extraction::extractor;

use crate::auth::TokenKeys;
use crate::auth::jwks::JwksKeys;
#[cfg(feature = "cloud")]
use crate::cloud::aws::AwsError;
use crate::config::{BudgetsConfig, ConfigError, IssuerConfig, ModelConfig, RecognizerConfig};
#[cfg(feature = "embedded")]
use crate::embedded::data_folder::DataFolderError;
use crate::embedded::scripted::{Script, ScriptedRecognizer};
use crate::embedded::scripted_model::{ModelScript, ScriptedModel};
#[cfg(feature = "embedded")]
use crate::embedded::sqlite::OpenError;
use crate::http_key_source::HttpKeySource;
use crate::interview::driver::Settings;
use crate::ports::recognizer::Recognizer;
use crate::ports::text_model::TextModel;
use std::path::Path;
use std::sync::Arc;

/// What keeps a program from starting, in words for whoever started it.
#[derive(Debug, thiserror::Error)]
pub enum WiringError {
    #[cfg(feature = "embedded")]
    #[error("{0}; stop that one first, or give this one a folder of its own with VIVA_DATA")]
    InUse(DataFolderError),
    #[cfg(feature = "embedded")]
    #[error("VIVA_DATA: {0}")]
    Store(OpenError),
    #[cfg(feature = "embedded")]
    #[error("VIVA_DATA: {path}: {error}; make it writable for this user, or choose another folder")]
    Folder { path: String, error: std::io::Error },
    #[cfg(feature = "extraction")]
    #[error("this program does not find itself, which it starts again to read files: {0}")]
    Executable(std::io::Error),
    #[error("{variable}: {problem}")]
    Adapter { variable: &'static str, problem: String },
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[cfg(feature = "cloud")]
    #[error(transparent)]
    Aws(#[from] AwsError),
}

impl WiringError {
    fn adapter(variable: &'static str, problem: impl ToString) -> Self {
        Self::Adapter { variable, problem: problem.to_string() }
    }
}

/// Whoever signs with published keys. A provider of cryptography is installed already.
pub fn issuer_keys(issuer: IssuerConfig) -> Result<Arc<dyn TokenKeys>, WiringError> {
    let source = HttpKeySource::new(&issuer.jwks_url).map_err(|error| WiringError::adapter("VIVA_JWKS_URL", error))?;
    Ok(Arc::new(JwksKeys::new(issuer, Arc::new(source))))
}

fn scripted_recognizer(config: &RecognizerConfig) -> Result<Arc<dyn Recognizer>, WiringError> {
    let mut script = match &config.script {
        Some(path) => Script::read(path).map_err(|error| WiringError::adapter("VIVA_RECOGNIZER_SCRIPT", error))?,
        None => Script::default(),
    };
    if let Some(languages) = &config.languages {
        script.languages.clone_from(languages);
    }
    Ok(Arc::new(ScriptedRecognizer::new(script)))
}

fn scripted_model(config: &ModelConfig) -> Result<Arc<dyn TextModel>, WiringError> {
    let script = match &config.script {
        Some(path) => model_script(path).map_err(|error| WiringError::adapter("VIVA_MODEL_SCRIPT", error))?,
        None => ModelScript::default(),
    };
    Ok(Arc::new(ScriptedModel::new(script)))
}

fn model_script(path: &Path) -> Result<ModelScript, String> {
    let json = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&json).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(feature = "cloud")]
fn pinecone(
    config: &crate::config::PassagesConfig,
    key: crate::cloud::pinecone::ApiKey,
) -> Result<crate::cloud::pinecone::PineconeVectors, WiringError> {
    let host = crate::config::cloud::needed(&config.pinecone_host, "VIVA_PINECONE_HOST")?;
    crate::cloud::pinecone::PineconeVectors::new(host, key, &config.pinecone_api_version)
        .map_err(|error| WiringError::adapter("VIVA_PINECONE_HOST", error))
}

#[cfg(feature = "cloud")]
fn knowledge_base(
    aws: &crate::cloud::aws::Aws,
    config: &crate::config::PassagesConfig,
    score_min: f32,
) -> Result<crate::cloud::knowledge_base::KnowledgeBase, WiringError> {
    let base = crate::config::cloud::needed(&config.knowledge_base, "VIVA_KNOWLEDGE_BASE")?;
    let source = crate::config::cloud::needed(&config.knowledge_base_source, "VIVA_KNOWLEDGE_BASE_SOURCE")?;
    crate::cloud::knowledge_base::KnowledgeBase::new(aws, base, source, score_min)
        .map_err(|error| WiringError::adapter("VIVA_KNOWLEDGE_BASE", error))
}

fn settings(budgets: &BudgetsConfig) -> Settings {
    Settings { budgets: budgets.limits(), metering: None }
}

const NO_RECOGNIZER: &str =
    "speech recognition is switched off on this server (VIVA_RECOGNIZER=none); answers can be typed";
