//! The closed list of error codes. When each is sent is the business of whoever finds the error.

use std::str::FromStr;

use thiserror::Error;

words! {
    /// What went wrong.
    enum ErrorCode {
        /// The message is not a JSON object.
        MalformedJson = "malformed_json",
        /// The message's `type` is none that this server knows.
        UnknownType = "unknown_type",
        /// A field is missing, of the wrong kind, or out of its range.
        InvalidField = "invalid_field",
        /// The message is larger than 32,000 bytes.
        MessageTooLarge = "message_too_large",
        /// Too much in too short a time; again after `retryAfterMs`.
        RateLimited = "rate_limited",
        /// No token, or one that cannot be trusted.
        Unauthorized = "unauthorized",
        /// The token's time is over; `auth.refresh` with a new one.
        TokenExpired = "token_expired",
        /// The token does not allow this.
        Forbidden = "forbidden",
        /// No such session; for an interview whose start may be lost: send `seq` 1 again.
        SessionUnknown = "session_unknown",
        /// The session was started before, with other parameters.
        SessionExists = "session_exists",
        /// The session is over.
        SessionFinished = "session_finished",
        /// The same `seq` was stored before with other content.
        SeqConflict = "seq_conflict",
        /// Audio that begins before the end of what came earlier, or ends in the future; dropped.
        MediaTime = "media_time",
        /// Audio that cannot be decoded: base64, framing or packets.
        AudioInvalid = "audio_invalid",
        /// Audio in a codec, rate or number of channels that `interview.start` did not announce or the server cannot do.
        AudioCodec = "audio_codec",
        /// More than 1 s, or more than 20,000 bytes, of audio in one message.
        AudioTooLong = "audio_too_long",
        /// The recognizer does not know the language.
        LanguageUnsupported = "language_unsupported",
        /// No recognizer on this server; typed answers work.
        RecognizerUnavailable = "recognizer_unavailable",
        /// The recognizer broke down; typed answers work.
        RecognizerFailed = "recognizer_failed",
        /// More people speak at once than the recognizer takes; it is asked again by itself after `retryAfterMs`, and nothing said is lost.
        RecognizerBusy = "recognizer_busy",
        /// The text model broke down or took too long.
        ModelFailed = "model_failed",
        /// No such document, or none that the token opens.
        DocumentUnknown = "document_unknown",
        /// The document is not ready: it is still being read, or could not be.
        DocumentNotReady = "document_not_ready",
        /// The document holds no guide that can be followed.
        GuideInvalid = "guide_invalid",
        /// The rating was reviewed since it was seen.
        ReviewConflict = "review_conflict",
        /// No such turn, or its time is over.
        TurnUnknown = "turn_unknown",
        /// No such message or reply in the conversation.
        MessageUnknown = "message_unknown",
        /// The same id was used in the conversation before, for something else.
        MessageExists = "message_exists",
        /// As many replies of the conversation are due as may be; again when one is over.
        RepliesDue = "replies_due",
        /// This server has no chat.
        ChatUnavailable = "chat_unavailable",
        /// The server has no room to store more; nothing was stored.
        StorageFull = "storage_full",
        /// The server could not store the message; nothing was stored.
        StorageFailed = "storage_failed",
        /// A budget of the user, the tenant or the session is used up.
        BudgetExceeded = "budget_exceeded",
        /// The user has as many open sessions as are allowed.
        TooManySessions = "too_many_sessions",
        /// The user has as many connections as are allowed.
        TooManyConnections = "too_many_connections",
        /// The server is closing this connection; come again on another.
        GoingAway = "going_away",
        /// A fault of the server's own.
        Internal = "internal",
    }
}

impl ErrorCode {
    /// Whether sending the same again, later, may succeed: the default of `error.retryable`.
    ///
    /// For a numbered message `true` also says that nothing was stored; `false`, that the number is spent.
    pub const fn retryable(self) -> bool {
        match self {
            Self::RateLimited
            | Self::Unauthorized
            | Self::TokenExpired
            | Self::SessionUnknown
            | Self::StorageFull
            | Self::StorageFailed
            | Self::TooManySessions
            | Self::TooManyConnections
            | Self::GoingAway
            | Self::RecognizerBusy
            | Self::RepliesDue
            | Self::Internal => true,
            Self::MalformedJson
            | Self::UnknownType
            | Self::InvalidField
            | Self::MessageTooLarge
            | Self::Forbidden
            | Self::SessionExists
            | Self::SessionFinished
            | Self::SeqConflict
            | Self::MediaTime
            | Self::AudioInvalid
            | Self::AudioCodec
            | Self::AudioTooLong
            | Self::LanguageUnsupported
            | Self::RecognizerUnavailable
            | Self::RecognizerFailed
            | Self::ModelFailed
            | Self::TurnUnknown
            | Self::MessageUnknown
            | Self::MessageExists
            | Self::ChatUnavailable
            | Self::DocumentUnknown
            | Self::DocumentNotReady
            | Self::GuideInvalid
            | Self::ReviewConflict
            | Self::BudgetExceeded => false,
        }
    }
}

/// A word that is no error code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not an error code of protocol v1")]
pub struct ParseErrorCodeError;

impl FromStr for ErrorCode {
    type Err = ParseErrorCodeError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|code| code.as_str() == word).ok_or(ParseErrorCodeError)
    }
}
