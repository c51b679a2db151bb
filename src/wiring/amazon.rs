//! Adapters for AWS in a program that runs elsewhere: one server with Amazon's recognizer or models beside its own store.

use crate::config::Config;
#[cfg(feature = "cloud")]
use crate::config::cloud::needed;
use crate::ports::embeddings::Embeddings;
use crate::ports::recognizer::Recognizer;
use crate::ports::semantic_index::SemanticIndex;
use crate::ports::text_model::TextModel;
use crate::ports::vectors::Vectors;
use crate::wiring::WiringError;
use std::sync::Arc;

#[cfg(feature = "cloud")]
pub(super) async fn transcribe(config: &Config) -> Result<Arc<dyn Recognizer>, WiringError> {
    let aws = crate::cloud::aws::Aws::of_machine(&config.aws).await?;
    Ok(Arc::new(crate::cloud::transcribe::TranscribeRecognizer::new(&aws, config.transcribe.clone())))
}

#[cfg(not(feature = "cloud"))]
pub(super) async fn transcribe(_: &Config) -> Result<Arc<dyn Recognizer>, WiringError> {
    Err(WiringError::adapter("VIVA_RECOGNIZER", WITHOUT_AWS))
}

#[cfg(feature = "cloud")]
pub(super) async fn bedrock(config: &Config) -> Result<Arc<dyn TextModel>, WiringError> {
    config.bedrock.needed_interviewer()?;
    let aws = crate::cloud::aws::Aws::of_machine(&config.aws).await?;
    Ok(Arc::new(crate::cloud::bedrock::RoleModels::new(&aws, &config.bedrock)?))
}

#[cfg(not(feature = "cloud"))]
pub(super) async fn bedrock(_: &Config) -> Result<Arc<dyn TextModel>, WiringError> {
    Err(WiringError::adapter("VIVA_MODEL", WITHOUT_AWS))
}

#[cfg(feature = "cloud")]
pub(super) async fn titan(config: &Config) -> Result<Arc<dyn Embeddings>, WiringError> {
    let aws = crate::cloud::aws::Aws::of_machine(&config.aws).await?;
    Ok(Arc::new(crate::cloud::titan::TitanEmbeddings::new(&aws, &config.embeddings)))
}

#[cfg(not(feature = "cloud"))]
pub(super) async fn titan(_: &Config) -> Result<Arc<dyn Embeddings>, WiringError> {
    Err(WiringError::adapter("VIVA_EMBEDDINGS", WITHOUT_AWS))
}

/// Its key from a secret of AWS where one is named.
#[cfg(feature = "cloud")]
pub(super) async fn pinecone(config: &Config) -> Result<Arc<dyn Vectors>, WiringError> {
    use crate::cloud::pinecone::ApiKey;
    let key = match (&config.passages.pinecone_key, &config.passages.pinecone_secret) {
        (Some(key), _) => ApiKey::Known(key.clone()),
        (None, secret) => {
            let aws = crate::cloud::aws::Aws::of_machine(&config.aws).await?;
            let arn = needed(secret, "VIVA_PINECONE_SECRET")?.to_owned();
            ApiKey::Secret { secrets: Arc::new(crate::cloud::secrets::Secrets::new(&aws)), arn }
        }
    };
    Ok(Arc::new(super::pinecone(&config.passages, key)?))
}

#[cfg(not(feature = "cloud"))]
pub(super) async fn pinecone(_: &Config) -> Result<Arc<dyn Vectors>, WiringError> {
    Err(WiringError::adapter("VIVA_PASSAGES", WITHOUT_AWS))
}

#[cfg(feature = "cloud")]
pub(super) async fn knowledge_base(config: &Config) -> Result<Arc<dyn SemanticIndex>, WiringError> {
    let aws = crate::cloud::aws::Aws::of_machine(&config.aws).await?;
    Ok(Arc::new(super::knowledge_base(&aws, &config.passages, config.embeddings.similarity_min)?))
}

#[cfg(not(feature = "cloud"))]
pub(super) async fn knowledge_base(_: &Config) -> Result<Arc<dyn SemanticIndex>, WiringError> {
    Err(WiringError::adapter("VIVA_PASSAGES", WITHOUT_AWS))
}

#[cfg(not(feature = "cloud"))]
const WITHOUT_AWS: &str = "this program was built without what speaks with AWS; build it with --features cloud";
