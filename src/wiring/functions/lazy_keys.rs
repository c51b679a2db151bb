//! The keys that tokens are verified with, opened when the first token comes: most messages of a connection bring none.

use crate::auth::{AuthError, Identity, LocalKey, TokenKeys, VerifyingKeys};
use crate::cloud::aws::Aws;
use crate::cloud::secrets::Secrets;
use crate::config::{Environment, IssuerConfig, TokensConfig};
use crate::ports::clock::UnixMs;
use crate::wiring::{WiringError, issuer_keys};
use async_trait::async_trait;
use std::fmt::Display;
use std::sync::Arc;
use tokio::sync::OnceCell;

pub(super) struct LazyKeys {
    believed: Believed,
    keys: OnceCell<Arc<dyn TokenKeys>>,
}

/// Whose tokens.
enum Believed {
    /// A platform's own key.
    Secret(String),
    /// An issuer's published keys; of one from before it published any, a secret that is kept in AWS.
    Issuer(Box<Issuer>),
}

struct Issuer {
    config: IssuerConfig,
    aws: Option<Aws>,
}

impl LazyKeys {
    pub(super) fn read(environment: &Environment) -> Result<Self, WiringError> {
        let TokensConfig { secret, issuer, .. } = TokensConfig::read(environment)?;
        let believed = match (issuer, secret) {
            (Some(config), _) => {
                let aws = config.secret_arn.as_ref().map(|_| Aws::of_function(environment)).transpose()?;
                Believed::Issuer(Box::new(Issuer { config, aws }))
            }
            (None, Some(secret)) => Believed::Secret(secret),
            (None, None) => return Err(WiringError::adapter("VIVA_ISSUER", "it must be set: who signs the tokens?")),
        };
        Ok(Self { believed, keys: OnceCell::new() })
    }

    async fn open(&self) -> Result<Arc<dyn TokenKeys>, AuthError> {
        match &self.believed {
            Believed::Secret(secret) => {
                Ok(Arc::new(VerifyingKeys::new(vec![LocalKey::new(secret.as_bytes()).verifying()])))
            }
            Believed::Issuer(issuer) => {
                let Issuer { config, aws } = &**issuer;
                let mut config = config.clone();
                if let (Some(aws), Some(arn)) = (aws, &config.secret_arn) {
                    config.secret = Some(Secrets::new(aws).text(arn).await.map_err(unavailable)?);
                }
                // Another that was installed before does as well.
                drop(rustls::crypto::ring::default_provider().install_default());
                issuer_keys(config).map_err(unavailable)
            }
        }
    }
}

#[async_trait]
impl TokenKeys for LazyKeys {
    async fn verify(&self, token: &str, now: UnixMs) -> Result<Identity, AuthError> {
        self.keys.get_or_try_init(|| self.open()).await?.verify(token, now).await
    }
}

fn unavailable(error: impl Display) -> AuthError {
    tracing::error!(%error, "tokens cannot be verified");
    AuthError::Unavailable
}
