//! The client and the load test over real sockets, against a small server that keeps to the protocol and makes trouble on
//! demand.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it did not expect")]

mod client;
mod fake_server;
mod load;
