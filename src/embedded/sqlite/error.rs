//! What can go wrong with the database, and how the ports' errors tell it. SQLite's own error type ends here.

use crate::ports::announcements::AnnounceError;
use crate::ports::attempts::AttemptsError;
use crate::ports::budgets::BudgetError;
use crate::ports::conversations::ConversationsError;
use crate::ports::documents::DocumentsError;
use crate::ports::evidence::EvidenceError;
use crate::ports::journal::{AppendError, JournalError, TakeError};
use crate::ports::passages::PassagesError;
use crate::ports::quizzes::QuizzesError;
use crate::ports::reports::ReportsError;
use crate::ports::uploads::UploadsError;

#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum DbError {
    #[error("storage is full")]
    Full,
    #[error("{0}")]
    Failed(String),
}

impl From<&rusqlite::Error> for DbError {
    fn from(error: &rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        Self::from(&error)
    }
}

impl From<serde_json::Error> for DbError {
    fn from(error: serde_json::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Errors of ports that tell a full disk from all else.
macro_rules! full_or_failed {
    ($($error:ty),+ $(,)?) => {
        $(
            impl From<DbError> for $error {
                fn from(error: DbError) -> Self {
                    match error {
                        DbError::Full => Self::Full,
                        DbError::Failed(message) => Self::Failed(message),
                    }
                }
            }
        )+
    };
}

full_or_failed!(
    AttemptsError,
    ConversationsError,
    DocumentsError,
    EvidenceError,
    JournalError,
    PassagesError,
    QuizzesError,
    UploadsError,
);

impl From<DbError> for TakeError {
    fn from(error: DbError) -> Self {
        Self::Journal(error.into())
    }
}

impl From<DbError> for AppendError {
    fn from(error: DbError) -> Self {
        Self::Journal(error.into())
    }
}

impl From<DbError> for ReportsError {
    fn from(error: DbError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<DbError> for AnnounceError {
    fn from(error: DbError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<DbError> for BudgetError {
    fn from(error: DbError) -> Self {
        Self::Failed(error.to_string())
    }
}
