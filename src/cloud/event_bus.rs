//! Announcements as events on an EventBridge bus: source `viva`, detail type as the event is called.
//!
//! Who listens is configured on the bus.

use crate::cloud::aws::Aws;
use crate::config::limits::{AWS_SHORT_MS_MAX, EVENT_ATTEMPTS_MAX, EVENT_RETRY_MS};
use crate::ports::announcements::{AnnounceError, Announcements, InterviewFinished};
use async_trait::async_trait;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::error::DisplayErrorContext;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct EventBus {
    client: Client,
    bus: String,
}

impl EventBus {
    pub fn new(aws: &Aws, bus: &str) -> Self {
        Self { client: Client::new(&aws.of_answering("EVENTBRIDGE", AWS_SHORT_MS_MAX)), bus: bus.to_owned() }
    }

    /// The answer to a request may be that the entry in it failed; the SDK's own retries do not see that.
    async fn try_publish(&self, detail: &str) -> Result<(), AnnounceError> {
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus)
            .source(SOURCE)
            .detail_type(InterviewFinished::TYPE)
            .detail(detail)
            .build();
        let put = self.client.put_events().entries(entry).send().await;
        let put = put.map_err(|error| AnnounceError::Failed(DisplayErrorContext(&error).to_string()))?;
        match put.entries().iter().find(|entry| entry.error_code().is_some()) {
            None => Ok(()),
            Some(entry) => {
                let [code, message] = [entry.error_code(), entry.error_message()].map(Option::unwrap_or_default);
                Err(AnnounceError::Failed(format!("{code}: {message}")))
            }
        }
    }
}

#[async_trait]
impl Announcements for EventBus {
    async fn publish(&self, finished: &InterviewFinished) -> Result<(), AnnounceError> {
        let detail = finished.data().to_string();
        let mut wait_ms = EVENT_RETRY_MS;
        for _ in 1..EVENT_ATTEMPTS_MAX {
            match self.try_publish(&detail).await {
                Ok(()) => return Ok(()),
                Err(error) => tracing::warn!(%error, "an event was not taken; it is sent again"),
            }
            tokio::time::sleep(Duration::from_millis(wait_ms)).await;
            wait_ms *= 2;
        }
        self.try_publish(&detail).await
    }
}

const SOURCE: &str = "viva";
