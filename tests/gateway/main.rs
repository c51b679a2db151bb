//! The gateway over the wire: a real server on a free port, real WebSocket and HTTP clients.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

mod admin;
mod bad_input;
mod chat;
mod configuration;
mod files;
mod frames;
mod http;
mod interview;
mod issuer;
#[path = "../rig/jwks.rs"]
#[allow(dead_code, reason = "other tests let people sign in with it")]
mod jwks;
mod life;
mod process;
mod rig;
mod sessions;
mod tls;
mod upgrade;
