//! Between the two: how soon the answer began, and who spoke how much.

use crate::interview::delivery::{Material, NO_WORDS, PROVISIONAL, measured, not_measured};
use crate::interview::metric::{Metric, MetricName};

/// End of the question (as rendered) → first word; over several answers the median.
pub(super) fn response_latency(of: &[Material<'_>]) -> Metric {
    let name = MetricName::ResponseLatency;
    if of.iter().all(|material| material.words.is_empty()) {
        return not_measured(name, NO_WORDS);
    }
    if of.iter().any(|material| material.provisional && material.words.len() < 2) {
        return not_measured(name, PROVISIONAL);
    }
    let latency = |material: &Material<'_>| {
        let first = *material.words.first()?;
        let waited = first.start_ms.checked_sub(material.question_end_ms?)?;
        Some((waited, material.evidence(&[first], None)))
    };
    let mut known: Vec<_> = of.iter().filter_map(latency).collect();
    known.sort_by_key(|(waited, _)| *waited);
    if known.is_empty() {
        return not_measured(name, "the answer began before the question was over, or its end is not known");
    }
    let middle = known.len() / 2;
    let value = if known.len() % 2 == 1 {
        known[middle].0 as f64
    } else {
        (known[middle - 1].0 + known[middle].0) as f64 / 2.0
    };
    measured(name, value, "ms", None, known.into_iter().filter_map(|(_, evidence)| evidence).collect())
}

/// The candidate's speech ÷ all speech, silence left out. 50 to 70 % is usual, with 5 points on either side.
pub(super) fn talk_share(of: &[Material<'_>]) -> Metric {
    let name = MetricName::TalkShare;
    let heard: Vec<&Material<'_>> = of.iter().filter(|material| material.interviewer_ms.is_some()).collect();
    let candidate_ms: u64 = heard.iter().map(|material| material.speech_ms()).sum();
    let interviewer_ms: u64 = heard.iter().filter_map(|material| material.interviewer_ms).sum();
    if of.iter().all(|material| material.words.is_empty()) {
        not_measured(name, NO_WORDS)
    } else if of.iter().any(|material| material.provisional) {
        not_measured(name, PROVISIONAL)
    } else if interviewer_ms == 0 {
        not_measured(name, "it is not known how long the questions were heard")
    } else {
        let value = candidate_ms as f64 / (candidate_ms + interviewer_ms) as f64;
        let band = match value {
            little if little < USUAL_FROM - DEAD_ZONE => "low",
            much if much > USUAL_THROUGH + DEAD_ZONE => "high",
            _ => "usual",
        };
        measured(name, value, "ratio", Some(band), Vec::new())
    }
}

const USUAL_FROM: f64 = 0.5;
const USUAL_THROUGH: f64 = 0.7;
const DEAD_ZONE: f64 = 0.05;
