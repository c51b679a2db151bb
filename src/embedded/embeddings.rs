//! Embeddings behind any OpenAI-compatible `/v1/embeddings`: Ollama, llama.cpp, vLLM, OpenAI itself.
//!
//! Nothing of a text, of an answer's body and of the key ever gets into an error or a log.

mod answer;

use crate::config::EmbeddingsConfig;
use crate::config::limits::{
    EMBEDDING_ATTEMPT_MS_MAX, EMBEDDING_ATTEMPTS_MAX, EMBEDDING_QUERY_MS_MAX, EMBEDDING_REQUEST_TEXTS_MAX,
    EMBEDDING_TEXT_CHARS_MAX, EMBEDDING_WAIT_MS, EMBEDDING_WAIT_MS_MAX, MODEL_CONNECT_MS_MAX,
};
use crate::ports::embeddings::{Embeddings, EmbeddingsError, Purpose};
use crate::retrieval::patience::{Patience, Setback, persist};
use async_trait::async_trait;
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

/// Where embeddings are made, as [`EmbeddingsConfig`] tells it.
pub struct ServerEmbeddings {
    client: Client,
    url: String,
    /// What the server is asked for.
    asked_for: String,
    /// What vectors are compared under.
    model: String,
    key: Option<String>,
    dimensions: Option<usize>,
    query_prefix: String,
    passage_prefix: String,
    patience: Patience,
}

#[derive(Debug, thiserror::Error)]
pub enum EmbeddingsSetupError {
    #[error("VIVA_EMBEDDINGS_URL: it must be set, e.g. http://127.0.0.1:11434/v1")]
    Url,
    #[error("VIVA_EMBEDDINGS_MODEL: it must be set, e.g. nomic-embed-text")]
    Model,
    #[error("the HTTP client cannot be made: {0}")]
    Client(#[source] reqwest::Error),
}

impl std::fmt::Debug for ServerEmbeddings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerEmbeddings").field("url", &self.url).field("model", &self.model).finish_non_exhaustive()
    }
}

impl ServerEmbeddings {
    pub fn new(config: &EmbeddingsConfig) -> Result<Self, EmbeddingsSetupError> {
        let base = config.url.as_deref().ok_or(EmbeddingsSetupError::Url)?;
        let asked_for = config.model.clone().ok_or(EmbeddingsSetupError::Model)?;
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // It fails when another thread was quicker, which serves as well.
            drop(rustls::crypto::ring::default_provider().install_default());
        }
        let client = Client::builder()
            .connect_timeout(Duration::from_millis(MODEL_CONNECT_MS_MAX))
            // A redirect would take people's texts to a place that nobody configured.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("viva/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(EmbeddingsSetupError::Client)?;
        let (query_prefix, passage_prefix) = (config.query_prefix.clone(), config.passage_prefix.clone());
        Ok(Self {
            client,
            url: endpoint(base),
            model: name(&asked_for, config.dimensions, &query_prefix, &passage_prefix),
            asked_for,
            key: config.key.clone(),
            dimensions: config.dimensions,
            query_prefix,
            passage_prefix,
            patience: Patience {
                attempts_max: EMBEDDING_ATTEMPTS_MAX,
                wait_ms: EMBEDDING_WAIT_MS,
                wait_ms_max: EMBEDDING_WAIT_MS_MAX,
                attempt_ms_max: EMBEDDING_ATTEMPT_MS_MAX,
            },
        })
    }

    /// For whoever waits less, or more.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    fn patience(&self, purpose: Purpose) -> Patience {
        match purpose {
            Purpose::Passage => self.patience,
            Purpose::Query => Patience { attempts_max: 1, attempt_ms_max: EMBEDDING_QUERY_MS_MAX, ..self.patience },
        }
    }

    async fn attempt(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, Setback<EmbeddingsError>> {
        let mut body = json!({"model": self.asked_for, "input": texts, "encoding_format": "float"});
        if let Some(dimensions) = self.dimensions {
            body["dimensions"] = Value::from(dimensions);
        }
        let mut request = self.client.post(&self.url).json(&body);
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        let response = request.send().await.map_err(|error| {
            passing(failed(if error.is_connect() { "the server cannot be reached" } else { "the request broke off" }))
        })?;
        if !response.status().is_success() {
            return Err(setback(&response));
        }
        let vectors = answer::vectors(response, texts.len()).await?;
        match self.dimensions {
            Some(wanted) if vectors.iter().any(|vector| vector.len() != wanted) => {
                let problem = format!("the model does not give {wanted} dimensions");
                Err(Setback::Final(EmbeddingsError::Refused(problem)))
            }
            _ => Ok(vectors),
        }
    }
}

#[async_trait]
impl Embeddings for ServerEmbeddings {
    fn model(&self) -> &str {
        &self.model
    }

    async fn embed(&self, purpose: Purpose, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbeddingsError> {
        let prefix = match purpose {
            Purpose::Passage => &self.passage_prefix,
            Purpose::Query => &self.query_prefix,
        };
        let mut all: Vec<Vec<f32>> = Vec::with_capacity(texts.len());
        for part in texts.chunks(EMBEDDING_REQUEST_TEXTS_MAX) {
            let part: Vec<String> = part
                .iter()
                .map(|text| prefix.chars().chain(text.chars().take(EMBEDDING_TEXT_CHARS_MAX)).collect())
                .collect();
            let late = || failed("the server took too long");
            all.extend(persist(self.patience(purpose), late, || self.attempt(&part)).await?);
        }
        let dimensions = all.first().map(Vec::len);
        if all.iter().any(|vector| Some(vector.len()) != dimensions) {
            return Err(failed("vectors of different sizes came"));
        }
        Ok(all)
    }
}

fn setback(response: &Response) -> Setback<EmbeddingsError> {
    let status = response.status();
    let wait_ms = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse::<u64>().ok())
        .map(|seconds| seconds.saturating_mul(1_000));
    match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            Setback::Passing { error: EmbeddingsError::Busy { retry_after_ms: wait_ms }, wait_ms }
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => refused("it does not accept the key"),
        StatusCode::NOT_FOUND => refused("it knows no such model or address"),
        StatusCode::REQUEST_TIMEOUT => Setback::Passing { error: failed("the server gave up"), wait_ms },
        _ if status.is_server_error() => {
            Setback::Passing { error: failed(&format!("the server says {}", status.as_u16())), wait_ms }
        }
        _ => refused(&format!("it says {}", status.as_u16())),
    }
}

fn refused(what: &str) -> Setback<EmbeddingsError> {
    Setback::Final(EmbeddingsError::Refused(what.to_owned()))
}

fn failed(what: &str) -> EmbeddingsError {
    EmbeddingsError::Failed(what.to_owned())
}

fn passing(error: EmbeddingsError) -> Setback<EmbeddingsError> {
    Setback::Passing { error, wait_ms: None }
}

/// Vectors of another size or made with another prefix are not comparable.
fn name(model: &str, dimensions: Option<usize>, query_prefix: &str, passage_prefix: &str) -> String {
    let mut name = model.to_owned();
    if let Some(dimensions) = dimensions {
        name.push_str(&format!("/{dimensions}"));
    }
    for prefix in [query_prefix, passage_prefix].into_iter().filter(|prefix| !prefix.is_empty()) {
        name.push_str(&format!("|{prefix}"));
    }
    name
}

/// `http://host:1`, `http://host:1/v1` and the full address mean the same.
fn endpoint(base: &str) -> String {
    let base = base.trim_end_matches('/');
    let path = base.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
    match path {
        "" => format!("{base}/v1/embeddings"),
        _ if path.ends_with("/embeddings") => base.to_owned(),
        _ => format!("{base}/embeddings"),
    }
}
