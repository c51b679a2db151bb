//! The macro by which every message and body is declared, so that derives, naming and the rule "an optional field is
//! absent, never null" stand in one place. It holds no message itself.

use serde::{Deserialize, Deserializer};

/// Declares wire structs. The word before `struct` says which envelope comes first:
///
/// - `plain`: none
/// - `request`: `id`
/// - `numbered`: `session` and the client's `seq`
/// - `durable`: `session`, the server's `seq`, and optionally `mediaMs`
/// - `ephemeral`: `session` and `epoch`
///
/// Fields under `optional` become `Option<T>`: left out when `None`, and refused when `null`.
macro_rules! wire {
    ($(#[$meta:meta])* request struct $name:ident { $($required:tt)* } $(optional { $($optional:tt)* })?) => {
        wire! {
            $(#[$meta])* plain struct $name {
                /// The client's name for this request; the answer carries it.
                id: $crate::v1::RequestId,
                $($required)*
            } $(optional { $($optional)* })?
        }
    };
    ($(#[$meta:meta])* numbered struct $name:ident { $($required:tt)* } $(optional { $($optional:tt)* })?) => {
        wire! {
            $(#[$meta])* plain struct $name {
                /// The session this belongs to.
                session: $crate::v1::SessionId,
                /// The client's number of this message in the session: 1, 2, 3, … without a gap.
                #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 9007199254740991u64)))]
                seq: u64,
                $($required)*
            } $(optional { $($optional)* })?
        }
    };
    ($(#[$meta:meta])* durable struct $name:ident { $($required:tt)* } $(optional { $($optional:tt)* })?) => {
        wire! {
            $(#[$meta])* plain struct $name {
                /// The session this belongs to.
                session: $crate::v1::SessionId,
                /// The server's number of this event in the session: 1, 2, 3, … without a gap.
                seq: u64,
                $($required)*
            } optional {
                /// The position in the audio at which this happened, where that is known.
                media_ms: u64,
                $($($optional)*)?
            }
        }
    };
    ($(#[$meta:meta])* ephemeral struct $name:ident { $($required:tt)* } $(optional { $($optional:tt)* })?) => {
        wire! {
            $(#[$meta])* plain struct $name {
                /// The session this belongs to.
                session: $crate::v1::SessionId,
                /// The worker that said it: a client drops what a lower epoch says.
                epoch: u32,
                $($required)*
            } $(optional { $($optional)* })?
        }
    };
    (
        $(#[$meta:meta])* plain struct $name:ident {
            $($(#[$field_meta:meta])* $field:ident : $type:ty),* $(,)?
        } $(optional {
            $($(#[$optional_meta:meta])* $optional:ident : $optional_type:ty),* $(,)?
        })?
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
            $($(
                $(#[$optional_meta])*
                #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::v1::shape::present")]
                pub $optional: Option<$optional_type>,
            )*)?
        }
    };
}

/// Declares a closed set of words.
macro_rules! words {
    ($(#[$meta:meta])* enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum $name {
            $($(#[$variant_meta])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// Every word of the set, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

/// Declares the enum of all messages in one direction: serialization by tag, and a typed second pass for the decoder.
macro_rules! messages {
    (
        $(#[$meta:meta])* enum $name:ident { $($type:literal => $variant:ident),* $(,)? }
        $(unknown { $(#[$unknown_meta:meta])* $unknown:ident($unknown_type:ty) })?
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize)]
        #[serde(tag = "type")]
        pub enum $name {
            $(#[doc = concat!("`", $type, "`")] #[serde(rename = $type)] $variant($variant),)*
            $($(#[$unknown_meta])* #[serde(untagged)] $unknown($unknown_type),)?
        }

        impl $name {
            /// The `type` of every message in this direction, in the order of declaration.
            pub const TYPES: &'static [&'static str] = &[$($type),*];

            /// The `type` on the wire.
            pub fn kind(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $type,)*
                    $(Self::$unknown(unknown) => <$unknown_type>::kind(unknown),)?
                }
            }

            /// Reads the body of a message whose `type` is known; `None` for an unknown type.
            pub(crate) fn read<'de, D>(kind: &str, body: D) -> Option<Result<Self, D::Error>>
            where
                D: serde::Deserializer<'de>,
            {
                match kind {
                    $($type => Some(<$variant as serde::Deserialize>::deserialize(body).map(Self::$variant)),)*
                    _ => None,
                }
            }

            /// The JSON Schema of each message's body, without its `type`, in the order of [`Self::TYPES`].
            #[cfg(feature = "schema")]
            pub fn body_schemas(
                generator: &mut schemars::SchemaGenerator,
            ) -> Vec<(&'static str, &'static str, schemars::Schema)> {
                vec![$(($type, stringify!($variant), <$variant as schemars::JsonSchema>::json_schema(generator))),*]
            }
        }

        $(impl From<$variant> for $name {
            fn from(message: $variant) -> Self {
                Self::$variant(message)
            }
        })*
    };
}

/// Reads an optional field that is there: `null` is not a value of `T`, and so is refused.
pub(crate) fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}
