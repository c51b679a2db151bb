//! What passages are found by on one machine: full text in SQLite, and beside it whichever index of meanings is configured.

use crate::config::limits::{INGEST_RETRY_MS, REEMBEDDED_AT_ONCE};
use crate::config::{Config, EmbeddingsChoice, PassagesChoice};
use crate::embedded::embeddings::ServerEmbeddings;
use crate::embedded::sqlite::Store;
use crate::ports::embeddings::Embeddings;
use crate::ports::ids::{DocumentId, TenantId};
use crate::ports::passages::{Passages, PassagesError};
use crate::ports::vectors::Vectors;
use crate::retrieval::{HybridPassages, VectorIndex};
use crate::wiring::{WiringError, amazon};
use std::sync::{Arc, Weak};
use std::time::Duration;

pub(super) async fn passages(config: &Config, store: &Arc<Store>) -> Result<Arc<dyn Passages>, WiringError> {
    let embeddings = embeddings(config).await?;
    let choice = config.passages.choice.unwrap_or(match embeddings {
        Some(_) => PassagesChoice::Vectors,
        None => PassagesChoice::Text,
    });
    let needed = || {
        let problem = "VIVA_EMBEDDINGS_URL or VIVA_EMBEDDINGS=titan must say who makes the vectors";
        WiringError::adapter("VIVA_PASSAGES", problem)
    };
    let vectors: Arc<dyn Vectors> = match choice {
        PassagesChoice::Text => return Ok(store.clone()),
        PassagesChoice::Vectors => store.clone(),
        PassagesChoice::Pinecone => amazon::pinecone(config).await?,
        PassagesChoice::KnowledgeBase => {
            let index = amazon::knowledge_base(config).await?;
            return Ok(Arc::new(HybridPassages::new(store.clone(), index)));
        }
    };
    let embeddings = embeddings.ok_or_else(needed)?;
    let model = embeddings.model().to_owned();
    tracing::info!(model, "passages are found by their meaning, too");
    let index = VectorIndex::new(embeddings, vectors, config.embeddings.similarity_min);
    let hybrid: Arc<dyn Passages> = Arc::new(HybridPassages::new(store.clone(), Arc::new(index)));
    if choice == PassagesChoice::Vectors {
        tokio::spawn(embed_anew(Arc::downgrade(store), Arc::downgrade(&hybrid), model));
    }
    Ok(hybrid)
}

async fn embeddings(config: &Config) -> Result<Option<Arc<dyn Embeddings>>, WiringError> {
    match config.embeddings.choice {
        EmbeddingsChoice::None => Ok(None),
        EmbeddingsChoice::OpenAi => {
            let made = ServerEmbeddings::new(&config.embeddings);
            Ok(Some(Arc::new(made.map_err(|error| WiringError::adapter("VIVA_EMBEDDINGS", error))?)))
        }
        EmbeddingsChoice::Titan => Ok(Some(amazon::titan(config).await?)),
    }
}

/// Gives vectors to what was ingested without them, or by another model. What is searched meanwhile is found by its words.
async fn embed_anew(store: Weak<Store>, passages: Weak<dyn Passages>, model: String) {
    let mut done = Vec::new();
    loop {
        let Some((held, embedding)) = store.upgrade().zip(passages.upgrade()) else { return };
        let found = held.unembedded(&model, REEMBEDDED_AT_ONCE).await;
        drop(held);
        let result = match found {
            // Whatever is left did not take its vectors, and will not.
            Ok(found) if found.is_empty() || found == done => return,
            Ok(found) => {
                let result = embed_all(&*embedding, &found).await;
                done = if result.is_ok() { found } else { Vec::new() };
                result
            }
            Err(error) => Err(error),
        };
        drop(embedding);
        if let Err(error) = result {
            tracing::warn!(%error, "passages could not be embedded anew for now");
            tokio::time::sleep(Duration::from_millis(INGEST_RETRY_MS)).await;
        }
    }
}

async fn embed_all(passages: &dyn Passages, found: &[(TenantId, DocumentId, u64)]) -> Result<(), PassagesError> {
    for (tenant, document, version) in found {
        passages.finish(tenant, document, *version).await?;
    }
    Ok(())
}
