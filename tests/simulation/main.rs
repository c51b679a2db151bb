//! Whole sessions on a virtual clock: a client that speaks, the real driver and core, and a world in memory that loses, repeats, refuses and
//! forgets as a seed says.

mod client;
mod faults;
mod held;
mod killed;
mod lifecycle;
mod speech;
mod world;
