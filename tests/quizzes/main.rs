//! Quizzes in their teachers' hands, over REST: a real gateway with its stores, and whoever asks with a token of their own.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

mod beginning;
mod changing;
mod exchanging;
mod items;
mod languages;
mod listing;
mod making;
mod published;
mod rig;
#[path = "../rig/school.rs"]
mod school;
mod sources;
mod walkthrough;
