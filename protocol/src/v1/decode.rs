//! From bytes to messages and back. Decoding is total: any bytes give a message, or an error with a code and as much of
//! what it is about as could be read. Whether a message fits its session is not judged here.

use std::borrow::Cow;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use thiserror::Error;

use super::limits::{CONNECTION_MESSAGE_BYTES_MAX, ERROR_MESSAGE_CHARS_MAX, MESSAGE_BYTES_MAX};
use super::validate::{Invalid, validate};
use super::{Audio, ClientMessage, ErrorCode, Re, RequestId, ServerMessage, SessionId, UnknownMessage, server};

/// Bytes that are no message.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{code}: {message}")]
pub struct DecodeError {
    /// What is wrong.
    pub code: ErrorCode,
    /// For people. Safe to show to whoever sent the bytes, and to nobody else, since it may quote them.
    pub message: String,
    /// What the bytes are about, as far as that can be read.
    pub re: Re,
}

impl DecodeError {
    fn new(code: ErrorCode, message: impl Into<String>, re: Re) -> Self {
        let mut message: String = message.into();
        if let Some((at, _)) = message.char_indices().nth(ERROR_MESSAGE_CHARS_MAX) {
            message.truncate(at);
        }
        Self { code, message, re }
    }
}

impl From<DecodeError> for server::Error {
    fn from(error: DecodeError) -> Self {
        let DecodeError { code, message, re } = error;
        Self { code, message, retryable: code.retryable(), re, retry_after_ms: None }
    }
}

/// Reads one client message: size, shape, ids, ranges, lengths, base64.
pub fn decode_client(bytes: &[u8]) -> Result<ClientMessage, DecodeError> {
    if bytes.len() > MESSAGE_BYTES_MAX {
        return Err(too_large(bytes));
    }
    let (text, envelope, kind) = open(bytes)?;
    let refuse = |invalid: Invalid| DecodeError::new(invalid.code, invalid.to_string(), envelope.re());
    let message = if kind == "audio" {
        RawAudio::deserialize(&mut serde_json::Deserializer::from_str(text))
            .map_err(|error| bad_field(text, &error, &envelope, |body| RawAudio::deserialize(body).map(drop)))?
            .decode()
            .map_err(refuse)?
    } else {
        match ClientMessage::read(&kind, &mut serde_json::Deserializer::from_str(text)) {
            Some(Ok(message)) => message,
            Some(Err(error)) => {
                return Err(bad_field(text, &error, &envelope, |body| {
                    ClientMessage::read(&kind, body).map_or(Ok(()), |read| read.map(drop))
                }));
            }
            None => {
                let message = format!("`{}` is no type of protocol v1", kind.escape_debug());
                return Err(DecodeError::new(ErrorCode::UnknownType, message, envelope.re()));
            }
        }
    };
    validate(&message).map_err(refuse)?;
    Ok(message)
}

/// Reads one server message. A type that this version does not know gives [`ServerMessage::Unknown`].
pub fn decode_server(bytes: &[u8]) -> Result<ServerMessage, DecodeError> {
    let (text, envelope, kind) = open(bytes)?;
    match ServerMessage::read(&kind, &mut serde_json::Deserializer::from_str(text)) {
        Some(Ok(message)) => Ok(message),
        Some(Err(error)) => Err(bad_field(text, &error, &envelope, |body| {
            ServerMessage::read(&kind, body).map_or(Ok(()), |read| read.map(drop))
        })),
        None => {
            let Re { session, seq, .. } = envelope.re();
            Ok(ServerMessage::Unknown(UnknownMessage { kind: kind.into_owned(), session, seq }))
        }
    }
}

/// Writes one client message.
pub fn encode_client(message: &ClientMessage) -> String {
    serde_json::to_string(message).expect("a message holds nothing that JSON cannot")
}

/// Writes one server message.
pub fn encode_server(message: &ServerMessage) -> String {
    serde_json::to_string(message).expect("a message holds nothing that JSON cannot")
}

/// The first pass: is it a JSON object, what type is it, and what is it about?
fn open(bytes: &[u8]) -> Result<(&str, Envelope<'_>, Cow<'_, str>), DecodeError> {
    let malformed = |reason: &str, re| DecodeError::new(ErrorCode::MalformedJson, reason, re);
    let text = std::str::from_utf8(bytes).map_err(|_| malformed("the message is not UTF-8", Re::default()))?;
    let (envelope, read) = Envelope::read(text);
    if let Err(error) = read {
        let reason = if error.is_data() { "a message is a JSON object".to_owned() } else { error.to_string() };
        return Err(malformed(&reason, envelope.re()));
    }
    let invalid = |reason| DecodeError::new(ErrorCode::InvalidField, reason, envelope.re());
    if envelope.types_seen > 1 {
        return Err(invalid("type: it stands there twice"));
    }
    let kind = envelope.kind.ok_or_else(|| invalid("type: it is missing"))?;
    let kind = string(kind).ok_or_else(|| invalid("type: it is not a string"))?;
    Ok((text, envelope, kind))
}

fn too_large(bytes: &[u8]) -> DecodeError {
    let head = bytes.get(..CONNECTION_MESSAGE_BYTES_MAX).unwrap_or(bytes);
    let head = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default(),
    };
    let message = format!("the message has {} bytes, and {MESSAGE_BYTES_MAX} are allowed", bytes.len());
    DecodeError::new(ErrorCode::MessageTooLarge, message, Envelope::read(head).0.re())
}

/// Reads a body that failed once more, to name the field.
fn bad_field<'a>(
    text: &'a str,
    error: &serde_json::Error,
    envelope: &Envelope<'_>,
    read: impl FnOnce(
        serde_path_to_error::Deserializer<'_, '_, &mut serde_json::Deserializer<serde_json::de::StrRead<'a>>>,
    ) -> Result<(), serde_json::Error>,
) -> DecodeError {
    let mut body = serde_json::Deserializer::from_str(text);
    let mut track = serde_path_to_error::Track::new();
    let message = match read(serde_path_to_error::Deserializer::new(&mut body, &mut track)) {
        Err(error) => match track.path().to_string().as_str() {
            "." => error.to_string(),
            path => format!("{path}: {error}"),
        },
        Ok(()) => error.to_string(),
    };
    DecodeError::new(ErrorCode::InvalidField, message, envelope.re())
}

/// `audio` before its base64 is undone, so that undoing it is the only copy made, and its faults have codes of their own.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawAudio<'a> {
    session: SessionId,
    seq: u64,
    media_ms: u64,
    #[serde(borrow)]
    data: Cow<'a, str>,
}

impl RawAudio<'_> {
    fn decode(self) -> Result<ClientMessage, Invalid> {
        let Self { session, seq, media_ms, data } = self;
        let data = STANDARD
            .decode(data.as_bytes())
            .map_err(|error| Invalid::new(ErrorCode::AudioInvalid, "data", error.to_string()))?;
        Ok(ClientMessage::Audio(Audio { session, seq, media_ms, data: data.into() }))
    }
}

/// The fields by which a message is told and answered, each as it stands in the text.
#[derive(Default)]
struct Envelope<'a> {
    kind: Option<&'a RawValue>,
    id: Option<&'a RawValue>,
    session: Option<&'a RawValue>,
    seq: Option<&'a RawValue>,
    types_seen: u32,
}

impl<'a> Envelope<'a> {
    /// What was read before an error stays.
    fn read(text: &'a str) -> (Self, Result<(), serde_json::Error>) {
        let mut envelope = Self::default();
        let mut body = serde_json::Deserializer::from_str(text);
        let read = EnvelopeSeed(&mut envelope).deserialize(&mut body).and_then(|()| body.end());
        (envelope, read)
    }

    fn re(&self) -> Re {
        Re {
            id: self.id.and_then(string).and_then(|id| RequestId::new(id).ok()),
            session: self.session.and_then(string).and_then(|session| SessionId::new(session).ok()),
            seq: self.seq.and_then(|seq| serde_json::from_str(seq.get()).ok()).filter(|seq| *seq > 0),
        }
    }
}

fn string(raw: &RawValue) -> Option<Cow<'_, str>> {
    let inner = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        serde_json::from_str::<String>(raw.get()).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inner))
    }
}

struct EnvelopeSeed<'e, 'a>(&'e mut Envelope<'a>);

impl<'a> DeserializeSeed<'a> for EnvelopeSeed<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for EnvelopeSeed<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key()? {
            match key {
                Key::Type => {
                    self.0.kind = Some(map.next_value()?);
                    self.0.types_seen += 1;
                }
                Key::Id => self.0.id = Some(map.next_value()?),
                Key::Session => self.0.session = Some(map.next_value()?),
                Key::Seq => self.0.seq = Some(map.next_value()?),
                Key::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Key {
    Type,
    Id,
    Session,
    Seq,
    #[serde(other)]
    Other,
}
