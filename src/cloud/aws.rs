//! What all AWS clients share: region, credentials, the HTTP client, time-outs and retries.
//!
//! The variables are AWS's own (`AWS_REGION`, `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_DYNAMODB`, `AWS_CA_BUNDLE` …), so that an emulator or a
//! private endpoint takes the place of a service without a word of ours. Which clients exist is the wiring's business.

use crate::cloud::metering::metered;
use crate::config::Environment;
use crate::config::limits::{AWS_ATTEMPTS_MAX, AWS_CONNECT_MS_MAX};
use crate::ports::metering::Meter;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use std::sync::Arc;
use std::time::Duration;

/// The part of the configuration that every client has, and the endpoints that are not AWS's own.
#[derive(Clone, Debug)]
pub struct Aws {
    config: SdkConfig,
    environment: Environment,
    meter: Arc<Meter>,
}

#[derive(Debug, thiserror::Error)]
pub enum AwsError {
    #[error("AWS_REGION: it is not set")]
    Region,
    #[error("no AWS credentials were found; AWS_ACCESS_KEY_ID or AWS_PROFILE would name some")]
    Credentials,
    #[error("AWS_CA_BUNDLE: {path}: {problem}")]
    Certificates { path: String, problem: String },
}

impl Aws {
    /// Credentials from the variables that a Lambda function is given; nothing is asked over the network.
    pub fn of_function(environment: &Environment) -> Result<Self, AwsError> {
        let text = |name| environment.text(name).map(str::to_owned);
        let id = text("AWS_ACCESS_KEY_ID").ok_or(AwsError::Credentials)?;
        let secret = text("AWS_SECRET_ACCESS_KEY").ok_or(AwsError::Credentials)?;
        let credentials = Credentials::new(id, secret, text("AWS_SESSION_TOKEN"), None, "environment");
        let region = region_of(environment).ok_or(AwsError::Region)?;
        Self::new(environment, region, SharedCredentialsProvider::new(credentials))
    }

    /// Region and credentials from wherever AWS's own tools find them: variables, profiles, single sign-on, the instance's role.
    pub async fn of_machine(environment: &Environment) -> Result<Self, AwsError> {
        let http = http_client(environment)?;
        let chain = aws_config::defaults(BehaviorVersion::latest()).http_client(http).load().await;
        let credentials = chain.credentials_provider().ok_or(AwsError::Credentials)?;
        let region = region_of(environment).or_else(|| chain.region().cloned()).ok_or(AwsError::Region)?;
        Self::new(environment, region, credentials)
    }

    fn new(
        environment: &Environment,
        region: Region,
        credentials: SharedCredentialsProvider,
    ) -> Result<Self, AwsError> {
        let timeouts = TimeoutConfig::builder().connect_timeout(Duration::from_millis(AWS_CONNECT_MS_MAX)).build();
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(region)
            .credentials_provider(credentials)
            .http_client(http_client(environment)?)
            .sleep_impl(aws_smithy_async::rt::sleep::TokioSleep::new())
            .time_source(aws_smithy_async::time::SystemTimeSource::new())
            .retry_config(RetryConfig::standard().with_max_attempts(AWS_ATTEMPTS_MAX))
            .timeout_config(timeouts)
            .build();
        Ok(Self { config, environment: environment.clone(), meter: Arc::default() })
    }

    /// The configuration of one service's clients; `id` is its name in AWS's variables (`DYNAMODB`, `TRANSCRIBE_STREAMING`).
    pub fn of_service(&self, id: &str) -> SdkConfig {
        let own = self.environment.text(&format!("AWS_ENDPOINT_URL_{id}"));
        let endpoint = own.or_else(|| self.environment.text("AWS_ENDPOINT_URL"));
        let mut builder = self.config.to_builder();
        builder.set_endpoint_url(endpoint.map(str::to_owned));
        let client = self.config.http_client().map(|client| metered(client, id, Arc::clone(&self.meter)));
        builder.set_http_client(client);
        builder.build()
    }

    /// The same for a service that answers in one piece, and does so within this time, or the request is made again.
    pub(super) fn of_answering(&self, id: &str, attempt_ms_max: u64) -> SdkConfig {
        let config = self.of_service(id);
        let timeouts = config.timeout_config().map(TimeoutConfig::to_builder).unwrap_or_default();
        let timeouts = timeouts.operation_attempt_timeout(Duration::from_millis(attempt_ms_max)).build();
        config.to_builder().timeout_config(timeouts).build()
    }

    /// What all clients of this process have used.
    pub fn meter(&self) -> Arc<Meter> {
        Arc::clone(&self.meter)
    }
}

fn region_of(environment: &Environment) -> Option<Region> {
    let name = environment.text("AWS_REGION").or_else(|| environment.text("AWS_DEFAULT_REGION"))?;
    Some(Region::new(name.to_owned()))
}

/// HTTP/1.1 and HTTP/2 over rustls, with the system's roots and those of `AWS_CA_BUNDLE`.
fn http_client(environment: &Environment) -> Result<SharedHttpClient, AwsError> {
    let bundle = environment.text("AWS_CA_BUNDLE");
    let failed = |problem: String| {
        let path = bundle.unwrap_or("the system's certificates").to_owned();
        AwsError::Certificates { path, problem }
    };
    let mut trust = TrustStore::default();
    if let Some(path) = bundle {
        trust = trust.with_pem_certificate(std::fs::read(path).map_err(|error| failed(error.to_string()))?);
    }
    let context = TlsContext::builder().with_trust_store(trust).build().map_err(|error| failed(error.to_string()))?;
    let builder = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring));
    Ok(builder.tls_context(context).build_https())
}
