//! The intake: pieces without gaps, verdicts on voice, typed errors.

use super::*;
use crate::audio::framing::message;
use opus::{Application, Channels, Encoder};
use proptest::prelude::*;

const OPUS: AudioFormat = AudioFormat { codec: Codec::Opus, sample_rate_hz: 48_000, channels: 1 };

fn pcm(rate: u32, channels: u8) -> AudioFormat {
    AudioFormat { codec: Codec::PcmS16le, sample_rate_hz: rate, channels }
}

fn bytes(samples: &[i16]) -> Bytes {
    samples.iter().flat_map(|sample| sample.to_le_bytes()).collect::<Vec<_>>().into()
}

fn tone(samples: usize) -> Vec<i16> {
    (0..samples).map(|i| (8_000.0 * (i as f32 * 0.2).sin()) as i16).collect()
}

/// Messages of 100 ms, five packets each.
fn opus_messages(application: Application, samples: &[i16]) -> Vec<Bytes> {
    let mut encoder = Encoder::new(16_000, Channels::Mono, application).expect("an encoder");
    encoder.set_bitrate(opus::Bitrate::Bits(24_000)).expect("a bit rate");
    encoder.set_signal(opus::Signal::Voice).expect("a kind of signal");
    let packets: Vec<Vec<u8>> =
        samples.chunks_exact(320).map(|frame| encoder.encode_vec(frame, 1_500).expect("a packet")).collect();
    packets.chunks(5).map(|packets| message(packets).expect("small packets")).collect()
}

/// A saw tooth in syllables comes near enough to a voice for an encoder's flag.
fn voice(samples: usize) -> Vec<i16> {
    let syllables = |i: usize| (i as f32 * 0.001_2).sin().powi(2);
    (0..samples).map(|i| (((i % 133) as f32 / 133.0 - 0.5) * 16_000.0 * syllables(i)) as i16).collect()
}

fn assert_contiguous(pieces: &[TimedPiece], mut from_ms: u64) -> u64 {
    for timed in pieces {
        assert_eq!(timed.from_ms, from_ms);
        assert!(timed.piece.duration_ms > 0);
        if let Payload::Pcm16k(samples) = &timed.piece.payload {
            assert_eq!(samples.len() as u64, timed.piece.duration_ms * 16);
        }
        from_ms = timed.through_ms();
    }
    from_ms
}

#[test]
fn pcm_at_16_khz_comes_out_as_it_went_in() {
    let mut intake = Intake::new(pcm(16_000, 1), AudioForm::Pcm16k).expect("a format");
    let samples = tone(3_205);
    let mut pieces = intake.take(0, &bytes(&samples[..1_605])).expect("audio");
    pieces.extend(intake.take(100, &bytes(&samples[1_605..])).expect("audio"));
    assert_eq!(assert_contiguous(&pieces, 0), 200);
    let out: Vec<i16> = pieces
        .into_iter()
        .flat_map(|timed| match timed.piece.payload {
            Payload::Pcm16k(samples) => samples,
            Payload::Opus(_) | Payload::None => Vec::new(),
        })
        .collect();
    assert_eq!(out, samples[..3_200]);
}

#[test]
fn stereo_is_mixed_and_any_rate_is_brought_to_16_khz() {
    let mut intake = Intake::new(pcm(44_100, 2), AudioForm::Pcm16k).expect("a format");
    let mut through_ms = 0;
    for message in 0..10 {
        let pieces = intake.take(message * 100, &bytes(&vec![500; 4_410 * 2])).expect("audio");
        through_ms = assert_contiguous(&pieces, through_ms);
    }
    assert!((996..=1_000).contains(&through_ms), "{through_ms}");
}

#[test]
fn timing_alone_carries_no_samples_and_decodes_nothing_that_has_a_flag() {
    let mut samples = vec![0; 16_000];
    samples.extend(voice(16_000));
    samples.extend(vec![0; 16_000]);
    let mut intake = Intake::new(OPUS, AudioForm::Timing).expect("a format");
    let mut pieces = Vec::new();
    for (index, message) in opus_messages(Application::Voip, &samples).iter().enumerate() {
        pieces.extend(intake.take(index as u64 * 100, message).expect("audio"));
    }
    assert_eq!(assert_contiguous(&pieces, 0), 3_000);
    assert!(pieces.iter().all(|timed| timed.piece.payload == Payload::None && timed.piece.duration_ms <= 100));
    let voiced_ms: u64 = pieces.iter().filter(|t| t.piece.voiced).map(|t| t.piece.duration_ms).sum();
    assert!((900..=1_400).contains(&voiced_ms), "{voiced_ms}");
    assert!(matches!(&intake.source, Source::Opus(OpusSource { decoder: None, .. })));
}

#[test]
fn opus_packets_go_on_as_they_are_where_they_are_wanted() {
    let messages = opus_messages(Application::LowDelay, &tone(3_200));
    let mut intake = Intake::new(OPUS, AudioForm::OpusOrPcm16k).expect("a format");
    let mut packets = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        for timed in intake.take(index as u64 * 100, message).expect("audio") {
            let Payload::Opus(of_piece) = timed.piece.payload else { panic!("no packets") };
            packets.extend(of_piece);
        }
    }
    let sent: Vec<Bytes> = messages.iter().flat_map(|m| framing::packets(m).expect("packets")).collect();
    assert_eq!(packets, sent);
}

#[test]
fn decoded_opus_is_the_tone_that_was_encoded() {
    let mut intake = Intake::new(OPUS, AudioForm::Pcm16k).expect("a format");
    let mut energy = 0.0;
    for (index, message) in opus_messages(Application::Voip, &tone(16_000)).iter().enumerate() {
        for timed in intake.take(index as u64 * 100, message).expect("audio") {
            let Payload::Pcm16k(samples) = timed.piece.payload else { panic!("no samples") };
            energy += samples.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>();
        }
    }
    let level = (energy / 16_000.0).sqrt();
    assert!((5_000.0..6_500.0).contains(&level), "a root mean square of {level}, 5,657 expected");
}

#[test]
fn a_short_gap_is_concealed_and_a_long_one_is_one_silent_piece() {
    for (format, form) in [
        (OPUS, AudioForm::Pcm16k),
        (OPUS, AudioForm::Timing),
        (OPUS, AudioForm::OpusOrPcm16k),
        (pcm(16_000, 1), AudioForm::Pcm16k),
        (pcm(16_000, 1), AudioForm::Timing),
    ] {
        let mut intake = Intake::new(format, form).expect("a format");
        let messages = match format.codec {
            Codec::Opus => opus_messages(Application::Voip, &voice(4_800)),
            Codec::PcmS16le => voice(4_800).chunks(1_600).map(bytes).collect(),
        };
        intake.take(0, &messages[0]).expect("audio");
        let concealed = intake.take(340, &messages[1]).expect("audio after a gap");
        let through_ms = assert_contiguous(&concealed, 100);
        assert_eq!(through_ms, 440, "{format:?} {form:?}");
        if form == AudioForm::Pcm16k {
            assert!(concealed.iter().all(|timed| timed.piece.payload != Payload::None));
        }
        let jumped = intake.take(4_000, &messages[2]).expect("audio after a jump");
        let gap = AudioPiece { duration_ms: 3_560, voiced: false, payload: Payload::None };
        assert_eq!(jumped[0], TimedPiece { from_ms: 440, piece: gap });
        assert_eq!(assert_contiguous(&jumped, 440), 4_100);
    }
}

#[test]
fn small_differences_of_clocks_are_ignored_and_overlaps_are_refused() {
    let mut intake = Intake::new(pcm(16_000, 1), AudioForm::Timing).expect("a format");
    let message = bytes(&[0; 1_600]);
    intake.take(0, &message).expect("audio");
    assert_eq!(intake.take(85, &message).expect("early by 15 ms")[0].from_ms, 100);
    assert_eq!(intake.take(219, &message).expect("late by 19 ms")[0].from_ms, 200);
    let refused = intake.take(279, &message);
    assert_eq!(refused, Err(AudioError::MediaTime { given_ms: 279, expected_ms: 300 }));
    assert_eq!(intake.position_ms(), 300);
}

#[test]
fn what_cannot_be_taken_is_a_typed_error_and_changes_nothing() {
    let mut intake = Intake::new(pcm(16_000, 2), AudioForm::Pcm16k).expect("a format");
    assert!(matches!(intake.take(0, &Bytes::new()), Err(AudioError::Undecodable(_))));
    assert!(matches!(intake.take(0, &Bytes::from_static(&[1, 2, 3])), Err(AudioError::Undecodable(_))));
    assert_eq!(intake.take(0, &vec![0; 64_004].into()), Err(AudioError::TooLong { max_ms: 1_000 }));
    let mut intake = Intake::new(OPUS, AudioForm::Pcm16k).expect("a format");
    let packets = framing::packets(&opus_messages(Application::Voip, &tone(1_600))[0]).expect("packets");
    let long = message(packets.iter().cycle().take(51)).expect("small packets");
    assert_eq!(intake.take(0, &long), Err(AudioError::TooLong { max_ms: 1_000 }));
    assert!(matches!(intake.take(0, &Bytes::from_static(&[0, 2, 0xff])), Err(AudioError::Undecodable(_))));
    assert!(matches!(intake.take(0, &Bytes::new()), Err(AudioError::Undecodable(_))));
    assert_eq!(intake.position_ms(), 0);
    for format in [pcm(7_999, 1), pcm(96_000, 1), pcm(16_001, 1), pcm(16_000, 0), pcm(16_000, 3)] {
        assert!(matches!(Intake::new(format, AudioForm::Timing), Err(AudioError::Codec(_))), "{format:?}");
    }
}

#[test]
fn a_worker_that_takes_over_starts_where_it_is_told() {
    let mut intake = Intake::starting_at(pcm(16_000, 1), AudioForm::Timing, 61_500).expect("a format");
    let pieces = intake.take(61_500, &bytes(&[0; 1_600])).expect("audio");
    assert_eq!(assert_contiguous(&pieces, 61_500), 61_600);
}

proptest! {
    #[test]
    fn any_bytes_at_any_time_give_contiguous_pieces_or_an_error(
        messages in proptest::collection::vec((any::<u32>(), proptest::collection::vec(any::<u8>(), 0..400), 0..40_u64), 1..12),
        opus in any::<bool>(),
        form in prop_oneof![Just(AudioForm::Pcm16k), Just(AudioForm::OpusOrPcm16k), Just(AudioForm::Timing)],
    ) {
        let format = if opus { OPUS } else { pcm(24_000, 1) };
        let mut intake = Intake::new(format, form).expect("a format");
        for (jump, data, step) in messages {
            let before = intake.position_ms();
            let at = if jump % 7 == 0 { u64::from(jump) } else { before + step };
            // Framed well or not at all.
            let data = if jump % 2 == 0 { message([&data[..]]).unwrap_or_default() } else { data.into() };
            match intake.take(at, &data) {
                Ok(pieces) => {
                    let through_ms = assert_contiguous(&pieces, before);
                    prop_assert_eq!(through_ms, intake.position_ms());
                }
                Err(_) => prop_assert_eq!(intake.position_ms(), before),
            }
        }
    }
}
