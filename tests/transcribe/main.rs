//! Transcribe's adapter over the wire against a strict stand-in, and the stand-in against clients that do wrong.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]
#![expect(clippy::disallowed_methods, reason = "what talks over the wire takes the time it takes")]

#[path = "../rig/transcribe.rs"]
mod transcribe;

#[path = "../speech/hearing.rs"]
#[allow(dead_code, reason = "the crate that it comes from uses all of it")]
mod hearing;

mod failing;
mod playing;
mod rules;
mod saying;
mod words_wrong;
