//! A conversation over course files: what follows from what is asked, found and written.
//!
//! The core is pure: no I/O, no clock, no randomness, no async. Requests come numbered, passages come found, words come from a model; events
//! and effects go out. Who may read what, and where anything is kept, is decided elsewhere.

pub mod admitting;
pub mod citations;
pub mod driver;
pub mod event;
pub mod machine;
pub mod query;
pub mod tree;
pub mod window;
pub mod wire;
pub mod words;

pub use event::{Citation, Event, Finish, Used};
pub use machine::{Chat, Effect, Failure, Input, Output};
