//! Text models on Bedrock over the wire: a strict stand-in for faults, the emulator for what is well; and what all text models that are
//! reached over a network have in common.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

#[path = "../rig/bedrock.rs"]
mod bedrock;

#[path = "../rig/ministack.rs"]
#[expect(clippy::disallowed_methods, reason = "it waits for a process by the wall clock")]
mod ministack;

#[path = "../models/endpoint.rs"]
#[allow(dead_code, reason = "the crate that it comes from uses all of it")]
mod endpoint;

#[path = "../models/material.rs"]
#[allow(dead_code, reason = "the crate that it comes from uses all of it")]
mod material;

mod agent;
mod contract;
mod converse;
mod emulator;
mod kinds;
mod quiz_tasks;
mod template;
