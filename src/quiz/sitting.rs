//! What is stored of an attempt: the answers as they are saved, and the results once it is submitted.
//!
//! Pure: when an attempt may be saved and submitted is asked of the handlers and the store.

use super::answer::Answer;
use super::item::{Item, ItemId};
use super::paper::{Edition, PAPER_SCHEMA, PaperError, from_json, to_json};
use super::public::{OptionOrder, PublicItem};
use super::score::{Scored, score};
use super::shuffle::Shuffle;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Earlier ones name the version of the shuffle, too, which has never been another than the first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sitting {
    pub schema: u32,
    #[serde(default)]
    pub answers: BTreeMap<ItemId, Answer>,
    /// Time on each item, as the client measured it.
    #[serde(default)]
    pub item_ms: BTreeMap<ItemId, u64>,
    /// In the edition's order; empty while it is open. Explanations and sources stay in the edition.
    #[serde(default)]
    pub results: Vec<Scored>,
}

impl Default for Sitting {
    fn default() -> Self {
        Self { schema: PAPER_SCHEMA, answers: BTreeMap::new(), item_ms: BTreeMap::new(), results: Vec::new() }
    }
}

impl Sitting {
    /// With the results that its answers earn, explanations and sources left out.
    pub fn marked(self, edition: &Edition) -> Self {
        let results = edition.items.iter().map(|item| bare(score(item, self.answers.get(&item.id)))).collect();
        Self { results, ..self }
    }

    pub fn to_json(&self) -> String {
        to_json(self)
    }

    pub fn from_json(json: &str) -> Result<Self, PaperError> {
        from_json(json)
    }
}

/// A result as it is kept: its item's explanation and source are the edition's.
pub fn bare(scored: Scored) -> Scored {
    Scored { explanation: None, source: None, ..scored }
}

/// A result as it is shown to whoever may see all of it.
pub fn explained(scored: &Scored, item: &Item) -> Scored {
    Scored { explanation: item.explanation.clone(), source: item.source.clone(), ..scored.clone() }
}

/// The edition as one attempt shows it.
pub fn shown(edition: &Edition, seed: u64) -> Vec<PublicItem> {
    let mut items: Vec<PublicItem> =
        edition.items.iter().map(|item| PublicItem::of(item, seed, edition.settings.option_order)).collect();
    if edition.settings.item_order == OptionOrder::Shuffled {
        Shuffle::of(seed, "items").shuffle(&mut items);
    }
    items
}
