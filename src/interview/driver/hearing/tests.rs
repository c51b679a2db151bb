//! What the ear of a session tells the core, and what it keeps to itself.

use super::{Hearing, Told};
use crate::interview::params::{AudioFormat, Codec};
use crate::ports::journal::AudioFrom;
use crate::ports::recognizer::StreamSpec;
use bytes::Bytes;

#[test]
fn what_was_never_received_is_not_told_as_silence() {
    let format = AudioFormat { codec: Codec::PcmS16le, sample_rate_hz: 16_000, channels: 1 };
    let spec = StreamSpec { language: "en".into(), hints: Vec::new() };
    let mut hearing = Hearing::new(None, spec, format, AudioFrom::default(), 0);
    let silence = Bytes::from(vec![0; 2 * 1_600]);
    let silent = |from_ms: u64| Told { from_ms, through_ms: from_ms + 100, voiced: false };
    // The next one; after a short gap, which is concealed; after a long one.
    for (seq, media_ms) in [(1, 0), (2, 100), (3, 700), (4, 8_000)] {
        let told = hearing.take(seq, media_ms, &silence, 60_000).expect("well-formed audio");
        assert_eq!(told, [silent(media_ms)]);
    }
}
