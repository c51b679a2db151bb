//! Tokens of an issuer that publishes its keys: Supabase, or any other with a JSON Web Key Set.
//!
//! Keys are fetched when they are needed, by one caller at a time for all, and kept for a bounded time. Time is the caller's; how keys are
//! fetched is [`KeySource`]'s business.

mod issued;
mod key_set;
mod schedule;

use crate::auth::claims::Identity;
use crate::auth::keys::{AuthError, TokenKeys, VerifyingKey, header_of};
use crate::config::IssuerConfig;
use crate::config::limits::TOKEN_KEY_ID_BYTES_MAX;
use crate::ports::clock::UnixMs;
use crate::ports::key_source::{KeySource, KeySourceError};
use async_trait::async_trait;
use issued::Issued;
use jsonwebtoken::Algorithm;
use key_set::KeySet;
use schedule::{Schedule, Wanted};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Believes what one issuer signs for one audience.
pub struct JwksKeys {
    config: IssuerConfig,
    /// The secret of a project from before it had key pairs.
    legacy: Option<VerifyingKey>,
    source: Arc<dyn KeySource>,
    schedule: Mutex<Schedule>,
    /// Held by whoever fetches; the others wait for what comes of it.
    flight: tokio::sync::Mutex<()>,
}

impl std::fmt::Debug for JwksKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JwksKeys").field("config", &self.config).finish_non_exhaustive()
    }
}

impl JwksKeys {
    pub fn new(config: IssuerConfig, source: Arc<dyn KeySource>) -> Self {
        let legacy = config.secret.as_ref().map(|secret| VerifyingKey::hs256(secret.as_bytes()));
        Self { config, legacy, source, schedule: Mutex::default(), flight: tokio::sync::Mutex::default() }
    }

    /// The key that a token names, fetched if need be. Nothing is fetched for a token that no published key could have signed.
    async fn key(&self, token: &str, now: UnixMs) -> Result<VerifyingKey, AuthError> {
        let header = header_of(token)?;
        match header.alg {
            Algorithm::HS256 => self.legacy.clone().ok_or(AuthError::Invalid),
            Algorithm::ES256 | Algorithm::RS256 => {
                let id = header.kid.filter(|id| id.len() <= TOKEN_KEY_ID_BYTES_MAX).ok_or(AuthError::Invalid)?;
                self.published(&id, header.alg, now).await
            }
            _ => Err(AuthError::Invalid),
        }
    }

    async fn published(&self, id: &str, algorithm: Algorithm, now: UnixMs) -> Result<VerifyingKey, AuthError> {
        let wanted = Wanted { id, algorithm };
        let held = self.schedule().look(wanted, now);
        if let Some(held) = held {
            return held.result();
        }
        let _flight = self.flight.lock().await;
        // Whoever flew before may have brought it.
        if let Some(held) = self.schedule().take_off(wanted, now) {
            return held.result();
        }
        let fetched = self.source.fetch().await.and_then(|bytes| KeySet::parse(&bytes).map_err(KeySourceError::Failed));
        let mut schedule = self.schedule();
        match fetched {
            Ok(set) => {
                metrics::counter!("viva_key_fetches_total", "outcome" => "fetched").increment(1);
                tracing::debug!(keys = set.len(), "the issuer's keys were fetched");
                schedule.fetched(set, wanted, now);
            }
            Err(error) => {
                metrics::counter!("viva_key_fetches_total", "outcome" => "failed").increment(1);
                tracing::warn!(%error, jwks_url = self.config.jwks_url, "the issuer's keys were not fetched");
                schedule.failed(now);
            }
        }
        schedule.resting(wanted, now).result()
    }

    fn schedule(&self) -> MutexGuard<'_, Schedule> {
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl TokenKeys for JwksKeys {
    async fn verify(&self, token: &str, now: UnixMs) -> Result<Identity, AuthError> {
        let key = self.key(token, now).await?;
        key.decode::<Issued>(token)?.identity(&self.config, now)
    }
}
