//! Tokens of an issuer that publishes its keys, over the wire to one that rotates, fails and stalls. Time is the tests' own.

#![allow(clippy::unwrap_used, clippy::panic)]

mod believing;
mod fetching;
mod forging;
#[path = "../rig/jwks.rs"]
#[allow(dead_code, reason = "other tests let people sign in with it")]
mod jwks;
mod world;
