//! What a student sees of an item before submission. These types have no field for a key, an explanation, a source or a rubric's weights, so
//! none can slip through.

use super::item::{Body, Choice, Difficulty, GapId, GapKind, Item, ItemId, Kind, Part};
use super::shuffle::Shuffle;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PublicItem {
    pub id: ItemId,
    pub stem: String,
    pub body: PublicBody,
    pub points: f64,
    pub difficulty: Difficulty,
    pub language: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum PublicBody {
    SingleChoice {
        options: Vec<Choice>,
    },
    MultipleChoice {
        options: Vec<Choice>,
    },
    TrueFalse,
    ShortText,
    Numeric {
        #[serde(skip_serializing_if = "Option::is_none")]
        unit: Option<String>,
    },
    Ordering {
        options: Vec<Choice>,
    },
    Matching {
        prompts: Vec<Choice>,
        targets: Vec<Choice>,
    },
    Cloze {
        parts: Vec<PublicPart>,
    },
    FreeText {
        criteria: Vec<String>,
    },
}

impl PublicBody {
    pub fn kind(&self) -> Kind {
        match self {
            Self::SingleChoice { .. } => Kind::SingleChoice,
            Self::MultipleChoice { .. } => Kind::MultipleChoice,
            Self::TrueFalse => Kind::TrueFalse,
            Self::ShortText => Kind::ShortText,
            Self::Numeric { .. } => Kind::Numeric,
            Self::Ordering { .. } => Kind::Ordering,
            Self::Matching { .. } => Kind::Matching,
            Self::Cloze { .. } => Kind::Cloze,
            Self::FreeText { .. } => Kind::FreeText,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = PublicClozePart)]
#[serde(rename_all = "snake_case")]
pub enum PublicPart {
    Text(String),
    Gap { id: GapId, options: Vec<Choice> },
}

/// Whether options keep the teacher's order. Lines to be ordered and targets to be matched never do: their order may be the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OptionOrder {
    AsWritten,
    Shuffled,
}

impl PublicItem {
    /// The item as one attempt, known by its seed, shows it.
    pub fn of(item: &Item, seed: u64, order: OptionOrder) -> Self {
        let options = |options: &[Choice]| match order {
            OptionOrder::AsWritten => options.to_vec(),
            OptionOrder::Shuffled => shuffled(options, seed, &format!("{}/options", item.id)),
        };
        let body = match &item.body {
            Body::SingleChoice { options: all, keys: _ } => PublicBody::SingleChoice { options: options(all) },
            Body::MultipleChoice { options: all, keys: _, rule: _ } => {
                PublicBody::MultipleChoice { options: options(all) }
            }
            Body::TrueFalse { key: _ } => PublicBody::TrueFalse,
            Body::ShortText { key: _ } => PublicBody::ShortText,
            Body::Numeric { keys: _, unit } => PublicBody::Numeric { unit: unit.clone() },
            Body::Ordering { options, key: _, rule: _ } => {
                PublicBody::Ordering { options: shuffled(options, seed, &format!("{}/lines", item.id)) }
            }
            Body::Matching { prompts, targets, key: _, rule: _ } => PublicBody::Matching {
                prompts: options(prompts),
                targets: shuffled(targets, seed, &format!("{}/targets", item.id)),
            },
            Body::Cloze { parts, rule: _ } => {
                PublicBody::Cloze { parts: parts.iter().map(|part| public_part(part, item, seed)).collect() }
            }
            Body::FreeText { rubric, sample: _ } => {
                PublicBody::FreeText { criteria: rubric.iter().map(|criterion| criterion.text.clone()).collect() }
            }
        };
        Self {
            id: item.id.clone(),
            stem: item.stem.clone(),
            body,
            points: item.points,
            difficulty: item.difficulty,
            language: item.language.clone(),
        }
    }
}

fn public_part(part: &Part, item: &Item, seed: u64) -> PublicPart {
    match part {
        Part::Text(text) => PublicPart::Text(text.clone()),
        Part::Gap(gap) => {
            let options = match &gap.kind {
                GapKind::Choice { options, key: _ } => shuffled(options, seed, &format!("{}/{}", item.id, gap.id)),
                GapKind::Text { .. } | GapKind::Numeric { .. } => Vec::new(),
            };
            PublicPart::Gap { id: gap.id.clone(), options }
        }
    }
}

/// The same order whatever order the options are stored in: it starts from their ids, not from their places.
fn shuffled(options: &[Choice], seed: u64, name: &str) -> Vec<Choice> {
    let mut options = options.to_vec();
    options.sort_by(|a, b| a.id.cmp(&b.id).then_with(|| a.text.cmp(&b.text)));
    Shuffle::of(seed, name).shuffle(&mut options);
    options
}
