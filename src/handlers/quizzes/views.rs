//! The JSON of REST requests and answers about quizzes as their teachers see them. A field that is optional is absent, never null; moments are
//! Unix milliseconds. What students see of quizzes and attempts has types of its own.

use crate::ports::quizzes::{Quiz, QuizState, QuizSummary};
use crate::quiz::answer::Answer;
use crate::quiz::formats::Problem as Unread;
use crate::quiz::item::{Difficulty, Item, Kind};
use crate::quiz::paper::{LanguageOrigin, Making, MakingState, Paper, Settings, Wanted};
use crate::quiz::validate::Finding;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// A quiz that is to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateQuiz {
    /// The course that it is for, where one teaches it; absent: it is one's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course: Option<String>,
    #[schema(min_length = 1, max_length = 200, example = "Torts, week 3")]
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 4_000)]
    pub description: Option<String>,
    /// BCP 47; absent: that of the text that its items are made of, or of its items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "en")]
    pub language: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Settings>,
    /// Items that are to be made for it; absent: they are written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub make: Option<Make>,
}

/// Items that are wanted: from documents, on a topic, or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Make {
    /// Documents of the quiz's course that are ready. None: whatever the course has on the topic.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub topic: Option<String>,
    /// How many, by kind.
    #[schema(value_type = BTreeMap<Kind, u32>)]
    pub counts: BTreeMap<String, u32>,
    #[serde(default)]
    pub difficulty: Difficulty,
}

/// What is to change of a quiz; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PatchQuiz {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub title: Option<String>,
    #[serde(default)]
    #[schema(max_length = 4_000)]
    pub description: Option<String>,
    /// BCP 47. Items that are in the quiz's language go along.
    #[serde(default)]
    #[schema(example = "en")]
    pub language: Option<String>,
    /// All of them: what is not named is as it is by default.
    #[serde(default)]
    pub settings: Option<Settings>,
}

/// All items of a quiz, in the order that they are to have.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
pub struct ItemOrder {
    #[schema(max_items = 200)]
    pub items: Vec<String>,
}

/// Which quizzes, and which page of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuizzes {
    /// Of this course; absent: of all that the token opens, and one's own.
    pub course: Option<String>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Entries of a page.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// What kind of file is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// Moodle XML.
    Moodle,
    Gift,
    /// A package of QTI 2.1.
    Qti,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExportQuiz {
    #[param(inline)]
    pub format: ExportFormat,
}

/// What kind of file is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportedFormat {
    /// Moodle XML.
    Moodle,
    Gift,
    Aiken,
}

/// The quiz that a file of questions becomes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportQuiz {
    #[param(inline)]
    pub format: ImportedFormat,
    #[param(min_length = 1, max_length = 200)]
    pub title: String,
    /// The course that it is for, where one teaches it; absent: it is one's own.
    pub course: Option<String>,
    /// BCP 47, of the questions; absent: what they tell by themselves.
    pub language: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportedQuiz {
    pub quiz: QuizView,
    /// Questions that were not read.
    pub problems: Vec<UnreadQuestion>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnreadQuestion {
    /// From 1, where the question begins.
    pub line: usize,
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QuizList {
    /// Newest first.
    pub quizzes: Vec<QuizSummaryView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A quiz in a list: to its teachers the draft, to others its newest edition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QuizSummaryView {
    pub id: String,
    /// One's own quizzes have the user's id here.
    pub course: String,
    pub title: String,
    /// `draft`, `published` or `archived`.
    pub state: String,
    /// The newest edition; absent: it was never published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edition: Option<u32>,
    pub items: u32,
    /// Whether the caller is one of those who make it. What follows is absent where not.
    pub may_edit: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// Whether its items are being made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_at_work: Option<bool>,
    /// Whether an item rests on a document that was replaced or deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_stale: Option<bool>,
    pub created_unix_ms: u64,
    pub updated_unix_ms: u64,
}

/// A quiz as its teachers see it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QuizView {
    pub id: String,
    /// One's own quizzes have the user's id here.
    pub course: String,
    /// Who began it.
    pub owner: String,
    pub title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    pub language: String,
    pub language_origin: LanguageOrigin,
    /// `draft`, `published` or `archived`.
    pub state: String,
    /// What students are given, counted from 1; absent: it was never published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edition: Option<u32>,
    /// Whether students are given something else, or nothing.
    pub has_unpublished_changes: bool,
    pub version: u64,
    pub settings: Settings,
    pub items: Vec<ItemView>,
    /// What no single item is to blame for.
    pub findings: Vec<Finding>,
    /// The last making of items; absent: there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub making: Option<MakingView>,
    pub created_unix_ms: u64,
    pub updated_unix_ms: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ItemView {
    pub item: Item,
    /// Rejects first; a quiz with one is not published.
    pub findings: Vec<Finding>,
    /// What became of the document that it rests on; absent: it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale: Option<Stale>,
    /// How it was answered by one who did not see its key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_answer: Option<Answer>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stale {
    Replaced,
    Deleted,
}

/// The making of items, as far as it has come.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MakingView {
    pub state: MakingState,
    pub wanted: Make,
    /// Items wanted.
    pub total: u32,
    /// Items made that held.
    pub made: u32,
    /// Items that did not hold; what replaced them is among the quiz's.
    pub rejected: Vec<RejectedView>,
    /// What was asked for and not made, by kind; nothing as long as it is being made.
    pub missing: BTreeMap<Kind, u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<MakingFailureView>,
    /// Who made them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = RejectedItem)]
pub struct RejectedView {
    pub item: Item,
    pub findings: Vec<Finding>,
}

/// Why there are no (more) items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MakingFailure)]
pub struct MakingFailureView {
    pub code: String,
    pub reason: String,
}

/// What a store and a look at the documents know besides the draft.
pub(super) struct Seen<'a> {
    pub(super) quiz: &'a Quiz,
    pub(super) has_unpublished_changes: bool,
    /// Of items' documents what became of them, by document and the item's version of it.
    pub(super) stale: &'a dyn Fn(&str, u64) -> Option<Stale>,
}

impl QuizView {
    pub(super) fn of(paper: Paper, seen: &Seen<'_>) -> Self {
        let Seen { quiz: Quiz { summary, paper_json: _ }, has_unpublished_changes, stale } = seen;
        let QuizSummary { key, course, owner, title, state, version, created, updated, .. } = summary;
        let Paper {
            schema: _,
            description,
            language,
            language_origin,
            settings,
            items,
            verdicts,
            findings,
            mut second,
            making,
        } = paper;
        let mut verdicts: BTreeMap<_, _> =
            verdicts.into_iter().map(|verdict| (verdict.item, verdict.findings)).collect();
        let items = items
            .into_iter()
            .map(|item| ItemView {
                findings: verdicts.remove(&item.id).unwrap_or_default(),
                stale: item.source.as_ref().and_then(|source| stale(&source.document, source.version)),
                second_answer: second.remove(&item.id),
                item,
            })
            .collect();
        Self {
            id: key.quiz.to_string(),
            course: course.to_string(),
            owner: owner.to_string(),
            title: title.clone(),
            description: Some(description).filter(|description| !description.is_empty()),
            language,
            language_origin,
            state: state.as_str().to_owned(),
            edition: summary.edition(),
            has_unpublished_changes: *has_unpublished_changes,
            version: *version,
            settings,
            items,
            findings,
            making: making.map(MakingView::of),
            created_unix_ms: created.0,
            updated_unix_ms: updated.0,
        }
    }

    /// What a change of it names.
    pub fn etag(&self) -> String {
        etag(self.version)
    }
}

pub(super) fn etag(version: u64) -> String {
    format!("\"v{version}\"")
}

impl QuizSummaryView {
    pub(super) fn edited(summary: &QuizSummary, is_stale: bool) -> Self {
        Self {
            may_edit: true,
            version: Some(summary.version),
            is_at_work: Some(summary.work_due.is_some()),
            is_stale: Some(is_stale),
            ..Self::of(summary, summary.title.clone(), summary.items)
        }
    }

    /// As somebody sees it who takes it: title and number of items are the edition's. `None`: there is nothing to take.
    pub(super) fn given(summary: &QuizSummary) -> Option<Self> {
        summary.given.as_ref().map(|given| Self::of(summary, given.title.clone(), given.items))
    }

    fn of(summary: &QuizSummary, title: String, items: u32) -> Self {
        let QuizSummary { key, course, state, created, updated, .. } = summary;
        Self {
            id: key.quiz.to_string(),
            course: course.to_string(),
            title,
            state: QuizState::as_str(*state).to_owned(),
            edition: summary.edition(),
            items,
            may_edit: false,
            version: None,
            is_at_work: None,
            is_stale: None,
            created_unix_ms: created.0,
            updated_unix_ms: updated.0,
        }
    }
}

impl Make {
    pub(super) fn of(wanted: Wanted) -> Self {
        let Wanted { documents, topic, counts, difficulty } = wanted;
        let counts = counts.into_iter().map(|(kind, count)| (kind.to_string(), count)).collect();
        Self { documents, topic, counts, difficulty }
    }
}

impl MakingView {
    fn of(making: Making) -> Self {
        let Making { state, wanted, seed: _, attempts: _, made, rejected, missing, failure, model } = making;
        Self {
            state,
            total: wanted.counts.values().sum(),
            wanted: Make::of(wanted),
            made,
            rejected: rejected
                .into_iter()
                .map(|rejected| RejectedView { item: rejected.item, findings: rejected.findings })
                .collect(),
            missing: if state.is_at_work() { BTreeMap::new() } else { missing },
            failure: failure.map(|failure| MakingFailureView { code: failure.code, reason: failure.reason }),
            model,
        }
    }
}

impl UnreadQuestion {
    pub(super) fn of(unread: Unread) -> Self {
        let Unread { line, reason } = unread;
        Self { line, reason }
    }
}
