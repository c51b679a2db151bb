//! Workers as asynchronous invocations of a Lambda function.
//!
//! Lambda puts a start into its own queue and may run it twice: a worker takes the session's row before it does anything. A start that is
//! lost is found by the client's next `ping` or by the sweep.

use crate::cloud::aws::Aws;
use crate::config::limits::{WORKER_START_ATTEMPTS_MAX, WORKER_START_MS_MAX};
use crate::ports::ids::SessionKey;
use crate::ports::workers::{StartError, StartOrder, Workers};
use async_trait::async_trait;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::error::DisplayErrorContext;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use std::time::Duration;

/// Starts the function that drives interviews.
#[derive(Clone, Debug)]
pub struct LambdaWorkers {
    client: Client,
    function: String,
}

impl LambdaWorkers {
    /// `function`: its name, or the ARN of an alias.
    pub fn new(aws: &Aws, function: &str) -> Self {
        let timeouts =
            TimeoutConfig::builder().operation_attempt_timeout(Duration::from_millis(WORKER_START_MS_MAX)).build();
        let config = aws_sdk_lambda::config::Builder::from(&aws.of_service("LAMBDA"))
            .retry_config(RetryConfig::standard().with_max_attempts(WORKER_START_ATTEMPTS_MAX))
            .timeout_config(timeouts)
            .build();
        Self { client: Client::from_conf(config), function: function.to_owned() }
    }
}

#[async_trait]
impl Workers for LambdaWorkers {
    async fn start(&self, key: &SessionKey) -> Result<(), StartError> {
        let order = serde_json::to_vec(&StartOrder::of(key)).expect("a key is text, which JSON can hold");
        let invoke = self.client.invoke().function_name(&self.function).invocation_type(InvocationType::Event);
        let Err(error) = invoke.payload(Blob::new(order)).send().await else { return Ok(()) };
        if error.raw_response().is_some_and(|response| response.status().as_u16() == 429) {
            metrics::counter!("viva_throttled_total", "by" => "lambda").increment(1);
            return Err(StartError::Full);
        }
        Err(StartError::Failed(DisplayErrorContext(&error).to_string()))
    }
}
