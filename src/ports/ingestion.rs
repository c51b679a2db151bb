//! Whoever sees to it that documents are ingested.

use crate::ports::documents::DocumentKey;
use async_trait::async_trait;

/// Contract: a document that is not settled is worked on sooner or later, whether or not anybody asked; asking makes it sooner. Nothing
/// that is asked can fail for the one who asks.
#[async_trait]
pub trait Ingestion: Send + Sync {
    async fn start(&self, key: &DocumentKey);
}
