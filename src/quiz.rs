//! Quizzes: what an item is, whether it holds, what an answer to it is worth, what the answers say about it, and what a student should do next.
//!
//! Pure: no input or output, no clock, no randomness. Time, seeds and passages are passed in; keeping items and attempts is a port's business,
//! asking a model for items that of the handlers.

pub mod analytics;
pub mod answer;
pub mod draft;
pub mod fit;
pub mod formats;
pub mod generate;
pub mod generation;
pub mod item;
pub mod language;
pub mod paper;
pub mod progress;
pub mod public;
pub mod right;
pub mod score;
pub mod shuffle;
pub mod sitting;
pub mod text;
pub mod validate;
