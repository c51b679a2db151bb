//! Interviews on the deployed stack: the Lambda functions as they are shipped, on an emulator of AWS that the template was deployed to.
//!
//! Each test has an emulator, a database and an issuer of its own, and speaks to the WebSocket API as a browser does.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, clippy::print_stdout)]
#![expect(clippy::disallowed_methods, reason = "processes and sockets are waited for by the wall clock")]

mod doors;
mod faults;
mod front;
mod interviews;
#[path = "../rig/jwks.rs"]
#[allow(dead_code, reason = "other tests let keys rotate and people sign in")]
mod jwks;
#[path = "../rig/ministack.rs"]
mod ministack;
#[path = "../rig/postgres.rs"]
mod postgres;
mod stack;
mod talk;
#[path = "../rig/transcribe.rs"]
mod transcribe;
