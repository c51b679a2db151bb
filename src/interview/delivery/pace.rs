//! How fast: words a minute, with the pauses and without them.

use crate::interview::delivery::{Material, NO_WORDS, measured, not_measured, per_minute};
use crate::interview::metric::{Evidence, Metric, MetricName};

/// Words ÷ minutes of the answer's window. 100 to 165 is comfortable (Microsoft Speaker Coach), with 5 words on either side.
pub(super) fn pace(of: &[Material<'_>]) -> Metric {
    let window_ms: u64 = of.iter().map(Material::window_ms).sum();
    match words_of(of) {
        Err(reason) => not_measured(MetricName::Pace, reason),
        Ok(words) => {
            let value = per_minute(words as f64, window_ms);
            let band = match value {
                slow if slow < COMFORTABLE_FROM - DEAD_ZONE => "slow",
                fast if fast > COMFORTABLE_THROUGH + DEAD_ZONE => "fast",
                _ => "comfortable",
            };
            measured(MetricName::Pace, value, "wordsPerMinute", Some(band), windows(of))
        }
    }
}

/// Words ÷ (window − gaps of 250 ms or more).
pub(super) fn articulation(of: &[Material<'_>]) -> Metric {
    let name = MetricName::Articulation;
    let speech_ms: u64 = of.iter().map(Material::speech_ms).sum();
    match words_of(of) {
        Err(reason) => not_measured(name, reason),
        Ok(_) if of.iter().any(|material| material.provisional) => not_measured(name, super::PROVISIONAL),
        Ok(_) if speech_ms == 0 => not_measured(name, TOO_FEW),
        Ok(words) => measured(name, per_minute(words as f64, speech_ms), "wordsPerMinute", None, windows(of)),
    }
}

fn words_of(of: &[Material<'_>]) -> Result<usize, &'static str> {
    let words: usize = of.iter().map(|material| material.words.len()).sum();
    let window_ms: u64 = of.iter().map(Material::window_ms).sum();
    match words {
        0 => Err(NO_WORDS),
        1 => Err(TOO_FEW),
        _ if window_ms == 0 => Err(TOO_FEW),
        words => Ok(words),
    }
}

/// Where each window begins, with its times.
fn windows(of: &[Material<'_>]) -> Vec<Evidence> {
    let opening = |material: &Material<'_>| {
        let first = &material.words[..material.words.len().min(OPENING_WORDS)];
        let last_ms = material.words.last()?.end_ms;
        let evidence = material.evidence(first, Some(format!("{} words", material.words.len())))?;
        Some(Evidence { end_ms: Some(last_ms), ..evidence })
    };
    of.iter().filter_map(opening).collect()
}

const COMFORTABLE_FROM: f64 = 100.0;
const COMFORTABLE_THROUGH: f64 = 165.0;
const DEAD_ZONE: f64 = 5.0;
const OPENING_WORDS: usize = 6;
const TOO_FEW: &str = "too few words were recognized";
