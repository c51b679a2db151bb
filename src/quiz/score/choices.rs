//! Single choice, multiple choice, true and false.

use super::{Judged, Note};
use crate::quiz::item::{Choice, MultipleRule, OptionId};
use std::collections::BTreeSet;

pub(super) fn single(options: &[Choice], keys: &[OptionId], chosen: &OptionId) -> Judged {
    let expected = keys.first().and_then(|key| text_of(options, key));
    match text_of(options, chosen) {
        None => (0.0, vec![Note::Misfit { part: chosen.to_string() }]),
        Some(part) if keys.contains(chosen) => (1.0, vec![Note::Hit { part }]),
        Some(part) => (0.0, vec![Note::Wrong { part, expected }]),
    }
}

pub(super) fn true_false(key: bool, said: bool) -> Judged {
    if key == said {
        (1.0, vec![Note::Hit { part: said.to_string() }])
    } else {
        (0.0, vec![Note::Wrong { part: said.to_string(), expected: Some(key.to_string()) }])
    }
}

pub(super) fn multiple(
    options: &[Choice],
    keys: &[OptionId],
    rule: MultipleRule,
    chosen: &BTreeSet<OptionId>,
) -> Judged {
    let keys: BTreeSet<&OptionId> = keys.iter().collect();
    let mut notes = Vec::new();
    let (mut hits, mut wrong, mut missed) = (0_usize, 0_usize, 0_usize);
    for option in options {
        let part = option.text.clone();
        match (keys.contains(&option.id), chosen.contains(&option.id)) {
            (true, true) => {
                hits += 1;
                notes.push(Note::Hit { part });
            }
            (false, true) => {
                wrong += 1;
                notes.push(Note::Wrong { part, expected: None });
            }
            (true, false) => {
                missed += 1;
                notes.push(Note::Missed { part, expected: None });
            }
            (false, false) => {}
        }
    }
    for stranger in chosen.iter().filter(|id| !options.iter().any(|option| option.id == **id)) {
        wrong += 1;
        notes.push(Note::Misfit { part: stranger.to_string() });
    }
    let share = match rule {
        MultipleRule::Exact if wrong == 0 && missed == 0 => 1.0,
        MultipleRule::Exact => 0.0,
        MultipleRule::Penalty => (hits as f64 - wrong as f64) / keys.len().max(1) as f64,
        MultipleRule::RightMinusWrong => {
            let errors = (wrong + missed) as f64;
            let all = options.len().max(1) as f64;
            (all - 2.0 * errors) / all
        }
    };
    (share, notes)
}

pub(super) fn text_of(options: &[Choice], id: &OptionId) -> Option<String> {
    options.iter().find(|option| option.id == *id).map(|option| option.text.clone())
}
