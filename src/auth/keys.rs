//! The keys that tokens are verified with, and the local key that signs them.
//!
//! An algorithm belongs to a key: the token's `alg` must be that one, and can never choose. `exp` and `nbf` are compared here with the
//! time that the caller gives.

use crate::auth::claims::{AppMetadata, Claims, Identity, is_id};
use crate::config::limits::TOKEN_SKEW_MS_MAX;
use crate::ports::clock::UnixMs;
use async_trait::async_trait;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::de::DeserializeOwned;
use std::collections::HashSet;

/// Why a token is not believed. What the token holds is never part of a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    #[error("the token is not valid")]
    Invalid,
    #[error("the token has expired")]
    Expired,
    #[error("the token is not valid yet")]
    NotYet,
    #[error("the token's claim `{0}` is missing or malformed")]
    Claim(&'static str),
    #[error("guests are not admitted here; sign in with an account")]
    Anonymous,
    /// The keys could not be had: the same token may be good a moment later.
    #[error("the keys that tokens are verified with cannot be reached")]
    Unavailable,
}

/// Whose tokens are believed.
#[async_trait]
pub trait TokenKeys: Send + Sync {
    /// Verifies a token as of `now`. It may wait for keys to be fetched, for a bounded time.
    async fn verify(&self, token: &str, now: UnixMs) -> Result<Identity, AuthError>;
}

/// One key and the only algorithm that it is used with.
#[derive(Clone)]
pub struct VerifyingKey {
    /// A token that names a key is held against that one alone.
    id: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

impl std::fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VerifyingKey").field("id", &self.id).field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

impl VerifyingKey {
    /// A shared secret, for HS256.
    pub fn hs256(secret: &[u8]) -> Self {
        Self { id: None, algorithm: Algorithm::HS256, key: DecodingKey::from_secret(secret) }
    }

    /// A public key on P-256 in PEM, for ES256.
    pub fn es256_pem(id: Option<String>, pem: &[u8]) -> Result<Self, AuthError> {
        let key = DecodingKey::from_ec_pem(pem).map_err(|_| AuthError::Invalid)?;
        Ok(Self { id, algorithm: Algorithm::ES256, key })
    }

    /// A public RSA key in PEM, for RS256.
    pub fn rs256_pem(id: Option<String>, pem: &[u8]) -> Result<Self, AuthError> {
        let key = DecodingKey::from_rsa_pem(pem).map_err(|_| AuthError::Invalid)?;
        Ok(Self { id, algorithm: Algorithm::RS256, key })
    }

    /// One key of a published set.
    pub(crate) fn published(id: String, algorithm: Algorithm, key: DecodingKey) -> Self {
        Self { id: Some(id), algorithm, key }
    }

    pub(crate) fn is(&self, id: &str, algorithm: Algorithm) -> bool {
        self.id.as_deref() == Some(id) && self.algorithm == algorithm
    }

    /// The claims of a token that this key has signed, whatever its times.
    pub(crate) fn decode<C: DeserializeOwned>(&self, token: &str) -> Result<C, AuthError> {
        match jsonwebtoken::decode::<C>(token, &self.key, &validation(self.algorithm)) {
            Ok(token) => Ok(token.claims),
            Err(error) => Err(match error.kind() {
                ErrorKind::MissingRequiredClaim(claim) if claim == "exp" => AuthError::Claim("exp"),
                ErrorKind::Json(_) => AuthError::Claim("sub, exp or app_metadata"),
                _ => AuthError::Invalid,
            }),
        }
    }
}

/// A token's header. What a token says of its keys (`jwk`, `jku`, `x5u`) is not read, and a token that insists on more (`crit`) is refused.
pub(crate) fn header_of(token: &str) -> Result<Header, AuthError> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| AuthError::Invalid)?;
    if header.crit.is_some() { Err(AuthError::Invalid) } else { Ok(header) }
}

/// All keys whose tokens are believed.
#[derive(Clone, Debug, Default)]
pub struct VerifyingKeys {
    keys: Vec<VerifyingKey>,
}

impl VerifyingKeys {
    pub fn new(keys: Vec<VerifyingKey>) -> Self {
        Self { keys }
    }

    fn verify_now(&self, token: &str, now: UnixMs) -> Result<Identity, AuthError> {
        let header = header_of(token)?;
        let candidates = self.keys.iter().filter(|key| {
            let named = key.id.is_none() || header.kid.is_none() || key.id == header.kid;
            named && key.algorithm == header.alg
        });
        for key in candidates {
            match key.decode::<Claims>(token) {
                Ok(claims) => return accept(claims, now),
                // Another key may be the one.
                Err(AuthError::Invalid) => {}
                Err(error) => return Err(error),
            }
        }
        Err(AuthError::Invalid)
    }
}

#[async_trait]
impl TokenKeys for VerifyingKeys {
    async fn verify(&self, token: &str, now: UnixMs) -> Result<Identity, AuthError> {
        self.verify_now(token, now)
    }
}

/// The identity, if the token is valid at this moment. An issuer's clock may be a little ahead; the end is the end.
pub(crate) fn accept(claims: Claims, now: UnixMs) -> Result<Identity, AuthError> {
    if claims.nbf.is_some_and(|nbf| nbf * 1_000.0 > now.plus_ms(TOKEN_SKEW_MS_MAX).0 as f64) {
        return Err(AuthError::NotYet);
    }
    let identity = claims.identity()?;
    if identity.expired(now) { Err(AuthError::Expired) } else { Ok(identity) }
}

/// Signature and shape; times are compared by [`accept`], with the caller's clock.
fn validation(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims = HashSet::new();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}

/// A key of our own, which signs and verifies.
#[derive(Clone)]
pub struct LocalKey {
    secret: Vec<u8>,
}

impl std::fmt::Debug for LocalKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LocalKey(…)")
    }
}

impl LocalKey {
    pub fn new(secret: impl Into<Vec<u8>>) -> Self {
        Self { secret: secret.into() }
    }

    pub fn verifying(&self) -> VerifyingKey {
        VerifyingKey::hs256(&self.secret)
    }

    /// Signs a token for an identity; its ids must have the shape of ids, and its end is rounded up to a second.
    pub fn issue(&self, identity: &Identity) -> Result<String, AuthError> {
        let Identity { tenant, user, role, courses, expires } = identity;
        if !is_id(user.as_str()) {
            return Err(AuthError::Claim("sub"));
        }
        let claims = Claims {
            sub: user.to_string(),
            exp: expires.0.div_ceil(1_000) as f64,
            nbf: None,
            user_role: None,
            app_metadata: AppMetadata {
                tenant: Some(tenant.to_string()),
                role: role.clone(),
                courses: courses.clone(),
            },
        };
        claims.clone().identity()?;
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(&self.secret))
            .map_err(|_| AuthError::Invalid)
    }
}

#[cfg(test)]
mod tests;
