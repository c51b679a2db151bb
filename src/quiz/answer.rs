//! What a student answers to an item, as it is saved and scored. Whether it fits the item is the scorer's question.

use super::item::{GapId, OptionId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum Answer {
    /// To a single choice.
    Choice(OptionId),
    /// To a multiple choice.
    Choices(BTreeSet<OptionId>),
    TrueFalse(bool),
    /// To a short text, a number or a free text: as typed.
    Text(String),
    /// To an ordering: from first to last.
    Order(Vec<OptionId>),
    /// To a matching: prompt to target.
    Pairs(BTreeMap<OptionId, OptionId>),
    /// To a cloze: as typed, or the id of the option chosen.
    Gaps(BTreeMap<GapId, String>),
}

impl Answer {
    /// Whether nothing was said: an empty field is the same as none.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Choice(_) | Self::TrueFalse(_) => false,
            Self::Choices(chosen) => chosen.is_empty(),
            Self::Text(text) => text.trim().is_empty(),
            Self::Order(order) => order.is_empty(),
            Self::Pairs(pairs) => pairs.is_empty(),
            Self::Gaps(gaps) => gaps.values().all(|text| text.trim().is_empty()),
        }
    }
}
