//! Audio as it comes from a client: framing, Opus, PCM, voice activity, what is fed to a recognizer, and the recording.
//!
//! Pure: no I/O, no clock, no async. It knows media time (the position in the audio since the session's first sample) and nothing of
//! sessions, turns or recognizers.

pub mod activity;
pub mod framing;
pub mod gate;
pub mod intake;
pub mod ogg_opus;
pub mod opus_packet;
pub mod recording;
pub mod resample;

use crate::ports::recognizer::AudioPiece;

/// A piece of audio and where it begins in media time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimedPiece {
    pub from_ms: u64,
    pub piece: AudioPiece,
}

impl TimedPiece {
    pub fn through_ms(&self) -> u64 {
        self.from_ms + self.piece.duration_ms
    }
}

/// Why audio was dropped. Nothing of the message that caused it is kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AudioError {
    /// It starts more than 20 ms before the end of what came before.
    #[error("the audio starts at {given_ms} ms, but audio up to {expected_ms} ms was received already")]
    MediaTime { given_ms: u64, expected_ms: u64 },
    #[error("one message may hold at most {max_ms} ms of audio")]
    TooLong { max_ms: u64 },
    #[error("the audio cannot be decoded: {0}")]
    Undecodable(String),
    /// The format itself, as it was announced, is none that we take.
    #[error("this audio format is not supported: {0}")]
    Codec(String),
}
