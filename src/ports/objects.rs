//! Files: recordings now, uploads later.

use crate::config::limits::{OBJECT_KEY_BYTES_MAX, OBJECT_SEGMENT_BYTES_MAX};
use async_trait::async_trait;
use bytes::Bytes;
use std::time::Duration;

/// Path-like key: segments of `[A-Za-z0-9._~-]` joined by `/`; adapters refuse anything else.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObjectKey(pub String);

impl ObjectKey {
    /// `Key` for one that could lead elsewhere, or is too long: every adapter asks this first.
    pub fn check(&self) -> Result<(), ObjectError> {
        let allowed = |segment: &str| {
            let known = |byte: u8| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte);
            (1..=OBJECT_SEGMENT_BYTES_MAX).contains(&segment.len())
                && segment != "."
                && segment != ".."
                && segment.bytes().all(known)
        };
        if self.0.len() > OBJECT_KEY_BYTES_MAX || !self.0.split('/').all(allowed) {
            return Err(ObjectError::Key);
        }
        Ok(())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectMeta {
    pub bytes: u64,
    pub content_type: String,
}

/// Contract: `put` replaces whole, atomically; `get` of a range beyond the end is cut at the end; a signed URL works for `ttl` and for
/// that key alone.
#[async_trait]
pub trait Objects: Send + Sync {
    async fn put(&self, key: &ObjectKey, content_type: &str, content: Bytes) -> Result<(), ObjectError>;

    async fn meta(&self, key: &ObjectKey) -> Result<Option<ObjectMeta>, ObjectError>;

    /// Bytes from `offset`, at most `length`.
    async fn get(&self, key: &ObjectKey, offset: u64, length: u64) -> Result<Bytes, ObjectError>;

    /// A URL (absolute, or a path on the gateway's own address) that reads the object without further credentials.
    async fn signed_url(&self, key: &ObjectKey, ttl: Duration) -> Result<String, ObjectError>;

    /// Idempotent.
    async fn delete(&self, key: &ObjectKey) -> Result<(), ObjectError>;
}

#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    #[error("there is no such object")]
    NotFound,
    #[error("storage is full")]
    Full,
    #[error("the object's key is not allowed")]
    Key,
    #[error("the object could not be read or written: {0}")]
    Failed(String),
}
