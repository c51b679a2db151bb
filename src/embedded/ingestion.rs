//! Ingestion as tasks of this process: documents that are not settled, the longest waiting first. What the work is, is not decided here.

use crate::config::limits::{INGEST_LOOK_MS, INGEST_RETRY_MS, INGESTIONS_AT_ONCE};
use crate::embedded::waiting::{Pace, Waiting, WaitingTasks, Work};
use crate::ports::documents::{Document, DocumentKey, Documents};
use crate::ports::ingestion::Ingestion;
use async_trait::async_trait;
use std::sync::Arc;

/// Runs ingestion until it is dropped or stopped.
#[derive(Clone, Debug)]
pub struct IngestionTasks(WaitingTasks<Unfinished>);

struct Unfinished(Arc<dyn Documents>);

impl IngestionTasks {
    pub fn start(documents: Arc<dyn Documents>, work: Work<Document>) -> Self {
        let pace = Pace { at_once: INGESTIONS_AT_ONCE, look_ms: INGEST_LOOK_MS, retry_ms: INGEST_RETRY_MS };
        Self(WaitingTasks::start(Unfinished(documents), work, pace))
    }

    /// Stops in the middle of whatever is done; the next start takes it up again.
    pub async fn stop(&self) {
        self.0.stop().await;
    }
}

#[async_trait]
impl Ingestion for IngestionTasks {
    async fn start(&self, _: &DocumentKey) {
        self.0.ask();
    }
}

#[async_trait]
impl Waiting for Unfinished {
    type Job = Document;
    type Key = DocumentKey;

    fn key(document: &Document) -> DocumentKey {
        document.key.clone()
    }

    async fn look(&self, at_most: usize) -> Vec<Document> {
        let unfinished = self.0.unfinished(at_most).await;
        unfinished
            .inspect_err(|error| tracing::error!(%error, "documents that wait could not be found"))
            .unwrap_or_default()
    }
}
