//! Decoding is total: whatever the bytes, there is a message or an error with a code, and never a panic.
#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::fs;
use std::path::Path;

use bytes::Bytes;
use proptest::prelude::*;
use protocol::v1::audio::{PacketError, join_packets, split_packets};
use protocol::v1::limits::{ERROR_MESSAGE_CHARS_MAX, MESSAGE_BYTES_MAX};
use protocol::v1::{ClientMessage, SessionId, decode_client, decode_server, encode_client};

fn vectors() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/v1");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().filter(|path| path.is_file()).map(|path| fs::read(path).unwrap()).collect()
}

/// Reads the bytes both ways, and holds errors to their promises.
fn decode(bytes: &[u8]) {
    match decode_client(bytes) {
        Ok(message) => {
            let again = decode_client(encode_client(&message).as_bytes());
            assert_eq!(again, Ok(message), "what was read does not survive being written");
        }
        Err(error) => assert!(error.message.chars().count() <= ERROR_MESSAGE_CHARS_MAX && !error.message.is_empty()),
    }
    if let Err(error) = decode_server(bytes) {
        assert!(error.message.chars().count() <= ERROR_MESSAGE_CHARS_MAX);
    }
}

#[test]
fn every_truncated_vector_is_refused_or_read() {
    for vector in vectors() {
        for end in 0..vector.len() {
            decode(&vector[..end]);
        }
    }
}

#[test]
fn oversized_messages_are_refused_whatever_they_hold() {
    for filler in [b'{', b'[', b'"', 0xff, b' ', b'1'] {
        let bytes = vec![filler; MESSAGE_BYTES_MAX + 1];
        assert_eq!(decode_client(&bytes).unwrap_err().code.as_str(), "message_too_large");
    }
    let text = format!(r#"{{"seq":7,"session":"s","text":"{}"#, "é".repeat(200_000));
    let error = decode_client(text.as_bytes()).unwrap_err();
    assert_eq!((error.re.seq, error.re.session), (Some(7), Some(SessionId::new("s").unwrap())));
}

#[test]
fn the_largest_allowed_audio_fits_into_the_largest_allowed_message() {
    let data = Bytes::from(vec![0xa5; protocol::v1::limits::AUDIO_BYTES_MAX]);
    let message = ClientMessage::Audio(protocol::v1::Audio {
        session: SessionId::new("x".repeat(64)).unwrap(),
        seq: protocol::v1::limits::SAFE_INTEGER_MAX,
        media_ms: protocol::v1::limits::SAFE_INTEGER_MAX,
        data,
    });
    assert_eq!(decode_client(encode_client(&message).as_bytes()), Ok(message));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_refused_or_read(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        decode(&bytes);
    }

    #[test]
    fn any_json_like_text_is_refused_or_read(text in r#"[{}\[\]":,0-9a-z\\.é ]{0,200}"#) {
        decode(text.as_bytes());
    }

    #[test]
    fn any_mutated_vector_is_refused_or_read(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..6),
    ) {
        let vectors = vectors();
        let mut bytes = which.get(&vectors).clone();
        for (at, byte, kind) in changes {
            if bytes.is_empty() { break; }
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => { bytes.remove(at); }
                _ => bytes[at] = b"0123456789-\"{}[],:nulltrue"[usize::from(byte) % 26],
            }
        }
        decode(&bytes);
    }

    #[test]
    fn packets_survive_being_joined_and_split(
        packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..300), 0..12),
    ) {
        let joined = join_packets(packets.iter().map(Vec::as_slice));
        let split: Vec<Vec<u8>> = split_packets(&joined).unwrap().iter().map(|packet| packet.to_vec()).collect();
        prop_assert_eq!(split, packets);
    }

    #[test]
    fn any_bytes_are_packets_or_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        match split_packets(&Bytes::from(bytes.clone())) {
            Ok(packets) => prop_assert_eq!(join_packets(packets.iter().map(|packet| &packet[..])), bytes),
            Err(PacketError::Truncated | PacketError::Empty) => {}
        }
    }
}
