//! Pauses of 1.5 s or more between words, and the longest run without one.

use crate::interview::delivery::{Material, NO_WORDS, PROVISIONAL, measured, not_measured};
use crate::interview::event::Word;
use crate::interview::metric::{Evidence, Metric, MetricName};

/// How many gaps of 1.5 s or more there are between words.
pub(super) fn long_pauses(of: &[Material<'_>]) -> Metric {
    let name = MetricName::LongPauses;
    match unmeasurable(of) {
        Some(reason) => not_measured(name, reason),
        None => {
            let pauses = long_gaps(of);
            let evidence = pauses.iter().filter_map(|pause| pause.evidence.clone()).collect();
            measured(name, pauses.len() as f64, "count", None, evidence)
        }
    }
}

/// The longest of them.
pub(super) fn longest_pause(of: &[Material<'_>]) -> Metric {
    let name = MetricName::LongestPause;
    if let Some(reason) = unmeasurable(of) {
        return not_measured(name, reason);
    }
    match long_gaps(of).into_iter().max_by_key(|pause| pause.length_ms) {
        None => not_measured(name, "there was no pause of 1.5 s or more"),
        Some(longest) => measured(name, longest.length_ms as f64, "ms", None, longest.evidence.into_iter().collect()),
    }
}

/// The longest run without a gap of 1.5 s, from its first word's start to its last word's end.
pub(super) fn longest_monologue(of: &[Material<'_>]) -> Metric {
    let name = MetricName::LongestMonologue;
    if let Some(reason) = unmeasurable(of) {
        return not_measured(name, reason);
    }
    let mut longest: Option<(u64, Option<Evidence>)> = None;
    for material in of {
        for run in material.words.chunk_by(|before, after| after.start_ms.saturating_sub(before.end_ms) < LONG_MS) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
            let length_ms = last.end_ms.saturating_sub(first.start_ms);
            if longest.as_ref().is_none_or(|(known, _)| length_ms > *known) {
                let opening = material.evidence(&run[..run.len().min(OPENING_WORDS)], None);
                longest = Some((length_ms, opening.map(|opening| Evidence { end_ms: Some(last.end_ms), ..opening })));
            }
        }
    }
    match longest {
        None => not_measured(name, NO_WORDS),
        Some((length_ms, evidence)) => measured(name, length_ms as f64, "ms", None, evidence.into_iter().collect()),
    }
}

fn unmeasurable(of: &[Material<'_>]) -> Option<&'static str> {
    if of.iter().all(|material| material.words.is_empty()) {
        Some(NO_WORDS)
    } else if of.iter().any(|material| material.provisional) {
        Some(PROVISIONAL)
    } else {
        None
    }
}

struct Pause {
    length_ms: u64,
    evidence: Option<Evidence>,
}

fn long_gaps(of: &[Material<'_>]) -> Vec<Pause> {
    let pause = |material: &Material<'_>, (before, after, length_ms): (&Word, &Word, u64)| {
        let note = format!("a pause of {}.{} s between these words", length_ms / 1_000, length_ms % 1_000 / 100);
        let around = material.evidence(&[before, after], Some(note));
        let evidence =
            around.map(|around| Evidence { start_ms: Some(before.end_ms), end_ms: Some(after.start_ms), ..around });
        Pause { length_ms, evidence }
    };
    of.iter()
        .flat_map(|material| material.gaps().filter(|(_, _, gap)| *gap >= LONG_MS).map(move |gap| pause(material, gap)))
        .collect()
}

const LONG_MS: u64 = 1_500;
const OPENING_WORDS: usize = 6;
