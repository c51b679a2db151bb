//! An issuer's keys over HTTP. It is no part of `cloud` or `embedded`, since both need it; what keys are good for is `auth`'s business.
//!
//! Nothing is cached and nothing is tried again here. Whoever builds one has a provider of cryptography installed.

use crate::config::limits::{JWKS_BYTES_MAX, JWKS_CONNECT_MS_MAX, JWKS_FETCH_MS_MAX};
use crate::ports::key_source::{KeySource, KeySourceError};
use async_trait::async_trait;
use reqwest::header::ACCEPT;
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct HttpKeySource {
    client: reqwest::Client,
    url: String,
}

impl HttpKeySource {
    pub fn new(url: impl Into<String>) -> Result<Self, KeySourceError> {
        let client = reqwest::Client::builder()
            .connect_timeout(Duration::from_millis(JWKS_CONNECT_MS_MAX))
            .timeout(Duration::from_millis(JWKS_FETCH_MS_MAX))
            // Keys come from where the configuration says, and from nowhere else.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("viva/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(failed)?;
        Ok(Self { client, url: url.into() })
    }
}

#[async_trait]
impl KeySource for HttpKeySource {
    async fn fetch(&self) -> Result<Vec<u8>, KeySourceError> {
        let mut response =
            self.client.get(&self.url).header(ACCEPT, "application/json").send().await.map_err(failed)?;
        if !response.status().is_success() {
            return Err(KeySourceError::Failed(format!("{} answered {}", self.url, response.status())));
        }
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(failed)? {
            if body.len() + piece.len() > JWKS_BYTES_MAX {
                return Err(KeySourceError::Failed(format!("{} sent more than {JWKS_BYTES_MAX} bytes", self.url)));
            }
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }
}

/// The error with its causes: "error sending request" alone helps nobody.
fn failed(error: reqwest::Error) -> KeySourceError {
    let causes = std::iter::successors(Some(&error as &dyn std::error::Error), |cause| cause.source());
    KeySourceError::Failed(causes.map(ToString::to_string).collect::<Vec<_>>().join(": "))
}
