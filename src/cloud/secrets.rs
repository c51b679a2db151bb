//! Secrets, read when they are first needed and again after a few minutes, so that a rotated one is taken up.
//!
//! A secret is never logged and never quoted in an error.

use crate::cloud::aws::Aws;
use crate::config::limits::{AWS_SHORT_MS_MAX, SECRET_KNOWN_MS};
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::DisplayErrorContext;
use std::collections::HashMap;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

pub struct Secrets {
    client: Client,
    // Held while a secret is fetched: those who want it at the same time wait for one answer.
    known: Mutex<HashMap<String, Known>>,
}

struct Known {
    text: String,
    until: Instant,
}

#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("the secret {arn} could not be read: {problem}")]
    Failed { arn: String, problem: String },
    #[error("the secret {arn} is not text")]
    Binary { arn: String },
    #[error("the secret {arn} is no JSON object with a text `{field}`")]
    Field { arn: String, field: String },
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secrets").finish_non_exhaustive()
    }
}

impl Secrets {
    pub fn new(aws: &Aws) -> Self {
        Self { client: Client::new(&aws.of_answering("SECRETS_MANAGER", AWS_SHORT_MS_MAX)), known: Mutex::default() }
    }

    /// The whole secret. One that cannot be read again stays what it was.
    pub async fn text(&self, arn: &str) -> Result<String, SecretError> {
        let mut known = self.known.lock().await;
        if let Some(fresh) = known.get(arn).filter(|secret| now() < secret.until) {
            return Ok(fresh.text.clone());
        }
        match (self.fetch(arn).await, known.get(arn)) {
            (Ok(text), _) => {
                let until = now() + Duration::from_millis(SECRET_KNOWN_MS);
                known.insert(arn.to_owned(), Known { text: text.clone(), until });
                Ok(text)
            }
            (Err(error), Some(old)) => {
                tracing::warn!(%error, "a secret is used as it was");
                Ok(old.text.clone())
            }
            (Err(error), None) => Err(error),
        }
    }

    /// One text of a secret that is a JSON object.
    pub async fn field(&self, arn: &str, field: &str) -> Result<String, SecretError> {
        let absent = || SecretError::Field { arn: arn.to_owned(), field: field.to_owned() };
        self.optional_field(arn, field).await?.ok_or_else(absent)
    }

    /// The same where it may be missing.
    pub async fn optional_field(&self, arn: &str, field: &str) -> Result<Option<String>, SecretError> {
        let text = self.text(arn).await?;
        let value: Option<serde_json::Value> = serde_json::from_str(&text).ok();
        let found = value.as_ref().and_then(|value| value.get(field)).and_then(serde_json::Value::as_str);
        Ok(found.map(str::to_owned))
    }

    async fn fetch(&self, arn: &str) -> Result<String, SecretError> {
        let got = self.client.get_secret_value().secret_id(arn).send().await;
        let got = got.map_err(|error| SecretError::Failed {
            arn: arn.to_owned(),
            problem: DisplayErrorContext(&error).to_string(),
        })?;
        got.secret_string.ok_or_else(|| SecretError::Binary { arn: arn.to_owned() })
    }
}

#[expect(clippy::disallowed_methods, reason = "how long an answer is believed decides nothing about sessions")]
fn now() -> Instant {
    Instant::now()
}
