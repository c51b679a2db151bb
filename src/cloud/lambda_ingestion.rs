//! Ingestion as asynchronous invocations of a Lambda function.
//!
//! Lambda puts an order into its own queue, and repeats it where it fails. One that is lost is found by the sweep.

use crate::cloud::aws::Aws;
use crate::cloud::lambda_start::LambdaStart;
use crate::ports::documents::DocumentKey;
use crate::ports::ingestion::{IngestOrder, Ingestion};
use async_trait::async_trait;

/// Starts the function that ingests.
#[derive(Clone, Debug)]
pub struct LambdaIngestion {
    start: LambdaStart,
}

impl LambdaIngestion {
    /// `function`: its name, or the ARN of an alias.
    pub fn new(aws: &Aws, function: &str) -> Self {
        Self { start: LambdaStart::new(aws, function) }
    }
}

#[async_trait]
impl Ingestion for LambdaIngestion {
    async fn start(&self, key: &DocumentKey) {
        let order = serde_json::to_vec(&IngestOrder::of(key)).expect("a key is text, which JSON can hold");
        if let Err(error) = self.start.start(order).await {
            tracing::error!(%error, "a document's ingestion could not be asked for; the sweep does");
        }
    }
}
