//! The real-time backend of a learning platform: interviews over one WebSocket, on one machine or on AWS.
//!
//! Imports run one way: `bin → wiring, lambda, gateway → handlers → session, interview, auth → ports ← cloud, embedded`.

pub mod audio;
pub mod auth;
pub mod chat;
#[cfg(feature = "embedded")]
pub mod cli;
#[cfg(feature = "cloud")]
pub mod cloud;
pub mod config;
pub mod embedded;
#[cfg(feature = "embedded")]
pub mod gateway;
pub mod handlers;
pub mod http_key_source;
pub mod ingest;
pub mod interview;
#[cfg(feature = "cloud")]
pub mod lambda;
pub mod ports;
#[cfg(any(feature = "embedded", feature = "cloud"))]
mod prompts;
pub mod quiz;
#[cfg(feature = "rest")]
pub mod rest;
#[cfg(any(feature = "embedded", feature = "cloud"))]
pub mod retrieval;
pub mod session;
#[cfg(any(feature = "cloud", feature = "embedded"))]
pub mod wiring;
