//! What an Opus packet tells without being decoded (RFC 6716): how long it is, and, in SILK and hybrid mode, whether its encoder
//! heard a voice. Decoding is libopus's.

use crate::audio::AudioError;

/// Samples are counted at 48 kHz, whatever the encoder was fed with.
pub const SAMPLES_PER_MS: u64 = 48;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketInfo {
    /// At 48 kHz.
    pub samples: u64,
    /// The encoder's own flag; `None` in CELT mode, which has none.
    pub voiced: Option<bool>,
}

/// Reads a packet's structure and flag. Every packet that libopus would refuse for its structure is refused.
pub fn inspect(packet: &[u8]) -> Result<PacketInfo, AudioError> {
    let parsed = opus::packet::parse(packet)
        .map_err(|error| AudioError::Undecodable(format!("not an Opus packet ({})", error.description())))?;
    let samples = opus::packet::get_nb_samples(packet, 48_000)
        .map_err(|error| AudioError::Undecodable(format!("not an Opus packet ({})", error.description())))?;
    let voiced =
        silk_frames(parsed.toc).map(|silk_frames| parsed.frames.iter().any(|frame| speaks(frame, silk_frames)));
    Ok(PacketInfo { samples: samples as u64, voiced })
}

/// A packet of no frame data with this one's mode, bandwidth and channels, 20 ms long: a decoder conceals it.
pub fn lost_frame_like(packet: &[u8]) -> [u8; 1] {
    let toc = packet.first().copied().unwrap_or(CELT_FULLBAND_20MS);
    let config = toc >> 3;
    let twenty_ms = match config {
        0..=11 => (config & !0b11) | 1,
        12..=15 => (config & !0b1) | 1,
        _ => config | 0b11,
    };
    [(twenty_ms << 3) | (toc & STEREO)]
}

/// SILK frames in each Opus frame of this mode; none in CELT mode.
fn silk_frames(toc: u8) -> Option<u32> {
    match toc >> 3 {
        config @ 0..=11 => Some(match config & 0b11 {
            0 | 1 => 1,
            2 => 2,
            _ => 3,
        }),
        12..=15 => Some(1),
        _ => None,
    }
}

/// The first bits of a SILK frame are its voice-activity flags, one for each SILK frame of the mid channel. They are coded at even odds,
/// so that the range coder leaves them as plain bits (RFC 6716, 4.2.3). A frame of at most one byte is discontinuous transmission.
fn speaks(frame: &[u8], silk_frames: u32) -> bool {
    frame.len() > 1 && frame[0] >> (8 - silk_frames) != 0
}

const STEREO: u8 = 0b100;
const CELT_FULLBAND_20MS: u8 = 31 << 3;

#[cfg(test)]
mod tests {
    use super::*;
    use opus::{Application, Bitrate, Channels, Encoder};
    use proptest::prelude::*;

    fn encode(application: Application, samples: &[i16], frame: usize) -> Vec<Vec<u8>> {
        let mut encoder = Encoder::new(16_000, Channels::Mono, application).expect("an encoder");
        encoder.set_bitrate(Bitrate::Bits(16_000)).expect("a bit rate");
        encoder.set_dtx(false).expect("no discontinuous transmission");
        samples.chunks_exact(frame).map(|frame| encoder.encode_vec(frame, 1_500).expect("a packet")).collect()
    }

    /// A rough vowel: a saw tooth of 120 Hz with a slow swell.
    fn voice(samples: usize) -> Vec<i16> {
        (0..samples)
            .map(|i| {
                let swell = 0.6 + 0.4 * (i as f32 / 1_600.0).sin();
                (((i % 133) as f32 / 133.0 - 0.5) * 16_000.0 * swell) as i16
            })
            .collect()
    }

    #[test]
    fn the_encoders_flag_tells_voice_from_silence_without_decoding() {
        let mut samples = vec![0; 16_000];
        samples.extend(voice(16_000));
        samples.extend(vec![0; 16_000]);
        for frame in [320, 640, 960] {
            let flags: Vec<bool> = encode(Application::Voip, &samples, frame)
                .iter()
                .map(|packet| inspect(packet).expect("a packet").voiced.expect("SILK has a flag"))
                .collect();
            let third = flags.len() / 3;
            assert!(!flags[1..third - 1].contains(&true), "silence at {frame}: {flags:?}");
            let voiced = flags[third + 1..2 * third].iter().filter(|voiced| **voiced).count();
            assert!(voiced * 10 >= third * 7, "voice at {frame}: {flags:?}");
            assert!(!flags[third * 3 - 3..].contains(&true), "silence after at {frame}: {flags:?}");
        }
    }

    #[test]
    fn only_the_flags_of_voice_count_not_that_of_redundancy() {
        for (silk_frames, voiced, redundant) in
            [(1, 0b1000_0000, 0b0100_0000), (2, 0b0100_0000, 0b0010_0000), (3, 0b0010_0000, 0b0001_0000)]
        {
            assert!(speaks(&[voiced, 0], silk_frames), "{silk_frames} frames");
            assert!(!speaks(&[redundant, 0], silk_frames), "{silk_frames} frames");
            assert!(!speaks(&[voiced], silk_frames), "a single byte is no speech");
        }
    }

    #[test]
    fn celt_packets_have_no_flag() {
        let packets = encode(Application::LowDelay, &voice(3_200), 320);
        assert!(packets.iter().all(|packet| inspect(packet).expect("a packet").voiced.is_none()));
    }

    #[test]
    fn durations_are_counted_at_48_khz() {
        let packets = encode(Application::Voip, &voice(960), 960);
        assert_eq!(inspect(&packets[0]).expect("a packet").samples, 60 * SAMPLES_PER_MS);
        for config in 0..32_u8 {
            let lost = lost_frame_like(&[config << 3, 1, 2, 3]);
            assert_eq!(inspect(&lost).expect("a packet").samples, 20 * SAMPLES_PER_MS, "config {config}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_give_a_structure_or_an_error(packet in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(info) = inspect(&packet) {
                prop_assert!(info.samples > 0 && info.samples <= 120 * SAMPLES_PER_MS);
            }
        }
    }
}
