//! Files: recordings, and what people upload.

use crate::config::limits::{OBJECT_KEY_BYTES_MAX, OBJECT_SEGMENT_BYTES_MAX};
use async_trait::async_trait;
use bytes::Bytes;
use std::ops::RangeInclusive;
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

/// The bytes that an upload must be: nothing else is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadTerms {
    pub bytes: u64,
    /// Lower-case hexadecimal.
    pub sha256: String,
    pub content_type: String,
}

/// How to send an object without further credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedUpload {
    pub method: String,
    /// Absolute, or a path on the gateway's own address.
    pub url: String,
    /// Headers that the request must carry as they are.
    pub headers: Vec<(String, String)>,
}

/// Contract: `put` replaces whole, atomically; `get` of a range beyond the end is cut at the end; a signed URL works for `ttl` and for
/// that key alone; what comes by a signed upload is there whole and as its terms say, or not at all.
#[async_trait]
pub trait Objects: Send + Sync {
    async fn put(&self, key: &ObjectKey, content_type: &str, content: Bytes) -> Result<(), ObjectError>;

    async fn meta(&self, key: &ObjectKey) -> Result<Option<ObjectMeta>, ObjectError>;

    /// Bytes from `offset`, at most `length`.
    async fn get(&self, key: &ObjectKey, offset: u64, length: u64) -> Result<Bytes, ObjectError>;

    /// A URL (absolute, or a path on the gateway's own address) that reads the object without further credentials.
    async fn signed_url(&self, key: &ObjectKey, ttl: Duration) -> Result<String, ObjectError>;

    /// How a client sends the object that the terms describe, within `ttl`.
    async fn signed_upload(
        &self,
        key: &ObjectKey,
        terms: &UploadTerms,
        ttl: Duration,
    ) -> Result<SignedUpload, ObjectError>;

    /// Idempotent.
    async fn delete(&self, key: &ObjectKey) -> Result<(), ObjectError>;
}

/// How a large object is cut into parts: part n, from 1, is its bytes from (n − 1) times `part_bytes`, and the last is what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    pub bytes: u64,
    pub part_bytes: u64,
}

impl Cut {
    pub fn count(self) -> u32 {
        u32::try_from(self.bytes.div_ceil(self.part_bytes)).unwrap_or(u32::MAX)
    }

    pub fn numbers(self) -> RangeInclusive<u32> {
        1..=self.count()
    }

    /// Of the part with this number; 0: there is none.
    pub fn bytes_of(self, number: u32) -> u64 {
        let before = u64::from(number).checked_sub(1).map(|before| before.saturating_mul(self.part_bytes));
        before.map_or(0, |before| self.bytes.saturating_sub(before).min(self.part_bytes))
    }
}

/// Objects that come in parts, so that a large one goes on where it broke off.
///
/// Contract: a part is there whole, with the length that the cut gives it, or not at all, and the last that came counts. `join` makes the
/// object of all parts where they are what the terms say; else they are gone, and nothing is stored. Any of it may be asked at once, and
/// again after it broke off at any point. The cut of a key is always the same.
#[async_trait]
pub trait ObjectParts: Send + Sync {
    /// How a client sends part `number`, within `ttl`.
    async fn signed_part(
        &self,
        key: &ObjectKey,
        cut: Cut,
        number: u32,
        ttl: Duration,
    ) -> Result<SignedUpload, ObjectError>;

    /// The numbers of those that came, ascending.
    async fn received(&self, key: &ObjectKey, cut: Cut) -> Result<Vec<u32>, ObjectError>;

    /// `NotFound`: parts are missing, or somebody else has joined or discarded them. `Busy`: one comes anew meanwhile.
    async fn join(&self, key: &ObjectKey, cut: Cut, terms: &UploadTerms) -> Result<(), UploadError>;

    /// Idempotent.
    async fn discard(&self, key: &ObjectKey) -> Result<(), ObjectError>;
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

/// The receiving end of signed uploads, where no other service is.
#[async_trait]
pub trait UploadDoor: Send + Sync {
    /// Begins to receive what a token of ours allows; `declared_bytes`: the length that the request names.
    async fn open(&self, token: &str, declared_bytes: Option<u64>) -> Result<Box<dyn Incoming>, UploadError>;
}

/// An object on its way in. Dropped before its end, nothing is stored.
#[async_trait]
pub trait Incoming: Send {
    async fn write(&mut self, piece: Bytes) -> Result<(), UploadError>;

    /// All has come: it is stored where it is what was promised.
    async fn finish(self: Box<Self>) -> Result<(), UploadError>;
}

#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    #[error("the address is not valid")]
    Forged,
    #[error("the address has expired")]
    Expired,
    /// One at a time: otherwise one address would fill the disk.
    #[error("this file is on its way in already")]
    Busy,
    #[error("the request must name its length")]
    LengthMissing,
    #[error("the length is not the one that was promised: {promised} bytes")]
    Length { promised: u64 },
    #[error("the content is not the one that was promised: its SHA-256 differs")]
    Checksum,
    #[error(transparent)]
    Object(#[from] ObjectError),
}
