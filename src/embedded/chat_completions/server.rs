//! The endpoint: sending a request, trying again while nothing has been said yet, and learning which fields it does not take.
//!
//! Nothing of a reply's body and nothing of the key ever gets into an error or a log.

use super::reply::Reply;
use crate::config::limits::{MODEL_RETRIES_MAX, MODEL_RETRY_AFTER_MS_MAX, MODEL_RETRY_WAIT_MS};
use crate::ports::text_model::ModelError;
use crate::prompts::replies::{Form, Model, Wanted};
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

#[derive(Debug)]
pub(crate) struct Server {
    client: Client,
    url: String,
    model: String,
    key: Option<Key>,
    dialect: Mutex<Dialect>,
}

/// A bearer token that is never shown.
#[derive(Clone)]
pub(crate) struct Key(String);

/// Which of the fields that not every server knows this one takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Dialect {
    schema: Schema,
    stream_options: bool,
    /// Newer models of OpenAI refuse the older `max_tokens`.
    completion_tokens: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Schema {
    Full,
    AnyObject,
    None,
}

/// Why an attempt came to nothing.
enum Setback {
    /// The same again may help, after so long where the server said so.
    Passing {
        error: ModelError,
        wait_ms: Option<u64>,
    },
    /// The server does not take a field: the same without it may help.
    Field(Dialect),
    Final(ModelError),
}

impl Server {
    pub(crate) fn new(client: Client, base: &str, model: String, key: Option<String>) -> Self {
        let dialect = Dialect { schema: Schema::Full, stream_options: true, completion_tokens: false };
        Self { client, url: endpoint(base), model, key: key.map(Key), dialect: Mutex::new(dialect) }
    }
}

impl Model for Arc<Server> {
    type Reply = Reply;

    async fn ask(&self, wanted: &Wanted) -> Result<Reply, ModelError> {
        let mut failures = 0;
        loop {
            let dialect = *self.dialect.lock().unwrap_or_else(PoisonError::into_inner);
            let (error, wait_ms) = match self.attempt(wanted, dialect).await {
                Ok(reply) => return Ok(reply),
                Err(Setback::Final(error)) => return Err(error),
                Err(Setback::Field(simpler)) => {
                    tracing::info!(?simpler, "the model's server does not take a field; going on without it");
                    *self.dialect.lock().unwrap_or_else(PoisonError::into_inner) = simpler;
                    continue;
                }
                Err(Setback::Passing { error, wait_ms }) => (error, wait_ms),
            };
            let wait_ms = wait_ms.unwrap_or(MODEL_RETRY_WAIT_MS << failures);
            if failures == MODEL_RETRIES_MAX || wait_ms > MODEL_RETRY_AFTER_MS_MAX {
                return Err(error);
            }
            failures += 1;
            tracing::debug!(failures, wait_ms, %error, "asking the model again");
            tokio::time::sleep(Duration::from_millis(wait_ms)).await;
        }
    }
}

impl Server {
    async fn attempt(&self, wanted: &Wanted, dialect: Dialect) -> Result<Reply, Setback> {
        let mut request = self.client.post(&self.url).json(&self.body(wanted, dialect));
        if let Some(Key(key)) = &self.key {
            request = request.bearer_auth(key);
        }
        let response = request.send().await.map_err(|error| {
            let what = if error.is_connect() { "its server cannot be reached" } else { "the request broke off" };
            Setback::Passing { error: ModelError::Failed(what.to_owned()), wait_ms: None }
        })?;
        if response.status().is_success() {
            return Reply::of(response).map_err(Setback::Final);
        }
        Err(setback(response, wanted, dialect).await)
    }

    fn body(&self, wanted: &Wanted, dialect: Dialect) -> Value {
        let mut body = json!({"model": self.model, "messages": wanted.messages, "stream": true});
        if dialect.stream_options {
            body["stream_options"] = json!({"include_usage": true});
        }
        let limit = if dialect.completion_tokens { "max_completion_tokens" } else { "max_tokens" };
        body[limit] = json!(wanted.tokens_max);
        match (&wanted.form, dialect.schema) {
            (Form::Json { name, schema, .. }, Schema::Full) => {
                let schema = json!({"name": name, "strict": true, "schema": schema});
                body["response_format"] = json!({"type": "json_schema", "json_schema": schema});
            }
            (Form::Json { .. }, Schema::AnyObject) => body["response_format"] = json!({"type": "json_object"}),
            (Form::Json { .. }, Schema::None) | (Form::Text, _) => {}
        }
        body
    }
}

async fn setback(response: Response, wanted: &Wanted, dialect: Dialect) -> Setback {
    let status = response.status();
    let wait_ms = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse::<u64>().ok())
        .map(|seconds| seconds.saturating_mul(1_000));
    match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            Setback::Passing { error: ModelError::Busy { retry_after_ms: wait_ms }, wait_ms }
        }
        StatusCode::REQUEST_TIMEOUT => Setback::Passing { error: ModelError::TimedOut, wait_ms },
        _ if status.is_server_error() => {
            Setback::Passing { error: ModelError::Failed(format!("its server says {}", status.as_u16())), wait_ms }
        }
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => {
            let complaint = complaint(response).await;
            match dialect.without(&complaint, &wanted.form) {
                Some(simpler) => Setback::Field(simpler),
                None if complaint.contains("content_filter") || complaint.contains("content policy") => {
                    Setback::Final(ModelError::Refused)
                }
                None => Setback::Final(ModelError::Failed(format!("its server says {}", status.as_u16()))),
            }
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Setback::Final(ModelError::Failed("its server does not accept the key".to_owned()))
        }
        StatusCode::NOT_FOUND => {
            Setback::Final(ModelError::Failed("its server knows no such model or address".to_owned()))
        }
        _ => Setback::Final(ModelError::Failed(format!("its server says {}", status.as_u16()))),
    }
}

/// The beginning of an error's body, to look for names of fields in; it is never passed on.
async fn complaint(mut response: Response) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < COMPLAINT_BYTES_MAX {
        match response.chunk().await {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) | Err(_) => break,
        }
    }
    bytes.truncate(COMPLAINT_BYTES_MAX);
    String::from_utf8_lossy(&bytes).to_lowercase()
}

impl Dialect {
    /// The same without the field that the server complains of, if it is one of those. It ends: every step takes something away.
    fn without(self, complaint: &str, form: &Form) -> Option<Self> {
        if self.stream_options && complaint.contains("stream_options") {
            return Some(Self { stream_options: false, ..self });
        }
        if !self.completion_tokens && complaint.contains("max_tokens") {
            return Some(Self { completion_tokens: true, ..self });
        }
        let about_schema = ["response_format", "json_schema", "json_object", "schema", "grammar"];
        if matches!(form, Form::Json { .. }) && about_schema.iter().any(|name| complaint.contains(name)) {
            return match self.schema {
                Schema::Full => Some(Self { schema: Schema::AnyObject, ..self }),
                Schema::AnyObject => Some(Self { schema: Schema::None, ..self }),
                Schema::None => None,
            };
        }
        None
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

/// `http://host:1`, `http://host:1/v1` and the full address mean the same.
fn endpoint(base: &str) -> String {
    let base = base.trim_end_matches('/');
    let path = base.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
    match path {
        "" => format!("{base}/v1/chat/completions"),
        _ if path.ends_with("chat/completions") => base.to_owned(),
        _ => format!("{base}/chat/completions"),
    }
}

const COMPLAINT_BYTES_MAX: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::endpoint;

    #[test]
    fn a_base_may_be_given_in_any_usual_form() {
        for (base, url) in [
            ("http://127.0.0.1:11434", "http://127.0.0.1:11434/v1/chat/completions"),
            ("http://127.0.0.1:11434/v1/", "http://127.0.0.1:11434/v1/chat/completions"),
            ("https://a.example/openai/v1", "https://a.example/openai/v1/chat/completions"),
            ("https://a.example/v1/chat/completions", "https://a.example/v1/chat/completions"),
        ] {
            assert_eq!(endpoint(base), url);
        }
    }
}
