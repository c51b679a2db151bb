//! A client of the viva protocol, and a load test made of it: many candidates who answer in real time.
//!
//! The client ([`client::Client`]) keeps to the protocol's letter (numbering, credit, resending, resuming) and knows nothing of
//! microphones or measurements, so that tests can use it too. Nothing here is part of the product.
#![expect(clippy::disallowed_methods, reason = "a load generator lives by the real clock")]

pub mod answers;
pub mod candidate;
pub mod client;
pub mod figures;
pub mod run;
pub mod server_process;
pub mod summary;
pub mod token;
pub mod wer;
