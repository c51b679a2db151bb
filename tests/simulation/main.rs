//! Whole sessions on a virtual clock: a client that speaks, the real driver and core, and a world in memory that loses, repeats, refuses and
//! forgets as a seed says.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    unreachable_pub,
    missing_debug_implementations,
    reason = "a test stops at what it does not expect, and names its seed"
)]

mod archive;
mod client;
mod faults;
mod held;
mod killed;
mod lifecycle;
mod metered;
mod retired;
mod speech;
mod world;
