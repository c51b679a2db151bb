//! Requests to Pinecone: the key, the pinned version of the API, what is throttled tried again, answers of a bounded size.
//!
//! What Pinecone writes about an error is not passed on.

use super::ApiKey;
use crate::config::limits::{MODEL_CONNECT_MS_MAX, PINECONE_ANSWER_BYTES_MAX};
use crate::ports::passages::PassagesError;
use crate::retrieval::patience::{Patience, Setback, persist};
use reqwest::header::RETRY_AFTER;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use std::time::Duration;

#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    host: String,
    key: ApiKey,
    api_version: String,
    pub(super) patience: Patience,
}

#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be made: {0}")]
pub struct PineconeSetupError(#[source] reqwest::Error);

impl Client {
    pub(super) fn new(
        host: &str,
        key: ApiKey,
        api_version: &str,
        patience: Patience,
    ) -> Result<Self, PineconeSetupError> {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // It fails when another thread was quicker, which serves as well.
            drop(rustls::crypto::ring::default_provider().install_default());
        }
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_millis(MODEL_CONNECT_MS_MAX))
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("viva/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(PineconeSetupError)?;
        Ok(Self {
            http,
            host: host.trim_end_matches('/').to_owned(),
            key,
            api_version: api_version.to_owned(),
            patience,
        })
    }

    /// `None`: there is no such namespace.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Option<T>, PassagesError> {
        let url = format!("{}{path}", self.host);
        let url = reqwest::Url::parse_with_params(&url, query).map_err(|_| failed("the address is none"))?;
        self.asked(|| self.http.get(url.clone())).await?.map(|body| read(&body)).transpose()
    }

    /// The same. Every request of ours may be made twice.
    pub(super) async fn post<T: DeserializeOwned>(&self, path: &str, body: String) -> Result<Option<T>, PassagesError> {
        let url = format!("{}{path}", self.host);
        let request = || self.http.post(&url).header("content-type", "application/json").body(body.clone());
        self.asked(request).await?.map(|body| read(&body)).transpose()
    }

    async fn asked(
        &self,
        request: impl Fn() -> RequestBuilder + Send + Sync,
    ) -> Result<Option<Vec<u8>>, PassagesError> {
        let key = match &self.key {
            ApiKey::Known(key) => key.clone(),
            ApiKey::Secret { secrets, arn } => {
                secrets.field(arn, "key").await.map_err(|error| PassagesError::Failed(error.to_string()))?
            }
        };
        let attempt = || async {
            let request = request().header("api-key", &key).header("x-pinecone-api-version", &self.api_version);
            let response = request.send().await.map_err(|error| {
                passing(if error.is_connect() { "it cannot be reached" } else { "the request broke off" })
            })?;
            match response.status() {
                status if status.is_success() => whole(response).await.map(Some),
                StatusCode::NOT_FOUND => Ok(None),
                _ => Err(setback(&response)),
            }
        };
        persist(self.patience, || failed("it took too long"), attempt).await
    }
}

fn setback(response: &Response) -> Setback<PassagesError> {
    let status = response.status();
    let wait_ms = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse::<u64>().ok())
        .map(|seconds| seconds.saturating_mul(1_000));
    match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            Setback::Passing { error: PassagesError::Busy { retry_after_ms: wait_ms }, wait_ms }
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Setback::Final(failed("it does not accept the key")),
        _ if status.is_server_error() => {
            Setback::Passing { error: failed(&format!("it says {}", status.as_u16())), wait_ms }
        }
        _ => Setback::Final(failed(&format!("it says {}", status.as_u16()))),
    }
}

async fn whole(mut response: Response) -> Result<Vec<u8>, Setback<PassagesError>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| passing("the answer broke off"))? {
        body.extend_from_slice(&chunk);
        if body.len() > PINECONE_ANSWER_BYTES_MAX {
            return Err(Setback::Final(failed("the answer is too long")));
        }
    }
    Ok(body)
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, PassagesError> {
    serde_json::from_slice(body).map_err(|_| failed("the answer is not what was expected"))
}

fn failed(what: &str) -> PassagesError {
    PassagesError::Failed(format!("Pinecone: {what}"))
}

fn passing(what: &str) -> Setback<PassagesError> {
    Setback::Passing { error: failed(what), wait_ms: None }
}
