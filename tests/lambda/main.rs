//! The functions on Lambda as their events reach them: shapes as AWS documents them, values made up.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

#[path = "../rig/answers.rs"]
mod answers;
mod authorizer;
mod clients;
#[path = "../rig/counting_proxy.rs"]
mod counting_proxy;
mod frames;
mod http;
#[path = "../rig/ministack.rs"]
#[expect(clippy::disallowed_methods, reason = "it waits for a process by the wall clock")]
mod ministack;
mod process;
mod rig;
#[path = "../rig/tables.rs"]
mod tables;
mod websocket;
mod wired;
mod worker;
