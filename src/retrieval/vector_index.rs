//! An index of meanings made of embeddings and a store of vectors: what is embedded, in which batches, and when it is done.
//!
//! A vector is made of a passage's headings and text, and its fingerprint tells of which and by which model: what is there already is not made
//! again, and what another model made is replaced.

use crate::config::limits::{EMBEDDING_TEXT_CHARS_MAX, EMBEDDING_TEXTS_MAX, PROBE_MS_MAX, PROBE_WAIT_MS};
use crate::ports::embeddings::{Embeddings, EmbeddingsError, Purpose};
use crate::ports::ids::{DocumentId, TenantId};
use crate::ports::passages::{Passage, PassageQuery, PassagesError};
use crate::ports::semantic_index::SemanticIndex;
use crate::ports::vectors::{Near, PassageVector, VectorKey, VectorQuery, Vectors};
use async_trait::async_trait;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone)]
pub struct VectorIndex {
    embeddings: Arc<dyn Embeddings>,
    vectors: Arc<dyn Vectors>,
    similarity_min: f32,
}

impl std::fmt::Debug for VectorIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VectorIndex").field("model", &self.embeddings.model()).finish_non_exhaustive()
    }
}

impl VectorIndex {
    /// Passages whose cosine with a question is below `similarity_min` have nothing to do with it.
    pub fn new(embeddings: Arc<dyn Embeddings>, vectors: Arc<dyn Vectors>, similarity_min: f32) -> Self {
        Self { embeddings, vectors, similarity_min }
    }

    async fn put(&self, tenant: &TenantId, passages: &[(VectorKey, &Passage)]) -> Result<(), PassagesError> {
        for batch in passages.chunks(EMBEDDING_TEXTS_MAX) {
            let texts: Vec<String> = batch.iter().map(|(_, passage)| embedded_text(passage)).collect();
            let vectors = self.embeddings.embed(Purpose::Passage, &texts).await?;
            metrics::counter!("viva_passages_embedded_total").increment(batch.len() as u64);
            let made = batch.iter().zip(vectors).map(|((key, passage), values)| PassageVector {
                key: key.clone(),
                course: passage.course.clone(),
                values,
            });
            self.vectors.put(tenant, self.embeddings.model(), made.collect()).await?;
        }
        Ok(())
    }

    /// Waits until a search finds it; a store may take its time.
    async fn wait_until_shown(&self, tenant: &TenantId, key: &VectorKey) -> Result<(), PassagesError> {
        let mut waited_ms = 0;
        while !self.vectors.shows(tenant, key).await? {
            if waited_ms >= PROBE_MS_MAX {
                return Err(PassagesError::Busy { retry_after_ms: None });
            }
            tokio::time::sleep(Duration::from_millis(PROBE_WAIT_MS)).await;
            waited_ms += PROBE_WAIT_MS;
        }
        Ok(())
    }

    fn key(&self, passage: &Passage) -> VectorKey {
        let digest = Sha256::new()
            .chain_update(self.embeddings.model())
            .chain_update([0])
            .chain_update(embedded_text(passage))
            .finalize();
        VectorKey {
            document: passage.document.clone(),
            version: passage.version,
            ordinal: passage.ordinal,
            fingerprint: digest[..FINGERPRINT_BYTES].iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

#[async_trait]
impl SemanticIndex for VectorIndex {
    async fn set(&self, tenant: &TenantId, document: &DocumentId, passages: &[Passage]) -> Result<(), PassagesError> {
        let known: HashSet<VectorKey> = self.vectors.known(tenant, document).await?.into_iter().collect();
        let wanted: Vec<(VectorKey, &Passage)> = passages
            .iter()
            .filter(|passage| !embedded_text(passage).is_empty())
            .map(|passage| (self.key(passage), passage))
            .collect();
        let missing: Vec<_> = wanted.iter().filter(|(key, _)| !known.contains(key)).cloned().collect();
        self.put(tenant, &missing).await?;
        let wanted_keys: HashSet<&VectorKey> = wanted.iter().map(|(key, _)| key).collect();
        let stale: Vec<VectorKey> = known.iter().filter(|key| !wanted_keys.contains(key)).cloned().collect();
        if !stale.is_empty() {
            self.vectors.remove(tenant, &stale).await?;
        }
        match wanted.last() {
            Some((last, _)) => self.wait_until_shown(tenant, last).await,
            None => Ok(()),
        }
    }

    fn is_made_of(&self, near: &Near, passage: &Passage) -> bool {
        near.fingerprint.as_ref().is_some_and(|fingerprint| *fingerprint == self.key(passage).fingerprint)
    }

    async fn nearest(&self, query: &PassageQuery) -> Result<Vec<Near>, PassagesError> {
        let text = cut(query.text.trim());
        if query.limit == 0 || query.courses.is_empty() || !text.chars().any(char::is_alphanumeric) {
            return Ok(Vec::new());
        }
        let mut vectors = self.embeddings.embed(Purpose::Query, &[text.to_owned()]).await?;
        let Some(values) = vectors.pop() else { return Ok(Vec::new()) };
        let query = VectorQuery {
            tenant: query.tenant.clone(),
            courses: query.courses.clone(),
            documents: query.documents.clone(),
            model: self.embeddings.model().to_owned(),
            values,
            limit: query.limit,
            similarity_min: self.similarity_min,
        };
        self.vectors.nearest(&query).await
    }
}

impl From<EmbeddingsError> for PassagesError {
    fn from(error: EmbeddingsError) -> Self {
        match error {
            EmbeddingsError::Busy { retry_after_ms } => Self::Busy { retry_after_ms },
            EmbeddingsError::Failed(_) | EmbeddingsError::Refused(_) => Self::Failed(error.to_string()),
        }
    }
}

/// The headings say what a passage is about, which its own words may leave out.
fn embedded_text(passage: &Passage) -> String {
    let text = format!("{}\n{}", passage.locator.path.join(" › "), passage.text);
    cut(text.trim()).to_owned()
}

fn cut(text: &str) -> &str {
    text.char_indices().nth(EMBEDDING_TEXT_CHARS_MAX).map_or(text, |(end, _)| &text[..end])
}

/// Enough to tell apart the few texts and models that one passage ever has.
const FINGERPRINT_BYTES: usize = 8;
