//! What shows only across a quiz: questions asked twice, and keys that stand in one place. What is wrong with one item alone is not told here.

use super::{Code, Finding};
use crate::config::limits::{QUIZ_DUPLICATE_SHARE_MIN, QUIZ_POSITION_ITEMS_MIN, QUIZ_POSITION_SHARE_MAX};
use crate::quiz::item::{Body, Item, ItemId, Kind, Part};
use crate::quiz::language::language;
use crate::quiz::text::{normal, stems};
use std::collections::{BTreeMap, BTreeSet, HashMap};

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

/// What an item asks, made comparable.
#[derive(Clone, Debug)]
pub(super) struct Question {
    kind: Kind,
    wording: String,
    stems: BTreeSet<String>,
}

impl Question {
    pub(super) fn of(item: &Item) -> Self {
        let wording = wording(item);
        let stems = stems(&wording, language(&item.language).small);
        Self { kind: item.body.kind(), wording: normal(&wording), stems }
    }
}

/// Items that others are held against: what each asks is worked out once, and found by its words.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    items: Vec<Asked>,
    /// The first that says just this.
    by_wording: HashMap<String, usize>,
    by_stem: HashMap<String, Vec<usize>>,
}

#[derive(Clone, Debug)]
struct Asked {
    item: ItemId,
    kind: Kind,
    stems: usize,
}

impl Kept {
    pub fn of<'a>(items: impl IntoIterator<Item = &'a Item>) -> Self {
        let mut kept = Self::default();
        items.into_iter().for_each(|item| kept.keep(item));
        kept
    }

    /// Holds those that are judged from now on against this item, too.
    pub fn keep(&mut self, item: &Item) {
        self.add(item, Question::of(item));
    }

    pub(super) fn add(&mut self, item: &Item, question: Question) {
        let Question { kind, wording, stems } = question;
        let at = self.items.len();
        self.items.push(Asked { item: item.id.clone(), kind, stems: stems.len() });
        self.by_wording.entry(wording).or_insert(at);
        for stem in stems {
            self.by_stem.entry(stem).or_default().push(at);
        }
    }

    /// The first that asks the same: in the same words, or, in the same kind, in almost the same.
    pub(super) fn same(&self, question: &Question) -> Option<&ItemId> {
        let mut common = vec![0_usize; self.items.len()];
        for at in question.stems.iter().filter_map(|stem| self.by_stem.get(stem)).flatten() {
            common[*at] += 1;
        }
        let is_alike = |(asked, common): (&Asked, usize)| {
            let all = asked.stems + question.stems.len() - common;
            // Figures and short questions differ by one telling word.
            asked.kind == question.kind
                && all >= DUPLICATE_WORDS_MIN
                && common as f64 / all as f64 >= QUIZ_DUPLICATE_SHARE_MIN
        };
        let alike = self.items.iter().zip(common).position(is_alike);
        let equal = self.by_wording.get(&question.wording).copied();
        alike.into_iter().chain(equal).min().map(|at| &self.items[at].item)
    }
}

/// Different words of two questions together, from which on they are compared by words.
const DUPLICATE_WORDS_MIN: usize = 6;

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
