//! Texts as vectors, near each other where the texts mean something alike.
//!
//! What is done with the vectors, and which texts are worth one, is the business of `retrieval`.

use async_trait::async_trait;

/// What a text is to be compared as: some models want to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Kept, to be found; whoever ingests it is patient.
    Passage,
    /// A question that somebody waits for the answer of.
    Query,
}

/// Contract: a vector for each text, in their order, each of length 1, all of as many dimensions. The same text gives the same vector, but for
/// rounding. A text beyond [`EMBEDDING_TEXT_CHARS_MAX`](crate::config::limits::EMBEDDING_TEXT_CHARS_MAX) is cut there; of texts there may be
/// any number up to [`EMBEDDING_TEXTS_MAX`](crate::config::limits::EMBEDDING_TEXTS_MAX), whatever a server takes at once. What is throttled is
/// tried again, longer for a passage than for a query. Dropping the future ends the requests.
#[async_trait]
pub trait Embeddings: Send + Sync {
    /// Names the model and whatever else its vectors depend on. Vectors of different names are never compared.
    fn model(&self) -> &str;

    async fn embed(&self, purpose: Purpose, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbeddingsError>;
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmbeddingsError {
    /// Throttled or overloaded.
    #[error("the embeddings' server is busy")]
    Busy { retry_after_ms: Option<u64> },
    /// It cannot be reached, broke off, or answers what makes no sense.
    #[error("no embeddings for now: {0}")]
    Failed(String),
    /// The same request will not do better: a key, a model or an address is wrong.
    #[error("the embeddings' server refuses: {0}")]
    Refused(String),
}

/// Makes a vector's length 1. `None` for one that has no direction, or whose numbers are none.
pub fn normalised(mut vector: Vec<f32>) -> Option<Vec<f32>> {
    let length = vector.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>().sqrt();
    if !length.is_finite() || length <= f64::from(f32::EPSILON) {
        return None;
    }
    for x in &mut vector {
        *x = (f64::from(*x) / length) as f32;
    }
    Some(vector)
}
