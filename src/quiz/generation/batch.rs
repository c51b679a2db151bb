//! What one call to a writer asks for: kinds and counts, and passages from all documents in turn, those used least first.

use super::{Material, Plan};
use crate::config::limits::{
    QUIZ_ASKED_BYTES_MAX, QUIZ_BATCH_BYTES_MAX, QUIZ_BATCH_ITEMS_MAX, QUIZ_BATCH_PASSAGES_MIN, QUIZ_PASSAGE_WORDS_MIN,
};
use crate::quiz::item::Kind;
use crate::quiz::shuffle::Shuffle;
use crate::quiz::validate::wording;
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// How many of each kind.
    pub counts: BTreeMap<Kind, u32>,
    /// Places in the material, in its order.
    pub passages: Vec<usize>,
    /// What is asked already, the newest last.
    pub asked: Vec<String>,
}

/// The passages and how often each was given.
#[derive(Clone, Debug)]
pub(super) struct Passages {
    /// For each document, its passages in the order in which they are taken.
    documents: Vec<Vec<usize>>,
    bytes: Vec<usize>,
    uses: Vec<u32>,
}

impl Passages {
    pub(super) fn new(material: &[Material], seed: u64) -> Self {
        let is_long = |one: &Material| one.text.split_whitespace().count() >= QUIZ_PASSAGE_WORDS_MIN;
        // Headings and lists of contents give no questions, unless there is nothing else.
        let any_long = material.iter().any(is_long);
        let mut documents: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (place, one) in material.iter().enumerate().filter(|(_, one)| is_long(one) || !any_long) {
            documents.entry(&one.document).or_default().push(place);
        }
        let mut documents: Vec<Vec<usize>> = documents
            .into_iter()
            .map(|(document, mut places)| {
                Shuffle::of(seed, &format!("passages/{document}")).shuffle(&mut places);
                places
            })
            .collect();
        Shuffle::of(seed, "documents").shuffle(&mut documents);
        Self { documents, bytes: material.iter().map(|one| one.text.len()).collect(), uses: vec![0; material.len()] }
    }

    /// The next batch; none where nothing is missing, or there is nothing to ask about.
    pub(super) fn batch(&mut self, plan: &Plan) -> Option<Batch> {
        let counts = counts(&plan.missing);
        let items: u32 = counts.values().sum();
        if items == 0 || self.documents.is_empty() {
            return None;
        }
        let mut passages = self.take((items as usize).max(QUIZ_BATCH_PASSAGES_MIN));
        passages.sort_unstable();
        Some(Batch { counts, passages, asked: asked(plan) })
    }

    fn take(&mut self, count: usize) -> Vec<usize> {
        let mut taken: Vec<usize> = Vec::new();
        let mut bytes = 0;
        while taken.len() < count {
            let next = self
                .documents
                .iter()
                .filter_map(|places| {
                    places.iter().filter(|place| !taken.contains(place)).min_by_key(|place| self.uses[**place])
                })
                // Of the documents, the one that was used least; each passage counts the same however long its document is.
                .min_by_key(|place| (self.given(**place), self.uses[**place]))
                .copied();
            let Some(next) = next else { break };
            if !taken.is_empty() && bytes + self.bytes[next] > QUIZ_BATCH_BYTES_MAX {
                break;
            }
            bytes += self.bytes[next];
            self.uses[next] += 1;
            taken.push(next);
        }
        taken
    }

    /// How often passages of this one's document were given.
    fn given(&self, place: usize) -> u32 {
        let own = self.documents.iter().find(|places| places.contains(&place));
        own.map_or(0, |places| places.iter().map(|place| self.uses[*place]).sum())
    }
}

/// As many as one call asks for, of each kind in turn.
fn counts(missing: &BTreeMap<Kind, u32>) -> BTreeMap<Kind, u32> {
    let mut left = missing.clone();
    let mut counts: BTreeMap<Kind, u32> = BTreeMap::new();
    let mut room = QUIZ_BATCH_ITEMS_MAX;
    while room > 0 && left.values().any(|count| *count > 0) {
        for (kind, count) in left.iter_mut().filter(|(_, count)| **count > 0) {
            if room == 0 {
                break;
            }
            *count -= 1;
            room -= 1;
            *counts.entry(*kind).or_default() += 1;
        }
    }
    counts
}

/// The newest that fit.
fn asked(plan: &Plan) -> Vec<String> {
    let mut bytes = 0;
    let mut asked: Vec<String> = plan
        .items
        .iter()
        .rev()
        .map(wording)
        .take_while(|wording| {
            bytes += wording.len();
            bytes <= QUIZ_ASKED_BYTES_MAX
        })
        .collect();
    asked.reverse();
    asked
}
