//! What Transcribe's exceptions, and failures on the way to it, mean to whoever waits for words.
//!
//! Its own messages go to the log and no further: they may name accounts and roles.

use crate::ports::recognizer::RecognizerError;
use aws_sdk_transcribestreaming::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_transcribestreaming::operation::start_stream_transcription::StartStreamTranscriptionError as Start;
use aws_sdk_transcribestreaming::types::error::TranscriptResultStreamError as Within;

/// The stream was refused.
pub(super) fn at_start<R>(error: SdkError<Start, R>) -> RecognizerError
where
    R: std::fmt::Debug,
{
    let SdkError::ServiceError(refused) = &error else { return on_the_way(&error) };
    let refusal = refused.err();
    tracing::warn!(code = refusal.code(), message = refusal.message(), "Transcribe refused a stream");
    match refusal {
        // Asked for again it would be refused again: a vocabulary that is not there, a language that cannot be redacted.
        Start::BadRequestException(_) => RecognizerError::Unavailable("Transcribe takes no such request".into()),
        Start::LimitExceededException(_) => RecognizerError::Busy,
        Start::ConflictException(_) => failed("another stream took this one's place"),
        Start::InternalFailureException(_) => failed("Transcribe broke down"),
        Start::ServiceUnavailableException(_) => failed("Transcribe cannot be had at the moment"),
        other => match other.code() {
            Some("ThrottlingException" | "TooManyRequestsException") => RecognizerError::Busy,
            Some("AccessDeniedException") => RecognizerError::Unavailable("Transcribe may not be used".into()),
            // New ones are taken for the next attempt.
            Some("ExpiredTokenException" | "ExpiredToken") => failed("the credentials for Transcribe have expired"),
            _ => failed("Transcribe refused the stream"),
        },
    }
}

/// The stream broke off.
pub(super) fn within<R>(error: SdkError<Within, R>) -> RecognizerError
where
    R: std::fmt::Debug,
{
    let SdkError::ServiceError(broken) = &error else { return on_the_way(&error) };
    let exception = broken.err();
    tracing::warn!(%exception, message = exception.message(), "Transcribe ended a stream");
    match exception {
        Within::BadRequestException(_) if exception.message().is_some_and(|message| message.contains(TIMED_OUT)) => {
            failed("Transcribe waited for audio in vain")
        }
        Within::BadRequestException(_) => failed("Transcribe does not take the audio"),
        Within::LimitExceededException(_) => RecognizerError::Busy,
        Within::ConflictException(_) => failed("another stream took this one's place"),
        Within::InternalFailureException(_) => failed("Transcribe broke down"),
        Within::ServiceUnavailableException(_) => failed("Transcribe cannot be had at the moment"),
        _ => failed("Transcribe ended the stream"),
    }
}

fn on_the_way<E, R>(error: &SdkError<E, R>) -> RecognizerError
where
    E: std::error::Error + 'static,
    R: std::fmt::Debug,
{
    tracing::warn!(error = %aws_sdk_transcribestreaming::error::DisplayErrorContext(error), "no way to Transcribe");
    match error {
        SdkError::ConstructionFailure(_) => failed("Transcribe could not be asked"),
        SdkError::TimeoutError(_) => failed("Transcribe does not answer"),
        _ => failed("the connection to Transcribe broke"),
    }
}

pub(super) fn failed(why: &str) -> RecognizerError {
    RecognizerError::Failed(why.to_owned())
}

/// Of the message that goes with 15 s without audio.
const TIMED_OUT: &str = "no new audio was received";
