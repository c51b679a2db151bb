//! The recording: playback time is media time, in files that a strict reader accepts.

use super::*;
use crate::audio::framing::message;
use crate::interview::params::Codec;
use opus::{Application, Channels, Decoder, Encoder};

const OPUS: AudioFormat = AudioFormat { codec: Codec::Opus, sample_rate_hz: 48_000, channels: 1 };
const PCM: AudioFormat = AudioFormat { codec: Codec::PcmS16le, sample_rate_hz: 16_000, channels: 1 };

/// A tone of 100 ms in five packets.
fn beep(encoder: &mut Encoder) -> Bytes {
    let packets: Vec<Vec<u8>> = (0..5)
        .map(|packet| {
            let frame: Vec<i16> =
                (0..320).map(|i| (9_000.0 * ((packet * 320 + i) as f32 * 0.2).sin()) as i16).collect();
            encoder.encode_vec(&frame, 1_500).expect("a packet")
        })
        .collect();
    message(&packets).expect("small packets")
}

fn encoder() -> Encoder {
    Encoder::new(16_000, Channels::Mono, Application::Voip).expect("an encoder")
}

/// Decodes a file as a player does: 10 ms levels of what is heard, pre-skip dropped.
fn levels(file: &Bytes) -> Vec<f64> {
    let mut reader = ogg::PacketReader::new(Cursor::new(file.to_vec()));
    let head = reader.read_packet().expect("a page").expect("a head").data;
    assert_eq!(&head[..9], b"OpusHead\x01");
    assert_eq!(&reader.read_packet().expect("a page").expect("tags").data[..8], b"OpusTags");
    let mut decoder = Decoder::new(48_000, Channels::Mono).expect("a decoder");
    let (mut samples, mut last) = (Vec::new(), None);
    while let Some(packet) = reader.read_packet().expect("a page") {
        let mut output = vec![0; 5_760];
        let count = decoder.decode(&packet.data, &mut output, false).expect("an Opus packet");
        samples.extend_from_slice(&output[..count]);
        last = Some((packet.last_in_stream(), packet.absgp_page()));
    }
    assert_eq!(last, Some((true, samples.len() as u64)), "the last page ends the stream, and counts all samples");
    samples[usize::from(PRE_SKIP)..]
        .chunks(480)
        .map(|chunk| (chunk.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / chunk.len() as f64).sqrt())
        .collect()
}

#[test]
fn a_beep_is_heard_at_its_media_time_after_gaps_short_and_long() {
    let mut encoder = encoder();
    let starts_ms = [0, 100, 1_500, 8_000];
    let messages: Vec<(u64, Bytes)> = starts_ms.map(|at| (at, beep(&mut encoder))).into();
    let levels = levels(&opus_file(messages, OPUS, 10_000).expect("a file"));
    for at in starts_ms {
        let heard = &levels[at as usize / 10..][2..9];
        assert!(heard.iter().all(|level| *level > 1_500.0), "at {at}: {heard:?}");
    }
    for quiet in [40..149, 180..799] {
        assert!(levels[quiet.clone()].iter().all(|level| *level < 300.0), "in {quiet:?}");
    }
}

#[test]
fn what_was_refused_when_it_was_heard_is_left_out() {
    let mut encoder = encoder();
    let good = beep(&mut encoder);
    let file = |messages: Vec<(u64, Bytes)>| opus_file(messages, OPUS, 1_000).expect("a file");
    let with_noise = file(vec![
        (0, good.clone()),
        (50, good.clone()),
        (100, Bytes::from_static(b"\0\x05no")),
        (1_000, good.clone()),
        (u64::MAX / 4, good.clone()),
        (100, good.clone()),
    ]);
    assert_eq!(with_noise, file(vec![(0, good.clone()), (100, good)]));
    assert!(opus_file([], OPUS, 1_000).is_err());
}

#[test]
fn a_wav_file_keeps_the_samples_and_fills_the_gaps() {
    let samples = |value: i16| Bytes::from(value.to_le_bytes().repeat(1_600));
    let messages = [(0, samples(7)), (300, samples(9)), (310, samples(1)), (9_000, samples(1))];
    let file = wav_file(messages, PCM, 5_000).expect("a file");
    let mut reader = hound::WavReader::new(Cursor::new(file.to_vec())).expect("a WAV file");
    assert_eq!((reader.spec().sample_rate, reader.spec().channels), (16_000, 1));
    let read: Vec<i16> = reader.samples().map(|sample| sample.expect("a sample")).collect();
    assert_eq!(read, [vec![7; 1_600], vec![0; 3_200], vec![9; 1_600]].concat());
}
