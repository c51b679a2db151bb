//! What shows only across a quiz: questions asked twice, and keys that stand in one place.

use super::{Code, Finding};
use crate::config::limits::{QUIZ_DUPLICATE_SHARE_MIN, QUIZ_POSITION_ITEMS_MIN, QUIZ_POSITION_SHARE_MAX};
use crate::quiz::item::{Body, Item, Part};
use crate::quiz::language::language;
use crate::quiz::text::{normal, stems};
use std::collections::{BTreeMap, BTreeSet};

/// All that an item asks with: its stem and, where the stem alone says little, what it is asked of.
pub fn wording(item: &Item) -> String {
    let mut wording = item.stem.clone();
    match &item.body {
        Body::Cloze { parts, .. } => {
            for part in parts {
                match part {
                    Part::Text(text) => wording.push_str(text),
                    Part::Gap(gap) => wording.push_str(&gap.filled().unwrap_or_default()),
                }
            }
        }
        Body::Ordering { options, .. } => options.iter().for_each(|option| {
            wording.push(' ');
            wording.push_str(&option.text);
        }),
        Body::Matching { prompts, .. } => prompts.iter().for_each(|prompt| {
            wording.push(' ');
            wording.push_str(&prompt.text);
        }),
        _ => {}
    }
    wording
}

/// For each item that asks what an earlier one asks, in the same kind: the earlier one.
pub(super) fn repeated(items: &[Item]) -> BTreeMap<usize, usize> {
    let asked: Vec<(&str, String, BTreeSet<String>)> = items
        .iter()
        .map(|item| {
            let wording = wording(item);
            (item.body.kind(), normal(&wording), stems(&wording, language(&item.language).small))
        })
        .collect();
    let same = |a: &(&str, String, BTreeSet<String>), b: &(&str, String, BTreeSet<String>)| {
        if a.1 == b.1 {
            return true;
        }
        let common = a.2.intersection(&b.2).count() as f64;
        let all = a.2.union(&b.2).count() as f64;
        // Figures and short questions differ by one telling word.
        a.0 == b.0 && all >= 6.0 && common / all >= QUIZ_DUPLICATE_SHARE_MIN
    };
    (0..items.len())
        .filter_map(|at| (0..at).find(|earlier| same(&asked[*earlier], &asked[at])).map(|earlier| (at, earlier)))
        .collect()
}

pub(super) fn findings(items: &[Item]) -> Vec<Finding> {
    let mut found = Vec::new();
    let places: Vec<(usize, usize)> = items
        .iter()
        .filter_map(|item| match &item.body {
            Body::SingleChoice { options, keys } => {
                Some((options.iter().position(|option| keys.first() == Some(&option.id))?, options.len()))
            }
            _ => None,
        })
        .filter(|(_, options)| *options > 2)
        .collect();
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    places.iter().for_each(|(place, _)| *counts.entry(*place).or_default() += 1);
    if let Some((place, count)) = counts.iter().max_by_key(|(_, count)| **count)
        && places.len() >= QUIZ_POSITION_ITEMS_MIN
        && *count as f64 > QUIZ_POSITION_SHARE_MAX * places.len() as f64
    {
        found.push(Finding::warn(
            Code::KeysInOnePlace,
            format!("{count} of {} keys stand in place {}", places.len(), place + 1),
        ));
    }
    let truths: Vec<bool> = items
        .iter()
        .filter_map(|item| if let Body::TrueFalse { key } = item.body { Some(key) } else { None })
        .collect();
    if truths.len() >= QUIZ_POSITION_ITEMS_MIN && truths.windows(2).all(|pair| pair[0] == pair[1]) {
        found.push(Finding::warn(Code::KeysAllTrue, format!("all {} statements are {}", truths.len(), truths[0])));
    }
    found
}
