//! One request to a transcription server: a WAV file there, an answer back, with limits on time, size and number, and retries for what may pass.

use crate::config::limits::{
    TRANSCRIPTION_BYTES_MAX, TRANSCRIPTION_CONNECT_MS_MAX, TRANSCRIPTION_RETRIES_MAX, TRANSCRIPTION_RETRY_MS,
    TRANSCRIPTION_RETRY_MS_MAX,
};
use crate::embedded::transcriptions::TranscriptionsConfig;
use crate::embedded::transcriptions::answer::Answer;
use crate::ports::recognizer::RecognizerError;
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Response, StatusCode, header};
use std::io::Cursor;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;

#[derive(Debug)]
pub(super) struct Server {
    client: Client,
    config: TranscriptionsConfig,
    places: Semaphore,
    /// It does not know `verbose_json`; found out on the way.
    plain: AtomicBool,
}

/// What is asked of the server with every file of a stream.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    /// ISO 639: what such servers take.
    pub(super) language: String,
    pub(super) prompt: String,
}

/// What one attempt came to, if not an answer.
enum Refusal {
    /// It may go better after so long.
    Passing { after: Option<Duration>, why: String },
    /// It will not.
    Lasting(RecognizerError),
}

impl Server {
    pub(super) fn new(config: TranscriptionsConfig, at_once_max: usize) -> Result<Self, RecognizerError> {
        // Somebody may have installed a provider already; then that one serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .connect_timeout(Duration::from_millis(TRANSCRIPTION_CONNECT_MS_MAX))
            .timeout(Duration::from_millis(config.timeout_ms))
            .build()
            .map_err(|error| RecognizerError::Failed(error.to_string()))?;
        Ok(Self { client, config, places: Semaphore::new(at_once_max), plain: AtomicBool::new(false) })
    }

    /// The answer for a final: worth waiting and trying again.
    pub(super) async fn transcribe(&self, ask: &Ask, samples: &[i16]) -> Result<Answer, RecognizerError> {
        let _place = self.places.acquire().await.map_err(|error| RecognizerError::Failed(error.to_string()))?;
        let mut retries = 0;
        loop {
            match self.attempt(ask, samples).await {
                Ok(answer) => return Ok(answer),
                Err(Refusal::Lasting(error)) => return Err(error),
                Err(Refusal::Passing { why, .. }) if retries == TRANSCRIPTION_RETRIES_MAX => {
                    return Err(RecognizerError::Failed(why));
                }
                Err(Refusal::Passing { after, why }) => {
                    tracing::debug!(why, "a transcription is tried again");
                    let after = after.unwrap_or(Duration::from_millis(TRANSCRIPTION_RETRY_MS << retries));
                    tokio::time::sleep(after.min(Duration::from_millis(TRANSCRIPTION_RETRY_MS_MAX))).await;
                    retries += 1;
                }
            }
        }
    }

    /// The answer for a partial: nothing, when the server is busy or it goes wrong.
    pub(super) async fn glance(&self, ask: &Ask, samples: &[i16]) -> Option<Answer> {
        let _place = self.places.try_acquire().ok()?;
        match self.attempt(ask, samples).await {
            Ok(answer) => Some(answer),
            Err(Refusal::Passing { why, .. }) => {
                tracing::debug!(why, "no partial transcription");
                None
            }
            Err(Refusal::Lasting(error)) => {
                tracing::debug!(%error, "no partial transcription");
                None
            }
        }
    }

    async fn attempt(&self, ask: &Ask, samples: &[i16]) -> Result<Answer, Refusal> {
        let plain = self.plain.load(Ordering::Relaxed);
        let response = self.send(ask, samples, plain).await?;
        let status = response.status();
        if status == StatusCode::BAD_REQUEST && !plain {
            // A server without word times refuses to be asked for them; one that refuses the plain request too has another reason.
            let response = self.send(ask, samples, true).await?;
            if response.status().is_success() {
                self.plain.store(true, Ordering::Relaxed);
            }
            return read(response).await;
        }
        read(response).await
    }

    async fn send(&self, ask: &Ask, samples: &[i16], plain: bool) -> Result<Response, Refusal> {
        let file = Part::bytes(wav(samples)?).file_name("speech.wav").mime_str("audio/wav");
        let file = file.map_err(|error| Refusal::Lasting(RecognizerError::Failed(error.to_string())))?;
        let mut form = Form::new()
            .part("file", file)
            .text("model", self.config.model.clone())
            .text("language", ask.language.clone())
            .text("temperature", "0");
        if !ask.prompt.is_empty() {
            form = form.text("prompt", ask.prompt.clone());
        }
        form = if plain {
            form.text("response_format", "json")
        } else {
            form.text("response_format", "verbose_json").text("timestamp_granularities[]", "word")
        };
        let url = format!("{}/audio/transcriptions", self.config.url.trim_end_matches('/'));
        let mut request = self.client.post(url).multipart(form);
        if let Some(key) = &self.config.key {
            request = request.bearer_auth(key);
        }
        request.send().await.map_err(|error| passing(&error))
    }
}

async fn read(mut response: Response) -> Result<Answer, Refusal> {
    let status = response.status();
    let after = response
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse().ok())
        .map(Duration::from_secs);
    let why = format!("the transcription server answered {status}");
    match status {
        _ if status.is_success() => {}
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => return Err(Refusal::Passing { after, why }),
        _ if status.is_server_error() => return Err(Refusal::Passing { after, why }),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => {
            return Err(Refusal::Lasting(RecognizerError::Unavailable(why)));
        }
        _ => return Err(Refusal::Lasting(RecognizerError::Failed(why))),
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| passing(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() > TRANSCRIPTION_BYTES_MAX {
            let why = "the transcription server's answer is too large".into();
            return Err(Refusal::Lasting(RecognizerError::Failed(why)));
        }
    }
    serde_json::from_slice(&body).map_err(|error| {
        let why = format!("the transcription server's answer could not be read: {error}");
        Refusal::Lasting(RecognizerError::Failed(why))
    })
}

/// Without the URL, which may hold a key.
fn passing(error: &reqwest::Error) -> Refusal {
    let why = if error.is_timeout() {
        "the transcription server did not answer in time"
    } else if error.is_connect() {
        "the transcription server could not be reached"
    } else {
        "the connection to the transcription server broke"
    };
    Refusal::Passing { after: None, why: why.into() }
}

fn wav(samples: &[i16]) -> Result<Vec<u8>, Refusal> {
    let unwritable = |error: hound::Error| Refusal::Lasting(RecognizerError::Failed(error.to_string()));
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut buffer = Cursor::new(Vec::with_capacity(samples.len() * 2 + 64));
    let mut writer = hound::WavWriter::new(&mut buffer, spec).map_err(unwritable)?;
    for sample in samples {
        writer.write_sample(*sample).map_err(unwritable)?;
    }
    writer.finalize().map_err(unwritable)?;
    Ok(buffer.into_inner())
}
