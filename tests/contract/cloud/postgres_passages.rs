//! The suite of passages against a real PostgreSQL, alone and beside Pinecone, and what row-level security must keep apart.

use super::Made;
use super::pinecone_server::{KEY, Pinecone, VERSION};
use super::postgres_server::Postgres;
use crate::embedded::vectors::{DIMENSIONS, embeddings};
use crate::embeddings_server::EmbeddingsServer;
use std::sync::Arc;
use viva::cloud::pinecone::{ApiKey, PineconeVectors};
use viva::cloud::postgres::migrate::migrate;
use viva::cloud::postgres::{Database, PostgresPassages};
use viva::retrieval::{HybridPassages, VectorIndex};

async fn passages() -> Made<PostgresPassages, Postgres> {
    let server = Postgres::start();
    migrate(&server.url(), None).await.unwrap();
    Made::new(PostgresPassages::new(Database::at(&server.url())), server)
}

type Kept = (Postgres, Pinecone, EmbeddingsServer);

/// Pinecone shows each write two requests late.
async fn beside_pinecone() -> Made<HybridPassages, Kept> {
    let text = passages().await;
    let (embeddings, server) = embeddings().await;
    let pinecone = Pinecone::start(DIMENSIONS, 2).await;
    let vectors = PineconeVectors::new(&pinecone.url, ApiKey::Known(KEY.into()), VERSION).unwrap();
    let index = VectorIndex::new(embeddings, Arc::new(vectors), 0.25);
    let (port, kept) = text.into_parts();
    Made::new(HybridPassages::new(Arc::new(*port), Arc::new(index)), (kept, pinecone, server))
}

mod suite {
    passages_contract!(super::passages);
}

mod pinecone {
    passages_contract!(super::beside_pinecone);
    semantic_passages_contract!(super::beside_pinecone);
}

#[tokio::test]
async fn deleting_a_document_leaves_nothing_in_pinecone() {
    let made = beside_pinecone().await;
    crate::passages::what_means_the_same_is_found_without_a_word_in_common(made.port()).await;
    let (_, pinecone, _) = made.kept();
    assert_eq!(pinecone.held().len(), 0);
}

#[tokio::test]
async fn no_claims_no_passages() {
    let made = passages().await;
    crate::passages::what_was_stored_is_found_by_its_words_and_their_forms(made.port()).await;
    let seen = |role: &str, tenant: &str, courses: &str| {
        let sql = format!(
            "BEGIN; SET LOCAL ROLE {role}; SET LOCAL viva.tenant = '{tenant}'; SET LOCAL viva.courses = '{courses}'; \
             SELECT count(*) FROM viva.passages"
        );
        made.kept().psql("viva", &sql)
    };
    assert_eq!(seen("viva_app", "school", r#"["law-1"]"#), "2");
    assert_eq!(seen("viva_app", "school", r#"["law-2"]"#), "0");
    assert_eq!(seen("viva_app", "other", r#"["law-1"]"#), "0");
    assert_eq!(seen("viva_app", "", ""), "0");
    assert_eq!(seen("viva_filing", "school", ""), "2");
    assert_eq!(seen("viva_filing", "other", ""), "0");
}
