//! Tokens that stand for one object until a moment: expiry, key and an HMAC-SHA256 over both, in URL-safe Base64.
//!
//! Whoever has a token may read, or write what its terms say: it is short-lived, and it names nobody.

use crate::embedded::data_folder::SECRET_BYTES;
use crate::ports::clock::UnixMs;
use crate::ports::objects::{ObjectKey, UploadTerms};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignedUrlError {
    #[error("the link is not one of ours")]
    Forged,
    #[error("the link has expired")]
    Expired,
}

pub(super) struct Signer {
    keyed: Hmac<Sha256>,
}

const MAC_BYTES: usize = 32;
const EXPIRY_BYTES: usize = 8;

impl Signer {
    #[expect(clippy::expect_used, reason = "an invariant of the algorithm")]
    pub(super) fn new(secret: [u8; SECRET_BYTES]) -> Self {
        Self { keyed: Hmac::new_from_slice(&secret).expect("HMAC takes a key of any length") }
    }

    pub(super) fn sign(&self, key: &ObjectKey, expires: UnixMs) -> String {
        self.seal(PURPOSE, key.0.as_bytes(), expires)
    }

    /// A token that lets its holder write one object, as the terms describe it.
    pub(super) fn sign_upload(&self, key: &ObjectKey, terms: &UploadTerms, expires: UnixMs) -> String {
        let UploadTerms { bytes, sha256, content_type } = terms;
        let said = format!("{}\n{bytes}\n{sha256}\n{content_type}", key.0);
        self.seal(UPLOAD_PURPOSE, said.as_bytes(), expires)
    }

    /// A token that lets its holder write one part of an object, of exactly so many bytes.
    pub(super) fn sign_part(&self, key: &ObjectKey, number: u32, bytes: u64, expires: UnixMs) -> String {
        self.seal(PART_PURPOSE, format!("{}\n{number}\n{bytes}", key.0).as_bytes(), expires)
    }

    pub(super) fn verify_part(&self, token: &str, now: UnixMs) -> Result<(ObjectKey, u32, u64), SignedUrlError> {
        let said = self.unseal(PART_PURPOSE, token, now)?;
        let mut parts = said.splitn(3, '\n');
        let mut part = || parts.next().ok_or(SignedUrlError::Forged);
        let (key, number, bytes) = (part()?, part()?, part()?);
        let number = number.parse().map_err(|_| SignedUrlError::Forged)?;
        let bytes = bytes.parse().map_err(|_| SignedUrlError::Forged)?;
        Ok((ObjectKey(key.to_owned()), number, bytes))
    }

    fn seal(&self, purpose: &[u8], said: &[u8], expires: UnixMs) -> String {
        let mut token = expires.0.to_be_bytes().to_vec();
        token.extend_from_slice(said);
        let mac = self.keyed.clone().chain_update(purpose).chain_update(&token).finalize().into_bytes();
        token.extend_from_slice(&mac);
        URL_SAFE_NO_PAD.encode(token)
    }

    pub(super) fn verify(&self, token: &str, now: UnixMs) -> Result<ObjectKey, SignedUrlError> {
        self.unseal(PURPOSE, token, now).map(ObjectKey)
    }

    pub(super) fn verify_upload(&self, token: &str, now: UnixMs) -> Result<(ObjectKey, UploadTerms), SignedUrlError> {
        let said = self.unseal(UPLOAD_PURPOSE, token, now)?;
        let mut parts = said.splitn(4, '\n');
        let mut part = || parts.next().ok_or(SignedUrlError::Forged);
        let (key, bytes, sha256, content_type) = (part()?, part()?, part()?, part()?);
        let bytes = bytes.parse().map_err(|_| SignedUrlError::Forged)?;
        let terms = UploadTerms { bytes, sha256: sha256.to_owned(), content_type: content_type.to_owned() };
        Ok((ObjectKey(key.to_owned()), terms))
    }

    /// What was sealed, while it is valid.
    fn unseal(&self, purpose: &[u8], token: &str, now: UnixMs) -> Result<String, SignedUrlError> {
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| SignedUrlError::Forged)?;
        let signed_bytes = bytes.len().checked_sub(MAC_BYTES).ok_or(SignedUrlError::Forged)?;
        let (signed, mac) = bytes.split_at(signed_bytes);
        let keyed = self.keyed.clone().chain_update(purpose).chain_update(signed);
        keyed.verify_slice(mac).map_err(|_| SignedUrlError::Forged)?;
        let (expires, said) = signed.split_first_chunk::<EXPIRY_BYTES>().ok_or(SignedUrlError::Forged)?;
        if now.0 >= u64::from_be_bytes(*expires) {
            return Err(SignedUrlError::Expired);
        }
        String::from_utf8(said.to_vec()).map_err(|_| SignedUrlError::Forged)
    }
}

/// Keeps what is signed here from meaning anything elsewhere.
const PURPOSE: &[u8] = b"viva object url v1\n";
const UPLOAD_PURPOSE: &[u8] = b"viva object upload v1\n";
const PART_PURPOSE: &[u8] = b"viva object part v1\n";
