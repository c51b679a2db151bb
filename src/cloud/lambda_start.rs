//! Asynchronous invocations of a Lambda function: Lambda takes the event into a queue of its own and runs it later, maybe twice.

use crate::cloud::aws::Aws;
use crate::config::limits::{WORKER_START_ATTEMPTS_MAX, WORKER_START_MS_MAX};
use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::error::DisplayErrorContext;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use std::time::Duration;

/// One function that is started.
#[derive(Clone, Debug)]
pub(super) struct LambdaStart {
    client: Client,
    function: String,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum LambdaStartError {
    #[error("Lambda takes no more starts at the moment")]
    Throttled,
    #[error("{0}")]
    Failed(String),
}

impl LambdaStart {
    /// `function`: its name, or the ARN of an alias.
    pub(super) fn new(aws: &Aws, function: &str) -> Self {
        let timeouts =
            TimeoutConfig::builder().operation_attempt_timeout(Duration::from_millis(WORKER_START_MS_MAX)).build();
        let config = aws_sdk_lambda::config::Builder::from(&aws.of_service("LAMBDA"))
            .retry_config(RetryConfig::standard().with_max_attempts(WORKER_START_ATTEMPTS_MAX))
            .timeout_config(timeouts)
            .build();
        Self { client: Client::from_conf(config), function: function.to_owned() }
    }

    pub(super) async fn start(&self, event: Vec<u8>) -> Result<(), LambdaStartError> {
        let invoke = self.client.invoke().function_name(&self.function).invocation_type(InvocationType::Event);
        let Err(error) = invoke.payload(Blob::new(event)).send().await else { return Ok(()) };
        if error.raw_response().is_some_and(|response| response.status().as_u16() == 429) {
            metrics::counter!("viva_throttled_total", "by" => "lambda").increment(1);
            return Err(LambdaStartError::Throttled);
        }
        Err(LambdaStartError::Failed(DisplayErrorContext(&error).to_string()))
    }
}
