//! Embeddings of Amazon Titan Text Embeddings V2: one text a request, a few requests at once, what is throttled tried again.
//!
//! What AWS writes about an error is never passed on: it may quote the text.

use crate::cloud::aws::Aws;
use crate::config::EmbeddingsConfig;
use crate::config::embeddings::TITAN_DIMENSIONS;
use crate::config::limits::{
    EMBEDDING_ATTEMPT_MS_MAX, EMBEDDING_ATTEMPTS_MAX, EMBEDDING_QUERY_MS_MAX, EMBEDDING_TEXT_CHARS_MAX,
    EMBEDDING_WAIT_MS, EMBEDDING_WAIT_MS_MAX, TITAN_REQUESTS_AT_ONCE,
};
use crate::ports::embeddings::{Embeddings, EmbeddingsError, Purpose, normalised};
use crate::retrieval::patience::{Patience, Setback, persist};
use async_trait::async_trait;
use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::retry::RetryConfig;
use aws_sdk_bedrockruntime::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_bedrockruntime::operation::invoke_model::InvokeModelError;
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use futures::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use serde_json::json;

/// Contract: as of [`Embeddings`].
#[derive(Clone, Debug)]
pub struct TitanEmbeddings {
    client: Client,
    /// What Bedrock is asked for.
    id: String,
    dimensions: usize,
    /// What vectors are compared under.
    model: String,
    patience: Patience,
}

#[derive(Deserialize)]
struct Answer {
    embedding: Vec<f32>,
}

impl TitanEmbeddings {
    pub fn new(aws: &Aws, config: &EmbeddingsConfig) -> Self {
        // Attempts and time-outs are our own, so that they are the same for all embeddings.
        let service = aws_sdk_bedrockruntime::config::Builder::from(&aws.of_service("BEDROCK_RUNTIME"))
            .retry_config(RetryConfig::disabled())
            .build();
        let id = config.model.clone().unwrap_or_else(|| TITAN.to_owned());
        let dimensions = config.dimensions.unwrap_or(TITAN_DIMENSIONS[2]);
        Self {
            client: Client::from_conf(service),
            model: format!("{}/{dimensions}", id.rsplit('/').next().unwrap_or(&id)),
            id,
            dimensions,
            patience: Patience {
                attempts_max: EMBEDDING_ATTEMPTS_MAX,
                wait_ms: EMBEDDING_WAIT_MS,
                wait_ms_max: EMBEDDING_WAIT_MS_MAX,
                attempt_ms_max: EMBEDDING_ATTEMPT_MS_MAX,
            },
        }
    }

    /// For whoever waits less, or more.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    async fn one(&self, purpose: Purpose, text: String) -> Result<Vec<f32>, EmbeddingsError> {
        let patience = match purpose {
            Purpose::Passage => self.patience,
            Purpose::Query => Patience { attempts_max: 1, attempt_ms_max: EMBEDDING_QUERY_MS_MAX, ..self.patience },
        };
        persist(patience, || failed("Bedrock took too long"), || self.attempt(&text)).await
    }

    async fn attempt(&self, text: &str) -> Result<Vec<f32>, Setback<EmbeddingsError>> {
        let body = json!({"inputText": text, "dimensions": self.dimensions, "normalize": true}).to_string();
        let answered = self
            .client
            .invoke_model()
            .model_id(&self.id)
            .content_type("application/json")
            .accept("application/json")
            .body(Blob::new(body))
            .send()
            .await
            .map_err(|error| setback(&error))?;
        let senseless = |what| Setback::Final(failed(what));
        let Answer { embedding } = serde_json::from_slice(answered.body.as_ref())
            .map_err(|_| senseless("the answer is not what was expected"))?;
        if embedding.len() != self.dimensions {
            return Err(senseless("the vector is not of the size that was asked for"));
        }
        // It is, but for rounding.
        normalised(embedding).ok_or_else(|| senseless("the vector has no direction"))
    }
}

#[async_trait]
impl Embeddings for TitanEmbeddings {
    fn model(&self) -> &str {
        &self.model
    }

    async fn embed(&self, purpose: Purpose, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbeddingsError> {
        // Titan refuses an empty text.
        let cut = |text: &String| match text.trim() {
            "" => ".".to_owned(),
            text => text.chars().take(EMBEDDING_TEXT_CHARS_MAX).collect(),
        };
        let texts: Vec<String> = texts.iter().map(cut).collect();
        stream::iter(texts).map(|text| self.one(purpose, text)).buffered(TITAN_REQUESTS_AT_ONCE).try_collect().await
    }
}

fn setback(error: &SdkError<InvokeModelError, HttpResponse>) -> Setback<EmbeddingsError> {
    let wait_ms = error.raw_response().and_then(|response| {
        let seconds = response.headers().get("retry-after")?.trim().parse::<u64>().ok()?;
        Some(seconds.saturating_mul(1_000))
    });
    let passing = |what| Setback::Passing { error: failed(what), wait_ms };
    let refused = |what: &str| Setback::Final(EmbeddingsError::Refused(what.to_owned()));
    let SdkError::ServiceError(service) = error else {
        return match error {
            SdkError::ConstructionFailure(_) => refused("the request could not be made"),
            _ => passing("Bedrock cannot be reached"),
        };
    };
    match (service.err().code().unwrap_or_default(), service.raw().status().as_u16()) {
        (
            "ThrottlingException"
            | "TooManyRequestsException"
            | "ServiceQuotaExceededException"
            | "ServiceUnavailableException"
            | "ModelNotReadyException",
            _,
        )
        | (_, 429) => Setback::Passing { error: EmbeddingsError::Busy { retry_after_ms: wait_ms }, wait_ms },
        ("AccessDeniedException", _) => refused("AWS does not allow this model to be called"),
        ("ValidationException", _) => refused("Bedrock does not accept the request"),
        ("ResourceNotFoundException", _) => refused("Bedrock knows no such model in this region"),
        ("ExpiredTokenException" | "UnrecognizedClientException" | "InvalidSignatureException", _) => {
            refused("AWS does not accept the credentials")
        }
        (_, status) if status >= 500 || status == 408 => passing("Bedrock broke off with an error of its own"),
        _ => refused("Bedrock refused"),
    }
}

fn failed(what: &str) -> EmbeddingsError {
    EmbeddingsError::Failed(what.to_owned())
}

/// Where no other is configured.
const TITAN: &str = "amazon.titan-embed-text-v2:0";
