//! The suite of passages with a knowledge base of Bedrock beside the text, and what only such a base can get wrong.

use super::Made;
use super::knowledge_base_server::{BASE, KnowledgeBaseServer, SOURCE};
use super::ministack::aws_at;
use crate::embedded::open;
use std::sync::Arc;
use tempfile::TempDir;
use viva::cloud::knowledge_base::KnowledgeBase;
use viva::ports::ids::{CourseId, DocumentId, TenantId};
use viva::ports::passages::{PassageQuery, PassagesError};
use viva::ports::semantic_index::SemanticIndex;
use viva::retrieval::HybridPassages;
use viva::retrieval::patience::Patience;

const PATIENCE: Patience = Patience { attempts_max: 3, wait_ms: 1, wait_ms_max: 1_500, attempt_ms_max: 20_000 };

/// Documents are indexed two requests late.
async fn hybrid() -> Made<HybridPassages, (KnowledgeBaseServer, TempDir)> {
    let (folder, server) = (tempfile::tempdir().unwrap(), KnowledgeBaseServer::start(2).await);
    let base = base(&server);
    let port = HybridPassages::new(open(folder.path()), Arc::new(base));
    Made::new(port, (server, folder))
}

fn base(server: &KnowledgeBaseServer) -> KnowledgeBase {
    KnowledgeBase::new(&aws_at(&server.url), BASE, SOURCE, 0.25).unwrap().with_patience(PATIENCE)
}

mod suite {
    passages_contract!(super::hybrid);
    semantic_passages_contract!(super::hybrid);
}

fn query() -> PassageQuery {
    PassageQuery {
        tenant: TenantId::new("school"),
        courses: vec![CourseId::new("law-1")],
        documents: None,
        text: "cars".into(),
        limit: 10,
    }
}

#[tokio::test]
async fn a_shorter_version_leaves_nothing_of_a_longer_one() {
    let made = hybrid().await;
    crate::passages::a_newer_version_takes_the_place_of_the_older_whole(made.port()).await;
    let long = crate::passages::a_long_document_comes_and_goes_in_parts;
    long(hybrid().await.port()).await;
    let (server, _) = made.kept();
    assert!(server.held().len() <= 1, "{:?}", server.held());
}

#[tokio::test]
async fn deleting_a_document_leaves_nothing_in_the_base() {
    let made = hybrid().await;
    crate::passages::what_means_the_same_is_found_without_a_word_in_common(made.port()).await;
    assert_eq!(made.kept().0.held(), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_throttled_is_tried_again_and_nothing_that_bedrock_writes_is_told() {
    let server = KnowledgeBaseServer::start(0).await;
    let (base, tenant, document) = (base(&server), TenantId::new("school"), DocumentId::new("d1"));
    server.refuse([(429, "ThrottlingException"), (503, "ServiceUnavailableException")]);
    base.set(&tenant, &document, &[]).await.unwrap();
    server.refuse([(429, "ThrottlingException"); 3]);
    let busy = base.set(&tenant, &document, &[]).await.unwrap_err();
    assert!(matches!(busy, PassagesError::Busy { retry_after_ms: None }), "{busy}");
    for refused in [(400, "ValidationException"), (403, "AccessDeniedException"), (404, "ResourceNotFoundException")] {
        server.refuse([refused]);
        let failed = base.nearest(&query()).await.unwrap_err().to_string();
        assert!(failed.contains("the knowledge base") && !failed.contains("hunter2"), "{failed}");
    }
    server.refuse([(500, "InternalServerException")]);
    assert!(base.nearest(&query()).await.is_err(), "a question is asked once");
    assert_eq!(base.nearest(&query()).await.unwrap(), []);
}

#[tokio::test]
async fn a_base_that_is_not_there_is_a_fault() {
    let server = KnowledgeBaseServer::start(0).await;
    let other = KnowledgeBase::new(&aws_at(&server.url), "KB00000000", SOURCE, 0.25).unwrap().with_patience(PATIENCE);
    let failed = other.nearest(&query()).await.unwrap_err();
    assert_eq!(
        failed.to_string(),
        "the passages could not be read or written: the knowledge base: there is no such base or data source"
    );
}
