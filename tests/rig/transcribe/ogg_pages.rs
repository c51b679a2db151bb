//! Reads an Ogg Opus stream strictly as its bytes come: checksums, page numbers, headers first, granule positions.

use bytes::{Buf, BytesMut};
use viva::audio::opus_packet;

#[derive(Default)]
pub(super) struct OggPages {
    buffer: BytesMut,
    serial: Option<u32>,
    page: u32,
    /// A packet that goes on on the next page.
    unfinished: Vec<u8>,
    headers: usize,
    samples: u64,
    ended: bool,
}

impl OggPages {
    /// The audio packets that these bytes complete, and their length in samples at 48 kHz.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<(Vec<Vec<u8>>, u64), String> {
        self.buffer.extend_from_slice(bytes);
        let before = self.samples;
        let mut audio = Vec::new();
        while let Some((header, lacing)) = self.next_page()? {
            self.take_page(&header, &lacing, &mut audio)?;
        }
        Ok((audio, self.samples - before))
    }

    fn next_page(&mut self) -> Result<Option<(Header, Lacing)>, String> {
        let Some(header) = self.buffer.first_chunk::<HEADER_BYTES>().copied() else { return Ok(None) };
        if !header.starts_with(b"OggS\0") {
            return Err("this is no Ogg page".into());
        }
        let Some(lacing) = self.buffer.get(HEADER_BYTES..HEADER_BYTES + usize::from(header[26])) else {
            return Ok(None);
        };
        let lacing = lacing.to_vec();
        let body: usize = lacing.iter().map(|length| usize::from(*length)).sum();
        let whole = HEADER_BYTES + lacing.len() + body;
        let Some(page) = self.buffer.get(..whole) else { return Ok(None) };
        let mut unsummed = page.to_vec();
        unsummed[22..26].fill(0);
        if checksum(&unsummed) != u32_at(&header, 22) {
            return Err("a page's checksum is wrong".into());
        }
        self.buffer.advance(HEADER_BYTES + lacing.len());
        Ok(Some((header, lacing)))
    }

    fn take_page(&mut self, header: &[u8], lacing: &[u8], audio: &mut Vec<Vec<u8>>) -> Result<(), String> {
        let (flags, serial, page) = (header[5], u32_at(header, 14), u32_at(header, 18));
        if self.ended || page != self.page || *self.serial.get_or_insert(serial) != serial {
            return Err("a page is out of order".into());
        }
        if (flags & BEGINS != 0) != (page == 0) || (flags & CONTINUES != 0) == self.unfinished.is_empty() {
            return Err("a page's flags are wrong".into());
        }
        self.page += 1;
        self.ended = flags & ENDS != 0;
        for length in lacing {
            let part = self.buffer.split_to(usize::from(*length));
            self.unfinished.extend_from_slice(&part);
            if *length < 255 {
                let packet = std::mem::take(&mut self.unfinished);
                self.take_packet(packet, audio)?;
            }
        }
        let granule = u64::from_le_bytes(header[6..14].try_into().expect("eight bytes"));
        if granule != self.samples && granule != u64::MAX {
            return Err(format!("a page ends at {granule}, but its packets at {}", self.samples));
        }
        Ok(())
    }

    fn take_packet(&mut self, packet: Vec<u8>, audio: &mut Vec<Vec<u8>>) -> Result<(), String> {
        match self.headers {
            0 if packet.starts_with(b"OpusHead\x01") && packet.len() == 19 => self.headers = 1,
            1 if packet.starts_with(b"OpusTags") => self.headers = 2,
            2 => {
                self.samples += opus_packet::inspect(&packet).map_err(|error| error.to_string())?.samples;
                audio.push(packet);
            }
            _ => return Err("the stream does not begin with the headers of Opus".into()),
        }
        Ok(())
    }
}

type Header = [u8; HEADER_BYTES];
type Lacing = Vec<u8>;

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

/// Ogg's own: polynomial 0x04c11db7, nothing reflected, nothing inverted.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |sum, byte| {
        (0..8).fold(sum ^ (u32::from(*byte) << 24), |sum, _| {
            (sum << 1) ^ if sum & 0x8000_0000 == 0 { 0 } else { 0x04c1_1db7 }
        })
    })
}

const HEADER_BYTES: usize = 27;
const CONTINUES: u8 = 1;
const BEGINS: u8 = 2;
const ENDS: u8 = 4;
