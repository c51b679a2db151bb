//! Whether items hold: what is rejected and what a teacher is warned of, each with a code and a reason.
//!
//! Rejects are faults that make an item wrong; warnings are the item-writing flaws that can be seen in the text (after SAQUET, Moore et al.
//! 2024; none or one is acceptable). Answering blind a second time is done elsewhere; its answers come in. Nothing is mended here.

mod across;
mod flaws;
mod structure;
mod support;

pub use across::{Kept, wording};

use super::answer::Answer;
use super::item::{Body, Item, ItemId};
use super::score::{Outcome, score};
use across::Question;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Warning,
    Reject,
}

/// Every finding by its code; the wire and the page know them by these names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[schema(as = FindingCode)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    // Rejects.
    StemEmpty,
    StemTooLong,
    OptionsTooFew,
    OptionsTooMany,
    OptionEmpty,
    OptionTooLong,
    OptionsEqual,
    KeyCount,
    KeyUnknown,
    KeyEmpty,
    StarsTooMany,
    ShareInvalid,
    NumberInvalid,
    PointsInvalid,
    GapMissing,
    RubricEmpty,
    StemRepeated,
    SourceMissing,
    QuoteNotInPassage,
    KeyNotSupported,
    BlindAnswerDiffers,
    // Warnings.
    AllOfTheAbove,
    NoneOfTheAbove,
    Combination,
    StemNegative,
    OptionAbsolute,
    OptionVague,
    KeyLongest,
    WordsShared,
    GrammarClue,
    StemUnfocused,
    GapAtStart,
    OptionsTrueFalse,
    NumbersUnordered,
    DistractorsAlike,
    BlindAnswerMissing,
    KeysInOnePlace,
    KeysAllTrue,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    pub code: Code,
    pub severity: Severity,
    /// In English, for the teacher; it may quote the item.
    pub reason: String,
}

impl Finding {
    fn reject(code: Code, reason: impl Into<String>) -> Self {
        Self { code, severity: Severity::Reject, reason: reason.into() }
    }

    fn warn(code: Code, reason: impl Into<String>) -> Self {
        Self { code, severity: Severity::Warning, reason: reason.into() }
    }
}

/// What the caller knows besides the items.
#[derive(Clone, Debug, Default)]
pub struct Context<'a> {
    /// The text of each cited passage by its id; a passage that is not here is not looked into.
    pub passages: BTreeMap<&'a str, &'a str>,
    /// Whether an item without a source is rejected: so for what was made from documents.
    pub sources: Sources,
    /// Answers by somebody who did not see the keys. An item without one is warned of, once there are any.
    pub second: BTreeMap<ItemId, Answer>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sources {
    #[default]
    Optional,
    Required,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    pub item: ItemId,
    /// Rejects first.
    pub findings: Vec<Finding>,
}

impl Verdict {
    pub fn is_rejected(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Reject)
    }

    pub fn has(&self, code: Code) -> bool {
        self.findings.iter().any(|finding| finding.code == code)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// In the order of the items.
    pub verdicts: Vec<Verdict>,
    /// What no single item is to blame for.
    pub findings: Vec<Finding>,
}

/// Judges all items of a quiz, each by itself and against those before it.
pub fn validate(items: &[Item], context: &Context<'_>) -> Report {
    let mut kept = Kept::default();
    let verdicts = items
        .iter()
        .map(|item| {
            let question = Question::of(item);
            let verdict = verdict(item, &question, &[&kept], context);
            kept.add(item, question);
            verdict
        })
        .collect();
    Report { verdicts, findings: across::findings(items) }
}

/// Judges one item by itself and against those that are kept, as [`validate`] would if it came after them. They are not judged again.
pub fn judge(item: &Item, before: &[&Kept], context: &Context<'_>) -> Verdict {
    verdict(item, &Question::of(item), before, context)
}

fn verdict(item: &Item, question: &Question, before: &[&Kept], context: &Context<'_>) -> Verdict {
    let mut findings = structure::findings(item);
    // What is not whole is not looked into further: the rest would be noise.
    if findings.is_empty() {
        findings.extend(support::findings(item, context));
        findings.extend(second_answer(item, context));
        findings.extend(flaws::findings(item));
    }
    if let Some(earlier) = before.iter().find_map(|kept| kept.same(question)) {
        findings.push(Finding::reject(Code::StemRepeated, format!("asks the same as {earlier}")));
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    Verdict { item: item.id.clone(), findings }
}

fn second_answer(item: &Item, context: &Context<'_>) -> Option<Finding> {
    // A free text is graded by its rubric; another's answer to it proves nothing.
    if context.second.is_empty() || matches!(item.body, Body::FreeText { .. }) {
        return None;
    }
    let Some(answer) = context.second.get(&item.id) else {
        return Some(Finding::warn(Code::BlindAnswerMissing, "nobody has answered it without seeing the key"));
    };
    match score(item, Some(answer)).outcome {
        Outcome::Right | Outcome::Pending => None,
        Outcome::Partial | Outcome::Wrong | Outcome::Unanswered => {
            Some(Finding::reject(Code::BlindAnswerDiffers, "answered without seeing the key it came out otherwise"))
        }
    }
}
