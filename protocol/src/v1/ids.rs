//! Ids and language tags: strings whose shape is checked once, when they are made.
//!
//! Whether an id names anything, and who may use it, is not judged here.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use thiserror::Error;

use super::limits::{ID_CHARS_MAX, LANGUAGE_CHARS_MAX};

/// A string is not of the shape that its type asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum IdError {
    /// An id is 1 to 64 of `A-Z a-z 0-9 _ -`.
    #[error("an id is 1 to 64 of the characters A-Z a-z 0-9 _ -")]
    Id,
    /// A language is a BCP 47 tag.
    #[error("a language is a BCP 47 tag such as en-US")]
    Language,
}

macro_rules! checked_string {
    ($(#[$meta:meta])* $name:ident, $check:ident, $error:ident, $pattern:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[serde(transparent)]
        pub struct $name(Box<str>);

        impl $name {
            /// What the string must match.
            pub const PATTERN: &'static str = $pattern;

            /// Checks the shape.
            pub fn new(text: impl Into<String>) -> Result<Self, IdError> {
                let text = text.into();
                if $check(&text) { Ok(Self(text.into_boxed_str())) } else { Err(IdError::$error) }
            }

            /// The string.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(checked: $name) -> String {
                checked.0.into_string()
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.try_into().map_err(serde::de::Error::custom)
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "pattern": $pattern })
            }
        }
    };
}

checked_string!(
    /// A session, named by the client and unique for its user.
    SessionId, is_id, Id, "^[A-Za-z0-9_-]{1,64}$"
);
checked_string!(
    /// A request, named by the client: its answer carries it.
    RequestId, is_id, Id, "^[A-Za-z0-9_-]{1,64}$"
);
checked_string!(
    /// A user, as the token's subject names them.
    UserId, is_id, Id, "^[A-Za-z0-9_-]{1,64}$"
);
checked_string!(
    /// A course.
    CourseId, is_id, Id, "^[A-Za-z0-9_-]{1,64}$"
);
checked_string!(
    /// A document of a course.
    DocumentId, is_id, Id, "^[A-Za-z0-9_-]{1,64}$"
);
checked_string!(
    /// A quiz of a course.
    QuizId, is_id, Id, "^[A-Za-z0-9_-]{1,64}$"
);
checked_string!(
    /// A message of a conversation, named by the client and unique in it.
    MessageId, is_id, Id, "^[A-Za-z0-9_-]{1,64}$"
);
checked_string!(
    /// A reply of a conversation, named by the server.
    ReplyId, is_id, Id, "^[A-Za-z0-9_-]{1,64}$"
);
checked_string!(
    /// A BCP 47 language tag, such as `en-US`: letters, then parts of letters and digits, 35 characters at most.
    Language, is_language, Language, "^(?=.{2,35}$)[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"
);

fn is_id(text: &str) -> bool {
    (1..=ID_CHARS_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

fn is_language(text: &str) -> bool {
    if text.len() > LANGUAGE_CHARS_MAX {
        return false;
    }
    let mut parts = text.split('-');
    let primary = parts.next().unwrap_or_default();
    (2..=8).contains(&primary.len())
        && primary.bytes().all(|byte| byte.is_ascii_alphabetic())
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}
