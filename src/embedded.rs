//! Adapters for one machine: SQLite and files, the system's clock, recognizers and models that are built in or reached over plain HTTP.
//!
//! They know the ports alone: no port is defined here, and no decision of an interview is taken.

pub mod builtin;
pub mod chat_completions;
pub mod data_folder;
pub mod inbox;
pub mod objects;
pub mod pocketsphinx;
pub mod scripted;
pub mod scripted_model;
pub mod sqlite;
pub mod system;
pub mod transcriptions;
pub mod workers;
