//! The making of quizzes from what was asked for to the last item: the real worker and store, models behind a real wire.
#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod by_model;
mod by_rules;
mod ending;
#[path = "../models/endpoint.rs"]
#[allow(dead_code, reason = "the crate that it comes from uses all of it")]
mod endpoint;
mod languages;
mod machine;
mod rig;
