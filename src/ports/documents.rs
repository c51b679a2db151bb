//! Documents: the files that people gave, and how far each has come on its way to being searchable.
//!
//! Bytes lie in [`Objects`](crate::ports::objects::Objects), text in [`Passages`](crate::ports::passages::Passages). Who may see or
//! change a document is the handlers' business.

use crate::ports::clock::UnixMs;
use crate::ports::ids::{CourseId, DocumentId, TenantId, UserId};
use crate::ports::objects::ObjectKey;
use async_trait::async_trait;

/// What names a document everywhere. Its course is a property: ids are unique in their tenant.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DocumentKey {
    pub tenant: TenantId,
    pub document: DocumentId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DocumentState {
    Uploaded,
    Checking,
    Extracting,
    Chunking,
    Embedding,
    Ready,
    Failed,
    /// It has pages and no text: a scan.
    NeedsOcr,
    Deleted,
}

impl DocumentState {
    pub const ALL: [Self; 9] = [
        Self::Uploaded,
        Self::Checking,
        Self::Extracting,
        Self::Chunking,
        Self::Embedding,
        Self::Ready,
        Self::Failed,
        Self::NeedsOcr,
        Self::Deleted,
    ];

    /// As it is stored and told.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Uploaded => "uploaded",
            Self::Checking => "checking",
            Self::Extracting => "extracting",
            Self::Chunking => "chunking",
            Self::Embedding => "embedding",
            Self::Ready => "ready",
            Self::Failed => "failed",
            Self::NeedsOcr => "needs_ocr",
            Self::Deleted => "deleted",
        }
    }

    pub fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether nothing more happens to the document by itself.
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Ready | Self::Failed | Self::NeedsOcr | Self::Deleted)
    }
}

/// The bytes of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Where they lie; never written again.
    pub object: ObjectKey,
    /// The file's name, as people know it.
    pub name: String,
    pub media_type: String,
    pub bytes: u64,
    /// Lower-case hexadecimal.
    pub sha256: String,
}

/// Why a document has no text for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub code: String,
    /// For whoever uploaded it.
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    pub key: DocumentKey,
    /// A private file's is the user.
    pub course: CourseId,
    /// Who uploaded the content that it has now: it counts against their quota, and they are told of its progress.
    pub owner: UserId,
    pub content: Content,
    pub state: DocumentState,
    /// Counts the contents: 1, and one more whenever the file is replaced.
    pub version: u64,
    /// Counts every change; what compare-and-set compares.
    pub revision: u64,
    /// How often ingestion of this version was begun.
    pub attempts: u32,
    pub failure: Option<Failure>,
    /// As the file names itself.
    pub title: Option<String>,
    pub pages: Option<u32>,
    pub passages: Option<u32>,
    /// Objects of earlier versions that are still to be removed.
    pub stale: Vec<ObjectKey>,
    pub created: UnixMs,
    pub updated: UnixMs,
}

/// A document that is not there yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDocument {
    pub key: DocumentKey,
    pub course: CourseId,
    pub owner: UserId,
    pub content: Content,
    pub at: UnixMs,
}

/// Another content for a document that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// Who uploaded it; the document is theirs from then on.
    pub owner: UserId,
    pub content: Content,
    pub at: UnixMs,
}

/// One step of a document's way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub state: DocumentState,
    pub attempts: u32,
    pub failure: Option<Failure>,
    pub title: Option<String>,
    pub pages: Option<u32>,
    pub passages: Option<u32>,
    pub stale: Vec<ObjectKey>,
    pub at: UnixMs,
}

impl Step {
    /// To `state`, with all else as it is.
    pub fn to(document: &Document, state: DocumentState, at: UnixMs) -> Self {
        let Document { attempts, failure, title, pages, passages, stale, .. } = document.clone();
        Self { state, attempts, failure, title, pages, passages, stale, at }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentQuery {
    pub tenant: TenantId,
    pub courses: Vec<CourseId>,
    /// Words that the name must contain, case folded.
    pub text: Option<String>,
    /// Opaque; from the previous page.
    pub cursor: Option<String>,
    pub limit: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentPage {
    /// Newest first; deleted ones are left out.
    pub documents: Vec<Document>,
    pub cursor: Option<String>,
}

/// What one user has stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    pub documents: u64,
    pub bytes: u64,
}

/// Contract: every change counts `revision` up by one and is made only where the caller has seen the newest. A deleted document stays as
/// a tombstone that neither `get` nor `list` shows, and that nothing brings back.
#[async_trait]
pub trait Documents: Send + Sync {
    /// In state `Uploaded`, version 1. Idempotent by key: what is there already is given back, unchanged.
    async fn create(&self, new: NewDocument) -> Result<Document, DocumentsError>;

    async fn get(&self, key: &DocumentKey) -> Result<Option<Document>, DocumentsError>;

    async fn list(&self, query: DocumentQuery) -> Result<DocumentPage, DocumentsError>;

    /// Takes one step, where the document is as it was seen at `revision`.
    async fn advance(&self, key: &DocumentKey, revision: u64, step: Step) -> Result<Document, DocumentsError>;

    /// Gives the document another content and the owner that comes with it, in one step: the next version, in state `Uploaded`. Idempotent
    /// by the content's object.
    async fn replace(
        &self,
        key: &DocumentKey,
        revision: u64,
        replacement: Replacement,
    ) -> Result<Document, DocumentsError>;

    /// Makes it a tombstone. Gives the tombstone, with what is still to be removed in `content` and `stale`; `None`: there was nothing, or
    /// all is removed already. Idempotent.
    async fn delete(&self, key: &DocumentKey, at: UnixMs) -> Result<Option<Document>, DocumentsError>;

    /// All of a deleted document is removed; the tombstone alone stays, without anything personal.
    async fn purged(&self, key: &DocumentKey) -> Result<(), DocumentsError>;

    /// Documents that somebody has to work on, longest waiting first: those that are not settled, and deleted ones that are not purged.
    async fn unfinished(&self, limit: usize) -> Result<Vec<Document>, DocumentsError>;

    async fn stored_by(&self, tenant: &TenantId, owner: &UserId) -> Result<Stored, DocumentsError>;
}

#[derive(Debug, thiserror::Error)]
pub enum DocumentsError {
    #[error("there is no such document")]
    Unknown,
    #[error("the document was deleted")]
    Deleted,
    /// Another was faster; read again.
    #[error("the document has changed meanwhile")]
    Stale,
    #[error("the cursor is not one of ours")]
    Cursor,
    #[error("storage is full")]
    Full,
    #[error("the documents could not be read or written: {0}")]
    Failed(String),
}
