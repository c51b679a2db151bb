//! Files that have come, as the store that took them tells it: twice, late, in any order, and of files that nobody asked for. And documents
//! that somebody asks to be worked on, or that stand still.
//!
//! An upload whose file is there is completed by that, whether or not its client says so. What belongs to no upload and no document goes
//! away again. Where events come from is not known here; what becomes of a document is `ingest`'s business.

use super::Files;
use super::uploads::upload_of;
use crate::config::limits::{INGEST_LIVE_MS, INGEST_WAITING_MS, INGESTIONS_SWEPT_MAX};
use crate::handlers::ingest::{Ingest, IngestError};
use crate::handlers::problem::Problem;
use crate::ports::clock::UnixMs;
use crate::ports::documents::{Document, DocumentKey, DocumentState, DocumentsError, NewDocument, Replacement};
use crate::ports::objects::{ObjectError, ObjectKey};
use crate::ports::uploads::{Upload, UploadState, UploadsError};

/// Ingestion by events.
#[derive(Clone, Debug)]
pub struct Arrivals {
    pub files: Files,
    pub ingest: Ingest,
}

/// What came of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worked {
    /// The document went as far as it goes.
    Done,
    /// There was nothing to do.
    Nothing,
    /// Another works on it, or has changed it meanwhile: whoever did sees to the rest.
    Elsewhere,
}

impl Worked {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Nothing => "nothing",
            Self::Elsewhere => "elsewhere",
        }
    }
}

/// Why an event is to come again.
#[derive(Debug, thiserror::Error)]
pub enum ArrivalError {
    #[error(transparent)]
    Ingest(#[from] IngestError),
    #[error(transparent)]
    Documents(#[from] DocumentsError),
    #[error(transparent)]
    Uploads(#[from] UploadsError),
    #[error(transparent)]
    Objects(#[from] ObjectError),
    /// It has been told.
    #[error("uploads whose time is over could not be forgotten")]
    Sweep,
}

impl From<Problem> for ArrivalError {
    fn from(_: Problem) -> Self {
        Self::Sweep
    }
}

impl Arrivals {
    /// An object was stored.
    pub async fn arrived(&self, object: &ObjectKey) -> Result<Worked, ArrivalError> {
        let Some((key, upload)) = upload_of(object) else {
            tracing::warn!("an object came that is no upload's; it is left where it is");
            return Ok(Worked::Nothing);
        };
        let upload = self.files.uploads.get(&key.tenant, &upload).await?;
        let pending = upload.filter(|upload| upload.state == UploadState::Pending && upload.content.object == *object);
        if let Some(upload) = pending
            && let Some(document) = self.complete(&upload).await?
        {
            return self.work(document).await;
        }
        match self.files.documents.get(&key).await? {
            Some(document) if document.content.object == *object => self.work(document).await,
            Some(document) if document.stale.contains(object) => self.work(document).await,
            Some(_) | None => {
                tracing::info!("a file came that no document has; it goes away again");
                self.files.objects.delete(object).await?;
                Ok(Worked::Nothing)
            }
        }
    }

    /// Somebody asks for a document, which was there when they asked.
    pub async fn asked(&self, key: &DocumentKey) -> Result<Worked, ArrivalError> {
        if let Some(document) = self.files.documents.get(key).await? {
            return self.work(document).await;
        }
        // What was there and is there no more was deleted; what is left of it stands on its tombstone.
        match self.files.documents.delete(key, self.files.clock.now()).await? {
            Some(tombstone) => self.work(tombstone).await,
            None => Ok(Worked::Nothing),
        }
    }

    /// Asks for documents that stand still, and forgets uploads whose time is over. How many documents there were.
    pub async fn sweep(&self) -> Result<usize, ArrivalError> {
        let now = self.files.clock.now();
        let unfinished = self.files.documents.unfinished(INGESTIONS_SWEPT_MAX).await?;
        let still: Vec<_> = unfinished.iter().filter(|document| stands_still(document, now)).collect();
        for document in &still {
            self.files.ingestion.start(&document.key).await;
        }
        self.files.sweep_uploads().await?;
        Ok(still.len())
    }

    async fn work(&self, document: Document) -> Result<Worked, ArrivalError> {
        if is_settled(&document) {
            return Ok(Worked::Nothing);
        }
        if is_worked_on(&document, self.files.clock.now()) {
            return Ok(Worked::Elsewhere);
        }
        match self.ingest.run(document).await {
            Ok(()) => Ok(Worked::Done),
            Err(IngestError::Overtaken) => Ok(Worked::Elsewhere),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes a document of an upload whose file is there, as its owner was allowed to when it began. `None`: it is not to be one any more.
    async fn complete(&self, upload: &Upload) -> Result<Option<Document>, ArrivalError> {
        let meta = self.files.objects.meta(&upload.content.object).await?;
        if meta.is_none_or(|meta| meta.bytes != upload.content.bytes) {
            return Ok(None);
        }
        let document = match self.document_of(upload).await {
            Ok(document) => document,
            Err(DocumentsError::Deleted | DocumentsError::Unknown) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let settled = self.files.uploads.settle(&upload.tenant, &upload.upload, UploadState::Completed).await?;
        if settled == Some(UploadState::Aborted) && !upload.replaces {
            self.files.bury_aborted(&document.key).await?;
            return Ok(None);
        }
        self.files.notices.document(&document).await;
        Ok(Some(document))
    }

    async fn document_of(&self, upload: &Upload) -> Result<Document, DocumentsError> {
        let (documents, at) = (&self.files.documents, self.files.clock.now());
        let (key, owner, content) = (upload.document_key(), upload.owner.clone(), upload.content.clone());
        if !upload.replaces {
            let course = upload.course.clone();
            return documents.create(NewDocument { key, course, owner, content, at }).await;
        }
        let replacement = Replacement { owner, content, at };
        loop {
            let before = documents.get(&key).await?.ok_or(DocumentsError::Deleted)?;
            match documents.replace(&key, before.revision, replacement.clone()).await {
                // It moved on by itself; the next look sees how.
                Err(DocumentsError::Stale) => tokio::task::yield_now().await,
                replaced => return replaced,
            }
        }
    }
}

/// Nothing more happens to it. A tombstone that is shown is one of which something is left.
fn is_settled(document: &Document) -> bool {
    document.state.is_settled() && document.state != DocumentState::Deleted
}

/// Somebody has begun with it, and may still be alive.
fn is_worked_on(document: &Document, now: UnixMs) -> bool {
    let has_begun = !matches!(document.state, DocumentState::Uploaded | DocumentState::Deleted);
    has_begun && now.since_ms(document.updated) < INGEST_LIVE_MS
}

/// Nobody has begun with it although it has waited, or whoever began is gone.
fn stands_still(document: &Document, now: UnixMs) -> bool {
    now.since_ms(document.updated) >= INGEST_WAITING_MS && !is_worked_on(document, now)
}
