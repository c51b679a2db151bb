//! What an issuer's token says beyond whose it is: who signed it, for whom, since when.
//!
//! `role` is a role of Postgres there, and `user_metadata` what the user wrote: neither is read.

use crate::auth::claims::{Claims, Identity};
use crate::auth::keys::{AuthError, accept};
use crate::config::IssuerConfig;
use crate::config::limits::TOKEN_SKEW_MS_MAX;
use crate::ports::clock::UnixMs;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(crate) struct Issued {
    iss: Option<String>,
    aud: Option<Audience>,
    iat: Option<f64>,
    is_anonymous: Option<bool>,
    #[serde(flatten)]
    claims: Claims,
}

/// One, or several (RFC 7519 section 4.1.3).
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Issued {
    /// The identity, where the token was issued by the configured issuer for the configured audience.
    pub(crate) fn identity(self, config: &IssuerConfig, now: UnixMs) -> Result<Identity, AuthError> {
        let Self { iss, aud, iat, is_anonymous, claims } = self;
        if iss.as_deref() != Some(config.issuer.as_str()) {
            return Err(AuthError::Claim("iss"));
        }
        let meant = match aud {
            Some(Audience::One(audience)) => audience == config.audience,
            Some(Audience::Several(audiences)) => audiences.contains(&config.audience),
            None => false,
        };
        if !meant {
            return Err(AuthError::Claim("aud"));
        }
        if iat.is_some_and(|iat| iat * 1_000.0 > now.plus_ms(TOKEN_SKEW_MS_MAX).0 as f64) {
            return Err(AuthError::NotYet);
        }
        if is_anonymous == Some(true) && !config.anonymous {
            return Err(AuthError::Anonymous);
        }
        accept(claims, now)
    }
}
