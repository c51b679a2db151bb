//! What kinds of items ask for, and what of it is right. No judgement, no text handling.

use super::{Kind, OptionId, Part};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ItemBody)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Body {
    /// One option is right; `keys` holds more or fewer only in a draft that is to be rejected.
    SingleChoice {
        options: Vec<Choice>,
        keys: Vec<OptionId>,
    },
    MultipleChoice {
        options: Vec<Choice>,
        keys: Vec<OptionId>,
        #[serde(default)]
        rule: MultipleRule,
    },
    TrueFalse {
        key: bool,
    },
    ShortText {
        key: TextKey,
    },
    /// The best of the keys that the answer meets counts.
    Numeric {
        keys: Vec<NumericKey>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<String>,
    },
    /// `key` names the options from first to last.
    Ordering {
        options: Vec<Choice>,
        key: Vec<OptionId>,
        #[serde(default)]
        rule: OrderingRule,
    },
    /// Every prompt has one target; targets may be more than prompts, or serve twice.
    Matching {
        prompts: Vec<Choice>,
        targets: Vec<Choice>,
        key: BTreeMap<OptionId, OptionId>,
        #[serde(default)]
        rule: PairRule,
    },
    Cloze {
        parts: Vec<Part>,
        #[serde(default)]
        rule: PairRule,
    },
    /// Graded by a person along a rubric.
    FreeText {
        rubric: Vec<Criterion>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sample: Option<String>,
    },
}

impl Body {
    pub fn kind(&self) -> Kind {
        match self {
            Self::SingleChoice { .. } => Kind::SingleChoice,
            Self::MultipleChoice { .. } => Kind::MultipleChoice,
            Self::TrueFalse { .. } => Kind::TrueFalse,
            Self::ShortText { .. } => Kind::ShortText,
            Self::Numeric { .. } => Kind::Numeric,
            Self::Ordering { .. } => Kind::Ordering,
            Self::Matching { .. } => Kind::Matching,
            Self::Cloze { .. } => Kind::Cloze,
            Self::FreeText { .. } => Kind::FreeText,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ItemOption)]
pub struct Choice {
    pub id: OptionId,
    pub text: String,
}

impl Choice {
    /// With an id made from the text.
    pub fn of(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { id: OptionId::of(&text), text }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MultipleRule {
    /// All keys and nothing else.
    Exact,
    /// max(0, points ÷ keys · (hits − wrong)), as Canvas.
    #[default]
    Penalty,
    /// max(0, points ÷ options · (options judged rightly − wrongly)), as Brightspace.
    RightMinusWrong,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderingRule {
    Exact,
    /// The share of lines that stand in their place.
    Positions,
    /// Pairs in order less pairs in reverse, over all pairs, not below 0 (Kendall's τ): chance is worth nothing.
    #[default]
    Pairs,
}

/// How pairs of a matching and gaps of a cloze add up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PairRule {
    Exact,
    #[default]
    Each,
}

/// Whether one slip of the pen is forgiven.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Typos {
    None,
    #[default]
    One,
}

/// What a typed answer is compared with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TextKey {
    /// The best that is met counts.
    pub accepted: Vec<Accepted>,
    /// Answers that are wrong although they look alike: no slip leads from them to an accepted one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<String>,
    #[serde(default)]
    pub typos: Typos,
}

impl TextKey {
    pub fn of<const N: usize>(accepted: [&str; N]) -> Self {
        Self { accepted: accepted.iter().map(|text| Accepted::whole(*text)).collect(), ..Self::default() }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = AcceptedText)]
pub struct Accepted {
    /// `*` stands for any run of characters, at most ten times; `\*` for a star.
    pub text: String,
    /// The share of the points, above 0, at most 1.
    pub share: f64,
}

impl Accepted {
    pub fn whole(text: impl Into<String>) -> Self {
        Self { text: text.into(), share: 1.0 }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NumericKey {
    pub value: f64,
    pub tolerance: Tolerance,
    /// The share of the points, above 0, at most 1.
    pub share: f64,
}

impl NumericKey {
    pub fn whole(value: f64, tolerance: Tolerance) -> Self {
        Self { value, tolerance, share: 1.0 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tolerance {
    /// As far from the value as this, the bound itself included.
    Absolute(f64),
    /// The same as a share of the value: 0.05 is five per cent.
    Relative(f64),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = RubricCriterion)]
pub struct Criterion {
    pub id: OptionId,
    pub text: String,
    /// Its part of the item's points, in proportion to the other criteria's.
    pub weight: f64,
}
