//! Adapters for AWS in a program that runs elsewhere: one server with Amazon's recognizer or models beside its own store.

use crate::config::Config;
use crate::ports::recognizer::Recognizer;
use crate::ports::text_model::TextModel;
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

#[cfg(not(feature = "cloud"))]
const WITHOUT_AWS: &str = "this program was built without what speaks with AWS; build it with --features cloud";
