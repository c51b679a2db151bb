//! Why a REST request was refused: problem details (RFC 9457), and the one mapping from the ports' errors to them.
//!
//! What an adapter said is logged here, once; a client is told a code, its title, and a sentence that is safe to show.

use crate::auth::AuthError;
use crate::ports::attempts::AttemptsError;
use crate::ports::documents::DocumentsError;
use crate::ports::evidence::EvidenceError;
use crate::ports::objects::{ObjectError, UploadError};
use crate::ports::passages::PassagesError;
use crate::ports::quizzes::QuizzesError;
use crate::ports::uploads::UploadsError;
use crate::quiz::analytics::AnalyticsError;
use crate::quiz::paper::PaperError;
use serde::Serialize;
use tokio::task::JoinError;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// The body of every refusal, as `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// `urn:viva:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// What the code means, the same each time.
    pub title: String,
    pub status: u16,
    /// What was wrong this time.
    pub detail: String,
    pub code: ProblemCode,
    /// How long to wait before the same is asked again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

macro_rules! problems {
    ($($(#[$doc:meta])* $code:ident = $word:literal, $status:literal, $title:literal;)*) => {
        /// What went wrong, for programs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
        pub enum ProblemCode {
            $($(#[$doc])* #[serde(rename = $word)] $code,)*
        }

        impl ProblemCode {
            pub const ALL: &'static [Self] = &[$(Self::$code),*];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$code => $word,)* }
            }

            /// The status of HTTP.
            pub const fn status(self) -> u16 {
                match self { $(Self::$code => $status,)* }
            }

            pub const fn title(self) -> &'static str {
                match self { $(Self::$code => $title,)* }
            }
        }
    };
}

/// By hand: the derived one does not see the words, which the macro hands on.
impl PartialSchema for ProblemCode {
    fn schema() -> RefOr<Schema> {
        let words = Self::ALL.iter().map(|code| code.as_str());
        let described =
            ObjectBuilder::new().schema_type(Type::String).description(Some("What went wrong, for programs."));
        described.enum_values(Some(words)).into()
    }
}

impl ToSchema for ProblemCode {}

problems! {
    Unauthorized = "unauthorized", 401, "The request needs a valid token";
    Forbidden = "forbidden", 403, "The token does not allow this";
    NotFound = "not_found", 404, "There is no such thing";
    MalformedRequest = "malformed_request", 400, "The request cannot be read";
    InvalidField = "invalid_field", 422, "A field is not as it must be";
    BodyTooLarge = "body_too_large", 413, "The request is too large";
    FileTooLarge = "file_too_large", 413, "The file is larger than files may be";
    UnsupportedKind = "unsupported_kind", 415, "Files of this kind are not read";
    QuotaExceeded = "quota_exceeded", 403, "The user has as much as one may have";
    IdempotencyConflict = "idempotency_conflict", 422, "Another request came with this idempotency key";
    UploadIncomplete = "upload_incomplete", 409, "The file has not come yet";
    UploadAborted = "upload_aborted", 409, "The upload was given up";
    UploadExpired = "upload_expired", 410, "The upload's time is over";
    DocumentDeleted = "document_deleted", 410, "The document was deleted";
    Conflict = "conflict", 409, "It has changed meanwhile";
    PreconditionRequired = "precondition_required", 428, "The request must say which version it changes";
    PreconditionFailed = "precondition_failed", 412, "It has changed since it was read";
    QuizAtWork = "quiz_at_work", 409, "The quiz's items are being made";
    NotPublishable = "not_publishable", 409, "The quiz is not fit to be published";
    ImportUnreadable = "import_unreadable", 422, "The file of questions cannot be read";
    AnswerMisfit = "answer_misfit", 422, "The answer is none to its item";
    AttemptsExhausted = "attempts_exhausted", 409, "There is no attempt left";
    AttemptClosed = "attempt_closed", 409, "The attempt is submitted";
    AttemptOpen = "attempt_open", 409, "The attempt is not submitted yet";
    TooManyRequests = "too_many_requests", 429, "Too much was asked in a short time";
    LinkInvalid = "link_invalid", 403, "The address is not valid";
    LinkExpired = "link_expired", 403, "The address has expired";
    LengthRequired = "length_required", 411, "The request must name its length";
    LengthMismatch = "length_mismatch", 400, "The length is not the one that was promised";
    ChecksumMismatch = "checksum_mismatch", 422, "The content is not the one that was promised";
    TooSlow = "too_slow", 408, "The file did not come in time";
    StorageFull = "storage_full", 507, "There is no room to store it";
    Unavailable = "unavailable", 503, "It does not work at the moment";
}

impl Problem {
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:viva:problem:{}", code.as_str()),
            title: code.title().to_owned(),
            status: code.status(),
            detail: detail.into(),
            code,
            retry_after_ms: None,
        }
    }

    pub(crate) fn field(name: &str, what: impl std::fmt::Display) -> Self {
        Self::new(ProblemCode::InvalidField, format!("{name}: {what}"))
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(ProblemCode::NotFound, format!("there is no such {what}, or it is not yours to see"))
    }

    fn unavailable(port: &str, detail: &str) -> Self {
        tracing::error!(port, detail, "a part of the server failed");
        Self { retry_after_ms: Some(RETRY_MS), ..Self::new(ProblemCode::Unavailable, "ask again in a moment") }
    }

    fn full() -> Self {
        tracing::error!("storage is full");
        Self { retry_after_ms: Some(RETRY_MS), ..Self::new(ProblemCode::StorageFull, "ask again later") }
    }
}

impl From<DocumentsError> for Problem {
    fn from(error: DocumentsError) -> Self {
        match error {
            DocumentsError::Unknown => Self::not_found("document"),
            DocumentsError::Deleted => Self::new(ProblemCode::DocumentDeleted, "upload the file anew"),
            DocumentsError::Stale => Self::new(ProblemCode::Conflict, "read the document again, then ask again"),
            DocumentsError::Cursor => cursor(),
            DocumentsError::Full => Self::full(),
            DocumentsError::Failed(detail) => Self::unavailable("documents", &detail),
        }
    }
}

impl From<QuizzesError> for Problem {
    fn from(error: QuizzesError) -> Self {
        match error {
            QuizzesError::Unknown => Self::not_found("quiz"),
            QuizzesError::Stale => Self::new(ProblemCode::PreconditionFailed, "read the quiz again, then ask again"),
            QuizzesError::Cursor => cursor(),
            QuizzesError::Full => Self::full(),
            QuizzesError::Failed(detail) => Self::unavailable("quizzes", &detail),
        }
    }
}

impl From<AttemptsError> for Problem {
    fn from(error: AttemptsError) -> Self {
        match error {
            AttemptsError::Unknown => Self::not_found("attempt"),
            AttemptsError::Stale => Self::new(ProblemCode::Conflict, "read the attempt again, then ask again"),
            AttemptsError::Closed => Self::new(ProblemCode::AttemptClosed, "its results can be read"),
            AttemptsError::Cursor => cursor(),
            AttemptsError::Full => Self::full(),
            AttemptsError::Failed(detail) => Self::unavailable("attempts", &detail),
        }
    }
}

impl From<EvidenceError> for Problem {
    fn from(error: EvidenceError) -> Self {
        match error {
            EvidenceError::Full => Self::full(),
            EvidenceError::Failed(detail) => Self::unavailable("evidence", &detail),
        }
    }
}

impl From<PaperError> for Problem {
    fn from(error: PaperError) -> Self {
        Self::unavailable("quizzes", &error.to_string())
    }
}

impl From<AnalyticsError> for Problem {
    fn from(error: AnalyticsError) -> Self {
        Self::unavailable("analytics", &error.to_string())
    }
}

/// What is computed beside all else broke off.
impl From<JoinError> for Problem {
    fn from(error: JoinError) -> Self {
        Self::unavailable("computing", &error.to_string())
    }
}

impl From<UploadsError> for Problem {
    fn from(error: UploadsError) -> Self {
        match error {
            UploadsError::Cursor => cursor(),
            UploadsError::Full => Self::full(),
            UploadsError::Failed(detail) => Self::unavailable("uploads", &detail),
        }
    }
}

impl From<PassagesError> for Problem {
    fn from(error: PassagesError) -> Self {
        match error {
            PassagesError::Full => Self::full(),
            PassagesError::Busy { .. } => Self::unavailable("passages", "busy"),
            PassagesError::Refused(detail) | PassagesError::Failed(detail) => Self::unavailable("passages", &detail),
        }
    }
}

impl From<ObjectError> for Problem {
    fn from(error: ObjectError) -> Self {
        match error {
            ObjectError::Full => Self::full(),
            ObjectError::NotFound => Self::not_found("file"),
            ObjectError::Key => Self::unavailable("objects", "a key of ours was refused"),
            ObjectError::Failed(detail) => Self::unavailable("objects", &detail),
        }
    }
}

impl From<UploadError> for Problem {
    fn from(error: UploadError) -> Self {
        let code = match error {
            UploadError::Forged => ProblemCode::LinkInvalid,
            UploadError::Expired => ProblemCode::LinkExpired,
            UploadError::Busy => {
                return Self {
                    retry_after_ms: Some(RETRY_MS),
                    ..Self::new(ProblemCode::Unavailable, error.to_string())
                };
            }
            UploadError::LengthMissing => ProblemCode::LengthRequired,
            UploadError::Length { .. } => ProblemCode::LengthMismatch,
            UploadError::Checksum => ProblemCode::ChecksumMismatch,
            UploadError::Object(error) => return error.into(),
        };
        Self::new(code, error.to_string())
    }
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Unavailable => Self {
                retry_after_ms: Some(RETRY_MS),
                ..Self::new(ProblemCode::Unavailable, "the token could not be checked; come again")
            },
            refused => {
                tracing::debug!(error = %refused, "a token was refused");
                Self::new(ProblemCode::Unauthorized, "the token is not valid, or has expired")
            }
        }
    }
}

/// Of a cursor that is none of ours.
pub(super) fn cursor() -> Problem {
    Problem::field("cursor", "it is not one that this server gave")
}

const RETRY_MS: u64 = 2_000;
