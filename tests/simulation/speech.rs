//! Speech as packets that carry their words, and a recognizer that reads them: what is fed again is understood again, and nothing else is.

use async_trait::async_trait;
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use viva::audio::framing;
use viva::ports::recognizer::{
    AudioForm, AudioPiece, Payload, Recognized, RecognizedWord, Recognizer, RecognizerError, RecognizerInfo,
    RecognizerKind, RecognizerStream, StreamSpec,
};

/// A message of 100 ms: five packets that carry a word, or silence.
pub fn message(word: Option<u16>) -> Bytes {
    let packet = |word: Option<u16>| match word {
        // SILK, wide band, 20 ms, mono; the first bit of the frame is the voice flag.
        Some(word) => [[0x48, 0x80].as_slice(), &word.to_be_bytes(), &[0xA5; 20]].concat(),
        None => [0x48, 0x00, 0x00, 0x00].to_vec(),
    };
    framing::message((0..5).map(|_| packet(word))).expect("packets are short")
}

fn spoken(packet: &[u8]) -> Option<u16> {
    match packet {
        [_, flags, high, low, ..] if flags & 0x80 != 0 => Some(u16::from_be_bytes([*high, *low])),
        _ => None,
    }
}

/// The word that a number stands for.
pub fn word(number: u16) -> String {
    format!("w{number}")
}

/// What goes wrong with streams, in the order in which they are opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamFault {
    None,
    OpenFails,
    /// Others have all streams.
    Busy,
    FailsAfterMs(u64),
    /// Takes nothing more.
    StallsAfterMs(u64),
    /// Takes everything and says nothing.
    Mute,
    /// Says every partial so many times.
    Floods(u32),
    /// Needs so many times as long as the speech, and tells how far it is.
    Lags(u32),
}

#[derive(Debug, Default)]
pub struct Ear {
    pub faults: Vec<StreamFault>,
    pub opened: AtomicU32,
    /// Streams that got no audio for 15 s: Transcribe ends such a stream.
    pub starved: Arc<AtomicU32>,
}

#[async_trait]
impl Recognizer for Ear {
    fn info(&self) -> RecognizerInfo {
        RecognizerInfo { name: "reader".into(), kind: RecognizerKind::Scripted, languages: vec!["*".into()] }
    }

    fn audio_form(&self) -> AudioForm {
        AudioForm::OpusOrPcm16k
    }

    async fn open(&self, _: StreamSpec) -> Result<RecognizerStream, RecognizerError> {
        let nth = self.opened.fetch_add(1, Ordering::Relaxed) as usize;
        let fault = self.faults.get(nth).cloned().unwrap_or(StreamFault::None);
        tokio::task::yield_now().await;
        if fault == StreamFault::OpenFails {
            return Err(RecognizerError::Failed("as the test says".into()));
        }
        if fault == StreamFault::Busy {
            return Err(RecognizerError::Busy);
        }
        let (audio, pieces) = mpsc::channel(64);
        let (sender, results) = mpsc::channel(64);
        tokio::spawn(
            Stream {
                results: sender,
                fault,
                fed_ms: 0,
                words: Vec::new(),
                quiet_ms: 0,
                said_ms: 0,
                starved: Arc::clone(&self.starved),
            }
            .run(pieces),
        );
        Ok(RecognizerStream { audio, results })
    }
}

struct Stream {
    results: mpsc::Sender<Result<Recognized, RecognizerError>>,
    fault: StreamFault,
    fed_ms: u64,
    words: Vec<(u16, u64, u64)>,
    quiet_ms: u64,
    said_ms: u64,
    starved: Arc<AtomicU32>,
}

impl Stream {
    async fn run(mut self, mut pieces: mpsc::Receiver<AudioPiece>) {
        loop {
            let piece = match tokio::time::timeout(STARVED_AFTER, pieces.recv()).await {
                Ok(Some(piece)) => piece,
                Ok(None) => break,
                Err(_) => {
                    self.starved.fetch_add(1, Ordering::Relaxed);
                    let _ = self.results.send(Err(RecognizerError::Failed("no audio for 15 s".into()))).await;
                    return;
                }
            };
            match self.fault {
                StreamFault::FailsAfterMs(ms) if self.fed_ms >= ms => {
                    let _ = self.results.send(Err(RecognizerError::Failed("as the test says".into()))).await;
                    return;
                }
                StreamFault::StallsAfterMs(ms) if self.fed_ms >= ms => {
                    tokio::time::sleep(Duration::from_secs(3_600)).await;
                    return;
                }
                _ => {}
            }
            let duration_ms = piece.duration_ms;
            if self.hear(piece).await.is_err() {
                return;
            }
            if let StreamFault::Lags(times) = self.fault {
                let progress = Recognized::Progress { through_ms: self.fed_ms };
                if self.results.send(Ok(progress)).await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(duration_ms * u64::from(times))).await;
            }
        }
        if !self.words.is_empty() {
            let _ = self.finish().await;
        }
    }

    async fn hear(&mut self, piece: AudioPiece) -> Result<(), ()> {
        let packets: VecDeque<Option<u16>> = match piece.payload {
            Payload::Opus(packets) => packets.iter().map(|packet| spoken(packet)).collect(),
            Payload::None => (0..piece.duration_ms / 20).map(|_| None).collect(),
            Payload::Pcm16k(_) => panic!("packets were asked for"),
        };
        for packet in packets {
            let (from, through) = (self.fed_ms, self.fed_ms + 20);
            self.fed_ms = through;
            match (packet, self.words.last_mut()) {
                (Some(number), Some((last, _, end))) if *last == number && *end == from => *end = through,
                (Some(number), _) => self.words.push((number, from, through)),
                (None, _) => {}
            }
            self.quiet_ms = if packet.is_some() { 0 } else { self.quiet_ms + 20 };
            if packet.is_some() && self.fed_ms >= self.said_ms + 200 {
                self.said_ms = self.fed_ms;
                self.partial().await?;
            }
            if self.quiet_ms >= 600 && !self.words.is_empty() {
                self.finish().await?;
            }
        }
        Ok(())
    }

    async fn partial(&self) -> Result<(), ()> {
        let times = match self.fault {
            StreamFault::Mute => 0,
            StreamFault::Floods(times) => times,
            _ => 1,
        };
        let words: Vec<String> = self.words.iter().map(|(number, ..)| word(*number)).collect();
        let stable = words[..words.len() - 1].join(" ");
        let (start_ms, end_ms) = (self.words[0].1, self.fed_ms);
        for _ in 0..times {
            let partial =
                Recognized::Partial { text: words.join(" "), stable_chars: stable.chars().count(), start_ms, end_ms };
            self.results.send(Ok(partial)).await.map_err(|_| ())?;
        }
        Ok(())
    }

    async fn finish(&mut self) -> Result<(), ()> {
        let words: Vec<RecognizedWord> = std::mem::take(&mut self.words)
            .into_iter()
            .map(|(number, start_ms, end_ms)| RecognizedWord { text: word(number), start_ms, end_ms, confidence: 0.9 })
            .collect();
        if self.fault == StreamFault::Mute {
            return Ok(());
        }
        let text = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
        self.results.send(Ok(Recognized::Final { text, words })).await.map_err(|_| ())
    }
}

/// A recognizer shared with the test.
pub fn ear(faults: Vec<StreamFault>) -> Arc<Ear> {
    Arc::new(Ear { faults, ..Ear::default() })
}

const STARVED_AFTER: Duration = Duration::from_secs(15);
