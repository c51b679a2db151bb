//! The functions on Lambda as their events reach them: shapes as AWS documents them, values made up.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

mod authorizer;
mod http;
mod process;
mod rig;
mod websocket;
mod worker;
