//! Whoever sees to it that documents are ingested.

use crate::ports::documents::DocumentKey;
use crate::ports::ids::{DocumentId, TenantId};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// Contract: a document that is not settled is worked on sooner or later, whether or not anybody asked; asking makes it sooner. Nothing
/// that is asked can fail for the one who asks.
#[async_trait]
pub trait Ingestion: Send + Sync {
    async fn start(&self, key: &DocumentKey);
}

/// A document that was asked for, as it is sent to whoever ingests elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IngestOrder {
    version: u32,
    tenant: TenantId,
    document: DocumentId,
}

impl IngestOrder {
    pub fn of(key: &DocumentKey) -> Self {
        let DocumentKey { tenant, document } = key.clone();
        Self { version: INGEST_ORDER_VERSION, tenant, document }
    }

    /// `None`: an order of a version that this program does not know.
    pub fn key(self) -> Option<DocumentKey> {
        let Self { version, tenant, document } = self;
        (version == INGEST_ORDER_VERSION).then_some(DocumentKey { tenant, document })
    }
}

const INGEST_ORDER_VERSION: u32 = 1;
