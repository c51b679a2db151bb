//! Plays samples to a recognizer through intake and gate, as a session does, and keeps what it says, in media time.

use bytes::Bytes;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use viva::audio::gate::{Gate, GateAction};
use viva::audio::intake::Intake;
use viva::interview::params::{AudioFormat, Codec};
use viva::ports::recognizer::{Recognized, RecognizedWord, Recognizer, RecognizerError, RecognizerStream, StreamSpec};

/// What was recognized.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// With the media time that had been played when it came.
    pub(crate) partials: Vec<(u64, Recognized)>,
    /// Texts of the segments.
    pub(crate) finals: Vec<String>,
    pub(crate) words: Vec<RecognizedWord>,
    /// From the last audio sent to the last final.
    pub(crate) final_after: Duration,
}

impl Heard {
    pub(crate) fn text(&self) -> String {
        self.finals.join(" ")
    }
}

/// How fast the audio is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    AsTaken,
    RealTime,
}

pub(crate) async fn hear(recognizer: &dyn Recognizer, samples: &[i16], pace: Pace) -> Result<Heard, RecognizerError> {
    let format = AudioFormat { codec: Codec::PcmS16le, sample_rate_hz: 16_000, channels: 1 };
    let mut intake = Intake::new(format, recognizer.audio_form()).expect("a format that every intake takes");
    let mut gate = Gate::new();
    let mut stream: Option<RecognizerStream> = None;
    let mut heard = Heard::default();
    let began = Instant::now();
    let silence = vec![0; MESSAGE_SAMPLES * 15];
    let audio: Vec<i16> = samples.iter().chain(&silence).copied().collect();
    for (index, message) in audio.chunks(MESSAGE_SAMPLES).enumerate() {
        let from_ms = index as u64 * MESSAGE_MS;
        if pace == Pace::RealTime {
            tokio::time::sleep_until((began + Duration::from_millis(from_ms + MESSAGE_MS)).into()).await;
        }
        let data: Bytes = message.iter().flat_map(|sample| sample.to_le_bytes()).collect::<Vec<_>>().into();
        for piece in intake.take(from_ms, &data).expect("well-formed audio") {
            for action in gate.push(piece) {
                match action {
                    GateAction::Open => {
                        let spec = StreamSpec { language: "en-US".into(), hints: Vec::new() };
                        stream = Some(recognizer.open(spec).await?);
                    }
                    GateAction::Feed(piece) => {
                        let fed = stream.as_ref().expect("the gate opens before it feeds").audio.send(piece).await;
                        fed.map_err(|_| RecognizerError::Failed("the stream takes nothing more".into()))?;
                    }
                    GateAction::Close => {}
                }
            }
        }
        if let Some(stream) = &mut stream {
            while let Ok(result) = stream.results.try_recv() {
                note(&mut heard, &gate, result?, from_ms + MESSAGE_MS);
            }
        }
    }
    let sent = Instant::now();
    if let Some(RecognizerStream { audio, mut results }) = stream {
        drop(audio);
        while let Some(result) = results.recv().await {
            note(&mut heard, &gate, result?, intake.position_ms());
        }
    }
    heard.final_after = sent.elapsed();
    Ok(heard)
}

fn note(heard: &mut Heard, gate: &Gate, result: Recognized, played_ms: u64) {
    match result {
        Recognized::Final { text, words } => {
            heard.finals.push(text);
            heard.words.extend(words.into_iter().map(|word| RecognizedWord {
                start_ms: gate.media_of(word.start_ms),
                end_ms: gate.media_of(word.end_ms),
                ..word
            }));
        }
        Recognized::Progress { .. } => {}
        partial @ Recognized::Partial { .. } => heard.partials.push((played_ms, partial)),
    }
}

/// Names, paths and texts of the shipped answers.
pub(crate) fn texts() -> Vec<(String, PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("loadtest/speech");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder of answers")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("a text");
        (name, path, text)
    };
    paths.into_iter().map(read).collect()
}

pub(crate) fn read_wav(path: &Path) -> Vec<i16> {
    let mut reader = hound::WavReader::open(path).expect("a WAV file");
    assert_eq!((reader.spec().sample_rate, reader.spec().channels), (16_000, 1), "{}", path.display());
    reader.samples().map(|sample| sample.expect("a sample")).collect()
}

/// Substitutions, insertions and deletions that turn one text into the other, and the words of the first. Case and punctuation do not count.
pub(crate) fn word_errors(reference: &str, heard: &str) -> (usize, usize) {
    let words = |text: &str| -> Vec<String> {
        let kept = text.to_lowercase().replace(|c: char| !c.is_alphanumeric() && c != '\'', " ");
        kept.split_whitespace().map(str::to_owned).collect()
    };
    let (reference, heard) = (words(reference), words(heard));
    let mut distances: Vec<usize> = (0..=heard.len()).collect();
    for (row, wanted) in reference.iter().enumerate() {
        let mut diagonal = distances[0];
        distances[0] = row + 1;
        for (column, got) in heard.iter().enumerate() {
            let replaced = diagonal + usize::from(wanted != got);
            diagonal = distances[column + 1];
            distances[column + 1] = replaced.min(diagonal + 1).min(distances[column] + 1);
        }
    }
    (distances[heard.len()], reference.len())
}

const MESSAGE_MS: u64 = 100;
const MESSAGE_SAMPLES: usize = 1_600;
