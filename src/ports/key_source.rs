//! Where an issuer of tokens publishes its public keys.

use async_trait::async_trait;

/// Gives the JSON Web Key Set (RFC 7517) as it stands, bytes as they came.
///
/// Each call asks anew: nothing is cached here. It ends within a bounded time, and what it gives has a bounded size.
#[async_trait]
pub trait KeySource: Send + Sync {
    async fn fetch(&self) -> Result<Vec<u8>, KeySourceError>;
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeySourceError {
    /// Nothing came, or not what was asked for; trying again later may help.
    #[error("the issuer's keys could not be fetched: {0}")]
    Failed(String),
}
