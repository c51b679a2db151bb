//! Pinecone's own rules, against a stand-in that keeps them.

use crate::pinecone_server::{KEY, Pinecone, VERSION};
use viva::cloud::pinecone::{ApiKey, PineconeVectors};
use viva::ports::ids::{CourseId, DocumentId, TenantId};
use viva::ports::passages::PassagesError;
use viva::ports::vectors::{PassageVector, VectorKey, VectorQuery, Vectors};
use viva::retrieval::patience::Patience;

const PATIENCE: Patience = Patience { attempts_max: 3, wait_ms: 1, wait_ms_max: 1_500, attempt_ms_max: 20_000 };

fn vectors(server: &Pinecone, key: &str) -> PineconeVectors {
    PineconeVectors::new(&server.url, ApiKey::Known(key.into()), VERSION).unwrap().with_patience(PATIENCE)
}

fn tenant() -> TenantId {
    TenantId::new("Schule Nr. 1")
}

fn vector(document: &str, ordinal: u32, values: Vec<f32>) -> PassageVector {
    let document = DocumentId::new(document);
    let key = VectorKey { document, version: 1, ordinal, fingerprint: "00ff00ff00ff00ff".into() };
    PassageVector { key, course: CourseId::new("law-1"), values }
}

/// Of length 1, with digits as real vectors have them.
fn values(seed: u32, dimensions: usize) -> Vec<f32> {
    let wave: Vec<f32> = (0..dimensions).map(|n| ((n as f32 + 1.0) * (seed as f32 + 0.37)).sin()).collect();
    let length = wave.iter().map(|x| x * x).sum::<f32>().sqrt();
    wave.iter().map(|x| x / length).collect()
}

#[tokio::test]
async fn a_long_document_comes_in_batches_that_fit_and_goes_whole() {
    let server = Pinecone::start(1024, 0).await;
    let port = vectors(&server, KEY);
    let all: Vec<PassageVector> = (1..=350).map(|n| vector("d1", n, values(n, 1024))).collect();
    port.put(&tenant(), "model", all).await.unwrap();
    let upserts = server.upserts();
    assert!(upserts.len() >= 2 && upserts.iter().all(|(_, bytes)| *bytes <= 2 * 1024 * 1024), "{upserts:?}");
    assert_eq!(upserts.iter().map(|(vectors, _)| vectors).sum::<usize>(), 350);
    port.put(&tenant(), "model", vec![vector("d1x", 1, values(1, 1024))]).await.unwrap();
    let known = port.known(&tenant(), &DocumentId::new("d1")).await.unwrap();
    assert_eq!(known.len(), 350);
    port.remove(&tenant(), &known).await.unwrap();
    let left: Vec<Vec<String>> = server.held().into_values().collect();
    assert_eq!(left.concat().len(), 1, "the document whose name begins alike stays");
}

#[tokio::test]
async fn short_vectors_come_a_thousand_at_a_time() {
    let server = Pinecone::start(2, 0).await;
    let all = (1..=2_001).map(|n| vector("d1", n, vec![1.0, 0.0])).collect();
    vectors(&server, KEY).put(&tenant(), "model", all).await.unwrap();
    assert_eq!(server.upserts().iter().map(|(vectors, _)| *vectors).collect::<Vec<_>>(), [1_000, 1_000, 1]);
}

#[tokio::test]
async fn a_write_is_shown_late_and_that_is_told() {
    let server = Pinecone::start(4, 3).await;
    let (port, one) = (vectors(&server, KEY), vector("d1", 1, vec![1.0, 0.0, 0.0, 0.0]));
    let key = one.key.clone();
    port.put(&tenant(), "model", vec![one]).await.unwrap();
    let mut shown = Vec::new();
    for _ in 0..5 {
        shown.push(port.shows(&tenant(), &key).await.unwrap());
    }
    assert_eq!(shown, [false, false, false, true, true]);
}

#[tokio::test]
async fn tenants_have_namespaces_of_their_own_and_models_are_kept_apart() {
    let server = Pinecone::start(4, 0).await;
    let port = vectors(&server, KEY);
    let values = vec![1.0, 0.0, 0.0, 0.0];
    port.put(&tenant(), "one", vec![vector("d1", 1, values.clone())]).await.unwrap();
    port.put(&TenantId::new("other"), "one", vec![vector("d2", 1, values.clone())]).await.unwrap();
    assert_eq!(server.held().len(), 2);
    let query = |tenant: TenantId, model: &str, courses: &[&str]| VectorQuery {
        tenant,
        courses: courses.iter().map(|course| CourseId::new(*course)).collect(),
        documents: None,
        model: model.into(),
        values: values.clone(),
        limit: 10,
        similarity_min: 0.2,
    };
    let found = async |query: VectorQuery| {
        let near = port.nearest(&query).await.unwrap();
        near.into_iter().map(|near| near.passage.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(found(query(tenant(), "one", &["law-1"])).await, ["d1-1-1"]);
    assert_eq!(found(query(TenantId::new("other"), "one", &["law-1"])).await, ["d2-1-1"]);
    assert_eq!(found(query(TenantId::new("nobody"), "one", &["law-1"])).await, Vec::<String>::new());
    assert_eq!(found(query(tenant(), "two", &["law-1"])).await, Vec::<String>::new());
    assert_eq!(found(query(tenant(), "one", &["law-2"])).await, Vec::<String>::new());
    assert_eq!(found(query(tenant(), "one", &[])).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_is_throttled_is_tried_again_and_what_lasts_is_told() {
    let server = Pinecone::start(4, 0).await;
    let port = vectors(&server, KEY);
    server.refuse([(429, None), (503, None)]);
    port.put(&tenant(), "model", vec![vector("d1", 1, vec![1.0, 0.0, 0.0, 0.0])]).await.unwrap();
    server.refuse([(429, Some("60"))]);
    let busy = port.known(&tenant(), &DocumentId::new("d1")).await.unwrap_err();
    assert!(matches!(busy, PassagesError::Busy { retry_after_ms: Some(60_000) }), "{busy}");
    server.refuse([(500, None), (502, None), (500, None)]);
    let failed = port.known(&tenant(), &DocumentId::new("d1")).await.unwrap_err();
    assert_eq!(failed.to_string(), "the passages could not be read or written: Pinecone: it says 500");
}

#[tokio::test]
async fn a_key_that_is_not_accepted_is_not_told() {
    let server = Pinecone::start(4, 0).await;
    let port = vectors(&server, "hunter2");
    let failed = port.known(&tenant(), &DocumentId::new("d1")).await.unwrap_err().to_string();
    assert!(failed.contains("does not accept the key") && !failed.contains("hunter2"), "{failed}");
    assert!(!format!("{port:?}").contains("hunter2"));
}

#[tokio::test]
async fn nothing_of_a_tenant_that_has_nothing_can_be_removed() {
    let server = Pinecone::start(4, 0).await;
    let port = vectors(&server, KEY);
    assert_eq!(port.known(&tenant(), &DocumentId::new("d1")).await.unwrap(), []);
    port.remove(&tenant(), &[vector("d1", 1, Vec::new()).key]).await.unwrap();
    let refused = PineconeVectors::new("http://127.0.0.1:9", ApiKey::Known(KEY.into()), VERSION).unwrap();
    assert!(refused.with_patience(PATIENCE).known(&tenant(), &DocumentId::new("d1")).await.is_err());
}
