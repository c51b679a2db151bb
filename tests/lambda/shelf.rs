//! Files on a stage: the function that serves them, the function that ingests them, with the readers of its own program, and what each of
//! the two was told.

use crate::asking::{json_of, request};
use crate::rig::{Stage, ann, clock, event, invocation, speaker};
use async_trait::async_trait;
use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use viva::auth::Identity;
use viva::embedded::extraction::{ExtractionLimits, ProcessExtractor};
use viva::embedded::system::RandomIds;
use viva::handlers::Files;
use viva::handlers::files::Arrivals;
use viva::handlers::ingest::Ingest;
use viva::handlers::notices::Notices;
use viva::lambda::Function as _;
use viva::lambda::ingest::IngestFiles;
use viva::lambda::rest::ServeRest;
use viva::ports::documents::DocumentKey;
use viva::ports::ids::{DocumentId, TenantId, UploadId};
use viva::ports::ingestion::{IngestOrder, Ingestion};
use viva::ports::objects::{ObjectKey, Objects as _, UploadDoor as _};
use viva::ports::uploads::{Quota, Uploads};

const QUEUE: &str = include_str!("events/queue.json");
const STORED: &str = include_str!("events/stored.json");

pub(crate) const TORTS: &[u8] =
    b"# Torts\n\nA tort is a civil wrong.\n\n## Negligence\n\nA duty of care is owed to neighbours.\n";

/// The documents that were asked for, in order.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    pub(crate) asked: Mutex<Vec<DocumentKey>>,
}

#[async_trait]
impl Ingestion for Orders {
    async fn start(&self, key: &DocumentKey) {
        self.asked.lock().unwrap().push(key.clone());
    }
}

pub(crate) struct Shelf {
    pub(crate) stage: Stage,
    pub(crate) orders: Arc<Orders>,
    pub(crate) files: ServeRest,
    pub(crate) ingest: IngestFiles,
}

impl Shelf {
    pub(crate) fn new() -> Self {
        let (stage, orders) = (Stage::new(), Arc::<Orders>::default());
        let files = Files {
            documents: stage.store.clone(),
            uploads: stage.store.clone(),
            passages: stage.store.clone(),
            objects: stage.objects.clone(),
            parts: None,
            ingestion: orders.clone(),
            notices: Notices { register: stage.register.clone(), connections: stage.clients.clone() },
            clock: clock(),
            ids: Arc::new(RandomIds),
            quota: Quota { documents_max: 10, bytes_max: 1 << 20, pending_max: 5 },
        };
        let reader = PathBuf::from(env!("CARGO_BIN_EXE_ingest"));
        let ingest = Ingest {
            documents: stage.store.clone(),
            passages: stage.store.clone(),
            objects: stage.objects.clone(),
            extractor: Arc::new(ProcessExtractor::new(reader, ExtractionLimits::default())),
            notices: files.notices.clone(),
            clock: clock(),
        };
        let ingest = IngestFiles { arrivals: Arrivals { files: files.clone(), ingest }, clock: clock() };
        Self { stage, orders, files: ServeRest::files(files), ingest }
    }

    /// Status and JSON of the answer; null for none.
    pub(crate) async fn ask(&self, who: &Identity, method: &str, path: &str, body: Value) -> (u64, Value) {
        let answer = self.answer(&speaker(who), method, path, &body.to_string()).await;
        (answer["statusCode"].as_u64().unwrap(), json_of(&answer))
    }

    pub(crate) async fn answer(&self, speaker: &str, method: &str, path: &str, body: &str) -> Value {
        let request = serde_json::from_value(request(speaker, method, path, body)).unwrap();
        self.files.call(request, invocation()).await.unwrap()
    }

    /// Ann's upload of a file, whose bytes have come.
    pub(crate) async fn sent(&self, name: &str, content: &'static [u8]) -> Value {
        let sha256: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
        let wanted = json!({ "name": name, "bytes": content.len(), "sha256": sha256 });
        let (status, ticket) = self.ask(&ann(), "POST", "/api/uploads", wanted).await;
        assert_eq!(status, 201, "{ticket}");
        let url = ticket["send"]["url"].as_str().unwrap();
        let token = url.rsplit('/').next().unwrap();
        let mut incoming = self.stage.objects.open(token, Some(content.len() as u64)).await.unwrap();
        incoming.write(Bytes::from_static(content)).await.unwrap();
        incoming.finish().await.unwrap();
        ticket["upload"].clone()
    }

    /// Where an upload's file lies.
    pub(crate) async fn object(&self, upload: &Value) -> ObjectKey {
        let id = UploadId::new(upload["id"].as_str().unwrap());
        let found = Uploads::get(&*self.stage.store, &TenantId::new("school"), &id).await.unwrap();
        found.expect("the upload").content.object
    }

    /// What S3 tells of an object, through the queue; which messages failed.
    pub(crate) async fn arrives(&self, object: &ObjectKey) -> Value {
        self.message(&STORED.replace("KEY", &object.0.replace('~', "%7E"))).await
    }

    pub(crate) async fn message(&self, body: &str) -> Value {
        let message = event(QUEUE, &[("MESSAGE", "m1"), ("BODY", body)]);
        self.ingest.call(message, invocation()).await.unwrap()
    }

    /// What another function asks for.
    pub(crate) async fn order(&self, document: &str) -> Value {
        let key = document_key(document);
        let order = serde_json::to_value(IngestOrder::of(&key)).unwrap();
        self.ingest.call(serde_json::from_value(order).unwrap(), invocation()).await.unwrap()
    }

    pub(crate) async fn document(&self, id: &str) -> (u64, Value) {
        self.ask(&ann(), "GET", &format!("/api/documents/{id}"), Value::Null).await
    }

    pub(crate) async fn has(&self, object: &ObjectKey) -> bool {
        self.stage.objects.meta(object).await.unwrap().is_some()
    }
}

pub(crate) fn document_key(id: &str) -> DocumentKey {
    DocumentKey { tenant: TenantId::new("school"), document: DocumentId::new(id) }
}
