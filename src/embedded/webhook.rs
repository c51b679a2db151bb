//! Announcements as signed HTTP requests to one address, in the form of Standard Webhooks.
//!
//! One call is one attempt; trying again, over restarts, is the courier's part.

pub mod courier;

use crate::config::WebhookConfig;
use crate::config::limits::{WEBHOOK_CONNECT_MS_MAX, WEBHOOK_MS_MAX};
use crate::ports::announcements::{AnnounceError, Announcements, InterviewFinished};
use crate::ports::clock::Clock;
use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use reqwest::redirect::Policy;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;

pub struct Webhook {
    client: reqwest::Client,
    url: String,
    signer: Hmac<Sha256>,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Webhook").finish_non_exhaustive()
    }
}

impl Webhook {
    pub fn new(config: &WebhookConfig, clock: Arc<dyn Clock>) -> Result<Self, AnnounceError> {
        let client = reqwest::Client::builder()
            // What is signed for one address is given to no other.
            .redirect(Policy::none())
            .connect_timeout(Duration::from_millis(WEBHOOK_CONNECT_MS_MAX))
            .timeout(Duration::from_millis(WEBHOOK_MS_MAX))
            .user_agent(concat!("viva/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| AnnounceError::Failed(error.to_string()))?;
        let signer = Hmac::new_from_slice(&config.secret).map_err(|error| AnnounceError::Failed(error.to_string()))?;
        Ok(Self { client, url: config.url.clone(), signer, clock })
    }

    fn signature(&self, id: &str, timestamp: u64, body: &str) -> String {
        let signed = self.signer.clone().chain_update(format!("{id}.{timestamp}.{body}"));
        format!("v1,{}", STANDARD.encode(signed.finalize().into_bytes()))
    }
}

#[async_trait]
impl Announcements for Webhook {
    async fn publish(&self, finished: &InterviewFinished) -> Result<(), AnnounceError> {
        let id = message_id(finished);
        let timestamp = self.clock.now().0 / 1_000;
        let body = body(finished);
        let request = self
            .client
            .post(&self.url)
            .header("content-type", "application/json")
            .header("webhook-id", &id)
            .header("webhook-timestamp", timestamp.to_string())
            .header("webhook-signature", self.signature(&id, timestamp, &body))
            .body(body);
        // The address may hold a key of its own, and stays out of what is logged.
        let answer = request.send().await.map_err(|error| AnnounceError::Failed(error.without_url().to_string()))?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(AnnounceError::Failed(format!("the receiver answered {status}"))),
        }
    }
}

/// The same for every attempt, so that the receiver can tell what it has had.
fn message_id(finished: &InterviewFinished) -> String {
    let InterviewFinished { key, .. } = finished;
    let mut hash = Sha256::new();
    for part in [key.tenant.as_str(), key.user.as_str(), key.session.as_str()] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let digits: String = hash.finalize().iter().take(ID_BYTES).map(|byte| format!("{byte:02x}")).collect();
    format!("msg_{digits}")
}

fn body(finished: &InterviewFinished) -> String {
    let timestamp = finished.finished.rfc3339();
    json!({ "type": InterviewFinished::TYPE, "timestamp": timestamp, "data": finished.data() }).to_string()
}

const ID_BYTES: usize = 16;
