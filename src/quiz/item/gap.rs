//! The pieces of a cloze: text and gaps. No matching.

use super::{Choice, GapId, NumericKey, OptionId, TextKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ClozePart)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Text(String),
    Gap(Gap),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ClozeGap)]
pub struct Gap {
    pub id: GapId,
    pub kind: GapKind,
    /// Its part of the item's points, in proportion to the other gaps'.
    #[serde(default = "one")]
    pub weight: f64,
}

fn one() -> f64 {
    1.0
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ClozeGapKind)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum GapKind {
    Text { key: TextKey },
    Choice { options: Vec<Choice>, key: OptionId },
    Numeric { keys: Vec<NumericKey> },
}

impl Gap {
    pub fn text<const N: usize>(id: &str, accepted: [&str; N]) -> Self {
        Self { id: GapId::new(id), kind: GapKind::Text { key: TextKey::of(accepted) }, weight: 1.0 }
    }

    /// What stands in the gap when it is filled rightly, as it is shown to people.
    pub fn filled(&self) -> Option<String> {
        match &self.kind {
            GapKind::Text { key } => key.accepted.first().map(|accepted| accepted.text.replace("\\*", "*")),
            GapKind::Choice { options, key } => {
                options.iter().find(|option| option.id == *key).map(|option| option.text.clone())
            }
            GapKind::Numeric { keys } => keys.first().map(|key| key.value.to_string()),
        }
    }
}
