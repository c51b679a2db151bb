//! From pieces of audio to what Transcribe takes in one event: all that is there, up to a fifth of a second, in one encoding for each stream.

use crate::audio::ogg_opus::OggOpusStream;
use crate::config::limits::TRANSCRIBE_CHUNK_MS_MAX;
use crate::ports::recognizer::{AudioPiece, Payload, RecognizerError};
use bytes::Bytes;
use std::collections::VecDeque;
use tokio::sync::mpsc::Receiver;

/// The audio of one stream on its way up.
pub(super) struct Chunks {
    pieces: Receiver<AudioPiece>,
    /// Taken from there, and not in a chunk yet.
    waiting: VecDeque<AudioPiece>,
    form: Form,
}

enum Form {
    Pcm,
    Opus(Box<OggOpusStream>),
    Ended,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Pcm16k,
    OggOpus,
}

#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) bytes: Bytes,
    pub(super) ms: u64,
}

impl Chunks {
    /// Waits for the first audio that has a form. `None`: there is none, and nothing to recognize.
    pub(super) async fn begin(mut pieces: Receiver<AudioPiece>) -> Result<Option<(Self, Encoding)>, RecognizerError> {
        let mut waiting = VecDeque::new();
        while let Some(piece) = pieces.recv().await {
            let begun = match &piece.payload {
                Payload::Pcm16k(_) => Some((Form::Pcm, Encoding::Pcm16k)),
                Payload::Opus(_) => {
                    Some((Form::Opus(Box::new(OggOpusStream::new().map_err(unwritable)?)), Encoding::OggOpus))
                }
                Payload::None => None,
            };
            waiting.push_back(piece);
            if let Some((form, encoding)) = begun {
                return Ok(Some((Self { pieces, waiting, form }, encoding)));
            }
        }
        Ok(None)
    }

    /// The next chunk, as soon as there is any audio; `None` after the last. Nothing is lost when the wait is given up.
    pub(super) async fn next(&mut self) -> Result<Option<Chunk>, RecognizerError> {
        loop {
            if self.waiting.is_empty() {
                match self.pieces.recv().await {
                    Some(piece) => self.waiting.push_back(piece),
                    None => return self.last(),
                }
            }
            let chunk = self.gather()?;
            // Silence shorter than a packet waits for more.
            if !chunk.bytes.is_empty() {
                return Ok(Some(chunk));
            }
        }
    }

    fn gather(&mut self) -> Result<Chunk, RecognizerError> {
        let (mut samples, mut ms) = (Vec::new(), 0);
        while ms < TRANSCRIBE_CHUNK_MS_MAX {
            let Some(piece) = self.waiting.pop_front().or_else(|| self.pieces.try_recv().ok()) else { break };
            let left_ms = TRANSCRIBE_CHUNK_MS_MAX - ms;
            if ms > 0 && piece.duration_ms > left_ms {
                self.waiting.push_front(piece);
                break;
            }
            ms += match (&mut self.form, piece.payload) {
                (Form::Pcm, Payload::Pcm16k(more)) => {
                    samples.extend(more.into_iter().flat_map(i16::to_le_bytes));
                    piece.duration_ms
                }
                (Form::Opus(stream), Payload::Opus(packets)) => {
                    stream.add(&packets);
                    piece.duration_ms
                }
                (form, Payload::None) => {
                    let now_ms = piece.duration_ms.min(left_ms);
                    match form {
                        Form::Opus(stream) => stream.add_silence(now_ms),
                        Form::Pcm | Form::Ended => {
                            samples.resize(samples.len() + now_ms as usize * BYTES_PER_MS, 0);
                        }
                    }
                    if piece.duration_ms > now_ms {
                        let duration_ms = piece.duration_ms - now_ms;
                        self.waiting.push_front(AudioPiece {
                            duration_ms,
                            voiced: piece.voiced,
                            payload: Payload::None,
                        });
                    }
                    now_ms
                }
                (Form::Pcm | Form::Ended, Payload::Opus(_)) | (Form::Opus(_) | Form::Ended, Payload::Pcm16k(_)) => {
                    return Err(RecognizerError::Failed("the audio changed its form within a stream".into()));
                }
            };
        }
        let bytes = match &mut self.form {
            Form::Opus(stream) => stream.take_pages().map_err(unwritable)?,
            Form::Pcm | Form::Ended => samples.into(),
        };
        Ok(Chunk { bytes, ms })
    }

    fn last(&mut self) -> Result<Option<Chunk>, RecognizerError> {
        match std::mem::replace(&mut self.form, Form::Ended) {
            Form::Opus(stream) => Ok(Some(Chunk { bytes: stream.end().map_err(unwritable)?, ms: 0 })),
            Form::Pcm | Form::Ended => Ok(None),
        }
    }
}

fn unwritable(error: impl std::fmt::Display) -> RecognizerError {
    RecognizerError::Failed(error.to_string())
}

/// 16 kHz, 16 bits, one channel.
const BYTES_PER_MS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc;

    fn samples(ms: u64) -> AudioPiece {
        AudioPiece { duration_ms: ms, voiced: true, payload: Payload::Pcm16k(vec![7; ms as usize * 16]) }
    }

    fn silence(ms: u64) -> AudioPiece {
        AudioPiece { duration_ms: ms, voiced: false, payload: Payload::None }
    }

    async fn chunks_of(given: Vec<AudioPiece>) -> (Encoding, Vec<Chunk>) {
        let (sender, pieces) = mpsc::channel(64);
        for piece in given {
            sender.send(piece).await.expect("room");
        }
        drop(sender);
        let (mut chunks, encoding) = Chunks::begin(pieces).await.expect("a form").expect("audio");
        let mut found = Vec::new();
        while let Some(chunk) = chunks.next().await.expect("a chunk") {
            found.push(chunk);
        }
        (encoding, found)
    }

    #[tokio::test]
    async fn all_that_is_there_goes_in_chunks_of_200_ms() {
        let (encoding, chunks) =
            chunks_of(vec![silence(300), samples(100), samples(60), samples(100), silence(250)]).await;
        assert_eq!(encoding, Encoding::Pcm16k);
        assert_eq!(chunks.iter().map(|chunk| chunk.ms).collect::<Vec<_>>(), [200, 200, 160, 200, 50]);
        assert!(chunks.iter().all(|chunk| chunk.bytes.len() as u64 == chunk.ms * 32), "every millisecond is there");
    }

    #[tokio::test]
    async fn opus_goes_as_pages_with_silence_in_packets() {
        let packet = Bytes::from(crate::audio::ogg_opus::silent_packet(opus::Channels::Mono).expect("a packet"));
        let packets = AudioPiece { duration_ms: 100, voiced: true, payload: Payload::Opus(vec![packet; 5]) };
        let (encoding, chunks) = chunks_of(vec![packets.clone(), packets, silence(30), silence(10)]).await;
        assert_eq!(encoding, Encoding::OggOpus);
        assert!(chunks.iter().all(|chunk| chunk.bytes.starts_with(b"OggS")));
        assert_eq!(chunks.len(), 3, "200 ms, the silence, the end");
    }

    #[tokio::test]
    async fn without_audio_there_is_nothing_to_recognize() {
        let (sender, pieces) = mpsc::channel(4);
        sender.send(silence(500)).await.expect("room");
        drop(sender);
        assert!(Chunks::begin(pieces).await.expect("no failure").is_none());
    }

    #[tokio::test]
    async fn a_change_of_form_is_refused() {
        let (sender, pieces) = mpsc::channel(4);
        sender.send(samples(100)).await.expect("room");
        sender.send(AudioPiece { duration_ms: 20, voiced: true, payload: Payload::Opus(vec![]) }).await.expect("room");
        let (mut chunks, _) = Chunks::begin(pieces).await.expect("a form").expect("audio");
        assert!(matches!(chunks.next().await, Err(RecognizerError::Failed(_))));
    }
}
