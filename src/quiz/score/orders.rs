//! Ordering and matching.

use super::choices::text_of;
use super::{Judged, Note};
use crate::quiz::item::{Choice, OptionId, OrderingRule, PairRule};
use std::collections::{BTreeMap, BTreeSet};

/// A line left out of the answer is in no pair's order and in no place; a line named twice makes the answer a misfit.
pub(super) fn ordering(options: &[Choice], key: &[OptionId], rule: OrderingRule, order: &[OptionId]) -> Judged {
    let named: BTreeSet<&OptionId> = order.iter().collect();
    if named.len() != order.len() {
        return (0.0, vec![Note::Misfit { part: "a line stands twice".to_owned() }]);
    }
    if let Some(stranger) = order.iter().find(|id| !key.contains(id)) {
        return (0.0, vec![Note::Misfit { part: stranger.to_string() }]);
    }
    let notes = key
        .iter()
        .enumerate()
        .map(|(place, id)| {
            let part = (place + 1).to_string();
            let expected = text_of(options, id);
            match order.get(place) {
                Some(said) if said == id => Note::Hit { part },
                Some(_) => Note::Wrong { part, expected },
                None => Note::Missed { part, expected },
            }
        })
        .collect();
    let in_place = key.iter().zip(order).filter(|(right, said)| right == said).count();
    let share = match rule {
        OrderingRule::Exact => f64::from(u8::from(key == order)),
        OrderingRule::Positions => in_place as f64 / key.len().max(1) as f64,
        OrderingRule::Pairs => pairs_in_order(key, order),
    };
    (share, notes)
}

fn pairs_in_order(key: &[OptionId], order: &[OptionId]) -> f64 {
    if key.len() < 2 {
        return f64::from(u8::from(key == order));
    }
    let places: BTreeMap<&OptionId, usize> = order.iter().enumerate().map(|(place, id)| (id, place)).collect();
    let (mut balance, mut pairs) = (0_i64, 0_i64);
    for (at, first) in key.iter().enumerate() {
        for second in &key[at + 1..] {
            pairs += 1;
            balance += match (places.get(first), places.get(second)) {
                (Some(first), Some(second)) if first < second => 1,
                (Some(_), Some(_)) => -1,
                _ => 0,
            };
        }
    }
    (balance as f64 / pairs as f64).max(0.0)
}

pub(super) fn matching(
    prompts: &[Choice],
    targets: &[Choice],
    key: &BTreeMap<OptionId, OptionId>,
    rule: PairRule,
    pairs: &BTreeMap<OptionId, OptionId>,
) -> Judged {
    let mut notes = Vec::new();
    let mut right = 0_usize;
    for (prompt, target) in key {
        let part = text_of(prompts, prompt).unwrap_or_else(|| prompt.to_string());
        let expected = text_of(targets, target);
        match pairs.get(prompt) {
            Some(said) if said == target => {
                right += 1;
                notes.push(Note::Hit { part });
            }
            Some(_) => notes.push(Note::Wrong { part, expected }),
            None => notes.push(Note::Missed { part, expected }),
        }
    }
    for stranger in pairs.keys().filter(|prompt| !key.contains_key(*prompt)) {
        notes.push(Note::Misfit { part: stranger.to_string() });
    }
    let share = match rule {
        PairRule::Exact => f64::from(u8::from(right == key.len() && right > 0)),
        PairRule::Each => right as f64 / key.len().max(1) as f64,
    };
    (share, notes)
}
