//! Items of a quiz with their keys, as a teacher and the scorer see them.
//!
//! What a student may see before submission is `public::PublicItem`, a type that has no place for a key. Whether an item is a good one is
//! asked of `validate`; these types hold bad ones too, so that they can be shown with the reason.

mod body;
mod gap;
mod ids;
mod kind;

pub use body::{
    Accepted, Body, Choice, Criterion, MultipleRule, NumericKey, OrderingRule, PairRule, TextKey, Tolerance, Typos,
};
pub use gap::{Gap, GapKind, Part};
pub use ids::FreshIds;
pub use kind::Kind;

pub use crate::ports::extraction::Locator;
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// The shape in which items are stored, within papers and editions.
pub const ITEM_SCHEMA: u32 = 1;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            pub fn new(value: impl Into<String>) -> Self {
                Self(value.into())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// An item; unique in its quiz and never used again.
    ItemId
);
text_id!(
    /// An option, a line to be ordered, a side of a pair. It stays when options are shuffled or reworded.
    OptionId
);
text_id!(
    /// A gap of a cloze.
    GapId
);

impl OptionId {
    /// An id made from the text, so that neither its value nor its order tells which option is the key (FNV-1a, 32 bits).
    pub fn of(text: &str) -> Self {
        let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        Self(format!("o{hash:08x}"))
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Difficulty {
    Easy,
    #[default]
    Medium,
    Hard,
}

/// The span of a document that an item rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ItemSource)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    pub document: String,
    /// The document's version; a later one makes the item stale.
    pub version: u64,
    pub passage: String,
    /// The words of the passage, as they stand there.
    pub quote: String,
    #[serde(default)]
    pub locator: Locator,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    pub schema: u32,
    pub id: ItemId,
    pub stem: String,
    pub body: Body,
    /// What a right answer is worth.
    pub points: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skill: Option<String>,
    #[serde(default)]
    pub difficulty: Difficulty,
    /// BCP 47, as far as the primary language: `en`, `de`.
    pub language: String,
}

impl Item {
    /// An item worth one point, of medium difficulty, without explanation and source.
    pub fn new(id: impl Into<String>, language: &str, stem: impl Into<String>, body: Body) -> Self {
        Self {
            schema: ITEM_SCHEMA,
            id: ItemId::new(id),
            stem: stem.into(),
            body,
            points: 1.0,
            explanation: None,
            source: None,
            skill: None,
            difficulty: Difficulty::default(),
            language: language.to_owned(),
        }
    }
}
