//! Passages found by their words and by their meaning: a text store, an index of meanings beside it, and both rankings fused into one.
//!
//! The text store alone decides what counts: what the index finds is shown only as far as the text is there, current and within the
//! question's scope. Where the index cannot be asked, the words alone answer.

use crate::config::limits::{FUSION_DEPTH, PASSAGES_PAGE_MAX, SEMANTIC_SEARCH_MS_MAX};
use crate::ports::ids::{DocumentId, TenantId};
use crate::ports::passages::{Hit, Passage, PassageId, PassageQuery, Passages, PassagesError, Put};
use crate::ports::semantic_index::SemanticIndex;
use crate::ports::vectors::Near;
use crate::retrieval::fusion::fused;
use async_trait::async_trait;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone)]
pub struct HybridPassages {
    text: Arc<dyn Passages>,
    index: Arc<dyn SemanticIndex>,
}

impl std::fmt::Debug for HybridPassages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HybridPassages").finish_non_exhaustive()
    }
}

impl HybridPassages {
    pub fn new(text: Arc<dyn Passages>, index: Arc<dyn SemanticIndex>) -> Self {
        Self { text, index }
    }

    /// The passages of that version, or `None` where it does not count.
    async fn whole(
        &self,
        tenant: &TenantId,
        document: &DocumentId,
        version: u64,
    ) -> Result<Option<Vec<Passage>>, PassagesError> {
        let mut all: Vec<Passage> = Vec::new();
        loop {
            let from = all.last().map_or(1, |last| last.ordinal + 1);
            let page = self.text.read(tenant, document, from, PASSAGES_PAGE_MAX).await?;
            if page.iter().any(|passage| passage.version != version) {
                return Ok(None);
            }
            let more = page.len() == PASSAGES_PAGE_MAX;
            all.extend(page);
            if !more {
                return Ok(Some(all));
            }
        }
    }

    /// What the index finds, or nothing where it cannot be asked: half an answer is better than none.
    async fn by_meaning(&self, query: &PassageQuery) -> Vec<Near> {
        let patience = Duration::from_millis(SEMANTIC_SEARCH_MS_MAX);
        let problem = match tokio::time::timeout(patience, self.index.nearest(query)).await {
            Ok(Ok(near)) => return near,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it took too long".to_owned(),
        };
        tracing::warn!(problem, "passages were searched by their words alone");
        metrics::counter!("viva_semantic_searches_failed_total").increment(1);
        Vec::new()
    }
}

#[async_trait]
impl Passages for HybridPassages {
    fn embeds(&self) -> bool {
        true
    }

    async fn put(
        &self,
        tenant: &TenantId,
        document: &DocumentId,
        version: u64,
        passages: Vec<Passage>,
    ) -> Result<Put, PassagesError> {
        self.text.put(tenant, document, version, passages).await
    }

    async fn finish(&self, tenant: &TenantId, document: &DocumentId, version: u64) -> Result<Put, PassagesError> {
        if self.text.finish(tenant, document, version).await? == Put::Late {
            return Ok(Put::Late);
        }
        let Some(passages) = self.whole(tenant, document, version).await? else { return Ok(Put::Late) };
        self.index.set(tenant, document, &passages).await?;
        // Whoever removed or replaced the document meanwhile may have cleared the index before this filled it.
        let still = self.text.read(tenant, document, 1, 1).await?;
        if passages.is_empty() || still.first().is_some_and(|passage| passage.version == version) {
            return Ok(Put::Stored);
        }
        if still.is_empty() {
            self.index.set(tenant, document, &[]).await?;
        }
        Ok(Put::Late)
    }

    async fn search(&self, query: &PassageQuery) -> Result<Vec<Hit>, PassagesError> {
        if query.limit == 0 || query.courses.is_empty() {
            return Ok(Vec::new());
        }
        let wide = PassageQuery { limit: query.limit.clamp(FUSION_DEPTH, PASSAGES_PAGE_MAX), ..query.clone() };
        let (by_words, by_meaning) = tokio::join!(self.text.search(&wide), self.by_meaning(&wide));
        let by_words = by_words?;
        let mut known: HashMap<PassageId, Passage> =
            by_words.iter().map(|hit| (hit.passage.id(), hit.passage.clone())).collect();
        let unknown: Vec<PassageId> = by_meaning
            .iter()
            .filter(|near| !known.contains_key(&near.passage))
            .map(|near| near.passage.clone())
            .collect();
        if !unknown.is_empty() {
            let found = self.text.get(&query.tenant, &unknown).await?;
            known.extend(found.into_iter().filter(|passage| is_within(query, passage)).map(|p| (p.id(), p)));
        }
        let words = by_words.iter().map(|hit| hit.passage.id()).collect();
        let holds = |near: &Near| known.get(&near.passage).is_some_and(|passage| self.index.is_made_of(near, passage));
        let by_meaning: Vec<Near> = by_meaning.into_iter().filter(holds).collect();
        let similarities: HashMap<PassageId, f32> =
            by_meaning.iter().map(|near| (near.passage.clone(), near.similarity)).collect();
        let ranked = fused(&[words, by_meaning.into_iter().map(|near| near.passage).collect()]);
        let hit =
            |(id, score)| Some(Hit { similarity: similarities.get(&id).copied(), passage: known.remove(&id)?, score });
        Ok(ranked.into_iter().take(query.limit).filter_map(hit).collect())
    }

    async fn get(&self, tenant: &TenantId, ids: &[PassageId]) -> Result<Vec<Passage>, PassagesError> {
        self.text.get(tenant, ids).await
    }

    async fn read(
        &self,
        tenant: &TenantId,
        document: &DocumentId,
        from_ordinal: u32,
        limit: usize,
    ) -> Result<Vec<Passage>, PassagesError> {
        self.text.read(tenant, document, from_ordinal, limit).await
    }

    /// The text first: from then on nothing of it is found, nor can anything come late.
    async fn remove(&self, tenant: &TenantId, document: &DocumentId) -> Result<(), PassagesError> {
        self.text.remove(tenant, document).await?;
        self.index.set(tenant, document, &[]).await
    }
}

/// The index is asked for no more than this, but only the text is believed.
fn is_within(query: &PassageQuery, passage: &Passage) -> bool {
    query.courses.contains(&passage.course)
        && query.documents.as_ref().is_none_or(|documents| documents.contains(&passage.document))
}
