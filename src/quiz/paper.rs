//! A quiz as it is stored: settings, items with what was found of them, and the making of more. And what of it students are given, an edition.
//!
//! Pure: who may change it, and when, is asked of the handlers; how items come to be, of `generation`.

mod language;

pub use language::LanguageOrigin;

use super::answer::Answer;
use super::item::{Difficulty, FreshIds, Item, ItemId, Kind};
use super::public::OptionOrder;
use super::validate::{Code, Context, Finding, Sources, Verdict, validate};
use crate::ports::ids::DocumentId;
use crate::ports::quizzes::SourceVersion;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The shape in which papers and editions are stored; a reader refuses a higher one.
pub const PAPER_SCHEMA: u32 = 1;

/// How a quiz is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = QuizSettings)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// For each attempt; absent: there is no hurry.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1_000, maximum = 604_800_000)]
    pub time_limit_ms: Option<u64>,
    /// Attempts of each student; absent: 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100)]
    pub attempts_max: Option<u32>,
    pub option_order: OptionOrder,
    pub item_order: OptionOrder,
    pub feedback: Feedback,
    pub counting: Counting,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            time_limit_ms: None,
            attempts_max: None,
            option_order: OptionOrder::Shuffled,
            item_order: OptionOrder::AsWritten,
            feedback: Feedback::Full,
            counting: Counting::Best,
        }
    }
}

/// What students see of a submitted attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Feedback {
    /// Points, what was right, explanations and sources.
    #[default]
    Full,
    /// Points alone, until they have no attempt left or the quiz is archived; then all.
    AtEnd,
    /// Points alone.
    Points,
}

/// Which of a student's attempts counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Counting {
    First,
    Last,
    /// The first of the best.
    #[default]
    Best,
}

/// The draft: what teachers see and change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Paper {
    pub schema: u32,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// BCP 47, as far as the primary language: `en`, `de`.
    pub language: String,
    #[serde(default)]
    pub language_origin: LanguageOrigin,
    pub settings: Settings,
    pub items: Vec<Item>,
    /// What validation found, of each item that it found something of.
    #[serde(default)]
    pub verdicts: Vec<Verdict>,
    /// What validation found of the whole.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// How items were answered by one who did not see their keys. An item that is changed loses its.
    #[serde(default)]
    pub second: BTreeMap<ItemId, Answer>,
    /// `None`: its items were written or imported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub making: Option<Making>,
}

/// The making of items, as far as it has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Making {
    pub state: MakingState,
    pub wanted: Wanted,
    /// Where the built-in generator begins; never told to students.
    pub seed: u64,
    /// How often work on it was begun.
    pub attempts: u32,
    /// Items made so far that held.
    pub made: u32,
    /// Items that did not hold, with the reasons; what replaced them is among the items.
    #[serde(default)]
    pub rejected: Vec<Rejected>,
    /// By kind of item, what is still to be made; once it is over, what could not be made.
    #[serde(default)]
    pub missing: BTreeMap<Kind, u32>,
    /// Why it ended without (all) items, for its teacher.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<MakingFailure>,
    /// Who made them: the name of the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MakingState {
    Queued,
    Running,
    /// All that could be made is made.
    Done,
    Failed,
    Cancelled,
}

impl MakingState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether somebody works on it, or will: until then its teacher changes nothing.
    pub const fn is_at_work(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

/// What items are asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Wanted {
    /// From these documents; empty: from whatever the course has on the topic.
    pub documents: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// How many, by kind of item.
    pub counts: BTreeMap<Kind, u32>,
    pub difficulty: Difficulty,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rejected {
    pub item: Item,
    pub findings: Vec<Finding>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MakingFailure {
    pub code: String,
    pub reason: String,
}

/// What students are given from one publication to the next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Edition {
    pub schema: u32,
    pub title: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    pub language: String,
    pub settings: Settings,
    pub items: Vec<Item>,
}

impl Paper {
    /// In the language that its teacher names.
    pub fn new(language: impl Into<String>, settings: Settings) -> Self {
        Self {
            schema: PAPER_SCHEMA,
            description: String::new(),
            language: language.into(),
            language_origin: LanguageOrigin::Named,
            settings,
            items: Vec::new(),
            verdicts: Vec::new(),
            findings: Vec::new(),
            second: BTreeMap::new(),
            making: None,
        }
    }

    pub fn is_at_work(&self) -> bool {
        self.making.as_ref().is_some_and(|making| making.state.is_at_work())
    }

    /// Ids for items that are to come; `seed`: a random one.
    pub fn fresh_ids(&self, seed: u64) -> FreshIds {
        FreshIds::new(seed, self.items.iter().map(|item| item.id.clone()))
    }

    /// Judges all items anew, with the cited passages as far as they are there, by their ids. What was found of a quote whose passage is gone
    /// stays found. Where nobody has named a language, the items may tell it.
    pub fn judge(&mut self, passages: &BTreeMap<String, String>) {
        self.tell_language_of_items();
        let context = Context {
            passages: passages.iter().map(|(id, text)| (id.as_str(), text.as_str())).collect(),
            sources: Sources::Optional,
            second: self.second.clone(),
        };
        let mut report = validate(&self.items, &context);
        for (verdict, item) in report.verdicts.iter_mut().zip(&self.items) {
            let is_gone = item.source.as_ref().is_some_and(|source| !passages.contains_key(&source.passage));
            if is_gone && !verdict.has(Code::QuoteNotInPassage) {
                verdict.findings.splice(0..0, self.found(&item.id, Code::QuoteNotInPassage).cloned());
            }
        }
        self.verdicts = report.verdicts.into_iter().filter(|verdict| !verdict.findings.is_empty()).collect();
        self.findings = report.findings;
    }

    fn found(&self, item: &ItemId, code: Code) -> Option<&Finding> {
        let verdict = self.verdicts.iter().find(|verdict| verdict.item == *item)?;
        verdict.findings.iter().find(|finding| finding.code == code)
    }

    /// The documents that the items rest on, the oldest version of each.
    pub fn sources(&self) -> Vec<SourceVersion> {
        let mut oldest: BTreeMap<&str, u64> = BTreeMap::new();
        for source in self.items.iter().filter_map(|item| item.source.as_ref()) {
            let version = oldest.entry(&source.document).or_insert(source.version);
            *version = source.version.min(*version);
        }
        let version = |(document, version): (&str, u64)| SourceVersion { document: DocumentId::new(document), version };
        oldest.into_iter().map(version).collect()
    }

    /// What students would be given now.
    pub fn edition(&self, title: &str) -> Edition {
        Edition {
            schema: PAPER_SCHEMA,
            title: title.to_owned(),
            description: self.description.clone(),
            language: self.language.clone(),
            settings: self.settings.clone(),
            items: self.items.clone(),
        }
    }

    pub fn to_json(&self) -> String {
        to_json(self)
    }

    pub fn from_json(json: &str) -> Result<Self, PaperError> {
        from_json(json)
    }
}

impl Edition {
    pub fn to_json(&self) -> String {
        to_json(self)
    }

    pub fn from_json(json: &str) -> Result<Self, PaperError> {
        from_json(json)
    }
}

pub(super) fn to_json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("maps have text for keys, and numbers are checked before they are kept")
}

/// Reads what was stored, unless a later version of the product wrote it.
pub(super) fn from_json<T: serde::de::DeserializeOwned>(json: &str) -> Result<T, PaperError> {
    #[derive(Deserialize)]
    struct Head {
        schema: u32,
    }
    let unreadable = |error: serde_json::Error| PaperError::Unreadable(error.to_string());
    let head: Head = serde_json::from_str(json).map_err(unreadable)?;
    if head.schema > PAPER_SCHEMA {
        return Err(PaperError::Schema { found: head.schema, known: PAPER_SCHEMA });
    }
    serde_json::from_str(json).map_err(unreadable)
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PaperError {
    #[error("it is stored with schema {found}; this version reads up to {known}")]
    Schema { found: u32, known: u32 },
    #[error("what is stored cannot be read: {0}")]
    Unreadable(String),
}
