//! How an answer was delivered: computed, versioned, and shown with the words it rests on. No emotion and no personality is inferred.

use crate::interview::history::{History, Turn};
use crate::interview::metric::Metric;

/// The metrics of one turn's answer.
pub fn of_turn(_history: &History, _turn: &Turn) -> Vec<Metric> {
    Vec::new()
}
