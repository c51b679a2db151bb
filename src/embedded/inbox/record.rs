//! The bytes of an inbox file: one record after another, each with a mark, a checksum, its length, kind, number and media time.
//!
//! Only encoding and decoding; no file is touched here. A record is written once and never changed.

use crate::config::limits::INBOX_RECORD_BYTES_MAX;
use crate::ports::feed::Entry;
use bytes::Bytes;

/// What stands in a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stored {
    Entry(Entry),
    /// Every number from the record's own through this one was declared lost.
    LostThrough(u64),
}

/// A record's place in its line and in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    pub(super) seq: u64,
    pub(super) stored: Stored,
    /// Bytes in the file, header included.
    pub(super) bytes: usize,
}

/// The code of entries that were declared lost.
pub(super) const INPUT_LOST: &str = "input_lost";

/// mark, checksum of all that follows it, length of the payload, kind and three zeros, seq, media time.
pub(super) const HEADER_BYTES: usize = 32;

const MARK: [u8; 4] = *b"vIn1";
const CHECKED_FROM: usize = 8;

const AUDIO: u8 = 1;
const CONTROL: u8 = 2;
const REFUSED: u8 = 3;
const LOST: u8 = 4;

/// Appends the record of `entry` to `out`; `None` when its payload is larger than any client message can be.
pub(super) fn encode(seq: u64, entry: &Entry, out: &mut Vec<u8>) -> Option<()> {
    match entry {
        Entry::Audio { media_ms, data } => encode_parts(AUDIO, seq, *media_ms, data, out),
        Entry::Control { json } => encode_parts(CONTROL, seq, 0, json.as_bytes(), out),
        Entry::Refused { code } => encode_parts(REFUSED, seq, 0, code.as_bytes(), out),
    }
}

pub(super) fn encode_lost(from_seq: u64, through_seq: u64, out: &mut Vec<u8>) -> Option<()> {
    encode_parts(LOST, from_seq, 0, &through_seq.to_le_bytes(), out)
}

fn encode_parts(kind: u8, seq: u64, media_ms: u64, payload: &[u8], out: &mut Vec<u8>) -> Option<()> {
    if payload.len() > INBOX_RECORD_BYTES_MAX {
        return None;
    }
    let start = out.len();
    out.extend_from_slice(&MARK);
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    out.extend_from_slice(&[kind, 0, 0, 0]);
    out.extend_from_slice(&seq.to_le_bytes());
    out.extend_from_slice(&media_ms.to_le_bytes());
    out.extend_from_slice(payload);
    let checksum = crc32fast::hash(&out[start + CHECKED_FROM..]);
    out[start + 4..start + CHECKED_FROM].copy_from_slice(&checksum.to_le_bytes());
    Some(())
}

/// The record at the start of `bytes`; `None` where there is none that is whole and sound.
pub(super) fn decode(bytes: &Bytes) -> Option<Decoded> {
    let header: &[u8; HEADER_BYTES] = bytes.get(..HEADER_BYTES)?.try_into().ok()?;
    if header[..4] != MARK {
        return None;
    }
    let payload_bytes = le_u32(header, 8) as usize;
    if payload_bytes > INBOX_RECORD_BYTES_MAX {
        return None;
    }
    let end = HEADER_BYTES + payload_bytes;
    let checked = bytes.get(CHECKED_FROM..end)?;
    if crc32fast::hash(checked) != le_u32(header, 4) {
        return None;
    }
    let payload = bytes.slice(HEADER_BYTES..end);
    let stored = match header[12] {
        AUDIO => Stored::Entry(Entry::Audio { media_ms: le_u64(header, 24), data: payload }),
        CONTROL => Stored::Entry(Entry::Control { json: text(&payload)? }),
        REFUSED => Stored::Entry(Entry::Refused { code: text(&payload)? }),
        LOST => Stored::LostThrough(u64::from_le_bytes(payload.as_ref().try_into().ok()?)),
        _ => return None,
    };
    Some(Decoded { seq: le_u64(header, 16), stored, bytes: end })
}

/// Where in `bytes`, behind its first byte, the next sound record begins.
pub(super) fn find_next(bytes: &Bytes) -> Option<usize> {
    (1..bytes.len().saturating_sub(HEADER_BYTES - 1))
        .find(|&at| bytes[at..].starts_with(&MARK) && decode(&bytes.slice(at..)).is_some())
}

fn text(payload: &Bytes) -> Option<String> {
    String::from_utf8(payload.to_vec()).ok()
}

fn le_u32(header: &[u8; HEADER_BYTES], at: usize) -> u32 {
    u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
}

fn le_u64(header: &[u8; HEADER_BYTES], at: usize) -> u64 {
    u64::from(le_u32(header, at)) | (u64::from(le_u32(header, at + 4)) << 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(seq: u64, entry: &Entry) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode(seq, entry, &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn every_kind_comes_back_as_it_was() {
        let entries = [
            Entry::Audio { media_ms: 1_234, data: Bytes::from_static(b"\x00\x02ab") },
            Entry::Control { json: r#"{"type":"answer.end","turn":1}"#.into() },
            Entry::Refused { code: "media_time".into() },
        ];
        for entry in entries {
            let bytes = Bytes::from(record(7, &entry));
            let decoded = decode(&bytes).unwrap();
            assert_eq!(decoded, Decoded { seq: 7, stored: Stored::Entry(entry), bytes: bytes.len() });
        }
    }

    #[test]
    fn a_record_with_any_bit_changed_is_none() {
        let whole = record(9, &Entry::Control { json: "{}".into() });
        for at in 0..whole.len() * 8 {
            let mut damaged = whole.clone();
            damaged[at / 8] ^= 1 << (at % 8);
            assert_eq!(decode(&Bytes::from(damaged)), None, "bit {at}");
        }
    }

    #[test]
    fn a_payload_beyond_the_limit_is_not_encoded() {
        let entry = Entry::Control { json: "x".repeat(INBOX_RECORD_BYTES_MAX + 1) };
        assert_eq!(encode(1, &entry, &mut Vec::new()), None);
    }
}
