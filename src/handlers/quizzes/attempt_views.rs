//! The JSON of attempts, results and analytics. A field that is optional is absent, never null; moments are Unix milliseconds.
//!
//! Before submission a student's views hold [`PublicItem`]s and nothing else of an item; no view holds a seed.

use crate::ports::attempts::{Attempt, AttemptState};
use crate::quiz::analytics::Statistics;
use crate::quiz::answer::Answer;
use crate::quiz::item::{Choice, Criterion, ItemId, Kind};
use crate::quiz::paper::{Counting, PaperError, Settings};
use crate::quiz::public::PublicItem;
use crate::quiz::score::{Scored, total};
use crate::quiz::sitting::Sitting;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::openapi::Ref;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::{IntoParams, ToSchema};

/// What is told of a quiz before one begins.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CoverView {
    pub id: String,
    pub course: String,
    pub title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// BCP 47, as far as the primary language.
    pub language: String,
    /// `published` or `archived`.
    pub state: String,
    /// The newest edition, which the next attempt is about.
    pub edition: u32,
    pub items: usize,
    pub points: f64,
    pub settings: Settings,
    /// One's own, newest first.
    pub attempts: Vec<AttemptSummary>,
    /// The one that goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_attempt: Option<String>,
    /// Absent: there may be any number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts_left: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttemptSummary {
    pub id: String,
    pub quiz: String,
    pub user: String,
    /// 1, 2, 3 … for each user and quiz.
    pub number: u32,
    pub edition: u32,
    /// A teacher's own, which no figure counts.
    pub preview: bool,
    /// `open`, `pending` (submitted; something waits for a teacher) or `marked`.
    pub state: String,
    pub started_unix_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_unix_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submitted_unix_ms: Option<u64>,
    /// What has been given so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// Items that wait for a teacher.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending: Option<usize>,
}

/// An attempt as whoever takes it sees it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttemptView {
    pub id: String,
    pub quiz: String,
    pub title: String,
    pub number: u32,
    pub preview: bool,
    /// `open`, `pending` or `marked`.
    pub state: String,
    pub started_unix_ms: u64,
    /// When time is over; absent: there is no hurry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_unix_ms: Option<u64>,
    /// The server's clock, by which time is over.
    pub now_unix_ms: u64,
    /// In the order in which this attempt shows them.
    pub items: Vec<PublicItem>,
    /// As they are saved, by item.
    #[schema(value_type = BTreeMap<String, Answer>)]
    pub answers: BTreeMap<ItemId, Answer>,
    /// Counts every change; the `ETag` is `"r"` and this.
    pub revision: u64,
}

/// Changes to an attempt; what is not named stays.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SaveAnswers {
    /// By item; null takes an answer back.
    #[serde(default)]
    #[schema(schema_with = answers_or_null)]
    pub answers: Option<BTreeMap<ItemId, Option<Answer>>>,
    /// Time on each item so far.
    #[serde(default)]
    #[schema(value_type = Option<BTreeMap<String, u64>>)]
    pub item_ms: Option<BTreeMap<ItemId, u64>>,
}

/// By hand: the derived one cannot say that a value of a map may be null.
fn answers_or_null() -> Schema {
    let null = ObjectBuilder::new().schema_type(Type::Null);
    let answer = OneOfBuilder::new().item(null).item(Ref::from_schema_name("Answer")).build();
    let described = ObjectBuilder::new().description(Some("By item; null takes an answer back."));
    described.additional_properties(Some(Schema::OneOf(answer))).into()
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SavedView {
    pub revision: u64,
    pub saved_unix_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_unix_ms: Option<u64>,
}

/// How much of the results is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// Every item with its result.
    Full,
    /// The points alone, as the quiz's settings have it.
    Points,
}

/// A submitted attempt.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResultsView {
    pub attempt: AttemptSummary,
    pub shown: Shown,
    /// In the attempt's order; absent where points alone are shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<Vec<ItemResult>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ItemResult {
    pub item: PublicItem,
    /// Absent: it was left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    pub result: Scored,
    /// Of an item that was left out: what is right, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub right: Option<Vec<String>>,
    /// Of a free text, for the quiz's teachers: what they give marks by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rubric: Option<Vec<Criterion>>,
    /// Of a free text, for the quiz's teachers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<String>,
}

/// What a teacher gives for a free text.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GiveMarks {
    #[schema(value_type = String)]
    pub item: ItemId,
    /// By criterion, the share that was reached, from 0 to 1; a criterion left out is worth nothing.
    #[schema(value_type = BTreeMap<String, f64>)]
    pub awarded: BTreeMap<crate::quiz::item::OptionId, f64>,
}

/// Which attempts, and which page of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct ListAttempts {
    /// Of this user alone.
    pub user: Option<String>,
    /// `open`, `pending` or `marked`; absent: of any state.
    pub state: Option<String>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Entries of a page.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttemptList {
    /// Newest first.
    pub attempts: Vec<AttemptSummary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// What to analyse.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct AskAnalytics {
    /// Absent: the newest.
    #[param(minimum = 1)]
    pub edition: Option<u32>,
    /// Absent: as the quiz counts.
    #[param(inline)]
    pub counting: Option<Counted>,
}

/// Which attempts of each student are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    First,
    Last,
    /// The first of the best.
    Best,
    All,
}

impl From<Counting> for Counted {
    fn from(counting: Counting) -> Self {
        match counting {
            Counting::First => Self::First,
            Counting::Last => Self::Last,
            Counting::Best => Self::Best,
        }
    }
}

/// What attempts say about an edition; teachers' previews are left out.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AnalyticsView {
    pub quiz: String,
    pub edition: u32,
    pub counting: Counted,
    /// How many are looked at.
    pub attempts: usize,
    /// Attempts that would count, but are left out, since something in them waits for a teacher.
    pub pending: usize,
    /// There are more attempts than are looked at: the oldest are left out. Absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truncated: Option<bool>,
    /// The points of each that is looked at, the fewest first; nobody is named.
    pub points: Vec<f64>,
    pub statistics: Statistics,
    /// In the edition's order, as the statistics' items are.
    pub items: Vec<AnalysedItem>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AnalysedItem {
    #[schema(value_type = String)]
    pub item: ItemId,
    pub stem: String,
    pub kind: Kind,
    pub max: f64,
    /// Of a choice, for the table of options; absent for other kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<Vec<Choice>>,
}

impl AttemptSummary {
    pub(super) fn of(attempt: &Attempt) -> Result<Self, PaperError> {
        let waiting = match attempt.state {
            AttemptState::Pending => Some(total(&Sitting::from_json(&attempt.sitting_json)?.results).pending),
            AttemptState::Open | AttemptState::Marked => None,
        };
        Ok(Self {
            id: attempt.key.attempt.to_string(),
            quiz: attempt.quiz.to_string(),
            user: attempt.user.to_string(),
            number: attempt.number,
            edition: attempt.edition,
            preview: attempt.preview,
            state: attempt.state.as_str().to_owned(),
            started_unix_ms: attempt.started.0,
            due_unix_ms: attempt.due.map(|due| due.0),
            submitted_unix_ms: attempt.submitted.map(|submitted| submitted.0),
            points: attempt.points,
            max: attempt.max,
            pending: waiting,
        })
    }

    pub(super) fn of_all(attempts: &[Attempt]) -> Result<Vec<Self>, PaperError> {
        attempts.iter().map(Self::of).collect()
    }
}
