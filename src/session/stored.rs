//! The stored form of an event: JSON with the version that wrote it. What the events mean, and which version is theirs, their cores know.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

#[derive(Debug, thiserror::Error)]
pub enum StoredEventError {
    #[error(
        "an event was stored in version {stored}, this program knows versions up to {known}: use the newer program"
    )]
    Version { stored: u32, known: u32 },
    #[error("a stored event cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
}

#[derive(Deserialize)]
struct Versioned {
    v: u32,
}

/// An event as its version writes it; it must be a JSON object.
pub fn encode<E: Serialize>(event: &E, version: u32) -> String {
    let json = serde_json::to_string(event).expect("an event holds nothing that JSON cannot");
    let fields = json.strip_prefix('{').expect("an event is an object");
    format!("{{\"v\":{version},{fields}")
}

/// `known`: the newest version that this program reads.
pub fn decode<E: DeserializeOwned>(stored: &str, known: u32) -> Result<E, StoredEventError> {
    let Versioned { v } = serde_json::from_str(stored)?;
    if v > known {
        return Err(StoredEventError::Version { stored: v, known });
    }
    Ok(serde_json::from_str(stored)?)
}
