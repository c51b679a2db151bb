//! Finding passages by their words and by their meaning, and what both have in common, over the ports alone.
//!
//! It keeps nothing: text and vectors are in stores of their own, and what asks and what answers with passages is elsewhere.

pub mod fusion;
mod hybrid;
pub mod patience;
pub mod terms;
mod vector_index;

pub use hybrid::HybridPassages;
pub use vector_index::VectorIndex;
