//! Who speaks: claims of a verified token, the keys that verify it, and what it allows.
//!
//! Tenant, user, role and courses come from the token alone. Nothing here reads a clock, a file or a socket; where keys come from is the
//! business of `wiring`, how published ones are fetched that of the port `KeySource`.

pub mod claims;
pub mod jwks;
pub mod keys;

pub use claims::{CourseRole, Identity};
pub use keys::{AuthError, LocalKey, TokenKeys, VerifyingKey, VerifyingKeys};
