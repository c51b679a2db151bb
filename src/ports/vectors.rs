//! Where the vectors of passages are kept and compared. Their text is [`Passages`](crate::ports::passages::Passages)' business, and so is what
//! of them counts.

use crate::ports::ids::{CourseId, DocumentId, TenantId};
use crate::ports::passages::{PassageId, PassagesError};
use async_trait::async_trait;

/// A vector's place, and what it was made of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VectorKey {
    pub document: DocumentId,
    pub version: u64,
    pub ordinal: u32,
    /// Digest of text and model, lower-case hexadecimal: another text or another model is another vector.
    pub fingerprint: String,
}

impl VectorKey {
    pub fn passage(&self) -> PassageId {
        PassageId::of(&self.document, self.version, self.ordinal)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct PassageVector {
    pub key: VectorKey,
    pub course: CourseId,
    /// Of length 1.
    pub values: Vec<f32>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct VectorQuery {
    pub tenant: TenantId,
    /// Only of these courses; none: nothing is found.
    pub courses: Vec<CourseId>,
    /// Only of these documents; `None`: of all in the courses.
    pub documents: Option<Vec<DocumentId>>,
    /// The model that `values` and what they are compared with are of.
    pub model: String,
    pub values: Vec<f32>,
    pub limit: usize,
    /// Cosines below are not told.
    pub similarity_min: f32,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Near {
    pub passage: PassageId,
    /// −1 to 1.
    pub similarity: f32,
    /// As of [`VectorKey`]; `None` where the index does not know what it holds.
    pub fingerprint: Option<String>,
}

/// Contract: everything is idempotent. A store may show late what was put or removed; [`Vectors::shows`] tells. Vectors of passages that do not
/// count any more may be found, since who asks holds them against the text.
#[async_trait]
pub trait Vectors: Send + Sync {
    /// The vectors of a document, of whatever version and model.
    async fn known(&self, tenant: &TenantId, document: &DocumentId) -> Result<Vec<VectorKey>, PassagesError>;

    async fn put(&self, tenant: &TenantId, model: &str, vectors: Vec<PassageVector>) -> Result<(), PassagesError>;

    async fn remove(&self, tenant: &TenantId, keys: &[VectorKey]) -> Result<(), PassagesError>;

    /// Whether a search finds it.
    async fn shows(&self, tenant: &TenantId, key: &VectorKey) -> Result<bool, PassagesError>;

    /// The nearest first.
    async fn nearest(&self, query: &VectorQuery) -> Result<Vec<Near>, PassagesError>;
}
