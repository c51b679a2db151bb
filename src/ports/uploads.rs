//! Uploads: files that are on their way, from the permission to send one until it is a document.
//!
//! Where the bytes go is [`Objects`](crate::ports::objects::Objects)' business; an upload only says which bytes were promised.

use crate::ports::clock::UnixMs;
use crate::ports::documents::{Content, DocumentKey, Stored};
use crate::ports::ids::{CourseId, DocumentId, TenantId, UploadId, UserId};
use async_trait::async_trait;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UploadState {
    /// The bytes may come until it expires.
    Pending,
    /// It is a document.
    Completed,
    /// It was given up.
    Aborted,
}

impl UploadState {
    pub const ALL: [Self; 3] = [Self::Pending, Self::Completed, Self::Aborted];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Completed => "completed",
            Self::Aborted => "aborted",
        }
    }

    pub fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    pub tenant: TenantId,
    pub upload: UploadId,
    pub owner: UserId,
    pub course: CourseId,
    /// The document that it will be, or whose content it will replace.
    pub document: DocumentId,
    pub replaces: bool,
    pub content: Content,
    pub state: UploadState,
    pub created: UnixMs,
    pub expires: UnixMs,
}

impl Upload {
    pub fn document_key(&self) -> DocumentKey {
        DocumentKey { tenant: self.tenant.clone(), document: self.document.clone() }
    }
}

/// What makes a repeated request the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// The client's, unique for its user while the upload is kept.
    pub key: String,
    /// Tells requests of the same key from each other.
    pub fingerprint: String,
}

/// What one user may have; uploads that are pending count as if they were documents, theirs already where they replace another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    pub documents_max: u64,
    pub bytes_max: u64,
    pub pending_max: u64,
}

impl Quota {
    /// What there is no room for.
    pub fn exceeded_by(&self, upload: &Upload, in_use: &InUse) -> Option<Exceeded> {
        let InUse { pending, stored, has_document } = *in_use;
        if pending >= self.pending_max {
            Some(Exceeded::Pending)
        } else if !has_document && stored.documents >= self.documents_max {
            Some(Exceeded::Documents)
        } else if stored.bytes.saturating_add(upload.content.bytes) > self.bytes_max {
            Some(Exceeded::Bytes)
        } else {
            None
        }
    }
}

/// What its owner has when an upload begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InUse {
    /// Uploads.
    pub pending: u64,
    /// Documents, and what is pending as if it were one.
    pub stored: Stored,
    /// Whether the document that the upload replaces is among them, so that it is no further one.
    pub has_document: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Began {
    New(Upload),
    /// The same request came before; this is what it made.
    Same(Upload),
    /// Another request came with the same key.
    Conflict,
    /// Nothing was stored; this is what the user has.
    Exceeded {
        exceeded: Exceeded,
        stored: Stored,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exceeded {
    Documents,
    Bytes,
    Pending,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadQuery {
    pub tenant: TenantId,
    pub owner: UserId,
    /// Opaque; from the previous page.
    pub cursor: Option<String>,
    pub limit: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UploadPage {
    /// Newest first; only pending ones.
    pub uploads: Vec<Upload>,
    pub cursor: Option<String>,
}

/// Contract: of many that begin at once, no more are admitted than the quota has room for. An upload leaves `Pending` once and never comes
/// back to it.
#[async_trait]
pub trait Uploads: Send + Sync {
    async fn begin(
        &self,
        upload: Upload,
        idempotency: Option<Idempotency>,
        quota: &Quota,
    ) -> Result<Began, UploadsError>;

    async fn get(&self, tenant: &TenantId, upload: &UploadId) -> Result<Option<Upload>, UploadsError>;

    async fn list(&self, query: UploadQuery) -> Result<UploadPage, UploadsError>;

    /// From `Pending` to `to`. Gives the state that it is in then: another's, where that was faster.
    async fn settle(
        &self,
        tenant: &TenantId,
        upload: &UploadId,
        to: UploadState,
    ) -> Result<Option<UploadState>, UploadsError>;

    /// Those that expired before `now`, whatever their state.
    async fn expired(&self, now: UnixMs, limit: usize) -> Result<Vec<Upload>, UploadsError>;

    /// Idempotent.
    async fn forget(&self, tenant: &TenantId, upload: &UploadId) -> Result<(), UploadsError>;
}

#[derive(Debug, thiserror::Error)]
pub enum UploadsError {
    #[error("the cursor is not one of ours")]
    Cursor,
    #[error("storage is full")]
    Full,
    #[error("the uploads could not be read or written: {0}")]
    Failed(String),
}
