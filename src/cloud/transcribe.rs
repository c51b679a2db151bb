//! Amazon Transcribe streaming behind the recognizer's port: a stream of audio events up, transcript events down, over one HTTP/2 request.
//!
//! Opus goes up as it came, in Ogg; samples as PCM. It tells no progress: Transcribe says nothing about silence, and its words alone show how far
//! it is. When a stream opens and closes is the gate's business, when a failed one is tried again the driver's.

mod chunks;
mod exceptions;
mod languages;
mod results;
mod stream;

use crate::cloud::aws::Aws;
use crate::cloud::transcribe::languages::Languages;
use crate::config::limits::{RECOGNIZER_PIECES_MAX, RECOGNIZER_RESULTS_MAX};
use crate::config::transcribe::{FilterMethod, Stability, TranscribeConfig};
use crate::ports::recognizer::{
    AudioForm, Recognizer, RecognizerError, RecognizerInfo, RecognizerKind, RecognizerStream, StreamSpec,
};
use async_trait::async_trait;
use aws_sdk_transcribestreaming::Client;
use aws_sdk_transcribestreaming::operation::start_stream_transcription::builders::StartStreamTranscriptionFluentBuilder;
use aws_sdk_transcribestreaming::types::{
    ContentRedactionType, LanguageCode, PartialResultsStability, VocabularyFilterMethod,
};
use tokio::sync::mpsc;
use uuid::Uuid;

#[derive(Debug)]
pub struct TranscribeRecognizer {
    client: Client,
    config: TranscribeConfig,
    languages: Languages,
}

impl TranscribeRecognizer {
    pub fn new(aws: &Aws, config: TranscribeConfig) -> Self {
        let languages = Languages::new(config.languages.as_deref());
        Self { client: Client::new(&aws.of_service("TRANSCRIBE_STREAMING")), config, languages }
    }

    /// What a client is told of it, by a function that has no business with Transcribe and links no client for it.
    pub fn offered(config: &TranscribeConfig) -> RecognizerInfo {
        info(&Languages::new(config.languages.as_deref()))
    }

    /// A request for everything but the audio.
    #[expect(clippy::disallowed_methods, reason = "this adapter's streams need a name that no live stream has")]
    fn request(&self, code: &str) -> StartStreamTranscriptionFluentBuilder {
        let config = &self.config;
        let key = code.to_ascii_lowercase();
        let mut request = self
            .client
            .start_stream_transcription()
            .language_code(LanguageCode::from(code))
            // A second stream with the id of a live one kills the live one.
            .session_id(Uuid::new_v4().to_string())
            .set_vocabulary_name(config.vocabularies.get(&key).cloned());
        if let Some(stability) = config.stability {
            request = request.enable_partial_results_stabilization(true).partial_results_stability(match stability {
                Stability::Low => PartialResultsStability::Low,
                Stability::Medium => PartialResultsStability::Medium,
                Stability::High => PartialResultsStability::High,
            });
        }
        if let Some(filter) = config.filters.get(&key) {
            request = request.vocabulary_filter_name(filter).vocabulary_filter_method(match config.filter_method {
                FilterMethod::Mask => VocabularyFilterMethod::Mask,
                FilterMethod::Remove => VocabularyFilterMethod::Remove,
                FilterMethod::Tag => VocabularyFilterMethod::Tag,
            });
        }
        if let Some(kinds) = &config.redact {
            request = request.content_redaction_type(ContentRedactionType::Pii).pii_entity_types(kinds.join(","));
        }
        request
    }
}

#[async_trait]
impl Recognizer for TranscribeRecognizer {
    fn info(&self) -> RecognizerInfo {
        info(&self.languages)
    }

    fn audio_form(&self) -> AudioForm {
        AudioForm::OpusOrPcm16k
    }

    /// The connection is made when the first audio comes, because only then is it known which form it has; a refusal comes as a result.
    async fn open(&self, spec: StreamSpec) -> Result<RecognizerStream, RecognizerError> {
        let Some(code) = self.languages.code_of(&spec.language) else {
            return Err(RecognizerError::Language { recognizer: NAME.into(), language: spec.language });
        };
        let (audio, pieces) = mpsc::channel(RECOGNIZER_PIECES_MAX);
        let (sender, results) = mpsc::channel(RECOGNIZER_RESULTS_MAX);
        tokio::spawn(stream::run(self.request(code), self.config.opus_rate_hz, pieces, sender));
        Ok(RecognizerStream { audio, results })
    }
}

fn info(languages: &Languages) -> RecognizerInfo {
    let languages = languages.tags().map(str::to_owned).collect();
    RecognizerInfo { name: NAME.into(), kind: RecognizerKind::Transcribe, languages }
}

const NAME: &str = "Amazon Transcribe";
