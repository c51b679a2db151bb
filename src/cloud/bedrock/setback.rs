//! Why a request came to nothing, what it means for the interview, and trying again while nothing has been said yet.
//!
//! What AWS writes about an error is looked into, never passed on: it may quote the prompt.

use crate::config::limits::{MODEL_RETRIES_MAX, MODEL_RETRY_AFTER_MS_MAX, MODEL_RETRY_WAIT_MS};
use crate::ports::text_model::ModelError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::time::Duration;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Setback {
    /// The same again may help, after so long where Bedrock said so.
    Passing {
        error: ModelError,
        wait_ms: Option<u64>,
    },
    /// The model cannot do what was asked for beyond the text: the same without it may help.
    Beyond {
        error: ModelError,
        complaint: String,
    },
    Final(ModelError),
}

impl Setback {
    pub(super) fn broken_off() -> Self {
        Self::Passing { error: failed("the connection broke off"), wait_ms: None }
    }

    /// A request that was not answered with a stream.
    pub(super) fn of_request<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Self {
        let wait_ms = error.raw_response().and_then(|response| {
            let seconds = response.headers().get("retry-after")?.trim().parse::<u64>().ok()?;
            Some(seconds.saturating_mul(1_000))
        });
        match error {
            SdkError::ServiceError(service) => {
                let status = service.raw().status().as_u16();
                let (code, message) = (service.err().code().unwrap_or_default(), service.err().message());
                Self::of_code(code, message, Some(status)).after(wait_ms)
            }
            SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) => {
                Self::Passing { error: failed("Bedrock cannot be reached"), wait_ms: None }
            }
            SdkError::ConstructionFailure(_) => Self::Final(failed("the request could not be made")),
            _ => Self::broken_off(),
        }
    }

    /// A stream that broke off. Within a stream an error's payload does not name it, so that the caller does.
    pub(super) fn of_stream<E: ProvideErrorMetadata, R>(
        error: &SdkError<E, R>,
        name: impl Fn(&E) -> &'static str,
    ) -> Self {
        match error {
            SdkError::ServiceError(service) => Self::of_code(name(service.err()), service.err().message(), None),
            SdkError::ResponseError(_) => {
                Self::Final(ModelError::Invalid("an event is not what was expected".to_owned()))
            }
            _ => Self::broken_off(),
        }
    }

    fn of_code(code: &str, message: Option<&str>, status: Option<u16>) -> Self {
        let passing = |error| Self::Passing { error, wait_ms: None };
        match code {
            "ThrottlingException"
            | "TooManyRequestsException"
            | "ServiceQuotaExceededException"
            | "ServiceUnavailableException"
            | "ModelNotReadyException" => passing(ModelError::Busy { retry_after_ms: None }),
            "ModelTimeoutException" => passing(ModelError::TimedOut),
            "InternalServerException" => passing(failed("Bedrock broke off with an error of its own")),
            "ModelErrorException" | "ModelStreamErrorException" => passing(failed("the model broke off with an error")),
            "DependencyFailedException" | "BadGatewayException" => {
                passing(failed("something that the agent depends on failed"))
            }
            "ConflictException" => passing(failed("the agent is being changed")),
            "AccessDeniedException" | "ValidationException" => {
                let said = match code {
                    "AccessDeniedException" => "AWS does not allow this model or agent to be called",
                    _ => "Bedrock does not accept the request",
                };
                let complaint = message.unwrap_or_default().to_lowercase();
                Self::Beyond { error: failed(said), complaint }
            }
            "ResourceNotFoundException" => Self::Final(failed("Bedrock knows no such model or agent in this region")),
            "ExpiredTokenException" | "UnrecognizedClientException" | "InvalidSignatureException" => {
                Self::Final(failed("AWS does not accept the credentials"))
            }
            _ => match status {
                Some(429) => passing(ModelError::Busy { retry_after_ms: None }),
                Some(status) if status >= 500 => passing(failed(&format!("Bedrock says {status}"))),
                Some(status) => Self::Final(failed(&format!("Bedrock says {status}"))),
                None => Self::Final(failed("Bedrock broke off with an error")),
            },
        }
    }

    fn after(self, wait: Option<u64>) -> Self {
        match self {
            Self::Passing { error: ModelError::Busy { .. }, .. } => {
                Self::Passing { error: ModelError::Busy { retry_after_ms: wait }, wait_ms: wait }
            }
            Self::Passing { error, .. } => Self::Passing { error, wait_ms: wait },
            other => other,
        }
    }

    pub(super) fn into_error(self) -> ModelError {
        match self {
            Self::Passing { error, .. } | Self::Beyond { error, .. } | Self::Final(error) => error,
        }
    }
}

/// Makes attempts until one succeeds or no other would. `simpler` takes away what the model complains of, if it is one of those things;
/// every step takes something away, so that it ends.
pub(super) async fn persist<T, F: Future<Output = Result<T, Setback>> + Send>(
    mut attempt: impl FnMut() -> F + Send,
    simpler: impl Fn(&str) -> bool + Send,
) -> Result<T, ModelError> {
    let mut failures = 0;
    loop {
        let (error, wait_ms) = match attempt().await {
            Ok(begun) => return Ok(begun),
            Err(Setback::Final(error)) => return Err(error),
            Err(Setback::Beyond { complaint, .. }) if simpler(&complaint) => continue,
            Err(Setback::Beyond { error, .. }) => return Err(error),
            Err(Setback::Passing { error, wait_ms }) => (error, wait_ms),
        };
        let wait_ms = wait_ms.unwrap_or(MODEL_RETRY_WAIT_MS << failures);
        if failures == MODEL_RETRIES_MAX || wait_ms > MODEL_RETRY_AFTER_MS_MAX {
            return Err(error);
        }
        failures += 1;
        tracing::debug!(failures, wait_ms, %error, "asking Bedrock again");
        tokio::time::sleep(Duration::from_millis(wait_ms)).await;
    }
}

pub(super) fn failed(what: &str) -> ModelError {
    ModelError::Failed(what.to_owned())
}
