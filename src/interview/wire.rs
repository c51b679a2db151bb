//! The interview's own words ↔ the wire's (`protocol::v1`), and the stored form of its events. Every field is taken apart by name, so that
//! a new one on either side does not compile until it is mapped. Nothing is decided here.

mod event;
mod guide;
mod params;
mod replay;
mod report;
mod reviews;
mod stored;
mod view;

pub use event::event_message;
pub use params::{model, params_from, params_to, recognizer, said};
pub use replay::replay;
pub use report::{report, usage};
pub use reviews::{rating_of, rating_reviewed, reviews, with_reviews};
pub use stored::{StoredEventError, decode_event, encode_event};
pub use view::{CursorError, Detail, session_detail};

use crate::interview::Event;
use crate::interview::effect::Rejection;
use crate::ports::ids::SessionKey;
use protocol::v1;
use std::sync::Arc;

/// The wire's name of a session.
pub fn session_id(key: &SessionKey) -> v1::SessionId {
    v1::SessionId::new(key.session.as_str()).expect("a session's id was checked when it came")
}

/// A message as text, made once however often it is sent.
pub fn text(message: &v1::ServerMessage) -> Arc<str> {
    v1::encode_server(message).into()
}

/// The wire message of an event.
pub fn event_text(session: &v1::SessionId, seq: u64, event: &Event) -> Arc<str> {
    text(&event_message(session, seq, event))
}

/// The wire message of a stored event.
pub fn stored_text(key: &SessionKey, seq: u64, stored: &str) -> Result<Arc<str>, StoredEventError> {
    Ok(event_text(&session_id(key), seq, &decode_event(stored)?))
}

/// The worker's epoch as the wire counts it.
pub fn epoch(epoch: u64) -> u32 {
    u32::try_from(epoch).unwrap_or(u32::MAX)
}

pub fn error_code(rejection: Rejection) -> v1::ErrorCode {
    match rejection {
        Rejection::TurnUnknown => v1::ErrorCode::TurnUnknown,
        Rejection::InvalidField => v1::ErrorCode::InvalidField,
        Rejection::SessionFinished => v1::ErrorCode::SessionFinished,
        Rejection::LanguageUnsupported => v1::ErrorCode::LanguageUnsupported,
        Rejection::RecognizerUnavailable => v1::ErrorCode::RecognizerUnavailable,
        Rejection::RecognizerFailed => v1::ErrorCode::RecognizerFailed,
        Rejection::RecognizerBusy => v1::ErrorCode::RecognizerBusy,
        Rejection::ModelFailed => v1::ErrorCode::ModelFailed,
        Rejection::BudgetExceeded => v1::ErrorCode::BudgetExceeded,
    }
}
