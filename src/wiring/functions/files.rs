//! What functions need of files: where they are listed, where they lie, what they are found by, and who reads them.

use crate::config::{Environment, FilesConfig};
use crate::embedded::system::RandomIds;
use crate::handlers::Files;
use crate::handlers::files::Arrivals;
use crate::handlers::ingest::Ingest;
use crate::handlers::notices::Notices;
use crate::lambda::ingest::IngestFiles;
use crate::lambda::rest::ServeRest;
use crate::ports::passages::Passages;
use crate::wiring::functions::stack::Stack;
use crate::wiring::functions::{clock, retrieval};
use crate::wiring::{WiringError, extractor};
use std::sync::Arc;

pub fn files(environment: &Environment) -> Result<ServeRest, WiringError> {
    let stack = Stack::read(environment)?;
    let passages = retrieval::passages(&stack, environment)?;
    Ok(ServeRest::files(handlers(&stack, environment, passages)?))
}

pub fn ingest(environment: &Environment) -> Result<IngestFiles, WiringError> {
    let stack = Stack::read(environment)?;
    let files = handlers(&stack, environment, retrieval::passages(&stack, environment)?)?;
    let ingest = Ingest {
        documents: Arc::clone(&files.documents),
        passages: Arc::clone(&files.passages),
        objects: Arc::clone(&files.objects),
        extractor: extractor(&FilesConfig::read(environment)?)?,
        notices: files.notices.clone(),
        clock: clock(),
    };
    Ok(IngestFiles { arrivals: Arrivals { files, ingest }, clock: clock() })
}

pub(super) fn handlers(
    stack: &Stack,
    environment: &Environment,
    passages: Arc<dyn Passages>,
) -> Result<Files, WiringError> {
    let objects = Arc::new(stack.uploaded()?);
    Ok(Files {
        documents: Arc::new(stack.documents()?),
        uploads: Arc::new(stack.uploads()?),
        passages,
        parts: Some(objects.clone()),
        objects,
        ingestion: Arc::new(stack.ingestion()?),
        notices: Notices { register: Arc::new(stack.register()?), connections: Arc::new(stack.connections()?) },
        clock: clock(),
        ids: Arc::new(RandomIds),
        quota: FilesConfig::read(environment)?.quota(),
    })
}
