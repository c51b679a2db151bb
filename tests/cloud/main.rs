//! Interviews, files, conversations and quizzes on the deployed stack: the Lambda functions as they are shipped, on an emulator of AWS that the template was deployed to.
//!
//! Each test has an emulator, a database and an issuer of its own, and speaks to the WebSocket API as a browser does.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, clippy::print_stdout)]
#![expect(clippy::disallowed_methods, reason = "processes and sockets are waited for by the wall clock")]

mod chats;
mod desk;
mod doors;
mod faults;
mod files;
mod front;
mod interviews;
#[path = "../rig/jwks.rs"]
#[allow(dead_code, reason = "other tests let keys rotate and people sign in")]
mod jwks;
#[path = "../ingest/making.rs"]
#[allow(dead_code, reason = "other tests make files of other kinds")]
mod making;
#[path = "../rig/ministack.rs"]
mod ministack;
mod parts;
#[path = "../rig/postgres.rs"]
mod postgres;
mod quizzes;
mod stack;
mod talk;
#[path = "../rig/transcribe.rs"]
mod transcribe;
