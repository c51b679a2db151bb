//! The functions on Lambda as their events reach them: shapes as AWS documents them, values made up.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

#[path = "../rig/answers.rs"]
mod answers;
mod asking;
mod authorizer;
mod chat;
mod classroom;
mod clients;
#[path = "../rig/counting_proxy.rs"]
mod counting_proxy;
mod files;
mod frames;
mod http;
mod ingest;
#[path = "../rig/ministack.rs"]
#[expect(clippy::disallowed_methods, reason = "it waits for a process by the wall clock")]
mod ministack;
mod process;
mod quiz;
mod quizzes;
mod rig;
mod routes;
mod shelf;
#[path = "../rig/tables.rs"]
mod tables;
mod websocket;
mod wired;
mod worker;
