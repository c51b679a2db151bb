//! The shipped collection: for most questions, the passage that holds the answer is among the first five.

use crate::bench::{ingested, measured, questions};
use crate::embeddings_server::EmbeddingsServer;
use crate::postgres_server::Postgres;
use std::path::Path;
use std::sync::Arc;
use viva::cloud::postgres::migrate::migrate;
use viva::cloud::postgres::{Database, PostgresPassages};
use viva::config::{EmbeddingsConfig, Environment};
use viva::embedded::embeddings::ServerEmbeddings;
use viva::embedded::extraction::{ExtractionLimits, ProcessExtractor};
use viva::embedded::sqlite::Store;
use viva::embedded::system::SystemClock;
use viva::retrieval::{HybridPassages, VectorIndex};

fn extractor() -> ProcessExtractor {
    ProcessExtractor::new(Path::new(env!("CARGO_BIN_EXE_viva")).to_owned(), ExtractionLimits::default())
}

#[tokio::test]
async fn full_text_alone_finds_the_answers_passage_among_the_first_five() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Arc::new(SystemClock)).unwrap();
    let all = ingested(&*store, &extractor()).await.unwrap();
    let questions = questions().unwrap();
    assert!(questions.len() >= 60 && all.len() >= 40, "{} questions, {} passages", questions.len(), all.len());
    let figures = measured(&*store, &all, &questions).await.unwrap();
    println!("{figures:#?}");
    assert!(figures.recall[1] >= 0.85, "{figures:#?}");
}

#[tokio::test]
async fn vectors_of_a_poor_model_do_not_spoil_what_full_text_finds() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Arc::new(SystemClock)).unwrap();
    let server = EmbeddingsServer::start(512).await;
    let environment =
        Environment::from([("VIVA_EMBEDDINGS_URL", server.url.as_str()), ("VIVA_EMBEDDINGS_MODEL", "small")]);
    let embeddings = ServerEmbeddings::new(&EmbeddingsConfig::read(&environment).unwrap()).unwrap();
    let index = VectorIndex::new(Arc::new(embeddings), store.clone(), 0.05);
    let hybrid = HybridPassages::new(store, Arc::new(index));
    let all = ingested(&hybrid, &extractor()).await.unwrap();
    let figures = measured(&hybrid, &all, &questions().unwrap()).await.unwrap();
    assert!(figures.recall[1] >= 0.8, "{figures:#?}");
}

#[tokio::test]
async fn postgres_finds_nearly_as_much() {
    let server = Postgres::start();
    migrate(&server.url(), None).await.unwrap();
    let passages = PostgresPassages::new(Database::at(&server.url()));
    let all = ingested(&passages, &extractor()).await.unwrap();
    let figures = measured(&passages, &all, &questions().unwrap()).await.unwrap();
    println!("{figures:#?}");
    assert!(figures.recall[1] >= 0.8, "{figures:#?}");
}
