//! The roles that the outside world plays for viva: one trait per role, its contract in its doc comment, its value types beside it.
//!
//! No adapter and no SDK type is named here. Every trait has one contract suite in `tests/contract`, run against each adapter.

pub mod announcements;
pub mod attempts;
pub mod budgets;
pub mod clock;
pub mod connections;
pub mod conversations;
pub mod documents;
pub mod embeddings;
pub mod evidence;
pub mod extraction;
pub mod feed;
pub mod ids;
pub mod ingestion;
pub mod journal;
pub mod key_source;
pub mod metering;
pub mod objects;
pub mod passages;
pub mod quiz_making;
pub mod quizzes;
pub mod recognizer;
pub mod register;
pub mod reports;
pub mod semantic_index;
pub mod text_model;
pub mod uploads;
pub mod vectors;
pub mod workers;
