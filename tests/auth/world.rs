//! An issuer, and keys that believe it.

use crate::jwks::Issuer;
use serde_json::Value;
use std::sync::Arc;
use viva::auth::jwks::JwksKeys;
use viva::auth::{AuthError, Identity, TokenKeys};
use viva::config::{Environment, IssuerConfig};
use viva::embedded::system::SystemClock;
use viva::gateway::install_provider;
use viva::http_key_source::HttpKeySource;
use viva::ports::clock::{Clock, UnixMs};

pub(crate) struct World {
    pub(crate) issuer: Issuer,
    pub(crate) keys: Arc<JwksKeys>,
    /// What the keys are told the time is.
    pub(crate) now: UnixMs,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(&[]).await
    }

    pub(crate) async fn with(variables: &[(&'static str, &str)]) -> Self {
        let issuer = Issuer::start().await;
        let keys = keys(&issuer, variables);
        Self { issuer, keys, now: SystemClock.now() }
    }

    pub(crate) async fn verify(&self, token: &str) -> Result<Identity, AuthError> {
        self.keys.verify(token, self.now).await
    }

    /// A token of the present key with some claims set, or taken out with `null`.
    pub(crate) fn token_with(&self, changes: Value) -> String {
        self.issuer.current().sign(&self.claims_with(changes))
    }

    pub(crate) fn claims_with(&self, changes: Value) -> Value {
        let mut claims = self.issuer.claims("ann");
        // Tests that let time pass are not about a token's end.
        claims["exp"] = (self.now.0 / 1_000 + 86_400).into();
        for (name, value) in changes.as_object().expect("changes are an object") {
            if value.is_null() {
                claims.as_object_mut().expect("claims are an object").remove(name);
            } else {
                claims[name] = value.clone();
            }
        }
        claims
    }

    pub(crate) fn pass_ms(&mut self, ms: u64) {
        self.now = self.now.plus_ms(ms);
    }
}

pub(crate) fn keys(issuer: &Issuer, variables: &[(&'static str, &str)]) -> Arc<JwksKeys> {
    install_provider();
    let mut environment = Environment::from([("VIVA_ISSUER", issuer.issuer())]);
    for (name, value) in variables {
        environment.set(name, *value);
    }
    let config = IssuerConfig::read(&environment).expect("the configuration is good").expect("there is an issuer");
    assert_eq!(config.jwks_url, issuer.jwks_url());
    let source = HttpKeySource::new(&config.jwks_url).expect("there is a client");
    Arc::new(JwksKeys::new(config, Arc::new(source)))
}
