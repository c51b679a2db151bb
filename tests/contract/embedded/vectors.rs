//! The suite of passages against SQLite with vectors beside the text, made by a server over HTTP.

use super::open;
use crate::embeddings_server::EmbeddingsServer;
use std::sync::Arc;
use tempfile::TempDir;
use viva::config::{EmbeddingsConfig, Environment};
use viva::embedded::embeddings::ServerEmbeddings;
use viva::ports::embeddings::Embeddings;
use viva::retrieval::{HybridPassages, VectorIndex};

pub(crate) const DIMENSIONS: usize = 1_024;

/// Embeddings of a server, with the server.
pub(crate) async fn embeddings() -> (Arc<dyn Embeddings>, EmbeddingsServer) {
    let server = EmbeddingsServer::start(DIMENSIONS).await;
    let environment =
        Environment::from([("VIVA_EMBEDDINGS_URL", server.url.as_str()), ("VIVA_EMBEDDINGS_MODEL", "small")]);
    let made = ServerEmbeddings::new(&EmbeddingsConfig::read(&environment).unwrap()).unwrap();
    (Arc::new(made), server)
}

struct Made {
    port: HybridPassages,
    _server: EmbeddingsServer,
    _folder: TempDir,
}

impl Made {
    fn port(&self) -> &HybridPassages {
        &self.port
    }
}

async fn hybrid() -> Made {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let (embeddings, server) = embeddings().await;
    let index = VectorIndex::new(embeddings, store.clone(), 0.25);
    Made { port: HybridPassages::new(store, Arc::new(index)), _server: server, _folder: folder }
}

mod suite {
    passages_contract!(super::hybrid);
    semantic_passages_contract!(super::hybrid);
}
