//! Passages of documents: what chat and interviews search in, and what a citation opens.
//!
//! How a document is cut into passages is `ingest`'s business, who may search where, the handlers'.

use crate::ports::extraction::Locator;
use crate::ports::ids::{CourseId, DocumentId, TenantId};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Names a passage for good: document, the document's version, ordinal. The same text of the same version has the same id, however often
/// it is ingested.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PassageId(String);

impl PassageId {
    /// `ordinal` counts from 1.
    pub fn of(document: &DocumentId, version: u64, ordinal: u32) -> Self {
        Self(format!("{document}-{version}-{ordinal}"))
    }

    /// Takes what a client or a model says; a passage of that id need not exist.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Document, version and ordinal; `None` for what is no id of ours.
    pub fn parts(&self) -> Option<(DocumentId, u64, u32)> {
        let mut parts = self.0.rsplitn(3, '-');
        let ordinal = parts.next()?.parse().ok()?;
        let version = parts.next()?.parse().ok()?;
        let document = parts.next().filter(|document| !document.is_empty())?;
        Some((DocumentId::new(document), version, ordinal))
    }
}

impl fmt::Display for PassageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A piece of a document's text, long enough to answer a question and short enough to be quoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    pub document: DocumentId,
    /// The document's version that it was cut from.
    pub version: u64,
    /// Its place in the document: 1, 2, 3 …
    pub ordinal: u32,
    pub course: CourseId,
    /// The document's name, as people know it.
    pub name: String,
    pub text: String,
    pub locator: Locator,
}

impl Passage {
    pub fn id(&self) -> PassageId {
        PassageId::of(&self.document, self.version, self.ordinal)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassageQuery {
    pub tenant: TenantId,
    /// Only of these courses; none: nothing is found.
    pub courses: Vec<CourseId>,
    /// Only of these documents; `None`: of all in the courses.
    pub documents: Option<Vec<DocumentId>>,
    /// Free text, of any size and shape: a question, or words.
    pub text: String,
    pub limit: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    pub passage: Passage,
    /// Higher is better; comparable within one answer alone.
    pub score: f64,
    /// The cosine of question and passage, where an index of meanings found it: then it is about the question, whatever words it uses.
    pub similarity: Option<f32>,
}

/// What became of passages that were to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    Stored,
    /// The document was deleted, or has a newer version: nothing was changed.
    Late,
}

/// Contract: `put` is idempotent by id, and may bring a version in several parts; the first part of a newer version takes away all of
/// older ones. What was removed stays removed, whatever comes later. A search finds what was stored before it was asked; free text is
/// never an error and never a syntax.
#[async_trait]
pub trait Passages: Send + Sync {
    /// Whether [`Passages::finish`] takes its time, because passages are found by their meaning, too.
    fn embeds(&self) -> bool {
        false
    }

    /// All parts of that version were put: sees to it that a search finds them in every way there is. Idempotent; where it could not be done
    /// for now, what was done stays, and the passages are found by their words.
    async fn finish(&self, _: &TenantId, _: &DocumentId, _version: u64) -> Result<Put, PassagesError> {
        Ok(Put::Stored)
    }

    /// Passages of that version of one document.
    async fn put(
        &self,
        tenant: &TenantId,
        document: &DocumentId,
        version: u64,
        passages: Vec<Passage>,
    ) -> Result<Put, PassagesError>;

    /// The best first.
    async fn search(&self, query: &PassageQuery) -> Result<Vec<Hit>, PassagesError>;

    /// Those that exist, in the order asked for. Who may see them is for the caller to check, by their courses.
    async fn get(&self, tenant: &TenantId, ids: &[PassageId]) -> Result<Vec<Passage>, PassagesError>;

    /// A document's passages in its own order, from `from_ordinal` on.
    async fn read(
        &self,
        tenant: &TenantId,
        document: &DocumentId,
        from_ordinal: u32,
        limit: usize,
    ) -> Result<Vec<Passage>, PassagesError>;

    /// Removes all of a document for good. Idempotent.
    async fn remove(&self, tenant: &TenantId, document: &DocumentId) -> Result<(), PassagesError>;
}

#[derive(Debug, thiserror::Error)]
pub enum PassagesError {
    #[error("storage is full")]
    Full,
    /// Something that it depends on is overloaded, or not ready yet.
    #[error("the passages are not ready for now")]
    Busy { retry_after_ms: Option<u64> },
    /// The same text will not do better.
    #[error("what finds passages does not take this text: {0}")]
    Refused(String),
    #[error("the passages could not be read or written: {0}")]
    Failed(String),
}
