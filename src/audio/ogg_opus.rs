//! Opus packets in Ogg pages (RFC 7845): the headers, a stream that is written page by page while somebody speaks, and encoded silence.
//!
//! Packets pass as they came: nothing is decoded. A whole file is `recording`'s matter, and it shares the headers with this.

use crate::audio::AudioError;
use crate::audio::opus_packet::{self, SAMPLES_PER_MS};
use bytes::Bytes;
use ogg::{PacketWriteEndInfo, PacketWriter};

/// A logical stream in the making: what it gives is to be sent at once, in order.
pub struct OggOpusStream {
    writer: PacketWriter<'static, Vec<u8>>,
    /// Of the next page.
    packets: Vec<Vec<u8>>,
    /// At 48 kHz: the granule position.
    samples: u64,
    silence: Vec<u8>,
    /// Silence that did not make up a packet yet.
    silence_owed_ms: u64,
}

impl std::fmt::Debug for OggOpusStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OggOpusStream").field("samples", &self.samples).finish_non_exhaustive()
    }
}

impl OggOpusStream {
    /// Its headers come with the first page. Whatever was encoded, a decoder gives one channel.
    pub fn new() -> Result<Self, AudioError> {
        let mut writer = PacketWriter::new(Vec::new());
        // A stream that begins within speech has nothing at its start that a decoder should drop.
        for header in [head(1, DECODED_RATE_HZ, 0), tags()] {
            writer.write_packet(header, SERIAL, PacketWriteEndInfo::EndPage, 0).map_err(unwritable)?;
        }
        let silence = silent_packet(opus::Channels::Mono)?;
        Ok(Self { writer, packets: Vec::new(), samples: 0, silence, silence_owed_ms: 0 })
    }

    /// Adds packets that follow what came before.
    pub fn add(&mut self, packets: &[Bytes]) {
        self.packets.extend(packets.iter().map(|packet| packet.to_vec()));
    }

    /// Adds silence, in whole packets; what is left over goes with the next.
    pub fn add_silence(&mut self, ms: u64) {
        self.silence_owed_ms += ms;
        while self.silence_owed_ms >= SILENT_PACKET_MS {
            self.silence_owed_ms -= SILENT_PACKET_MS;
            self.packets.push(self.silence.clone());
        }
    }

    /// What was added since the last time, as whole pages; empty if nothing was.
    pub fn take_pages(&mut self) -> Result<Bytes, AudioError> {
        if self.packets.is_empty() {
            return Ok(Bytes::new());
        }
        self.write(PacketWriteEndInfo::EndPage)?;
        Ok(std::mem::take(self.writer.inner_mut()).into())
    }

    /// The last pages. They end in a bit of silence, so that there is a packet to mark as the end.
    pub fn end(mut self) -> Result<Bytes, AudioError> {
        self.packets.push(self.silence.clone());
        self.write(PacketWriteEndInfo::EndStream)?;
        Ok(self.writer.into_inner().into())
    }

    fn write(&mut self, end: PacketWriteEndInfo) -> Result<(), AudioError> {
        let last = self.packets.len() - 1;
        for (index, packet) in std::mem::take(&mut self.packets).into_iter().enumerate() {
            self.samples += opus_packet::inspect(&packet)?.samples;
            let info = if index == last { end } else { PacketWriteEndInfo::NormalPacket };
            self.writer.write_packet(packet, SERIAL, info, self.samples).map_err(unwritable)?;
        }
        Ok(())
    }
}

/// The identification header. `pre_skip`: samples at 48 kHz that a player drops at the start.
pub fn head(channels: u8, input_rate_hz: u32, pre_skip: u16) -> Vec<u8> {
    let mut head = Vec::from(*b"OpusHead\x01");
    head.push(channels);
    head.extend(pre_skip.to_le_bytes());
    head.extend(input_rate_hz.to_le_bytes());
    // No gain, mapping family 0: mono or stereo.
    head.extend([0, 0, 0]);
    head
}

/// The comment header, without a comment.
pub fn tags() -> Vec<u8> {
    let mut tags = Vec::from(*b"OpusTags");
    tags.extend((VENDOR.len() as u32).to_le_bytes());
    tags.extend(VENDOR.as_bytes());
    tags.extend(0_u32.to_le_bytes());
    tags
}

/// [`SILENT_PACKET_MS`] of digital silence from a real encoder: decoders differ in what they make of empty packets.
pub fn silent_packet(channels: opus::Channels) -> Result<Vec<u8>, AudioError> {
    let unencodable = |error: opus::Error| AudioError::Codec(error.description().to_owned());
    let mut encoder =
        opus::Encoder::new(DECODED_RATE_HZ, channels, opus::Application::LowDelay).map_err(unencodable)?;
    encoder.set_bitrate(opus::Bitrate::Bits(6_000)).map_err(unencodable)?;
    let count = if channels == opus::Channels::Stereo { 2 } else { 1 };
    let zeros = vec![0; (SILENT_PACKET_MS * SAMPLES_PER_MS) as usize * count];
    encoder.encode_vec(&zeros, SILENT_PACKET_BYTES_MAX).map_err(unencodable)
}

pub(super) fn unwritable(error: impl std::fmt::Display) -> AudioError {
    AudioError::Undecodable(format!("the audio could not be written: {error}"))
}

pub const SILENT_PACKET_MS: u64 = 20;
/// One logical stream at a time, so any number does.
pub const SERIAL: u32 = 1;
const SILENT_PACKET_BYTES_MAX: usize = 200;
const VENDOR: &str = "viva";
const DECODED_RATE_HZ: u32 = 48_000;

#[cfg(test)]
mod tests {
    use super::*;
    use ogg::reading::PacketReader;
    use std::io::Cursor;

    fn voice(packets: usize) -> Vec<Bytes> {
        let mut encoder =
            opus::Encoder::new(16_000, opus::Channels::Mono, opus::Application::Voip).expect("an encoder");
        let samples: Vec<i16> = (0..packets * 320).map(|i| ((i % 133) as i16 - 66) * 100).collect();
        samples.chunks(320).map(|frame| encoder.encode_vec(frame, 1_500).expect("a packet").into()).collect()
    }

    #[test]
    fn each_call_gives_whole_pages_and_together_they_are_a_stream_that_any_reader_takes() {
        let mut stream = OggOpusStream::new().expect("a stream");
        let packets = voice(50);
        let mut written = Vec::new();
        for some in packets.chunks(5) {
            stream.add(some);
            let pages = stream.take_pages().expect("pages");
            assert!(pages.starts_with(b"OggS"));
            written.extend(pages);
        }
        stream.add_silence(110);
        stream.add_silence(50);
        written.extend(stream.take_pages().expect("pages"));
        assert_eq!(stream.take_pages(), Ok(Bytes::new()), "there is nothing new");
        written.extend(stream.end().expect("the end"));
        let mut reader = PacketReader::new(Cursor::new(written));
        let mut read = Vec::new();
        while let Some(packet) = reader.read_packet().expect("pages whose checksums hold") {
            read.push(packet);
        }
        assert!(read[0].data.starts_with(b"OpusHead") && read[1].data.starts_with(b"OpusTags"));
        let audio: Vec<&[u8]> = read[2..].iter().map(|packet| packet.data.as_slice()).collect();
        assert!(audio[..50].iter().zip(&packets).all(|(read, written)| read == written), "packets pass as they came");
        assert_eq!(audio.len(), 50 + 8 + 1);
        assert_eq!(read[2 + 4].absgp_page(), 100 * SAMPLES_PER_MS, "the first page ends after 100 ms");
        let last = read.last().expect("packets");
        assert!(last.last_in_stream());
        assert_eq!(last.absgp_page(), (1_000 + 160 + 20) * SAMPLES_PER_MS);
    }

    #[test]
    fn silence_is_silent() {
        let packet = silent_packet(opus::Channels::Mono).expect("a packet");
        let mut decoder = opus::Decoder::new(16_000, opus::Channels::Mono).expect("a decoder");
        let mut samples = vec![7; 320];
        assert_eq!(decoder.decode(&packet, &mut samples, false).expect("samples"), 320);
        assert!(samples.iter().all(|sample| sample.abs() < 4));
    }
}
