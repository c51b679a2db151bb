//! A document's way through its embedding: put off and never lost while vectors cannot be made, and searchable by its words meanwhile.

use crate::embeddings_server::EmbeddingsServer;
use crate::knowledge_base_server::{BASE, KnowledgeBaseServer, SOURCE};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use viva::cloud::aws::Aws;
use viva::cloud::knowledge_base::KnowledgeBase;
use viva::config::limits::INGEST_ATTEMPTS_MAX;
use viva::config::{EmbeddingsConfig, Environment};
use viva::embedded::embeddings::ServerEmbeddings;
use viva::embedded::extraction::{ExtractionLimits, ProcessExtractor};
use viva::embedded::objects::FileObjects;
use viva::embedded::sqlite::Store;
use viva::embedded::system::SystemClock;
use viva::gateway::Sockets;
use viva::handlers::ingest::{Ingest, IngestError};
use viva::handlers::notices::Notices;
use viva::ports::clock::UnixMs;
use viva::ports::documents::{Content, DocumentKey, DocumentState, Documents, NewDocument};
use viva::ports::ids::{CourseId, DocumentId, TenantId, UserId};
use viva::ports::objects::{ObjectKey, Objects};
use viva::ports::passages::{PassageQuery, Passages, PassagesError};
use viva::ports::vectors::Vectors;
use viva::retrieval::patience::Patience;
use viva::retrieval::{HybridPassages, VectorIndex};

const PATIENCE: Patience = Patience { attempts_max: 2, wait_ms: 1, wait_ms_max: 100, attempt_ms_max: 20_000 };

struct World {
    store: Arc<Store>,
    objects: Arc<FileObjects>,
    server: EmbeddingsServer,
    _folder: TempDir,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            store: Store::open(folder.path(), Arc::new(SystemClock)).unwrap(),
            objects: Arc::new(FileObjects::open(folder.path(), Arc::new(SystemClock)).unwrap()),
            server: EmbeddingsServer::start(256).await,
            _folder: folder,
        }
    }

    fn passages(&self, model: &str) -> Arc<dyn Passages> {
        let environment =
            Environment::from([("VIVA_EMBEDDINGS_URL", self.server.url.as_str()), ("VIVA_EMBEDDINGS_MODEL", model)]);
        let embeddings = ServerEmbeddings::new(&EmbeddingsConfig::read(&environment).unwrap()).unwrap();
        let index = VectorIndex::new(Arc::new(embeddings.with_patience(PATIENCE)), self.store.clone(), 0.25);
        Arc::new(HybridPassages::new(self.store.clone(), Arc::new(index)))
    }

    fn ingest(&self, model: &str) -> Ingest {
        self.ingest_into(self.passages(model))
    }

    fn ingest_into(&self, passages: Arc<dyn Passages>) -> Ingest {
        let sockets = Sockets::new();
        let viva = Path::new(env!("CARGO_BIN_EXE_viva")).to_owned();
        Ingest {
            documents: self.store.clone(),
            passages,
            objects: self.objects.clone(),
            extractor: Arc::new(ProcessExtractor::new(viva, ExtractionLimits::default())),
            notices: Notices { register: sockets.clone(), connections: sockets },
            clock: Arc::new(SystemClock),
        }
    }

    async fn uploaded(&self, text: &str) -> DocumentKey {
        let object = ObjectKey("uploads/d1/1".into());
        self.objects.put(&object, "text/markdown", text.to_owned().into()).await.unwrap();
        let key = DocumentKey { tenant: tenant(), document: DocumentId::new("d1") };
        let content = Content {
            object,
            name: "notes.md".into(),
            media_type: "text/markdown".into(),
            bytes: text.len() as u64,
            sha256: Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect(),
        };
        let (course, owner) = (CourseId::new("c1"), UserId::new("ada"));
        let new = NewDocument { key: key.clone(), course, owner, content, at: UnixMs(1) };
        self.store.create(new).await.unwrap();
        key
    }

    async fn run(&self, ingest: &Ingest, key: &DocumentKey) -> Result<(), IngestError> {
        let document = Documents::get(&*self.store, key).await.unwrap().unwrap();
        ingest.run(document).await
    }

    async fn state(&self, key: &DocumentKey) -> (DocumentState, u32) {
        let document = Documents::get(&*self.store, key).await.unwrap().unwrap();
        (document.state, document.attempts)
    }
}

fn tenant() -> TenantId {
    TenantId::new("school")
}

async fn found(passages: &dyn Passages, text: &str) -> usize {
    let query = PassageQuery {
        tenant: tenant(),
        courses: vec![CourseId::new("c1")],
        documents: None,
        text: text.into(),
        limit: 5,
    };
    passages.search(&query).await.unwrap().len()
}

const TEXT: &str = "# Cars\n\nAn automobile needs a driver. A physician helps.\n";

#[tokio::test]
async fn a_document_waits_for_its_vectors_and_is_found_by_its_words_meanwhile() {
    let world = World::new().await;
    let (ingest, key) = (world.ingest("small"), world.uploaded(TEXT).await);
    world.server.set_down(true);
    for _ in 0..5 {
        let put_off = world.run(&ingest, &key).await.unwrap_err();
        assert!(matches!(put_off, IngestError::Passages(_)), "{put_off}");
        assert_eq!(world.state(&key).await, (DocumentState::Embedding, 0), "that is no fault of the document's");
    }
    assert_eq!(found(&*ingest.passages, "automobile").await, 1);
    assert_eq!(found(&*ingest.passages, "doctors").await, 0);
    world.server.set_down(false);
    world.run(&ingest, &key).await.unwrap();
    assert_eq!(world.state(&key).await.0, DocumentState::Ready);
    assert_eq!(found(&*ingest.passages, "doctors").await, 1, "in other words, too");
}

#[tokio::test]
async fn a_document_that_the_knowledge_base_refuses_for_good_fails_after_a_few_attempts() {
    let (world, server) = (World::new().await, KnowledgeBaseServer::start(0).await);
    let of_emulator = [("AWS_REGION", "us-east-1"), ("AWS_ACCESS_KEY_ID", "emulator"), ("AWS_SECRET_ACCESS_KEY", "x")];
    let mut environment = Environment::from(of_emulator);
    environment.set("AWS_ENDPOINT_URL", server.url.as_str());
    let aws = Aws::of_function(&environment).unwrap();
    let base = KnowledgeBase::new(&aws, BASE, SOURCE, 0.25).unwrap().with_patience(PATIENCE);
    let ingest = world.ingest_into(Arc::new(HybridPassages::new(world.store.clone(), Arc::new(base))));
    let key = world.uploaded(TEXT).await;
    // What passes does not count, in whatever order it comes.
    server.refuse([(429, "ThrottlingException"); 2]);
    assert!(world.run(&ingest, &key).await.is_err());
    assert_eq!(world.state(&key).await, (DocumentState::Embedding, 0));
    server.set_indigestible("automobile");
    for attempt in 1..=INGEST_ATTEMPTS_MAX {
        let refused = world.run(&ingest, &key).await.unwrap_err();
        assert!(matches!(refused, IngestError::Passages(PassagesError::Refused(_))), "{refused}");
        assert_eq!(world.state(&key).await, (DocumentState::Embedding, attempt));
    }
    world.run(&ingest, &key).await.unwrap();
    let document = Documents::get(&*world.store, &key).await.unwrap().unwrap();
    let failure = document.failure.unwrap();
    assert_eq!((document.state, failure.code.as_str()), (DocumentState::Failed, "broken"));
    assert!(failure.reason.contains("preparing its text for the search has failed several times"), "{failure:?}");
    assert_eq!(found(&*ingest.passages, "automobile").await, 1, "by its words");
    assert_eq!(world.store.unfinished(10).await.unwrap(), [], "nobody tries again");
}

#[tokio::test]
async fn what_is_embedded_is_not_embedded_again() {
    let world = World::new().await;
    let passages = world.passages("small");
    let (ingest, key) = (world.ingest("small"), world.uploaded(TEXT).await);
    world.run(&ingest, &key).await.unwrap();
    let asked = world.server.asked().len();
    for _ in 0..3 {
        passages.finish(&tenant(), &key.document, 1).await.unwrap();
    }
    assert_eq!(world.server.asked().len(), asked);
}

#[tokio::test]
async fn another_model_embeds_anew_and_compares_nothing_of_the_one_before() {
    let world = World::new().await;
    let (ingest, key) = (world.ingest("small"), world.uploaded(TEXT).await);
    world.run(&ingest, &key).await.unwrap();
    let other = world.passages("large");
    assert_eq!(found(&*other, "drivers of automobiles").await, 1, "by its words");
    assert_eq!(found(&*other, "doctors").await, 0);
    let unembedded = world.store.unembedded("large", 10).await.unwrap();
    assert_eq!(unembedded, [(tenant(), key.document.clone(), 1)]);
    assert_eq!(world.store.unembedded("small", 10).await.unwrap(), []);
    let before = Vectors::known(&*world.store, &tenant(), &key.document).await.unwrap();
    other.finish(&tenant(), &key.document, 1).await.unwrap();
    assert_eq!(world.store.unembedded("large", 10).await.unwrap(), []);
    assert_eq!(found(&*other, "doctors").await, 1);
    assert_eq!(found(&*world.passages("small"), "doctors").await, 0);
    let after = Vectors::known(&*world.store, &tenant(), &key.document).await.unwrap();
    assert!(before.len() == 1 && after.len() == 1 && before != after, "{before:?} {after:?}");
}

#[tokio::test]
async fn vectors_go_with_their_document() {
    let world = World::new().await;
    let (ingest, key) = (world.ingest("small"), world.uploaded(TEXT).await);
    world.run(&ingest, &key).await.unwrap();
    Documents::delete(&*world.store, &key, UnixMs(9)).await.unwrap();
    let deleted = world.store.unfinished(10).await.unwrap().pop().unwrap();
    ingest.run(deleted).await.unwrap();
    assert_eq!(Vectors::known(&*world.store, &tenant(), &key.document).await.unwrap(), []);
    assert_eq!(found(&*ingest.passages, "automobile").await, 0);
}
