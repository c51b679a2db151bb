//! The recording: audio messages from the inbox become one file that any player opens, in which a moment of playback is the same
//! moment of media time. What was refused when it was heard (undecodable, overlapping, beyond the session's end) is left out here too.

use crate::audio::intake::check_opus;
use crate::audio::ogg_opus::{self, SERIAL, SILENT_PACKET_MS, unwritable};
use crate::audio::opus_packet::SAMPLES_PER_MS;
use crate::audio::{AudioError, intake};
use crate::config::limits::AUDIO_OVERLAP_MS_MAX;
use crate::interview::params::AudioFormat;
use bytes::Bytes;
use ogg::{PacketWriteEndInfo, PacketWriter};
use std::io::Cursor;

/// An Ogg Opus file (RFC 7845) of the messages (their `media_ms` and data, in order), packets as they came, gaps filled with encoded silence.
/// Nothing that begins at or after `end_ms` is taken, which also bounds the silence.
pub fn opus_file(
    messages: impl IntoIterator<Item = (u64, Bytes)>,
    format: AudioFormat,
    end_ms: u64,
) -> Result<Bytes, AudioError> {
    let mut file = OpusFile::new(format)?;
    let channels = if format.channels == 2 { opus::Channels::Stereo } else { opus::Channels::Mono };
    let silence = ogg_opus::silent_packet(channels)?;
    for (media_ms, data) in messages {
        let at_ms = file.samples / SAMPLES_PER_MS;
        if media_ms >= end_ms || media_ms + AUDIO_OVERLAP_MS_MAX < at_ms {
            continue;
        }
        let Ok(packets) = check_opus(&data) else { continue };
        let gap_ms = media_ms.saturating_sub(at_ms);
        if gap_ms > AUDIO_OVERLAP_MS_MAX {
            for _ in 0..gap_ms / SILENT_PACKET_MS {
                file.add(&silence, SILENT_PACKET_MS * SAMPLES_PER_MS)?;
            }
        }
        for (packet, info) in packets {
            file.add(&packet, info.samples)?;
        }
    }
    file.finish()
}

/// A WAV file of the messages, with the rate and the channels they came in, gaps filled with silence. `end_ms` as in [`opus_file`].
pub fn wav_file(
    messages: impl IntoIterator<Item = (u64, Bytes)>,
    format: AudioFormat,
    end_ms: u64,
) -> Result<Bytes, AudioError> {
    let source = intake::PcmSource::new(format)?;
    let spec = hound::WavSpec {
        channels: u16::from(format.channels),
        sample_rate: format.sample_rate_hz,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut buffer = Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut buffer, spec).map_err(unwritable)?;
    for (media_ms, data) in messages {
        let at_ms = u64::from(writer.duration()) * 1_000 / u64::from(format.sample_rate_hz);
        if media_ms >= end_ms || media_ms + AUDIO_OVERLAP_MS_MAX < at_ms || source.check(&data).is_err() {
            continue;
        }
        let gap_ms = media_ms.saturating_sub(at_ms);
        if gap_ms > AUDIO_OVERLAP_MS_MAX {
            for _ in 0..gap_ms * u64::from(format.sample_rate_hz) / 1_000 * u64::from(format.channels) {
                writer.write_sample(0_i16).map_err(unwritable)?;
            }
        }
        for sample in data.chunks_exact(2) {
            writer.write_sample(i16::from_le_bytes([sample[0], sample[1]])).map_err(unwritable)?;
        }
    }
    writer.finalize().map_err(unwritable)?;
    Ok(buffer.into_inner().into())
}

struct OpusFile {
    writer: PacketWriter<'static, Vec<u8>>,
    /// The last packet waits, because its page must say whether it is the end.
    waiting: Option<Vec<u8>>,
    samples: u64,
    page_from: u64,
}

impl OpusFile {
    fn new(format: AudioFormat) -> Result<Self, AudioError> {
        let mut writer = PacketWriter::new(Vec::new());
        for header in [ogg_opus::head(format.channels, format.sample_rate_hz, PRE_SKIP), ogg_opus::tags()] {
            writer.write_packet(header, SERIAL, PacketWriteEndInfo::EndPage, 0).map_err(unwritable)?;
        }
        Ok(Self { writer, waiting: None, samples: 0, page_from: 0 })
    }

    fn add(&mut self, packet: &[u8], samples: u64) -> Result<(), AudioError> {
        let page_full = self.samples - self.page_from >= PAGE_MS * SAMPLES_PER_MS;
        let end = if page_full { PacketWriteEndInfo::EndPage } else { PacketWriteEndInfo::NormalPacket };
        if page_full {
            self.page_from = self.samples;
        }
        self.write_waiting(end)?;
        self.waiting = Some(packet.to_vec());
        self.samples += samples;
        Ok(())
    }

    fn finish(mut self) -> Result<Bytes, AudioError> {
        if self.waiting.is_none() {
            return Err(AudioError::Undecodable("there is no audio to record".into()));
        }
        self.write_waiting(PacketWriteEndInfo::EndStream)?;
        Ok(self.writer.into_inner().into())
    }

    fn write_waiting(&mut self, end: PacketWriteEndInfo) -> Result<(), AudioError> {
        match self.waiting.take() {
            Some(packet) => self.writer.write_packet(packet, SERIAL, end, self.samples).map_err(unwritable),
            None => Ok(()),
        }
    }
}

/// What libopus's encoder looks ahead at 48 kHz; a player drops it, so that playback starts with the first sample captured.
const PRE_SKIP: u16 = 312;
const PAGE_MS: u64 = 1_000;

#[cfg(test)]
mod tests;
