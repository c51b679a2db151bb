//! A reply as it comes: pieces of text, then why it ended and what it used. It knows the format, not what the text is for.

use super::sse::Events;
use crate::config::limits::MODEL_REPLY_BYTES_MAX;
use crate::ports::text_model::{ModelError, TokenUsage};
use crate::prompts::replies::{Piece, Pieces};
use reqwest::Response;
use reqwest::header::CONTENT_TYPE;
use serde::Deserialize;
use std::collections::VecDeque;

#[derive(Debug)]
pub(crate) struct Reply {
    response: Response,
    events: Events,
    /// The server did not stream: the body is one document.
    whole: Option<Vec<u8>>,
    ready: VecDeque<Piece>,
    bytes: usize,
    ended: bool,
    finished: bool,
}

#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    choices: Vec<Choice>,
    #[serde(default)]
    usage: Option<Counted>,
    #[serde(default)]
    error: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default, alias = "message")]
    delta: Option<Content>,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Default, Deserialize)]
struct Content {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    refusal: Option<String>,
}

#[derive(Deserialize)]
struct Counted {
    #[serde(default)]
    prompt_tokens: u64,
    #[serde(default)]
    completion_tokens: u64,
    #[serde(default)]
    prompt_tokens_details: Option<CountedInput>,
}

#[derive(Default, Deserialize)]
struct CountedInput {
    #[serde(default)]
    cached_tokens: u64,
}

impl Reply {
    pub(crate) fn of(response: Response) -> Result<Self, ModelError> {
        let content_type =
            response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let whole = match kind.as_str() {
            "text/event-stream" => None,
            "application/json" => Some(Vec::new()),
            _ => return Err(ModelError::Invalid("it is neither an event stream nor JSON".to_owned())),
        };
        let (events, ready) = (Events::default(), VecDeque::new());
        Ok(Self { response, events, whole, ready, bytes: 0, ended: false, finished: false })
    }

    fn take(&mut self, event: &str) -> Result<(), ModelError> {
        if self.ended && self.finished {
            return Ok(());
        }
        if event.trim() == "[DONE]" {
            (self.ended, self.finished) = (true, true);
            return Ok(());
        }
        let part = serde_json::from_str::<Part>(event)
            .map_err(|_| ModelError::Invalid("an event is not the JSON expected".to_owned()))?;
        if part.error.is_some_and(|error| !error.is_null()) {
            return Err(ModelError::Failed("its server broke off with an error".to_owned()));
        }
        self.ready.push_back(Piece::Progress);
        if let Some(choice) = part.choices.into_iter().next() {
            let content = choice.delta.unwrap_or_default();
            if choice.finish_reason.as_deref() == Some("content_filter")
                || content.refusal.is_some_and(|text| !text.is_empty())
            {
                return Err(ModelError::Refused);
            }
            if let Some(text) = content.content.filter(|text| !text.is_empty()) {
                self.ready.push_back(Piece::Text(text));
            }
            self.finished |= choice.finish_reason.is_some();
        }
        if let Some(usage) = part.usage {
            let usage = TokenUsage {
                input_tokens: usage.prompt_tokens,
                output_tokens: usage.completion_tokens,
                cache_read_tokens: usage.prompt_tokens_details.unwrap_or_default().cached_tokens,
                cache_write_tokens: 0,
            };
            self.ready.push_back(Piece::Usage(usage));
        }
        Ok(())
    }
}

impl Pieces for Reply {
    async fn next(&mut self) -> Result<Option<Piece>, ModelError> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Ok(Some(piece));
            }
            if self.ended {
                return if self.finished { Ok(None) } else { Err(broken_off()) };
            }
            let chunk = self.response.chunk().await.map_err(|_| broken_off())?;
            self.bytes += chunk.as_ref().map_or(0, bytes::Bytes::len);
            if self.bytes > MODEL_REPLY_BYTES_MAX {
                return Err(ModelError::Invalid("it sent too much".to_owned()));
            }
            match (chunk, &mut self.whole) {
                (Some(chunk), Some(whole)) => whole.extend_from_slice(&chunk),
                (Some(chunk), None) => {
                    for event in self.events.push(&chunk) {
                        self.take(&event)?;
                    }
                }
                (None, Some(whole)) => {
                    self.ended = true;
                    let document = String::from_utf8_lossy(whole).into_owned();
                    self.take(&document)?;
                }
                (None, None) => {
                    self.ended = true;
                    for event in self.events.finish() {
                        self.take(&event)?;
                    }
                }
            }
        }
    }
}

fn broken_off() -> ModelError {
    ModelError::Failed("the connection broke off".to_owned())
}
