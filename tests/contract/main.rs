//! One suite of behaviours for each port, run against every adapter: what callers rely on, and nothing that only one adapter does.
//!
//! `embedded` runs the suites against SQLite and files, and beside them what only a store on this machine's disk must survive; `cloud` runs
//! them against AWS's services as an emulator serves them, over the wire.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::expect_used)]

/// A test for each behaviour; `$make` gives a fresh adapter, kept alive by what it is in.
macro_rules! contract {
    ($suite:ident, $make:path, [$($behaviour:ident),+ $(,)?]) => {
        $(
            #[tokio::test]
            async fn $behaviour() {
                let made = $make().await;
                crate::$suite::$behaviour(made.port()).await;
            }
        )+
    };
}

#[macro_use]
mod attempts;
#[macro_use]
mod budgets;
#[macro_use]
mod chat_quota;
#[macro_use]
mod conversations;
#[macro_use]
mod documents;
#[macro_use]
mod evidence;
#[macro_use]
mod feed;
#[macro_use]
mod journal;
#[macro_use]
mod object_parts;
#[macro_use]
mod objects;
#[macro_use]
mod passages;
#[macro_use]
mod quizzes;
#[macro_use]
mod recognizer;
#[macro_use]
mod register;
#[macro_use]
mod reports;
#[macro_use]
mod upload_door;
#[macro_use]
mod uploads;

#[cfg(feature = "cloud")]
mod cloud;
mod embedded;
#[path = "../rig/embeddings.rs"]
mod embeddings_server;
mod fixtures;
#[path = "../rig/meaning.rs"]
mod meaning;
