//! What Postgres keeps, through a pooler that hands out connections for one transaction at a time: summaries, reports and reviews; documents
//! and uploads; conversations; passages; quizzes, attempts and evidence.
//!
//! So nothing outlives a transaction here: no prepared statement, no setting of a session. Each request takes a role without rights of its
//! own and the claims of what it was asked for, and row-level security keeps it to them. Who may ask is the handlers' business.

mod attempts;
mod columns;
mod conversations;
mod database;
mod documents;
mod evidence;
pub mod migrate;
mod passages;
mod position;
mod quizzes;
mod reports;
mod request;
mod uploads;

pub use attempts::PostgresAttempts;
pub use conversations::PostgresConversations;
pub use database::Database;
pub use documents::PostgresDocuments;
pub use evidence::PostgresEvidence;
pub use passages::PostgresPassages;
pub use quizzes::PostgresQuizzes;
pub use reports::PostgresReports;
pub use uploads::PostgresUploads;
