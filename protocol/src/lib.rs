//! The viva wire protocol, version by version: message types, limits, error codes, and their encoding as JSON.
//!
//! What a message *means* is not here: that is the business of the worker and the cores. Nothing here does I/O, keeps
//! state, or knows tokio, a cloud's SDK or the domain.

#[cfg(feature = "schema")]
pub mod artefacts;
pub mod v1;
