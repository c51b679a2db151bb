//! Adapters for one machine: SQLite and files, the system's clock, recognizers and models that are built in or reached over plain HTTP.
//!
//! They know the ports alone: no port is defined here, and no decision of an interview is taken. What needs no machine of its own (the
//! built-in model, the scripted adapters, clock and identifiers) is there in every build.

pub mod builtin;
#[cfg(feature = "embedded")]
pub mod chat_completions;
#[cfg(feature = "embedded")]
pub mod data_folder;
#[cfg(feature = "embedded")]
pub mod embeddings;
#[cfg(feature = "extraction")]
pub mod extraction;
#[cfg(feature = "embedded")]
pub mod inbox;
pub mod ingestion;
#[cfg(feature = "extraction")]
pub mod machine;
#[cfg(feature = "embedded")]
pub mod objects;
#[cfg(feature = "embedded")]
pub mod pocketsphinx;
pub mod quiz_making;
pub mod scripted;
pub mod scripted_model;
#[cfg(feature = "embedded")]
pub mod sqlite;
pub mod system;
#[cfg(feature = "embedded")]
pub mod transcriptions;
pub mod waiting;
#[cfg(feature = "embedded")]
pub mod webhook;
pub mod workers;
