//! The gateway over the wire: a real server on a free port, real WebSocket and HTTP clients.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

mod admin;
mod bad_input;
mod chat;
mod configuration;
#[path = "../models/endpoint.rs"]
#[allow(dead_code, reason = "other tests need more faults of it")]
mod endpoint;
mod files;
mod frames;
#[path = "../ingest/hostile/files.rs"]
mod hostile;
mod http;
mod interview;
mod issuer;
#[path = "../rig/jwks.rs"]
#[allow(dead_code, reason = "other tests let people sign in with it")]
mod jwks;
mod life;
#[path = "../ingest/making.rs"]
mod making;
mod process;
mod quizzes;
mod rig;
mod sessions;
mod tls;
mod upgrade;
