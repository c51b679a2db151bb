//! Spoken answers from WAV files, cut into messages once for all sessions, with their texts; and the silence between them.
//!
//! An answer is trimmed to its speech: its first message begins with voice, its last one ends with it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, ensure};
use opus::{Application, Bitrate, Channels, Encoder};
use protocol::v1::audio::join_packets;
use protocol::v1::limits::SAMPLE_RATES_HZ;
use protocol::v1::{AudioFormat, Codec};

use crate::client::EncodedAudio;

/// How answers are to be sent.
#[derive(Debug, Clone, Copy)]
pub struct Encoding {
    /// The codec.
    pub codec: Codec,
    /// The audio in one message; a multiple of 20 ms.
    pub message_ms: u32,
    /// For Opus.
    pub bits_per_second: i32,
}

/// Everything that a microphone may give.
#[derive(Debug)]
pub struct Speech {
    /// What `interview.start` announces.
    pub format: AudioFormat,
    /// The audio in one message.
    pub message: Duration,
    /// The answers, in the order of their names.
    pub answers: Vec<Answer>,
    /// Goes round and round.
    pub silence: Vec<EncodedAudio>,
}

/// One spoken answer.
#[derive(Debug)]
pub struct Answer {
    /// The file's name.
    pub name: String,
    /// What is said in it; `None` where that is not known, or where it was cut.
    pub text: Option<String>,
    /// From the first voice to the last.
    pub messages: Vec<EncodedAudio>,
}

impl Speech {
    /// Reads every WAV file of a folder, each with its text beside it (`.txt`). With `answer_ms` pauses are squeezed out, and
    /// each answer is repeated or cut to that length: a load, not a text.
    pub fn read(folder: &Path, encoding: Encoding, answer_ms: Option<u32>) -> anyhow::Result<Self> {
        ensure!(
            encoding.message_ms > 0 && encoding.message_ms.is_multiple_of(FRAME_MS),
            "a message is a multiple of {FRAME_MS} ms"
        );
        ensure!(encoding.message_ms <= 1_000, "a message is at most 1 s of audio");
        let mut paths: Vec<_> = fs::read_dir(folder)
            .with_context(|| format!("the answers in {} cannot be read", folder.display()))?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "wav"));
        paths.sort();
        ensure!(!paths.is_empty(), "there are no WAV files in {}", folder.display());
        let mut sample_rate_hz = None;
        let mut answers = Vec::new();
        for path in paths {
            let (rate, samples) = read_wav(&path)?;
            ensure!(
                *sample_rate_hz.get_or_insert(rate) == rate,
                "{}: all answers have the same sample rate",
                path.display()
            );
            let frame = frame_samples(rate);
            let voiced = voiced_frames(&samples, frame);
            ensure!(!voiced.is_empty(), "{}: there is no voice in it", path.display());
            let text = fs::read_to_string(path.with_extension("txt")).ok().map(|text| text.trim().to_owned());
            let (samples, text) = match answer_ms {
                None => (samples[voiced[0] * frame..(voiced[voiced.len() - 1] + 1) * frame].to_vec(), text),
                Some(answer_ms) => {
                    let frames = (answer_ms / FRAME_MS) as usize;
                    let voice = voiced.iter().cycle().take(frames);
                    (voice.flat_map(|at| samples[at * frame..(at + 1) * frame].iter().copied()).collect(), None)
                }
            };
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            answers.push(Answer { name, text, messages: encode(&samples, rate, encoding, 0)? });
        }
        let rate = sample_rate_hz.unwrap_or_default();
        // The encoder needs a moment to settle on silence.
        let silence = encode(&vec![0; rate as usize * 3], rate, encoding, rate as usize * 2)?;
        let format = AudioFormat { codec: encoding.codec, sample_rate_hz: rate, channels: 1 };
        Ok(Self { format, message: Duration::from_millis(u64::from(encoding.message_ms)), answers, silence })
    }
}

fn read_wav(path: &Path) -> anyhow::Result<(u32, Vec<i16>)> {
    let mut reader = hound::WavReader::open(path).with_context(|| format!("{} is no WAV file", path.display()))?;
    let spec = reader.spec();
    ensure!(
        spec.channels == 1 && spec.bits_per_sample == 16 && SAMPLE_RATES_HZ.contains(&spec.sample_rate),
        "{}: answers are mono, 16 bits, at one of {SAMPLE_RATES_HZ:?} Hz",
        path.display()
    );
    let samples = reader.samples::<i16>().collect::<Result<_, _>>()?;
    Ok((spec.sample_rate, samples))
}

/// The frames that are not much quieter than the loudest one.
fn voiced_frames(samples: &[i16], frame: usize) -> Vec<usize> {
    let loudness: Vec<f64> = samples
        .chunks_exact(frame)
        .map(|frame| (frame.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / frame.len() as f64).sqrt())
        .collect();
    let threshold = (loudness.iter().copied().fold(0.0, f64::max) * VOICE_SHARE_MIN).max(VOICE_RMS_MIN);
    loudness.iter().enumerate().filter(|(_, rms)| **rms >= threshold).map(|(at, _)| at).collect()
}

/// Cuts samples into messages, the last one filled up with silence; those of the first `skipped` samples are left out.
fn encode(samples: &[i16], rate: u32, encoding: Encoding, skipped: usize) -> anyhow::Result<Vec<EncodedAudio>> {
    let length = rate as usize * encoding.message_ms as usize / 1_000;
    let duration = Duration::from_millis(u64::from(encoding.message_ms));
    let mut encoder = Encoder::new(rate, Channels::Mono, Application::Voip)?;
    encoder.set_bitrate(Bitrate::Bits(encoding.bits_per_second))?;
    let mut messages = Vec::new();
    for (at, message) in samples.chunks(length).enumerate() {
        let mut message = message.to_vec();
        message.resize(length, 0);
        let data = match encoding.codec {
            Codec::PcmS16le => message.iter().flat_map(|sample| sample.to_le_bytes()).collect(),
            Codec::Opus => {
                let packets: Vec<Vec<u8>> = message
                    .chunks(frame_samples(rate))
                    .map(|frame| encoder.encode_vec(frame, OPUS_PACKET_BYTES_MAX))
                    .collect::<Result<_, _>>()?;
                join_packets(packets.iter().map(Vec::as_slice)).to_vec()
            }
        };
        if (at + 1) * length > skipped {
            messages.push(EncodedAudio::new(&data, duration));
        }
    }
    Ok(messages)
}

fn frame_samples(rate: u32) -> usize {
    (rate * FRAME_MS / 1_000) as usize
}

/// An Opus packet.
const FRAME_MS: u32 = 20;
const OPUS_PACKET_BYTES_MAX: usize = 1_275;
/// A frame is voiced from this share of the loudest one's level.
const VOICE_SHARE_MIN: f64 = 0.02;
/// Below this (root mean square, of 32,768) nothing is voiced.
const VOICE_RMS_MIN: f64 = 60.0;

#[cfg(test)]
mod tests {
    use super::*;

    /// A second of silence, half a second of tone, a second of silence.
    fn write_answer(folder: &Path) {
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: 16_000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(folder.join("one.wav"), spec).unwrap();
        for at in 0..40_000 {
            let sample = if (16_000..24_000).contains(&at) { (f64::from(at) * 0.3).sin() * 8_000.0 } else { 0.0 };
            writer.write_sample(sample as i16).unwrap();
        }
        writer.finalize().unwrap();
        fs::write(folder.join("one.txt"), "Half a second.\n").unwrap();
    }

    #[test]
    fn an_answer_is_trimmed_to_its_voice_and_cut_into_messages() {
        let folder = tempfile::tempdir().unwrap();
        write_answer(folder.path());
        for (codec, bytes) in [(Codec::PcmS16le, 3_200), (Codec::Opus, 0)] {
            let encoding = Encoding { codec, message_ms: 100, bits_per_second: 20_000 };
            let speech = Speech::read(folder.path(), encoding, None).unwrap();
            assert_eq!(speech.answers[0].text.as_deref(), Some("Half a second."));
            assert_eq!((speech.answers[0].messages.len(), speech.silence.len()), (5, 10));
            assert!(codec == Codec::Opus || speech.answers[0].messages.iter().all(|message| message.bytes() == bytes));
        }
    }

    #[test]
    fn an_answer_can_be_stretched_to_a_length() {
        let folder = tempfile::tempdir().unwrap();
        write_answer(folder.path());
        let encoding = Encoding { codec: Codec::PcmS16le, message_ms: 200, bits_per_second: 20_000 };
        let speech = Speech::read(folder.path(), encoding, Some(6_000)).unwrap();
        assert_eq!((speech.answers[0].messages.len(), speech.answers[0].text.as_deref()), (30, None));
    }

    #[test]
    fn a_folder_without_answers_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let encoding = Encoding { codec: Codec::Opus, message_ms: 100, bits_per_second: 20_000 };
        assert!(Speech::read(folder.path(), encoding, None).is_err());
        assert!(Speech::read(folder.path(), Encoding { message_ms: 30, ..encoding }, None).is_err());
    }
}
