//! Why a message was refused, in the protocol's words, and the one mapping from the ports' errors to them.
//!
//! What an adapter said is logged here, once; a client is told the code and a sentence that is safe to show.

use crate::auth::AuthError;
use crate::ports::budgets::BudgetError;
use crate::ports::evidence::EvidenceError;
use crate::ports::feed::FeedError;
use crate::ports::journal::JournalError;
use crate::ports::objects::ObjectError;
use crate::ports::register::RegisterError;
use crate::ports::reports::ReportsError;
use crate::ports::workers::StartError;
use protocol::v1::{self, ErrorCode, Re};

/// A refusal before it is told what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: ErrorCode,
    pub(crate) message: String,
    pub(crate) retry_after_ms: Option<u64>,
}

impl Refusal {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), retry_after_ms: None }
    }

    pub(crate) fn after_ms(mut self, retry_after_ms: u64) -> Self {
        self.retry_after_ms = Some(retry_after_ms);
        self
    }

    pub(crate) fn session_unknown() -> Self {
        Self::new(ErrorCode::SessionUnknown, "there is no such session")
    }

    pub(crate) fn session_finished() -> Self {
        Self::new(ErrorCode::SessionFinished, "the interview is over")
    }

    pub(crate) fn into_error(self, re: Re) -> v1::Error {
        let Self { code, message, retry_after_ms } = self;
        v1::Error { code, message, retryable: code.retryable(), re, retry_after_ms }
    }
}

impl From<FeedError> for Refusal {
    fn from(error: FeedError) -> Self {
        match error {
            FeedError::Full => storage_full(),
            FeedError::Deleted => Self::session_unknown(),
            FeedError::Exceeded => {
                Self::new(ErrorCode::BudgetExceeded, "as much has been said in this interview as one may hold")
            }
            FeedError::TooFarAhead { through_seq } => {
                Self::new(ErrorCode::InvalidField, format!("seq: it lies too far beyond {through_seq}"))
            }
            FeedError::Failed(detail) => storage_failed("feed", &detail),
        }
    }
}

impl From<JournalError> for Refusal {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::Full => storage_full(),
            JournalError::Deleted | JournalError::Unknown => Self::session_unknown(),
            JournalError::Failed(detail) => storage_failed("journal", &detail),
        }
    }
}

impl From<ReportsError> for Refusal {
    fn from(error: ReportsError) -> Self {
        match error {
            ReportsError::Cursor => Self::new(ErrorCode::InvalidField, "cursor: it is not one that this server gave"),
            ReportsError::Failed(detail) => storage_failed("reports", &detail),
        }
    }
}

impl From<EvidenceError> for Refusal {
    fn from(error: EvidenceError) -> Self {
        match error {
            EvidenceError::Full => storage_full(),
            EvidenceError::Failed(detail) => storage_failed("evidence", &detail),
        }
    }
}

impl From<BudgetError> for Refusal {
    fn from(BudgetError::Failed(detail): BudgetError) -> Self {
        storage_failed("budgets", &detail)
    }
}

impl From<RegisterError> for Refusal {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::TooMany => {
                Self::new(ErrorCode::TooManySessions, "this connection is bound to as many sessions as it may be")
            }
            RegisterError::Failed(detail) => storage_failed("register", &detail),
        }
    }
}

impl From<ObjectError> for Refusal {
    fn from(error: ObjectError) -> Self {
        match error {
            ObjectError::Full => storage_full(),
            ObjectError::NotFound | ObjectError::Key => {
                tracing::error!(%error, "an object that should be there is not");
                Self::new(ErrorCode::Internal, "the recording could not be reached")
            }
            ObjectError::Failed(detail) => storage_failed("objects", &detail),
        }
    }
}

impl From<StartError> for Refusal {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Full => {
                Self::new(ErrorCode::TooManySessions, "as many interviews are live here as there may be")
                    .after_ms(BUSY_RETRY_MS)
            }
            StartError::Failed(detail) => {
                tracing::error!(detail, "a worker could not be started");
                Self::new(ErrorCode::Internal, "the interview could not be started").after_ms(BUSY_RETRY_MS)
            }
        }
    }
}

impl From<AuthError> for Refusal {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Expired => Self::new(ErrorCode::TokenExpired, "the token has expired; send auth.refresh"),
            AuthError::Invalid | AuthError::NotYet | AuthError::Claim(_) | AuthError::Anonymous => {
                Self::new(ErrorCode::Unauthorized, error.to_string())
            }
            AuthError::Unavailable => {
                Self::new(ErrorCode::Internal, "the token could not be checked; send it again").after_ms(BUSY_RETRY_MS)
            }
        }
    }
}

fn storage_full() -> Refusal {
    tracing::error!("storage is full");
    Refusal::new(ErrorCode::StorageFull, "there is no room to store it; keep it and send it again")
        .after_ms(STORAGE_RETRY_MS)
}

fn storage_failed(port: &str, detail: &str) -> Refusal {
    tracing::error!(port, detail, "storage failed");
    Refusal::new(ErrorCode::StorageFailed, "it could not be stored; keep it and send it again")
        .after_ms(STORAGE_RETRY_MS)
}

const STORAGE_RETRY_MS: u64 = 2_000;
const BUSY_RETRY_MS: u64 = 5_000;
