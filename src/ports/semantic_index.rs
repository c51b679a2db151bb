//! Passages by what they mean, whatever words they say it in: an index beside their text.

use crate::ports::ids::{DocumentId, TenantId};
use crate::ports::passages::{Passage, PassageQuery, PassagesError};
use crate::ports::vectors::Near;
use async_trait::async_trait;

/// Contract: an index of text that is kept elsewhere. What it finds is held against that text, so that it may tell of passages that do not
/// count any more; it never tells of another tenant's.
#[async_trait]
pub trait SemanticIndex: Send + Sync {
    /// The document's passages are these and no others, and a search finds them when this returns. Idempotent: what is held already is not
    /// made again, so that what broke off goes on where it was. None: all of the document is removed.
    async fn set(&self, tenant: &TenantId, document: &DocumentId, passages: &[Passage]) -> Result<(), PassagesError>;

    /// Whether what was found was made of this text: an index that shows changes late may still know what the passage said before.
    fn is_made_of(&self, _near: &Near, _passage: &Passage) -> bool {
        true
    }

    /// The nearest first.
    async fn nearest(&self, query: &PassageQuery) -> Result<Vec<Near>, PassagesError>;
}
