//! The service's exceptions, as a response and as a message in mid-stream.

use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use bytes::Bytes;
use serde_json::json;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    BadRequest,
    LimitExceeded,
    InternalFailure,
    Conflict,
    ServiceUnavailable,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::BadRequest => "BadRequestException",
            Self::LimitExceeded => "LimitExceededException",
            Self::InternalFailure => "InternalFailureException",
            Self::Conflict => "ConflictException",
            Self::ServiceUnavailable => "ServiceUnavailableException",
        }
    }

    pub(super) fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::LimitExceeded => 429,
            Self::InternalFailure => 500,
            Self::Conflict => 409,
            Self::ServiceUnavailable => 503,
        }
    }

    fn message(self) -> &'static str {
        match self {
            Self::BadRequest => "Your request was not valid.",
            Self::LimitExceeded => "You have reached your limit of concurrent streams.",
            Self::InternalFailure => "A problem occurred while processing the audio.",
            Self::Conflict => "A new stream started with the same session ID. The current stream has been terminated.",
            Self::ServiceUnavailable => "The service is currently unavailable. Try your request later.",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Exception {
    pub(super) kind: Kind,
    pub(super) message: String,
}

impl From<Kind> for Exception {
    fn from(kind: Kind) -> Self {
        Self { kind, message: kind.message().into() }
    }
}

impl Exception {
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self { kind: Kind::BadRequest, message: message.into() }
    }

    pub(super) fn body(&self) -> Bytes {
        json!({ "Message": self.message }).to_string().into()
    }

    pub(super) fn in_stream(&self) -> Message {
        Message::new(self.body())
            .add_header(text(":exception-type", self.kind.name()))
            .add_header(text(":content-type", "application/json"))
            .add_header(text(":message-type", "exception"))
    }
}

pub(super) fn text(name: &'static str, value: &'static str) -> Header {
    Header::new(name, HeaderValue::String(value.into()))
}
