//! Files on one machine: their handlers, and the tasks that ingest them.

use crate::embedded::ingestion::IngestionTasks;
use crate::embedded::objects::FileObjects;
use crate::embedded::sqlite::Store;
use crate::embedded::waiting::{Work, Worked};
use crate::gateway::Sockets;
use crate::handlers::Files;
use crate::handlers::ingest::{Ingest, IngestError};
use crate::handlers::notices::Notices;
use crate::ports::clock::Clock;
use crate::ports::documents::Document;
use crate::ports::extraction::Extractor;
use crate::ports::ids::Ids;
use crate::ports::passages::Passages;
use crate::ports::uploads::Quota;
use std::sync::Arc;

/// What files stand on.
pub(super) struct Ground {
    pub(super) store: Arc<Store>,
    pub(super) passages: Arc<dyn Passages>,
    pub(super) objects: Arc<FileObjects>,
    pub(super) sockets: Arc<Sockets>,
    pub(super) extractor: Arc<dyn Extractor>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Arc<dyn Ids>,
    pub(super) quota: Quota,
}

/// Starts to ingest whatever waits, too.
pub(super) fn files(ground: Ground) -> (Files, IngestionTasks) {
    let Ground { store, passages, objects, sockets, extractor, clock, ids, quota } = ground;
    let notices = Notices { register: sockets.clone(), connections: sockets };
    let ingest = Ingest {
        documents: store.clone(),
        passages: Arc::clone(&passages),
        objects: objects.clone(),
        extractor,
        notices: notices.clone(),
        clock: Arc::clone(&clock),
    };
    let ingestion = IngestionTasks::start(store.clone(), work(ingest));
    let files = Files {
        documents: store.clone(),
        uploads: store,
        passages,
        parts: Some(objects.clone()),
        objects,
        ingestion: Arc::new(ingestion.clone()),
        notices,
        clock,
        ids,
        quota,
    };
    (files, ingestion)
}

fn work(ingest: Ingest) -> Work<Document> {
    Arc::new(move |document| {
        let ingest = ingest.clone();
        Box::pin(async move {
            match ingest.run(document).await {
                Ok(()) => Worked::Done,
                Err(error @ IngestError::Overtaken) => {
                    tracing::debug!(%error, "ingestion begins anew");
                    Worked::Done
                }
                Err(error) => {
                    tracing::error!(%error, "a document could not be ingested for now");
                    metrics::counter!("viva_ingestions_put_off_total").increment(1);
                    Worked::Later
                }
            }
        })
    })
}
