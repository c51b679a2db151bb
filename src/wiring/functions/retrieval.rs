//! What passages are found by on AWS: full text in Postgres, and beside it an index of meanings where one is configured.

use crate::cloud::pinecone::ApiKey;
use crate::cloud::postgres::PostgresPassages;
use crate::cloud::secrets::Secrets;
use crate::cloud::titan::TitanEmbeddings;
use crate::config::cloud::needed;
use crate::config::{EmbeddingsChoice, EmbeddingsConfig, Environment, PassagesChoice, PassagesConfig};
use crate::ports::passages::Passages;
use crate::ports::semantic_index::SemanticIndex;
use crate::retrieval::{HybridPassages, VectorIndex};
use crate::wiring::functions::stack::Stack;
use crate::wiring::{WiringError, knowledge_base, pinecone};
use std::sync::Arc;

pub(super) fn passages(stack: &Stack, environment: &Environment) -> Result<Arc<dyn Passages>, WiringError> {
    let text: Arc<dyn Passages> = Arc::new(text(stack)?);
    let (config, embeddings) = (PassagesConfig::read(environment)?, EmbeddingsConfig::read(environment)?);
    let index: Arc<dyn SemanticIndex> = match config.choice {
        None | Some(PassagesChoice::Text) => return Ok(text),
        Some(PassagesChoice::Pinecone) => Arc::new(beside_pinecone(stack, &config, &embeddings)?),
        Some(PassagesChoice::KnowledgeBase) => {
            Arc::new(knowledge_base(&stack.aws, &config, embeddings.similarity_min)?)
        }
        Some(PassagesChoice::Vectors) => {
            return Err(WiringError::adapter("VIVA_PASSAGES", "a function takes text, pinecone or knowledge_base"));
        }
    };
    Ok(Arc::new(HybridPassages::new(text, index)))
}

fn beside_pinecone(
    stack: &Stack,
    config: &PassagesConfig,
    embeddings: &EmbeddingsConfig,
) -> Result<VectorIndex, WiringError> {
    if embeddings.choice != EmbeddingsChoice::Titan {
        return Err(WiringError::adapter("VIVA_EMBEDDINGS", "a function takes titan, and needs it with Pinecone"));
    }
    let arn = needed(&config.pinecone_secret, "VIVA_PINECONE_SECRET")?.to_owned();
    let key = ApiKey::Secret { secrets: Arc::new(Secrets::new(&stack.aws)), arn };
    let titan = Arc::new(TitanEmbeddings::new(&stack.aws, embeddings));
    Ok(VectorIndex::new(titan, Arc::new(pinecone(config, key)?), embeddings.similarity_min))
}

/// The text alone.
pub(super) fn text(stack: &Stack) -> Result<PostgresPassages, WiringError> {
    Ok(PostgresPassages::new(stack.database()?))
}
