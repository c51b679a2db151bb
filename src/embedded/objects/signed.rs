//! Tokens that stand for one object until a moment: expiry, key and an HMAC-SHA256 over both, in URL-safe Base64.
//!
//! Whoever has a token may read: it is short-lived, and it names nobody.

use crate::embedded::data_folder::SECRET_BYTES;
use crate::ports::clock::UnixMs;
use crate::ports::objects::ObjectKey;
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
        let mut token = expires.0.to_be_bytes().to_vec();
        token.extend_from_slice(key.0.as_bytes());
        let mac = self.keyed.clone().chain_update(PURPOSE).chain_update(&token).finalize().into_bytes();
        token.extend_from_slice(&mac);
        URL_SAFE_NO_PAD.encode(token)
    }

    pub(super) fn verify(&self, token: &str, now: UnixMs) -> Result<ObjectKey, SignedUrlError> {
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| SignedUrlError::Forged)?;
        let signed_bytes = bytes.len().checked_sub(MAC_BYTES).ok_or(SignedUrlError::Forged)?;
        let (signed, mac) = bytes.split_at(signed_bytes);
        self.keyed
            .clone()
            .chain_update(PURPOSE)
            .chain_update(signed)
            .verify_slice(mac)
            .map_err(|_| SignedUrlError::Forged)?;
        let (expires, key) = signed.split_first_chunk::<EXPIRY_BYTES>().ok_or(SignedUrlError::Forged)?;
        if now.0 >= u64::from_be_bytes(*expires) {
            return Err(SignedUrlError::Expired);
        }
        let key = std::str::from_utf8(key).map_err(|_| SignedUrlError::Forged)?;
        Ok(ObjectKey(key.to_owned()))
    }
}

/// Keeps what is signed here from meaning anything elsewhere.
const PURPOSE: &[u8] = b"viva object url v1\n";
