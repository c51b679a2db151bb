//! An item as a writer hands it in: what it asks, what is right, and which words of which passage show it. Here it becomes an item: with an id,
//! its source, and keys whose places tell nothing. Whether it holds is asked of `validate`.

use super::Material;
use crate::config::limits::QUIZ_EXPLANATION_CHARS_MAX;
use crate::quiz::generate::{clipped, place_key, skill_of};
use crate::quiz::item::{
    Accepted, Body, Choice, Criterion, Difficulty, Gap, GapId, GapKind, Item, ItemId, Kind, MultipleRule, NumericKey,
    OptionId, OrderingRule, PairRule, Part, Source, TextKey, Tolerance,
};
use crate::quiz::language::fill_gap;
use crate::quiz::shuffle::Shuffle;
use crate::quiz::text::{normal, number};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Draft {
    /// The number of the passage among those that were given, from 1.
    pub passage: u32,
    /// The words of the passage that show what is right.
    pub quote: String,
    pub stem: String,
    #[serde(default)]
    pub explanation: String,
    #[serde(flatten)]
    pub ask: Ask,
}

/// What a draft asks, by kind of item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Ask {
    SingleChoice {
        right: String,
        wrong: Vec<String>,
    },
    MultipleChoice {
        right: Vec<String>,
        wrong: Vec<String>,
    },
    /// The stem is the statement.
    TrueFalse {
        is_true: bool,
    },
    ShortText {
        accepted: Vec<String>,
    },
    Numeric {
        value: f64,
        /// As far from the value an answer may be.
        #[serde(default)]
        tolerance: f64,
        #[serde(default)]
        unit: Option<String>,
    },
    /// From first to last.
    Ordering {
        lines: Vec<String>,
    },
    Matching {
        pairs: Vec<Pair>,
    },
    /// Gaps stand in double square brackets, other words that fit after a bar: `the [[moon|moon's pull]]`.
    Cloze {
        text: String,
    },
    FreeText {
        criteria: Vec<String>,
        #[serde(default)]
        sample: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    pub prompt: String,
    pub target: String,
}

impl Ask {
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

/// What a draft becomes an item with.
pub(super) struct Setting<'a> {
    pub(super) id: ItemId,
    /// The passages that the writer was given, in their order.
    pub(super) given: Vec<&'a Material>,
    pub(super) language: &'a str,
    pub(super) difficulty: Difficulty,
    pub(super) seed: u64,
    /// Items of the kind that are there: where the key of this one goes.
    pub(super) turn: usize,
}

impl Draft {
    pub(super) fn into_item(self, setting: &Setting<'_>) -> Item {
        let Self { passage, quote, stem, explanation, ask } = self;
        let quote = quote.trim().to_owned();
        let found = setting.passage(passage, &quote);
        let body = body(ask, setting.seed);
        let stem = match stem.trim() {
            "" if matches!(body, Body::Cloze { .. }) => fill_gap(setting.language),
            stem => stem,
        };
        let mut item = Item::new(setting.id.as_str(), setting.language, stem, body);
        item.difficulty = setting.difficulty;
        let explanation = clipped(explanation.trim(), QUIZ_EXPLANATION_CHARS_MAX);
        item.explanation = Some(explanation).filter(|text| !text.is_empty());
        item.skill = found.and_then(skill_of);
        item.source = found.map(|material| Source {
            document: material.document.clone(),
            version: material.version,
            passage: material.passage.clone(),
            quote,
            locator: material.locator.clone(),
        });
        place(&mut item, setting);
        item
    }
}

impl Setting<'_> {
    /// The passage that is named, unless the words stand in another one alone: a slip in a number need not cost an item.
    fn passage(&self, named: u32, quote: &str) -> Option<&Material> {
        let words = normal(quote);
        let holds = |material: &Material| !words.is_empty() && normal(&material.text).contains(&words);
        let named = usize::try_from(named).ok().and_then(|number| self.given.get(number.checked_sub(1)?)).copied();
        named
            .filter(|material| holds(material))
            .or_else(|| self.given.iter().copied().find(|material| holds(material)))
            .or(named)
    }
}

fn body(ask: Ask, seed: u64) -> Body {
    let choice = |text: String| Choice::of(text.trim());
    let ids = |choices: &[Choice]| choices.iter().map(|choice| choice.id.clone()).collect::<Vec<_>>();
    match ask {
        Ask::SingleChoice { right, wrong } => {
            let key = choice(right);
            let keys = vec![key.id.clone()];
            Body::SingleChoice { options: std::iter::once(key).chain(wrong.into_iter().map(choice)).collect(), keys }
        }
        Ask::MultipleChoice { right, wrong } => {
            let right: Vec<Choice> = right.into_iter().map(choice).collect();
            let keys = ids(&right);
            let mut options: Vec<Choice> = right.into_iter().chain(wrong.into_iter().map(choice)).collect();
            let name = options.iter().map(|option| option.text.as_str()).collect::<Vec<_>>().join("/");
            Shuffle::of(seed, &name).shuffle(&mut options);
            Body::MultipleChoice { options, keys, rule: MultipleRule::default() }
        }
        Ask::TrueFalse { is_true } => Body::TrueFalse { key: is_true },
        Ask::ShortText { accepted } => Body::ShortText { key: text_key(accepted) },
        Ask::Numeric { value, tolerance, unit } => Body::Numeric {
            keys: vec![NumericKey::whole(value, Tolerance::Absolute(tolerance))],
            unit: unit.map(|unit| unit.trim().to_owned()).filter(|unit| !unit.is_empty()),
        },
        Ask::Ordering { lines } => {
            let options: Vec<Choice> = lines.into_iter().map(choice).collect();
            let key = ids(&options);
            Body::Ordering { options, key, rule: OrderingRule::default() }
        }
        Ask::Matching { pairs } => {
            let (prompts, mut targets): (Vec<Choice>, Vec<Choice>) =
                pairs.into_iter().map(|pair| (choice(pair.prompt), choice(pair.target))).unzip();
            let key = prompts.iter().zip(&targets).map(|(a, b)| (a.id.clone(), b.id.clone())).collect();
            targets.sort_by(|a, b| a.id.cmp(&b.id));
            // One target may serve two prompts.
            targets.dedup();
            Body::Matching { prompts, targets, key, rule: PairRule::default() }
        }
        Ask::Cloze { text } => Body::Cloze { parts: parts(&text), rule: PairRule::default() },
        Ask::FreeText { criteria, sample } => Body::FreeText {
            rubric: criteria
                .into_iter()
                .map(|text| Criterion { id: OptionId::of(text.trim()), text: text.trim().to_owned(), weight: 1.0 })
                .collect(),
            sample: Some(sample.trim().to_owned()).filter(|sample| !sample.is_empty()),
        },
    }
}

fn text_key(accepted: Vec<String>) -> TextKey {
    let accepted = accepted.iter().map(|text| text.trim()).filter(|text| !text.is_empty());
    // A star in an answer is a star, not anything at all.
    TextKey { accepted: accepted.map(|text| Accepted::whole(text.replace('*', "\\*"))).collect(), ..TextKey::default() }
}

/// Text and gaps in turn. A bracket that is not closed is text.
fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    let mut gaps = 0;
    while let Some((before, (inside, after))) =
        rest.split_once("[[").and_then(|(before, behind)| Some((before, behind.split_once("]]")?)))
    {
        if !before.is_empty() {
            parts.push(Part::Text(before.to_owned()));
        }
        gaps += 1;
        let key = text_key(inside.split('|').map(str::to_owned).collect());
        parts.push(Part::Gap(Gap { id: GapId::new(format!("g{gaps}")), kind: GapKind::Text { key }, weight: 1.0 }));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    parts
}

/// Numbers stand in their order; of other options the key takes each place in turn.
fn place(item: &mut Item, setting: &Setting<'_>) {
    if let Body::SingleChoice { options, .. } = &mut item.body {
        let value = |option: &Choice| number(&option.text, None, setting.language);
        if options.iter().all(|option| value(option).is_some()) {
            options.sort_by(|a, b| value(a).partial_cmp(&value(b)).unwrap_or(std::cmp::Ordering::Equal));
            return;
        }
    }
    place_key(item, setting.turn, setting.seed);
}
