//! Conversations over course files: the core by itself, and its worker over SQLite with a scripted model and scripted faults.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

mod answering;
mod failing;
mod killed;
mod resting;
mod restoring;
mod rig;
mod sharing;
mod window;
