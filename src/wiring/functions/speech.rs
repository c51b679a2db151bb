//! Who listens and who asks in a function: Amazon's services, or what ships for tests.

use crate::cloud::aws::Aws;
use crate::cloud::bedrock::RoleModels;
use crate::cloud::transcribe::TranscribeRecognizer;
use crate::config::{
    BedrockConfig, Environment, ModelChoice, ModelConfig, RecognizerChoice, RecognizerConfig, TranscribeConfig,
};
use crate::embedded::builtin::BuiltinModel;
use crate::handlers::Offer;
use crate::ports::recognizer::Recognizer;
use crate::ports::text_model::{ModelInfo, ModelKind, TextModel};
use crate::wiring::{NO_RECOGNIZER, WiringError, scripted_model, scripted_recognizer};
use std::sync::Arc;

pub(super) fn recognizer(aws: &Aws, environment: &Environment) -> Result<Option<Arc<dyn Recognizer>>, WiringError> {
    let config = RecognizerConfig::read(environment)?;
    match config.choice {
        RecognizerChoice::None => Ok(None),
        RecognizerChoice::Scripted => scripted_recognizer(&config).map(Some),
        RecognizerChoice::Auto | RecognizerChoice::Transcribe => {
            Ok(Some(Arc::new(TranscribeRecognizer::new(aws, TranscribeConfig::read(environment)?))))
        }
        RecognizerChoice::PocketSphinx | RecognizerChoice::OpenAi => {
            Err(WiringError::adapter("VIVA_RECOGNIZER", "a function takes transcribe, scripted or none"))
        }
    }
}

/// Who asks and reviews in interviews.
pub(super) fn model(aws: &Aws, environment: &Environment) -> Result<Arc<dyn TextModel>, WiringError> {
    chosen(environment, |config| Ok(Arc::new(RoleModels::new(aws, config)?)))
}

/// Who answers about files.
pub(super) fn tutor(aws: &Aws, environment: &Environment) -> Result<Arc<dyn TextModel>, WiringError> {
    chosen(environment, |config| Ok(RoleModels::tutor(aws, config)?))
}

/// Who writes quizzes.
pub(super) fn quiz_writer(aws: &Aws, environment: &Environment) -> Result<Arc<dyn TextModel>, WiringError> {
    chosen(environment, |config| Ok(RoleModels::quiz_writer(aws, config)?))
}

fn chosen(
    environment: &Environment,
    of_bedrock: impl FnOnce(&BedrockConfig) -> Result<Arc<dyn TextModel>, WiringError>,
) -> Result<Arc<dyn TextModel>, WiringError> {
    let config = ModelConfig::read(environment)?;
    match config.choice {
        ModelChoice::Builtin => Ok(Arc::new(BuiltinModel::new())),
        ModelChoice::Scripted => scripted_model(&config),
        ModelChoice::Bedrock | ModelChoice::Agent => of_bedrock(&BedrockConfig::read(environment)?),
        ModelChoice::OpenAi => {
            Err(WiringError::adapter("VIVA_MODEL", "a function takes bedrock, agent, builtin or scripted"))
        }
    }
}

/// What a client is told of both, without opening either: the worker does, elsewhere.
pub(super) fn offer(environment: &Environment) -> Result<Offer, WiringError> {
    let config = RecognizerConfig::read(environment)?;
    let recognizer = match config.choice {
        RecognizerChoice::None => None,
        RecognizerChoice::Scripted => Some(scripted_recognizer(&config)?.info()),
        RecognizerChoice::Auto | RecognizerChoice::Transcribe => {
            Some(TranscribeRecognizer::offered(&TranscribeConfig::read(environment)?))
        }
        RecognizerChoice::PocketSphinx | RecognizerChoice::OpenAi => {
            return Err(WiringError::adapter("VIVA_RECOGNIZER", "a function takes transcribe, scripted or none"));
        }
    };
    let model = match ModelConfig::read(environment)?.choice {
        ModelChoice::Bedrock | ModelChoice::Agent => {
            ModelInfo { name: "Amazon Bedrock".into(), kind: ModelKind::Bedrock }
        }
        _ => BuiltinModel::new().info(),
    };
    Ok(Offer { recognizer, recognizer_absent: NO_RECOGNIZER.to_owned(), model })
}
