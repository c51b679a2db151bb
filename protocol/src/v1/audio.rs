//! How audio lies in a message: base64, and Opus packets with their lengths. Nothing is decoded to samples here.

use bytes::{BufMut, Bytes, BytesMut};
use thiserror::Error;

/// Audio bytes that are not a sequence of packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PacketError {
    /// A length announces more bytes than follow, or half a length stands at the end.
    #[error("the packets' lengths do not add up to the data")]
    Truncated,
    /// A packet without a byte.
    #[error("a packet is empty")]
    Empty,
}

/// Takes `opus` data apart into its packets: each has its length before it as a big-endian u16.
pub fn split_packets(data: &Bytes) -> Result<Vec<Bytes>, PacketError> {
    let mut packets = Vec::new();
    let mut at = 0;
    while at < data.len() {
        let length = data.get(at..at + 2).ok_or(PacketError::Truncated)?;
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        at += 2;
        if length == 0 {
            return Err(PacketError::Empty);
        }
        if at + length > data.len() {
            return Err(PacketError::Truncated);
        }
        packets.push(data.slice(at..at + length));
        at += length;
    }
    Ok(packets)
}

/// Puts packets together, each with its length before it. Packets over 65,535 bytes do not exist in Opus.
pub fn join_packets<'a>(packets: impl IntoIterator<Item = &'a [u8]>) -> Bytes {
    let mut data = BytesMut::new();
    for packet in packets {
        let length = u16::try_from(packet.len()).expect("an Opus packet is at most 61,298 bytes long");
        data.put_u16(length);
        data.put_slice(packet);
    }
    data.freeze()
}

/// Bytes as padded base64 (RFC 4648 section 4), for serde.
pub(crate) mod base64_text {
    use std::borrow::Cow;

    use base64::Engine;
    use base64::display::Base64Display;
    use base64::engine::general_purpose::STANDARD;
    use bytes::Bytes;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(data: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Base64Display::new(data, &STANDARD))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        STANDARD.decode(text.as_bytes()).map(Bytes::from).map_err(serde::de::Error::custom)
    }

    #[cfg(feature = "schema")]
    pub(crate) fn schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "contentEncoding": "base64",
            "pattern": "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
            "minLength": 4,
            "maxLength": 26_668,
        })
    }
}
