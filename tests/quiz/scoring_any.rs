//! What holds of every item and every answer: bounds, determinism, and that a better answer is never worth less.

use crate::rig::{any_item, body, item, text, typed};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use viva::quiz::answer::Answer;
use viva::quiz::item::{Body, Choice, GapKind, Item, NumericKey, OptionId, Part, Tolerance};
use viva::quiz::score::{Outcome, score};
use viva::quiz::text::Pattern;

fn points(item: &Item, answer: &Answer) -> f64 {
    score(item, Some(answer)).points.unwrap_or_default()
}

/// The answer that earns everything.
fn best(item: &Item) -> Answer {
    match &item.body {
        Body::SingleChoice { keys, .. } => Answer::Choice(keys[0].clone()),
        Body::MultipleChoice { keys, .. } => Answer::Choices(keys.iter().cloned().collect()),
        Body::TrueFalse { key } => Answer::TrueFalse(*key),
        Body::ShortText { key } => Answer::Text(key.accepted[0].text.replace("\\*", "*")),
        Body::Numeric { keys, .. } => Answer::Text(keys[0].value.to_string()),
        Body::Ordering { key, .. } => Answer::Order(key.clone()),
        Body::Matching { key, .. } => Answer::Pairs(key.clone()),
        Body::Cloze { parts, .. } => Answer::Gaps(
            parts
                .iter()
                .filter_map(|part| match part {
                    Part::Gap(gap) => Some((gap.id.clone(), gap.filled().expect("a gap has a key"))),
                    Part::Text(_) => None,
                })
                .collect(),
        ),
        Body::FreeText { .. } => Answer::Text("anything".into()),
    }
}

/// Whether a pattern says a text, with every way tried; a star after a backslash is not drawn.
fn says(pattern: &[char], text: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('*', rest)) => (0..=text.len()).any(|from| says(rest, &text[from..])),
        Some((c, rest)) => text.first() == Some(c) && says(rest, &text[1..]),
    }
}

/// Some answer, from 64 bits of chance.
fn some(item: &Item, chance: u64) -> Answer {
    let bit = |at: usize| chance >> (at % 64) & 1 == 1;
    let pick = |options: &[Choice]| options[(chance % options.len() as u64) as usize].id.clone();
    match &item.body {
        Body::SingleChoice { options, .. } => Answer::Choice(pick(options)),
        Body::MultipleChoice { options, .. } => Answer::Choices(
            options.iter().enumerate().filter(|(at, _)| bit(*at)).map(|(_, option)| option.id.clone()).collect(),
        ),
        Body::Ordering { key, .. } => {
            let mut order = key.clone();
            viva::quiz::shuffle::Shuffle::new(chance).shuffle(&mut order);
            Answer::Order(order)
        }
        Body::Matching { targets, key, .. } => {
            let pair = |(at, prompt): (usize, &OptionId)| {
                (prompt.clone(), targets[(chance as usize >> at) % targets.len()].id.clone())
            };
            Answer::Pairs(key.keys().enumerate().map(pair).collect())
        }
        Body::Cloze { .. } => match best(item) {
            Answer::Gaps(gaps) => {
                Answer::Gaps(gaps.into_iter().enumerate().filter(|(at, _)| bit(*at)).map(|(_, gap)| gap).collect())
            }
            other => other,
        },
        _ => best(item),
    }
}

/// All answers that are one step better than this one.
fn better(item: &Item, answer: &Answer) -> Vec<Answer> {
    match (&item.body, answer) {
        (Body::SingleChoice { .. }, _) => vec![best(item)],
        (Body::MultipleChoice { options, keys, .. }, Answer::Choices(chosen)) => options
            .iter()
            .filter(|option| keys.contains(&option.id) != chosen.contains(&option.id))
            .map(|option| {
                let mut next = chosen.clone();
                if !next.remove(&option.id) {
                    next.insert(option.id.clone());
                }
                Answer::Choices(next)
            })
            .filter(|answer| !answer.is_empty())
            .collect(),
        (Body::Ordering { key, .. }, Answer::Order(order)) => steps_of_order(key, order),
        (Body::Matching { key, .. }, Answer::Pairs(pairs)) => key
            .iter()
            .map(|(prompt, target)| {
                let mut next = pairs.clone();
                next.insert(prompt.clone(), target.clone());
                Answer::Pairs(next)
            })
            .collect(),
        (Body::Cloze { .. }, Answer::Gaps(gaps)) => match best(item) {
            Answer::Gaps(right) => right
                .into_iter()
                .map(|(id, text)| {
                    let mut next = gaps.clone();
                    next.insert(id, text);
                    Answer::Gaps(next)
                })
                .collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Two neighbours in reverse put right: fewer inversions, whatever else. By place it is better only where it puts a line into its own.
fn steps_of_order(key: &[OptionId], order: &[OptionId]) -> Vec<Answer> {
    let place: BTreeMap<&OptionId, usize> = key.iter().enumerate().map(|(at, id)| (id, at)).collect();
    let at_home = |order: &[OptionId]| key.iter().zip(order).filter(|(a, b)| a == b).count();
    (1..order.len())
        .filter(|at| place[&order[at - 1]] > place[&order[*at]])
        .map(|at| {
            let mut next = order.to_vec();
            next.swap(at - 1, at);
            next
        })
        .filter(|next| at_home(next) >= at_home(order))
        .map(Answer::Order)
        .collect()
}

proptest! {
    #[test]
    fn points_stay_within_bounds_and_are_the_same_each_time(item in any_item(), chance: u64) {
        let answer = some(&item, chance);
        let (once, twice) = (score(&item, Some(&answer)), score(&item, Some(&answer)));
        prop_assert_eq!(&once, &twice);
        let points = once.points.unwrap_or_default();
        prop_assert!((0.0..=item.points).contains(&points), "{} of {}", points, item.points);
        prop_assert_eq!(once.outcome == Outcome::Right, points == item.points);
    }

    #[test]
    fn the_right_answer_earns_everything(item in any_item()) {
        let scored = score(&item, Some(&best(&item)));
        prop_assert_eq!(scored.outcome, Outcome::Right, "{:?}", scored.notes);
        prop_assert_eq!(scored.points, Some(item.points));
    }

    #[test]
    fn a_better_answer_never_scores_less(item in any_item(), chance: u64) {
        let answer = some(&item, chance);
        if !answer.is_empty() {
            for next in better(&item, &answer) {
                prop_assert!(points(&item, &next) >= points(&item, &answer) - 1e-12, "{:?} to {:?}", answer, next);
            }
        }
    }

    #[test]
    fn the_order_of_options_does_not_matter(item in any_item(), chance: u64, seed: u64) {
        let answer = some(&item, chance);
        let mut other = item.clone();
        let mut shuffle = viva::quiz::shuffle::Shuffle::new(seed);
        match &mut other.body {
            Body::SingleChoice { options, .. } | Body::MultipleChoice { options, .. } | Body::Ordering { options, .. } => {
                shuffle.shuffle(options);
            }
            Body::Matching { prompts, targets, .. } => {
                shuffle.shuffle(prompts);
                shuffle.shuffle(targets);
            }
            Body::Cloze { parts, .. } => {
                for part in parts {
                    if let Part::Gap(gap) = part && let GapKind::Choice { options, .. } = &mut gap.kind {
                        shuffle.shuffle(options);
                    }
                }
            }
            _ => {}
        }
        prop_assert_eq!(score(&item, Some(&answer)).points, score(&other, Some(&answer)).points);
    }

    #[test]
    fn a_number_nearer_to_the_key_never_scores_less(value in -1e6..1e6_f64, tolerance in 0.0..1e3_f64, off in 0.0..2e3_f64, nearer in 0.0..1.0_f64) {
        let item = item(1.0, Body::Numeric { keys: vec![
            NumericKey::whole(value, Tolerance::Absolute(tolerance)),
            NumericKey { value, tolerance: Tolerance::Absolute(tolerance * 2.0), share: 0.5 },
        ], unit: None });
        let far = points(&item, &typed(&(value + off).to_string()));
        let near = points(&item, &typed(&(value + off * nearer).to_string()));
        prop_assert!(near >= far);
    }

    #[test]
    fn a_pattern_says_what_trying_every_way_says(pattern in "[aäb*]{0,9}", text in "[aäb]{0,9}") {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        prop_assert_eq!(Pattern::of(&pattern).matches(&text), says(&chars(&pattern), &chars(&text)));
    }

    #[test]
    fn no_answer_whatever_upsets_the_scorer(body in body(), said in "\\PC{0,40}", other in text()) {
        let item = item(1.0, body);
        let id = OptionId::new(said.clone());
        for answer in [
            Answer::Text(said.clone()),
            Answer::Choice(id.clone()),
            Answer::Choices(BTreeSet::from([id.clone(), OptionId::of(&other)])),
            Answer::Order(vec![id.clone(), id.clone()]),
            Answer::Pairs(BTreeMap::from([(id.clone(), id)])),
            Answer::Gaps(BTreeMap::from([(viva::quiz::item::GapId::new("g1"), said.clone())])),
        ] {
            let found = points(&item, &answer);
            prop_assert!((0.0..=1.0).contains(&found));
        }
    }
}
