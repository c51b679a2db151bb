//! Speech recognition by any server that speaks OpenAI's `/v1/audio/transcriptions`: whisper.cpp, faster-whisper, vLLM, or OpenAI.
//!
//! Such servers take whole files. Voiced segments are sent as WAV; partials come from the growing segment, no more of them than the server
//! answers in good time. It does not judge what the server says, but for silence that it took for words.

mod answer;
mod request;
mod stream;

use crate::config::limits::{RECOGNIZER_PIECES_MAX, RECOGNIZER_RESULTS_MAX, TRANSCRIPTIONS_AT_ONCE_MAX};
use crate::embedded::transcriptions::request::Server;
use crate::embedded::transcriptions::stream::Stream;
use crate::ports::recognizer::{
    AudioForm, Recognizer, RecognizerError, RecognizerInfo, RecognizerKind, RecognizerStream, StreamSpec,
};
use async_trait::async_trait;
use std::fmt;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Which server, and what it is asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct TranscriptionsConfig {
    /// Up to and with the version, e.g. `http://127.0.0.1:8000/v1`.
    pub url: String,
    pub model: String,
    pub key: Option<String>,
    /// BCP 47; `*` for all.
    pub languages: Vec<String>,
    /// For one request; then it is tried again, or the stream fails.
    pub timeout_ms: u64,
}

impl TranscriptionsConfig {
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            model: DEFAULT_MODEL.into(),
            key: None,
            languages: vec!["*".into()],
            timeout_ms: crate::config::limits::TRANSCRIPTION_MS_MAX,
        }
    }
}

impl fmt::Debug for TranscriptionsConfig {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TranscriptionsConfig")
            .field("url", &self.url)
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
pub struct TranscriptionsRecognizer {
    server: Arc<Server>,
    info: RecognizerInfo,
}

impl TranscriptionsRecognizer {
    /// Does not reach for the server yet.
    pub fn new(config: TranscriptionsConfig) -> Result<Self, RecognizerError> {
        let info = RecognizerInfo {
            name: config.model.clone(),
            kind: RecognizerKind::OpenAi,
            languages: config.languages.clone(),
        };
        Ok(Self { server: Arc::new(Server::new(config, TRANSCRIPTIONS_AT_ONCE_MAX)?), info })
    }
}

#[async_trait]
impl Recognizer for TranscriptionsRecognizer {
    fn info(&self) -> RecognizerInfo {
        self.info.clone()
    }

    fn audio_form(&self) -> AudioForm {
        AudioForm::Pcm16k
    }

    async fn open(&self, spec: StreamSpec) -> Result<RecognizerStream, RecognizerError> {
        if !self.info.speaks(&spec.language) {
            return Err(RecognizerError::Language { recognizer: self.info.name.clone(), language: spec.language });
        }
        let (audio, pieces) = mpsc::channel(RECOGNIZER_PIECES_MAX);
        let (sender, results) = mpsc::channel(RECOGNIZER_RESULTS_MAX);
        tokio::spawn(Stream::new(Arc::clone(&self.server), &spec, sender).run(pieces));
        Ok(RecognizerStream { audio, results })
    }
}

const DEFAULT_MODEL: &str = "whisper-1";
