//! What a person writes of an item, and how it becomes one: with ids of ours, within what an item may hold. And why a quiz is not
//! fit to be published.
//!
//! Pure: where a source is bound to its passage, and who may write, is the handlers' business. A draft that is wrong becomes an item all the
//! same; `validate` says what is wrong with it. What is too large, or names what cannot be meant, is refused.

use super::item::{
    Body, Choice, Criterion, Difficulty, Gap, GapId, GapKind, ITEM_SCHEMA, Item, ItemId, NumericKey, OptionId, Part,
    Source, TextKey, Tolerance,
};
use super::paper::Paper;
use super::text::Pattern;
use super::validate::{Severity, Verdict};
use crate::config::limits::{
    QUIZ_ACCEPTED_MAX, QUIZ_EXPLANATION_CHARS_MAX, QUIZ_OPTION_CHARS_MAX, QUIZ_OPTIONS_MAX, QUIZ_PARTS_MAX,
    QUIZ_SKILL_CHARS_MAX, QUIZ_STARS_MAX, QUIZ_STEM_CHARS_MAX, QUIZ_UNIT_CHARS_MAX,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// An item as somebody writes it. Ids of options, gaps and criteria tie keys to them; those that are not the item's already are replaced by the
/// server's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ItemDraft {
    #[schema(min_length = 1, max_length = 2_000)]
    pub stem: String,
    pub body: Body,
    #[serde(default = "one")]
    #[schema(default = 1.0)]
    pub points: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 4_000)]
    pub explanation: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    pub skill: Option<String>,
    #[serde(default)]
    pub difficulty: Difficulty,
    /// BCP 47; absent: the quiz's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceDraft>,
}

fn one() -> f64 {
    1.0
}

/// The words of a passage that an item rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SourceDraft {
    /// Of a document of the quiz's course.
    pub passage: String,
    /// As they stand in the passage.
    #[schema(min_length = 1, max_length = 2_000)]
    pub quote: String,
}

/// A field that holds more than it may.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: at most {max} {of}")]
pub struct TooMuch {
    pub field: &'static str,
    pub max: usize,
    pub of: &'static str,
}

impl ItemDraft {
    /// Whether it is of a size that is kept at all.
    pub fn check(&self) -> Result<(), TooMuch> {
        let Self { stem, body, points: _, explanation, skill, difficulty: _, language: _, source } = self;
        check_texts(stem, explanation.as_deref(), skill.as_deref())?;
        if let Some(source) = source {
            chars("source.quote", &source.quote, QUIZ_STEM_CHARS_MAX)?;
        }
        check_body(body)
    }

    /// The item, with ids of ours. `before` is what it replaces: the ids that it has already stay. `source` is what `self.source` was bound to.
    pub fn into_item(
        self,
        id: ItemId,
        before: Option<&Item>,
        source: Option<Source>,
        language: &str,
        fresh: &mut dyn FnMut() -> u64,
    ) -> Item {
        let said = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        Item {
            schema: ITEM_SCHEMA,
            id,
            stem: self.stem,
            body: renamed(self.body, before.map(|before| &before.body), fresh),
            points: self.points,
            explanation: said(self.explanation),
            source,
            skill: said(self.skill),
            difficulty: self.difficulty,
            language: self.language.unwrap_or_else(|| language.to_owned()),
        }
    }
}

/// Why an item that nobody wrote here is not kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unkept {
    #[error(transparent)]
    TooMuch(#[from] TooMuch),
    #[error("it holds a number that is not finite")]
    NotFinite,
}

/// Whether an item from elsewhere is of a size that is kept, and of numbers that can be.
pub fn check_item(item: &Item) -> Result<(), Unkept> {
    check_texts(&item.stem, item.explanation.as_deref(), item.skill.as_deref())?;
    check_body(&item.body)?;
    if is_finite(item) { Ok(()) } else { Err(Unkept::NotFinite) }
}

/// Whether every number of an item is one: JSON holds no others, so that what has them could not be read again.
pub fn is_finite(item: &Item) -> bool {
    let accepted = |key: &TextKey| key.accepted.iter().all(|accepted| accepted.share.is_finite());
    let numbers = |keys: &[NumericKey]| {
        keys.iter().all(|key| {
            let (Tolerance::Absolute(tolerance) | Tolerance::Relative(tolerance)) = key.tolerance;
            key.value.is_finite() && key.share.is_finite() && tolerance.is_finite()
        })
    };
    let gap = |gap: &Gap| {
        gap.weight.is_finite()
            && match &gap.kind {
                GapKind::Text { key } => accepted(key),
                GapKind::Numeric { keys } => numbers(keys),
                GapKind::Choice { .. } => true,
            }
    };
    item.points.is_finite()
        && match &item.body {
            Body::ShortText { key } => accepted(key),
            Body::Numeric { keys, unit: _ } => numbers(keys),
            Body::Cloze { parts, rule: _ } => {
                parts.iter().all(|part| if let Part::Gap(held) = part { gap(held) } else { true })
            }
            Body::FreeText { rubric, sample: _ } => rubric.iter().all(|criterion| criterion.weight.is_finite()),
            Body::SingleChoice { .. }
            | Body::MultipleChoice { .. }
            | Body::TrueFalse { .. }
            | Body::Ordering { .. }
            | Body::Matching { .. } => true,
        }
}

fn check_texts(stem: &str, explanation: Option<&str>, skill: Option<&str>) -> Result<(), TooMuch> {
    chars("stem", stem, QUIZ_STEM_CHARS_MAX)?;
    chars("explanation", explanation.unwrap_or_default(), QUIZ_EXPLANATION_CHARS_MAX)?;
    chars("skill", skill.unwrap_or_default(), QUIZ_SKILL_CHARS_MAX)
}

fn chars(field: &'static str, text: &str, max: usize) -> Result<(), TooMuch> {
    within(field, text.chars().count(), max, "characters")
}

fn count(field: &'static str, count: usize, max: usize) -> Result<(), TooMuch> {
    within(field, count, max, "of them")
}

fn within(field: &'static str, count: usize, max: usize, of: &'static str) -> Result<(), TooMuch> {
    if count > max { Err(TooMuch { field, max, of }) } else { Ok(()) }
}

fn check_body(body: &Body) -> Result<(), TooMuch> {
    match body {
        Body::SingleChoice { options, keys } | Body::MultipleChoice { options, keys, rule: _ } => {
            check_choices("body.options", options)?;
            count("body.keys", keys.len(), QUIZ_OPTIONS_MAX)
        }
        Body::TrueFalse { key: _ } => Ok(()),
        Body::ShortText { key } => check_text_key(key),
        Body::Numeric { keys, unit } => {
            count("body.keys", keys.len(), QUIZ_ACCEPTED_MAX)?;
            chars("body.unit", unit.as_deref().unwrap_or_default(), QUIZ_UNIT_CHARS_MAX)
        }
        Body::Ordering { options, key, rule: _ } => {
            check_choices("body.options", options)?;
            count("body.key", key.len(), QUIZ_OPTIONS_MAX)
        }
        Body::Matching { prompts, targets, key, rule: _ } => {
            check_choices("body.prompts", prompts)?;
            check_choices("body.targets", targets)?;
            count("body.key", key.len(), QUIZ_OPTIONS_MAX)
        }
        Body::Cloze { parts, rule: _ } => {
            count("body.parts", parts.len(), QUIZ_PARTS_MAX)?;
            parts.iter().try_for_each(|part| match part {
                Part::Text(text) => chars("body.parts.text", text, QUIZ_STEM_CHARS_MAX),
                Part::Gap(gap) => match &gap.kind {
                    GapKind::Text { key } => check_text_key(key),
                    GapKind::Choice { options, key: _ } => check_choices("body.parts.gap.options", options),
                    GapKind::Numeric { keys } => count("body.parts.gap.keys", keys.len(), QUIZ_ACCEPTED_MAX),
                },
            })
        }
        Body::FreeText { rubric, sample } => {
            count("body.rubric", rubric.len(), QUIZ_OPTIONS_MAX)?;
            rubric
                .iter()
                .try_for_each(|criterion| chars("body.rubric.text", &criterion.text, QUIZ_OPTION_CHARS_MAX))?;
            chars("body.sample", sample.as_deref().unwrap_or_default(), QUIZ_EXPLANATION_CHARS_MAX)
        }
    }
}

fn check_choices(field: &'static str, options: &[Choice]) -> Result<(), TooMuch> {
    count(field, options.len(), QUIZ_OPTIONS_MAX)?;
    options.iter().try_for_each(|option| chars(field, &option.text, QUIZ_OPTION_CHARS_MAX))
}

fn check_text_key(key: &TextKey) -> Result<(), TooMuch> {
    count("accepted", key.accepted.len(), QUIZ_ACCEPTED_MAX)?;
    count("refused", key.refused.len(), QUIZ_ACCEPTED_MAX)?;
    let texts = key.accepted.iter().map(|accepted| &accepted.text).chain(&key.refused);
    texts.into_iter().try_for_each(|text| chars("accepted", text, QUIZ_OPTION_CHARS_MAX))?;
    let stars = |text: &str| Pattern::of(text).stars();
    key.accepted.iter().try_for_each(|accepted| {
        within("accepted", stars(&accepted.text), QUIZ_STARS_MAX, "stars that stand for anything in one answer")
    })
}

/// A body with ids of ours, but for those that `before` has. Ids of others could tell something, and be anything.
pub fn renamed(body: Body, before: Option<&Body>, fresh: &mut dyn FnMut() -> u64) -> Body {
    let kept = before.map(ids_of).unwrap_or_default();
    match body {
        Body::SingleChoice { options, keys } => {
            let (options, renaming) = options_renamed(options, &kept, fresh);
            Body::SingleChoice { options, keys: renaming.keys(keys) }
        }
        Body::MultipleChoice { options, keys, rule } => {
            let (options, renaming) = options_renamed(options, &kept, fresh);
            Body::MultipleChoice { options, keys: renaming.keys(keys), rule }
        }
        Body::Ordering { options, key, rule } => {
            let (options, renaming) = options_renamed(options, &kept, fresh);
            Body::Ordering { options, key: renaming.keys(key), rule }
        }
        Body::Matching { prompts, targets, key, rule } => {
            let (prompts, left) = options_renamed(prompts, &kept, fresh);
            let (targets, right) = options_renamed(targets, &kept, fresh);
            let key = key.into_iter().map(|(prompt, target)| (left.key(prompt), right.key(target))).collect();
            Body::Matching { prompts, targets, key, rule }
        }
        Body::Cloze { parts, rule } => {
            let mut gaps = Renaming::of(&kept);
            let parts = parts.into_iter().map(|part| part_renamed(part, &mut gaps, &kept, fresh)).collect();
            Body::Cloze { parts, rule }
        }
        Body::FreeText { rubric, sample } => {
            let mut renaming = Renaming::of(&kept);
            let rubric = rubric
                .into_iter()
                .map(|criterion| Criterion {
                    id: OptionId::new(renaming.id(criterion.id.as_str(), 'o', fresh)),
                    ..criterion
                })
                .collect();
            Body::FreeText { rubric, sample }
        }
        body @ (Body::TrueFalse { .. } | Body::ShortText { .. } | Body::Numeric { .. }) => body,
    }
}

fn part_renamed(part: Part, gaps: &mut Renaming<'_>, kept: &BTreeSet<String>, fresh: &mut dyn FnMut() -> u64) -> Part {
    let Part::Gap(mut gap) = part else { return part };
    gap.id = GapId::new(gaps.id(gap.id.as_str(), 'g', fresh));
    if let GapKind::Choice { options, key } = gap.kind {
        let (options, renaming) = options_renamed(options, kept, fresh);
        gap.kind = GapKind::Choice { options, key: renaming.key(key) };
    }
    Part::Gap(gap)
}

fn options_renamed<'k>(
    options: Vec<Choice>,
    kept: &'k BTreeSet<String>,
    fresh: &mut dyn FnMut() -> u64,
) -> (Vec<Choice>, Renaming<'k>) {
    let mut renaming = Renaming::of(kept);
    let options = options
        .into_iter()
        .map(|option| Choice { id: OptionId::new(renaming.id(option.id.as_str(), 'o', fresh)), text: option.text })
        .collect();
    (options, renaming)
}

/// The ids of one list: what each is called from now on.
struct Renaming<'k> {
    kept: &'k BTreeSet<String>,
    given: BTreeMap<String, String>,
}

impl<'k> Renaming<'k> {
    fn of(kept: &'k BTreeSet<String>) -> Self {
        Self { kept, given: BTreeMap::new() }
    }

    /// The same id twice stays the same twice: that two options have one id is for validation to tell.
    fn id(&mut self, id: &str, kind: char, fresh: &mut dyn FnMut() -> u64) -> String {
        if self.kept.contains(id) {
            return id.to_owned();
        }
        self.given.entry(id.to_owned()).or_insert_with(|| format!("{kind}{:012x}", fresh() >> 16)).clone()
    }

    /// A key that names none of them stays as it is: validation tells which.
    fn key(&self, id: OptionId) -> OptionId {
        self.given.get(id.as_str()).map(OptionId::new).unwrap_or(id)
    }

    fn keys(&self, ids: Vec<OptionId>) -> Vec<OptionId> {
        ids.into_iter().map(|id| self.key(id)).collect()
    }
}

fn ids_of(body: &Body) -> BTreeSet<String> {
    let of = |options: &[Choice]| options.iter().map(|option| option.id.to_string()).collect::<Vec<_>>();
    let ids = match body {
        Body::SingleChoice { options, .. } | Body::MultipleChoice { options, .. } | Body::Ordering { options, .. } => {
            of(options)
        }
        Body::Matching { prompts, targets, .. } => [of(prompts), of(targets)].concat(),
        Body::Cloze { parts, .. } => parts
            .iter()
            .filter_map(|part| if let Part::Gap(gap) = part { Some(gap) } else { None })
            .flat_map(|gap| {
                let options = if let GapKind::Choice { options, .. } = &gap.kind { of(options) } else { Vec::new() };
                options.into_iter().chain([gap.id.to_string()])
            })
            .collect(),
        Body::FreeText { rubric, .. } => rubric.iter().map(|criterion| criterion.id.to_string()).collect(),
        Body::TrueFalse { .. } | Body::ShortText { .. } | Body::Numeric { .. } => Vec::new(),
    };
    ids.into_iter().collect()
}

/// Why a draft cannot be given to students, an item a line; none: it can.
pub fn hindrances(paper: &Paper) -> Vec<String> {
    if paper.items.is_empty() {
        return vec!["it has no items".to_owned()];
    }
    let rejected = paper.verdicts.iter().filter(|verdict| Verdict::is_rejected(verdict));
    rejected
        .map(|verdict| {
            let place = paper.items.iter().position(|item| item.id == verdict.item).map_or(0, |at| at + 1);
            let rejects = verdict.findings.iter().filter(|finding| finding.severity == Severity::Reject);
            let reasons: Vec<&str> = rejects.map(|finding| finding.reason.as_str()).collect();
            format!("item {place} ({}): {}", verdict.item, reasons.join("; "))
        })
        .collect()
}
