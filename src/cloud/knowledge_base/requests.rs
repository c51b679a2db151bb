//! Signed requests to the two services of a knowledge base: four requests, for which the clients of their hundreds of operations would have to
//! be compiled and shipped.
//!
//! What AWS writes about an error is not passed on: it may quote the text.

use crate::cloud::aws::Aws;
use crate::config::limits::{
    EMBEDDING_ATTEMPT_MS_MAX, EMBEDDING_ATTEMPTS_MAX, EMBEDDING_WAIT_MS, EMBEDDING_WAIT_MS_MAX,
    KNOWLEDGE_BASE_ANSWER_BYTES_MAX, MODEL_CONNECT_MS_MAX,
};
use crate::ports::passages::PassagesError;
use crate::retrieval::patience::{Patience, Setback, persist};
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, Method, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::{Duration, SystemTime};

#[derive(Debug)]
pub(super) struct Requests {
    http: Client,
    credentials: SharedCredentialsProvider,
    region: String,
    agent: String,
    runtime: String,
    pub(super) patience: Patience,
}

#[derive(Debug, thiserror::Error)]
pub enum KnowledgeBaseSetupError {
    #[error("there are no region and credentials to sign requests with")]
    Identity,
    #[error("the HTTP client cannot be made: {0}")]
    Client(#[source] reqwest::Error),
}

impl Requests {
    pub(super) fn new(aws: &Aws) -> Result<Self, KnowledgeBaseSetupError> {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // It fails when another thread was quicker, which serves as well.
            drop(rustls::crypto::ring::default_provider().install_default());
        }
        let http = Client::builder()
            .connect_timeout(Duration::from_millis(MODEL_CONNECT_MS_MAX))
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("viva/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(KnowledgeBaseSetupError::Client)?;
        let config = aws.of_service("BEDROCK_AGENT");
        let identity = config.region().cloned().zip(config.credentials_provider());
        let (region, credentials) = identity.ok_or(KnowledgeBaseSetupError::Identity)?;
        let endpoint = |id: &str, host: &str| match aws.of_service(id).endpoint_url() {
            Some(own) => own.trim_end_matches('/').to_owned(),
            None => format!("https://{host}.{region}.amazonaws.com"),
        };
        Ok(Self {
            http,
            credentials,
            agent: endpoint("BEDROCK_AGENT", "bedrock-agent"),
            runtime: endpoint("BEDROCK_AGENT_RUNTIME", "bedrock-agent-runtime"),
            region: region.to_string(),
            patience: Patience {
                attempts_max: EMBEDDING_ATTEMPTS_MAX,
                wait_ms: EMBEDDING_WAIT_MS,
                wait_ms_max: EMBEDDING_WAIT_MS_MAX,
                attempt_ms_max: EMBEDDING_ATTEMPT_MS_MAX,
            },
        })
    }

    /// Of those who ingest, who are patient.
    pub(super) async fn agent<T: DeserializeOwned>(
        &self,
        method: &'static str,
        path: &str,
        body: &Value,
    ) -> Result<T, PassagesError> {
        self.asked(method, format!("{}{path}", self.agent), body, self.patience).await
    }

    /// Of somebody who waits.
    pub(super) async fn runtime<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T, PassagesError> {
        let patience = Patience { attempts_max: 1, ..self.patience };
        self.asked("POST", format!("{}{path}", self.runtime), body, patience).await
    }

    async fn asked<T: DeserializeOwned>(
        &self,
        method: &'static str,
        url: String,
        body: &Value,
        patience: Patience,
    ) -> Result<T, PassagesError> {
        let body = body.to_string();
        let late = || failed("it took too long");
        let answer = persist(patience, late, || self.attempt(method, &url, &body)).await?;
        serde_json::from_slice(&answer).map_err(|_| failed("the answer is not what was expected"))
    }

    async fn attempt(&self, method: &'static str, url: &str, body: &str) -> Result<Vec<u8>, Setback<PassagesError>> {
        let signed = self.signed(method, url, body).await.map_err(Setback::Final)?;
        let unusable = |_| Setback::Final(failed("the request could not be made"));
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| Setback::Final(failed("no such method")))?;
        let mut request = self.http.request(method, url).header(CONTENT_TYPE, JSON).body(body.to_owned());
        for (name, value) in signed {
            request = request.header(name, value);
        }
        let request = request.build().map_err(unusable)?;
        let response = self.http.execute(request).await.map_err(|error| {
            passing(if error.is_connect() { "it cannot be reached" } else { "the request broke off" })
        })?;
        if response.status().is_success() { whole(response).await } else { Err(setback(&response)) }
    }

    /// The headers that make it ours: Signature Version 4.
    async fn signed(&self, method: &str, url: &str, body: &str) -> Result<Vec<(String, String)>, PassagesError> {
        let credentials = self.credentials.provide_credentials().await;
        let identity = credentials.map_err(|_| failed("there are no credentials"))?.into();
        let unsigned = |_| failed("the request could not be signed");
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("bedrock")
            .time(now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|_| failed("the request could not be signed"))?
            .into();
        let headers = [("content-type", JSON)].into_iter();
        let signable = SignableRequest::new(method, url, headers, SignableBody::Bytes(body.as_bytes()));
        let (instructions, _) = sign(signable.map_err(unsigned)?, &params).map_err(unsigned)?.into_parts();
        Ok(instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

fn setback(response: &Response) -> Setback<PassagesError> {
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
    let seconds = header(RETRY_AFTER.as_str()).and_then(|value| value.trim().parse::<u64>().ok());
    let wait_ms = seconds.map(|seconds| seconds.saturating_mul(1_000));
    let code = header("x-amzn-errortype").and_then(|value| value.split(':').next()).unwrap_or_default();
    let busy = || Setback::Passing { error: PassagesError::Busy { retry_after_ms: wait_ms }, wait_ms };
    match (code, response.status()) {
        (
            "ThrottlingException"
            | "ServiceQuotaExceededException"
            | "ServiceUnavailableException"
            | "ConflictException",
            _,
        )
        | (_, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) => busy(),
        (_, status) if status.is_server_error() => {
            Setback::Passing { error: failed(&format!("it says {}", status.as_u16())), wait_ms }
        }
        ("AccessDeniedException", _) => Setback::Final(failed("AWS does not allow it")),
        ("ResourceNotFoundException", _) | (_, StatusCode::NOT_FOUND) => {
            Setback::Final(failed("there is no such base or data source"))
        }
        ("ValidationException", _) => {
            Setback::Final(PassagesError::Refused("the knowledge base: the request is not valid".to_owned()))
        }
        (_, status) => Setback::Final(failed(&format!("it says {}", status.as_u16()))),
    }
}

async fn whole(mut response: Response) -> Result<Vec<u8>, Setback<PassagesError>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| passing("the answer broke off"))? {
        body.extend_from_slice(&chunk);
        if body.len() > KNOWLEDGE_BASE_ANSWER_BYTES_MAX {
            return Err(Setback::Final(failed("the answer is too long")));
        }
    }
    Ok(body)
}

#[expect(clippy::disallowed_methods, reason = "a signature tells when it was made")]
fn now() -> SystemTime {
    SystemTime::now()
}

fn failed(what: &str) -> PassagesError {
    PassagesError::Failed(format!("the knowledge base: {what}"))
}

fn passing(what: &str) -> Setback<PassagesError> {
    Setback::Passing { error: failed(what), wait_ms: None }
}

const JSON: &str = "application/json";
