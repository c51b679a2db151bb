//! A JSON Web Key Set (RFC 7517), and the keys in it that we can verify with.
//!
//! An algorithm is bound to each key here, by its type and curve: what a token names never matters. Keys of other kinds are passed over, so
//! that an issuer may publish them beside ours; shared secrets are never taken from a set.

use crate::auth::keys::VerifyingKey;
use crate::config::limits::{
    EC_COORDINATE_BYTES, JWKS_KEYS_MAX, RSA_EXPONENT_BYTES_MAX, RSA_MODULUS_BYTES_MAX, RSA_MODULUS_BYTES_MIN,
    TOKEN_KEY_ID_BYTES_MAX,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

/// The usable keys of a set.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeySet {
    keys: Vec<VerifyingKey>,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: String,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

impl KeySet {
    /// An error tells what is wrong with the document as a whole.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let Document { keys } =
            serde_json::from_slice(bytes).map_err(|error| format!("what came is no set of keys: {error}"))?;
        if keys.len() > JWKS_KEYS_MAX {
            return Err(format!("what came has {} keys, more than {JWKS_KEYS_MAX}", keys.len()));
        }
        let usable = keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok()?.verifying());
        Ok(Self { keys: usable.collect() })
    }

    pub(crate) fn key(&self, id: &str, algorithm: Algorithm) -> Option<&VerifyingKey> {
        self.keys.iter().find(|key| key.is(id, algorithm))
    }

    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }
}

impl Jwk {
    fn verifying(self) -> Option<VerifyingKey> {
        let Self { kty, kid, alg, usage, key_ops, crv, x, y, n, e } = self;
        let verifies = usage.is_none_or(|usage| usage == "sig")
            && key_ops.is_none_or(|operations| operations.iter().any(|operation| operation == "verify"));
        if !verifies || kid.len() > TOKEN_KEY_ID_BYTES_MAX {
            return None;
        }
        let meant = |name: &str| alg.as_deref().is_none_or(|alg| alg == name);
        match kty.as_str() {
            "EC" if crv.as_deref() == Some("P-256") && meant("ES256") => {
                let (x, y) = (x?, y?);
                (bytes(&x)? == EC_COORDINATE_BYTES && bytes(&y)? == EC_COORDINATE_BYTES).then_some(())?;
                let key = DecodingKey::from_ec_components(&x, &y).ok()?;
                Some(VerifyingKey::published(kid, Algorithm::ES256, key))
            }
            "RSA" if meant("RS256") => {
                let (n, e) = (n?, e?);
                (RSA_MODULUS_BYTES_MIN..=RSA_MODULUS_BYTES_MAX).contains(&bytes(&n)?).then_some(())?;
                (bytes(&e)? <= RSA_EXPONENT_BYTES_MAX).then_some(())?;
                let key = DecodingKey::from_rsa_components(&n, &e).ok()?;
                Some(VerifyingKey::published(kid, Algorithm::RS256, key))
            }
            _ => None,
        }
    }
}

/// How many bytes a value stands for; `None`: it is no base64url.
fn bytes(text: &str) -> Option<usize> {
    Some(URL_SAFE_NO_PAD.decode(text).ok()?.len())
}
