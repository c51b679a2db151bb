//! The connections of clients behind API Gateway: its `@connections` API.
//!
//! A busy client (429) is told at once, so that whoever sends merges what waits; what AWS itself failed at is tried again here. A message
//! that was tried again may arrive twice, which numbers on both sides make harmless. Nothing can be sent before `$connect` has returned.

use crate::cloud::aws::Aws;
use crate::config::limits::{
    CONNECTIONS_ATTEMPT_MS_MAX, CONNECTIONS_ATTEMPTS_MAX, CONNECTIONS_MESSAGE_BYTES_MAX, CONNECTIONS_RETRY_MS,
};
use crate::ports::connections::{Connections, SendError};
use crate::ports::ids::ConnectionId;
use async_trait::async_trait;
use aws_sdk_apigatewaymanagement::Client;
use aws_sdk_apigatewaymanagement::config::retry::RetryConfig;
use aws_sdk_apigatewaymanagement::config::timeout::TimeoutConfig;
use aws_sdk_apigatewaymanagement::error::{DisplayErrorContext, SdkError};
use aws_sdk_apigatewaymanagement::primitives::Blob;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use std::error::Error;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// The connections of one stage of one WebSocket API.
#[derive(Clone, Debug)]
pub struct ApiGatewayConnections {
    client: Client,
}

impl ApiGatewayConnections {
    /// `url`: `https://{api}.execute-api.{region}.amazonaws.com/{stage}`.
    pub fn new(aws: &Aws, url: &str) -> Self {
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(Duration::from_millis(CONNECTIONS_ATTEMPT_MS_MAX))
            .build();
        let config = aws_sdk_apigatewaymanagement::config::Builder::from(&aws.of_service("APIGATEWAYMANAGEMENTAPI"))
            .endpoint_url(url)
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts)
            .build();
        Self { client: Client::from_conf(config) }
    }
}

#[async_trait]
impl Connections for ApiGatewayConnections {
    async fn send(&self, connection: &ConnectionId, text: Arc<str>) -> Result<(), SendError> {
        if text.len() > CONNECTIONS_MESSAGE_BYTES_MAX {
            return Err(SendError::TooLarge);
        }
        let sent = with_patience(async || {
            let request = self.client.post_to_connection().connection_id(connection.as_str());
            request.data(Blob::new(text.as_bytes())).send().await.map(drop).map_err(Fault::of)
        });
        let sent = sent.await;
        if sent == Err(SendError::Busy) {
            metrics::counter!("viva_throttled_total", "by" => "connections").increment(1);
        }
        sent
    }

    async fn close(&self, connection: &ConnectionId) -> Result<(), SendError> {
        let closed = with_patience(async || {
            let request = self.client.delete_connection().connection_id(connection.as_str());
            request.send().await.map(drop).map_err(Fault::of)
        });
        match closed.await {
            Ok(()) | Err(SendError::Gone) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Tries again what AWS failed at, not what it refused.
async fn with_patience<F: Future<Output = Result<(), Fault>>>(attempt: impl Fn() -> F) -> Result<(), SendError> {
    let mut attempts = 1;
    loop {
        match attempt().await {
            Ok(()) => return Ok(()),
            Err(Fault::Refused(error)) => return Err(error),
            Err(Fault::Transient(error)) if attempts >= CONNECTIONS_ATTEMPTS_MAX => {
                return Err(SendError::Failed(error));
            }
            Err(Fault::Transient(error)) => {
                tracing::debug!(error, "@connections failed; once more");
                tokio::time::sleep(Duration::from_millis(CONNECTIONS_RETRY_MS << (attempts - 1))).await;
                attempts += 1;
            }
        }
    }
}

enum Fault {
    Refused(SendError),
    Transient(String),
}

impl Fault {
    fn of<E: Error + 'static>(error: SdkError<E, HttpResponse>) -> Self {
        let status = error.raw_response().map(|response| response.status().as_u16());
        let described = || DisplayErrorContext(&error).to_string();
        match (&error, status) {
            (_, Some(410)) => Self::Refused(SendError::Gone),
            (_, Some(413)) => Self::Refused(SendError::TooLarge),
            (_, Some(429)) => Self::Refused(SendError::Busy),
            (_, Some(500..)) | (SdkError::TimeoutError(_) | SdkError::DispatchFailure(_), None) => {
                Self::Transient(described())
            }
            _ => Self::Refused(SendError::Failed(described())),
        }
    }
}
