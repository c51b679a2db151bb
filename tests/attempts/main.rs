//! Quizzes as they are taken: attempts, results, marks, analytics and progress over REST, with a real server and its SQLite store.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

mod interviewing;
mod leaking;
mod marking;
mod progressing;
mod rig;
mod saving;
#[path = "../rig/school.rs"]
mod school;
mod statistics;
mod taking;
mod timing;
mod walk;
