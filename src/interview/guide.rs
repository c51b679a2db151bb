//! A guide: a teacher's questions in their order, what may follow them up, time limits, and a rubric. Read from a Markdown file by
//! `parse`; which question is next is `plan`'s business.
//!
//! Pure. Where the file lies, and who may follow it, is the handlers' business.

pub mod parse;
pub mod plan;

pub use parse::{GuideError, parse};

use crate::ports::text_model::Criterion;
use serde::{Deserialize, Serialize};

/// What a guide says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Guide {
    pub title: String,
    /// For the interviewer; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub notes: String,
    /// How long the interview may take, in wall time while a client is bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// At least one.
    pub questions: Vec<Question>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rubric: Vec<Criterion>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    pub text: String,
    /// What the interviewer should look for; never shown to the candidate.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub notes: String,
    /// Follow-ups as they are to be asked, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prepared: Vec<String>,
    /// How often it may be followed up, prepared ones included.
    pub follow_ups: u32,
    /// How long it may take, follow-ups included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_ms: Option<u64>,
    /// What a full answer mentions: once all of it was said, nothing is followed up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
}

/// The guide that an interview follows, as it was when the interview began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Followed {
    pub document: String,
    pub version: u64,
    pub guide: Guide,
}

/// What others are told of a guide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    pub document: String,
    pub version: u64,
    pub title: String,
    /// Without follow-ups.
    pub questions: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
}

impl Followed {
    pub fn summary(&self) -> Summary {
        let Self { document, version, guide } = self;
        Summary {
            document: document.clone(),
            version: *version,
            title: guide.title.clone(),
            questions: guide.questions.len() as u32,
            duration_ms: guide.duration_ms,
        }
    }
}

/// Which of a guide's questions a turn asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// From 1.
    pub question: u32,
    /// 0: the question itself; 1, 2, …: what follows it up.
    pub follow_up: u32,
}

impl Guide {
    pub fn question(&self, place: Place) -> Option<&Question> {
        self.questions.get(place.question.checked_sub(1)? as usize)
    }

    /// How many questions there may be in all, follow-ups included.
    pub fn turns_max(&self) -> u32 {
        self.questions.iter().map(|question| 1 + question.follow_ups).sum()
    }
}

/// Whether a file of that name holds a guide.
pub fn is_guide(name: &str) -> bool {
    name.to_lowercase().ends_with(SUFFIX)
}

/// What the name of a guide's file ends in.
pub const SUFFIX: &str = ".guide.md";
