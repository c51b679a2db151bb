//! Vectors in a serverless index of Pinecone, over its REST API: a namespace for each tenant, filters for course, document and model.
//!
//! No text is kept there, and what is found is held against the text that is kept elsewhere. Pinecone shows late what was written: whoever
//! needs to know asks [`Vectors::shows`].

mod client;
mod id;

use crate::cloud::secrets::Secrets;
use crate::config::limits::{
    PASSAGES_PAGE_MAX, PINECONE_ATTEMPT_MS_MAX, PINECONE_ATTEMPTS_MAX, PINECONE_DELETE_IDS_MAX, PINECONE_LIST_IDS_MAX,
    PINECONE_UPSERT_BYTES_MAX, PINECONE_UPSERT_VECTORS_MAX, PINECONE_WAIT_MS, PINECONE_WAIT_MS_MAX,
};
use crate::ports::ids::{DocumentId, TenantId};
use crate::ports::passages::PassagesError;
use crate::ports::vectors::{Near, PassageVector, VectorKey, VectorQuery, Vectors};
use crate::retrieval::patience::Patience;
use async_trait::async_trait;
use client::Client;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};
use std::sync::Arc;

pub use client::PineconeSetupError;

/// Where the API key is.
pub enum ApiKey {
    Known(String),
    /// The text `key` of a secret, read when Pinecone is first asked.
    Secret {
        secrets: Arc<Secrets>,
        arn: String,
    },
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

#[derive(Debug)]
pub struct PineconeVectors {
    client: Client,
}

impl PineconeVectors {
    /// `host` is the index's own address.
    pub fn new(host: &str, key: ApiKey, api_version: &str) -> Result<Self, PineconeSetupError> {
        let patience = Patience {
            attempts_max: PINECONE_ATTEMPTS_MAX,
            wait_ms: PINECONE_WAIT_MS,
            wait_ms_max: PINECONE_WAIT_MS_MAX,
            attempt_ms_max: PINECONE_ATTEMPT_MS_MAX,
        };
        Ok(Self { client: Client::new(host, key, api_version, patience)? })
    }

    /// For whoever waits less, or more.
    #[must_use]
    pub fn with_patience(mut self, patience: Patience) -> Self {
        self.client.patience = patience;
        self
    }

    async fn upsert(&self, namespace: &str, vectors: Vec<Box<RawValue>>) -> Result<(), PassagesError> {
        let body = unwritable(serde_json::to_string(&Upsert { namespace, vectors }))?;
        match self.client.post::<Value>("/vectors/upsert", body).await? {
            Some(_) => Ok(()),
            None => Err(PassagesError::Failed("Pinecone: there is no index at this address".to_owned())),
        }
    }
}

#[derive(Serialize)]
struct Upsert<'v> {
    namespace: &'v str,
    vectors: Vec<Box<RawValue>>,
}

#[derive(Serialize)]
struct Record<'v> {
    id: &'v str,
    values: &'v [f32],
    metadata: Metadata<'v>,
}

/// Flat, without nulls, a few hundred bytes: Pinecone takes 40 KB.
#[derive(Serialize)]
struct Metadata<'v> {
    course: &'v str,
    document: &'v str,
    /// So that a search can be asked for this one alone.
    vector: &'v str,
    model: &'v str,
}

#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    vectors: Vec<Named>,
    #[serde(default)]
    pagination: Option<Pagination>,
}

#[derive(Deserialize)]
struct Pagination {
    #[serde(default)]
    next: Option<String>,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

#[derive(Deserialize)]
struct Found {
    #[serde(default)]
    matches: Vec<Match>,
}

#[derive(Deserialize)]
struct Match {
    id: String,
    #[serde(default)]
    score: f32,
}

#[async_trait]
impl Vectors for PineconeVectors {
    async fn known(&self, tenant: &TenantId, document: &DocumentId) -> Result<Vec<VectorKey>, PassagesError> {
        let (namespace, prefix) = (id::namespace(tenant), id::prefix(document));
        let (mut known, mut token) = (Vec::new(), None::<String>);
        loop {
            let limit = PINECONE_LIST_IDS_MAX.to_string();
            let mut query = vec![("namespace", namespace.as_str()), ("prefix", &prefix), ("limit", &limit)];
            query.extend(token.as_deref().map(|token| ("paginationToken", token)));
            // Nobody has written into the namespace yet: that is no fault.
            let Some(listed) = self.client.get::<Listed>("/vectors/list", &query).await? else { return Ok(known) };
            known.extend(listed.vectors.iter().filter_map(|named| id::key_of(&named.id)));
            token = listed.pagination.and_then(|pagination| pagination.next).filter(|next| !next.is_empty());
            if token.is_none() {
                return Ok(known);
            }
        }
    }

    async fn put(&self, tenant: &TenantId, model: &str, vectors: Vec<PassageVector>) -> Result<(), PassagesError> {
        let namespace = id::namespace(tenant);
        let (mut batch, mut bytes) = (Vec::new(), 0);
        for PassageVector { key, course, values } in &vectors {
            let id = id::id_of(key);
            let metadata = Metadata { course: course.as_str(), document: key.document.as_str(), vector: &id, model };
            let record = unwritable(to_raw_value(&Record { id: &id, values, metadata }))?;
            let size = record.get().len() + 1;
            if !batch.is_empty()
                && (bytes + size > PINECONE_UPSERT_BYTES_MAX || batch.len() == PINECONE_UPSERT_VECTORS_MAX)
            {
                self.upsert(&namespace, batch).await?;
                (batch, bytes) = (Vec::new(), 0);
            }
            batch.push(record);
            bytes += size;
        }
        if batch.is_empty() { Ok(()) } else { self.upsert(&namespace, batch).await }
    }

    async fn remove(&self, tenant: &TenantId, keys: &[VectorKey]) -> Result<(), PassagesError> {
        let namespace = id::namespace(tenant);
        for part in keys.chunks(PINECONE_DELETE_IDS_MAX) {
            let ids: Vec<String> = part.iter().map(id::id_of).collect();
            let body = json!({"namespace": namespace, "ids": ids}).to_string();
            // No such namespace: nothing is left to delete.
            self.client.post::<Value>("/vectors/delete", body).await?;
        }
        Ok(())
    }

    /// Asked as a search is, by the vector itself, for it alone.
    async fn shows(&self, tenant: &TenantId, key: &VectorKey) -> Result<bool, PassagesError> {
        let id = id::id_of(key);
        let body = json!({
            "namespace": id::namespace(tenant),
            "id": id,
            "topK": 1,
            "filter": {"vector": {"$eq": id}},
            "includeValues": false,
            "includeMetadata": false,
        });
        let found: Option<Found> = self.client.post("/query", body.to_string()).await?;
        Ok(found.is_some_and(|found| found.matches.iter().any(|found| found.id == id)))
    }

    async fn nearest(&self, query: &VectorQuery) -> Result<Vec<Near>, PassagesError> {
        if query.limit == 0 || query.courses.is_empty() || query.documents.as_ref().is_some_and(Vec::is_empty) {
            return Ok(Vec::new());
        }
        let mut of = vec![json!({"model": {"$eq": query.model}}), json!({"course": {"$in": query.courses}})];
        of.extend(query.documents.as_ref().map(|documents| json!({"document": {"$in": documents}})));
        let body = json!({
            "namespace": id::namespace(&query.tenant),
            "vector": query.values,
            "topK": query.limit.min(PASSAGES_PAGE_MAX),
            "filter": {"$and": of},
            "includeValues": false,
            "includeMetadata": false,
        });
        let found: Option<Found> = self.client.post("/query", body.to_string()).await?;
        let matches = found.map(|found| found.matches).unwrap_or_default();
        let near = |found: Match| {
            let key = id::key_of(&found.id).filter(|_| found.score >= query.similarity_min)?;
            Some(Near { passage: key.passage(), similarity: found.score, fingerprint: Some(key.fingerprint) })
        };
        Ok(matches.into_iter().filter_map(near).collect())
    }
}

fn unwritable<T>(written: serde_json::Result<T>) -> Result<T, PassagesError> {
    written.map_err(|error| PassagesError::Failed(error.to_string()))
}
