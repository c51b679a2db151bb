//! Which tokens are believed.

use crate::config::environment::{ConfigError, Environment};
use crate::config::limits::TOKEN_SECRET_BYTES_MIN;

#[derive(Clone, PartialEq, Eq)]
pub struct TokensConfig {
    /// `VIVA_TOKEN_SECRET`: the key (HS256) with which the platform signs its tokens. Without it viva makes a key of its own in the
    /// data folder, for `viva token` and, on loopback, `POST /dev/token`.
    pub secret: Option<String>,
    /// `VIVA_DEV_TOKENS`: `off` closes `POST /dev/token`; `on` insists on it. By default it is open on loopback when no secret is set.
    pub dev_tokens: Option<bool>,
}

impl std::fmt::Debug for TokensConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let secret = self.secret.as_ref().map(|_| "(set)");
        f.debug_struct("TokensConfig").field("secret", &secret).field("dev_tokens", &self.dev_tokens).finish()
    }
}

impl TokensConfig {
    pub fn read(environment: &Environment) -> Result<Self, ConfigError> {
        let secret = environment.text("VIVA_TOKEN_SECRET").map(str::to_owned);
        if let Some(secret) = &secret
            && secret.len() < TOKEN_SECRET_BYTES_MIN
        {
            let problem = format!("it has {} bytes; a key for HS256 needs {TOKEN_SECRET_BYTES_MIN}", secret.len());
            return Err(ConfigError::new("VIVA_TOKEN_SECRET", problem));
        }
        let dev_tokens = environment.switch("VIVA_DEV_TOKENS")?;
        if dev_tokens == Some(true) && secret.is_some() {
            let problem = "tokens for anybody are not given out where VIVA_TOKEN_SECRET names the platform's own key";
            return Err(ConfigError::new("VIVA_DEV_TOKENS", problem));
        }
        Ok(Self { secret, dev_tokens })
    }
}
