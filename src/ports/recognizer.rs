//! Speech to words.

use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

/// Who recognizes; shown to the candidate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecognizerInfo {
    pub name: String,
    pub kind: RecognizerKind,
    /// BCP 47; a primary tag alone (`en`) stands for all its regions; `*` for every language.
    pub languages: Vec<String>,
}

impl RecognizerInfo {
    /// Whether it can do a language (BCP 47, case does not matter): `en-US` is done by `en-US`, `en` and `*`.
    pub fn speaks(&self, language: &str) -> bool {
        let wanted = language.to_ascii_lowercase();
        self.languages.iter().any(|known| {
            let known = known.to_ascii_lowercase();
            known == "*" || known == wanted || wanted.strip_prefix(&known).is_some_and(|rest| rest.starts_with('-'))
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecognizerKind {
    PocketSphinx,
    OpenAi,
    Scripted,
    Transcribe,
}

/// What a recognizer must be fed with; the caller decodes only where it is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AudioForm {
    /// 16 kHz mono samples.
    Pcm16k,
    /// The client's Opus packets where it sends Opus, else samples.
    OpusOrPcm16k,
    /// Neither: only how long and whether voiced.
    Timing,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    Pcm16k(Vec<i16>),
    Opus(Vec<Bytes>),
    None,
}

/// A piece of audio in the order of media time. Within one stream pieces follow each other without a gap (silence fills one).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AudioPiece {
    pub duration_ms: u64,
    pub voiced: bool,
    pub payload: Payload,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamSpec {
    /// BCP 47.
    pub language: String,
    /// Words that are likely, e.g. of the topic; a hint.
    pub hints: Vec<String>,
}

/// Times are stream time: 0 is the first sample that this stream was fed.
#[derive(Clone, Debug, PartialEq)]
pub enum Recognized {
    /// The growing segment; replaces the previous partial. The first `stable_chars` Unicode scalar values will not change.
    Partial { text: String, stable_chars: usize, start_ms: u64, end_ms: u64 },
    /// The segment is over; the next result belongs to the next. Empty text: nothing was recognized in it.
    Final { text: String, words: Vec<RecognizedWord> },
    /// Everything up to there has been worked on: what was understood in it was told before. A recognizer that knows this tells it a few
    /// times a second of audio, also where there is nothing to say; without it, its words alone show how far it is.
    Progress { through_ms: u64 },
}

#[derive(Clone, Debug, PartialEq)]
pub struct RecognizedWord {
    pub text: String,
    pub start_ms: u64,
    pub end_ms: u64,
    /// 0 to 1.
    pub confidence: f32,
}

/// An open stream. Dropping `audio` ends the input; then results are to be read until `None`, or the last final is lost. Dropping both
/// ends the work at once.
#[derive(Debug)]
pub struct RecognizerStream {
    pub audio: mpsc::Sender<AudioPiece>,
    pub results: mpsc::Receiver<Result<Recognized, RecognizerError>>,
}

/// Turns speech into words.
///
/// Contract: finals are in order and never overlap; after a pause of 1 s in the audio fed, a segment that has words is made final (the
/// recognizer's own end-pointing may be quicker); a stream without audio stays open at no cost to others; an error ends the stream.
#[async_trait]
pub trait Recognizer: Send + Sync {
    fn info(&self) -> RecognizerInfo;

    fn audio_form(&self) -> AudioForm;

    async fn open(&self, spec: StreamSpec) -> Result<RecognizerStream, RecognizerError>;
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecognizerError {
    /// It is not there on this machine; the message names what brings it.
    #[error("no speech recognizer: {0}")]
    Unavailable(String),
    #[error("the recognizer {recognizer} does not understand {language}")]
    Language { recognizer: String, language: String },
    /// As many streams are open as are allowed; try again.
    #[error("too many recognizer streams are open")]
    Busy,
    #[error("the recognizer failed: {0}")]
    Failed(String),
}
