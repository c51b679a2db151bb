//! Ingestion: what S3 tells of files that have come, through a queue; documents that other functions ask for; and the sweep, by a schedule.
//!
//! Messages that fail are named, so that the rest of their batch is not repeated for them; one that cannot be read fails each time, until
//! the queue gives it up. What is asked for directly fails as an invocation, which Lambda repeats.

mod notification;

use crate::config::limits::INGEST_FAREWELL_MS;
use crate::handlers::files::{ArrivalError, Arrivals};
use crate::lambda::reports::{Failure, Failures};
use crate::lambda::{Function, FunctionError, Invocation};
use crate::ports::clock::Clock;
use crate::ports::ingestion::IngestOrder;
use crate::ports::objects::ObjectKey;
use notification::{NotificationError, keys_of};
use serde::Deserialize;
use serde_json::{Value, json};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// Works on the documents of an event, one after another.
pub struct IngestFiles {
    pub arrivals: Arrivals,
    pub clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for IngestFiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IngestFiles").field("arrivals", &self.arrivals).finish_non_exhaustive()
    }
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Event {
    Queue {
        #[serde(rename = "Records")]
        records: Vec<Message>,
    },
    Order(IngestOrder),
    Schedule {
        source: Scheduler,
    },
}

/// A message of the queue.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    message_id: String,
    body: String,
}

#[derive(Debug, Deserialize)]
pub enum Scheduler {
    #[serde(rename = "aws.events")]
    EventBridge,
}

/// Why a message is to come again.
#[derive(Debug, thiserror::Error)]
enum MessageError {
    #[error(transparent)]
    Notification(#[from] NotificationError),
    #[error(transparent)]
    Arrival(#[from] ArrivalError),
    #[error("there was no time left")]
    Time,
}

impl Function for IngestFiles {
    type Event = Event;
    type Answer = Value;

    async fn call(&self, event: Event, invocation: Invocation) -> Result<Value, FunctionError> {
        let failed = |error: MessageError| FunctionError::Failed(error.to_string());
        match event {
            Event::Queue { records } => Ok(serde_json::to_value(self.take(records, invocation).await)?),
            Event::Order(order) => {
                let Some(key) = order.key() else {
                    return Err(FunctionError::Failed("an order of another release: are two at work?".to_owned()));
                };
                let worked = self.in_time(invocation, self.arrivals.asked(&key)).await.map_err(failed)?;
                count(worked.as_str());
                Ok(json!({ "outcome": worked.as_str() }))
            }
            Event::Schedule { source: Scheduler::EventBridge } => {
                let still = self.in_time(invocation, self.arrivals.sweep()).await.map_err(failed)?;
                tracing::info!(still, "documents that stood still were asked for");
                metrics::counter!("viva_documents_stalled_total").increment(still as u64);
                Ok(json!({ "still": still }))
            }
        }
    }
}

impl IngestFiles {
    async fn take(&self, messages: Vec<Message>, invocation: Invocation) -> Failures {
        let mut failures = Failures::default();
        for Message { message_id, body } in messages {
            if let Err(error) = self.message(&body, invocation).await {
                tracing::error!(%error, "a message could not be worked through; it comes again");
                count("failed");
                failures.batch_item_failures.push(Failure { item_identifier: message_id });
            }
        }
        failures
    }

    async fn message(&self, body: &str, invocation: Invocation) -> Result<(), MessageError> {
        for key in keys_of(body)? {
            let worked = self.in_time(invocation, self.arrivals.arrived(&ObjectKey(key))).await?;
            count(worked.as_str());
        }
        Ok(())
    }

    /// Gives up a while before the invocation is cut off: what was begun is taken up by whoever comes next.
    async fn in_time<T>(
        &self,
        invocation: Invocation,
        work: impl Future<Output = Result<T, ArrivalError>>,
    ) -> Result<T, MessageError> {
        let left_ms = invocation.deadline.since_ms(self.clock.now()).saturating_sub(INGEST_FAREWELL_MS);
        let worked = tokio::time::timeout(Duration::from_millis(left_ms), work).await;
        Ok(worked.map_err(|_| MessageError::Time)??)
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("viva_arrivals_total", "outcome" => outcome).increment(1);
}
