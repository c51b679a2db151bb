//! The report of a finished interview.

use crate::interview::guide::Summary;
use crate::interview::metric::{Evidence, Metric};
use crate::ports::recognizer::RecognizerInfo;
use crate::ports::text_model::{Level, ModelInfo};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub report_version: u32,
    pub metric_version: u32,
    pub language: String,
    pub topic: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    pub questions: u32,
    pub answered: u32,
    pub skipped: u32,
    pub duration_ms: u64,
    pub summary: String,
    pub strengths: Vec<Finding>,
    pub improvements: Vec<Finding>,
    pub ratings: Vec<Rating>,
    /// Over the whole interview.
    pub metrics: Vec<Metric>,
    pub turns: Vec<ReportTurn>,
    /// E.g. that no emotion is inferred, and what the built-in model is.
    pub notices: Vec<String>,
    /// Quotes of the model that were not found in the transcript, and dropped.
    pub quotes_dropped: u32,
    pub model: ModelInfo,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recognizer: Option<RecognizerInfo>,
    /// The guide that was followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guide: Option<Summary>,
}

/// A claim and the words it rests on; one without surviving evidence is dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    pub text: String,
    pub evidence: Vec<Evidence>,
}

/// Pending until a teacher confirms or changes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rating {
    pub criterion: String,
    /// 1 to 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<u8>,
    pub status: RatingStatus,
    pub rationale: String,
    pub evidence: Vec<Evidence>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// When, in milliseconds since the Unix epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed_unix_ms: Option<u64>,
    /// How often it was reviewed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u32>,
    /// What the model proposed, once it was reviewed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed: Option<u8>,
    /// What the rubric says of it; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<Level>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RatingStatus {
    Pending,
    Confirmed,
    Changed,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportTurn {
    pub turn: u32,
    pub question: String,
    pub state: TurnState,
    pub metrics: Vec<Metric>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnState {
    Answered,
    Skipped,
    Unanswered,
}

pub const REPORT_VERSION: u32 = 1;
pub const METRIC_VERSION: u32 = 1;
