//! What one event may hold, and what becomes of it: pieces for a recognizer of viva.

use super::exception::Exception;
use super::ogg_pages::OggPages;
use super::request::{Asked, Encoding};
use bytes::Bytes;
use viva::audio::framing;
use viva::audio::intake::Intake;
use viva::interview::params::{AudioFormat, Codec};
use viva::ports::recognizer::{AudioForm, AudioPiece};

pub(super) struct Audio {
    rate_hz: u32,
    ogg: Option<OggPages>,
    intake: Intake,
}

impl Audio {
    pub(super) fn new(asked: &Asked, form: AudioForm) -> Result<Self, Exception> {
        let (codec, ogg) = match asked.encoding {
            Encoding::Pcm => (Codec::PcmS16le, None),
            Encoding::OggOpus => (Codec::Opus, Some(OggPages::default())),
        };
        let format = AudioFormat { codec, sample_rate_hz: asked.rate_hz, channels: 1 };
        let intake = Intake::new(format, form).map_err(|error| Exception::bad_request(error.to_string()))?;
        Ok(Self { rate_hz: asked.rate_hz, ogg, intake })
    }

    /// Takes one event's audio; answers its length and its pieces.
    pub(super) fn take(&mut self, chunk: &Bytes) -> Result<(u64, Vec<AudioPiece>), Exception> {
        let refused =
            |why: &str| Exception::bad_request(format!("Could not decode the audio stream that you provided: {why}"));
        let (ms, data) = match &mut self.ogg {
            None if !chunk.len().is_multiple_of(2) => return Err(refused("half a sample")),
            None => ((chunk.len() as u64 * 500).div_ceil(u64::from(self.rate_hz)), chunk.clone()),
            Some(ogg) => {
                let (packets, samples) = ogg.read(chunk).map_err(|why| refused(&why))?;
                let data = framing::message(packets).ok_or_else(|| refused("an empty packet"))?;
                (samples.div_ceil(48), data)
            }
        };
        if ms > CHUNK_MS_MAX {
            return Err(Exception::bad_request("The audio chunk is longer than 1 second."));
        }
        if data.is_empty() {
            return Ok((ms, Vec::new()));
        }
        let at_ms = self.intake.position_ms();
        let timed = self.intake.take(at_ms, &data).map_err(|error| refused(&error.to_string()))?;
        Ok((ms, timed.into_iter().map(|timed| timed.piece).collect()))
    }
}

const CHUNK_MS_MAX: u64 = 1_000;
