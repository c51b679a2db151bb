//! The JSON of progress. A field that is optional is absent, never null; moments are Unix milliseconds.

use crate::quiz::progress::{ClassView, Due, SkillProgress, StudentProgress};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Whose progress.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct AskProgress {
    /// In this course; absent: in one's own quizzes.
    pub course: Option<String>,
}

/// What a student knows in a course, and what to review.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProgressView {
    pub course: String,
    pub user: String,
    pub now_unix_ms: u64,
    pub progress: StudentProgress,
    /// The least remembered first.
    pub due: Vec<Due>,
    /// There are more answers than are looked at: the oldest are left out. Absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truncated: Option<bool>,
}

/// Which page of a class's students.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AskClass {
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Students of a page; there may be fewer, though more follow.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// How a course's students stand, as far as anything is known of them.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CourseProgressView {
    pub course: String,
    pub now_unix_ms: u64,
    /// The whole class; on the first page alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<ClassView>,
    /// By user.
    pub students: Vec<StudentSkills>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StudentSkills {
    pub user: String,
    /// By name.
    pub skills: Vec<SkillStanding>,
    /// There are more answers than are looked at: the oldest are left out. Absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truncated: Option<bool>,
}

/// How a skill stands; how it came there is told with the student's own progress.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SkillStanding {
    pub skill: String,
    pub observations: usize,
    /// The chance that it is known, from 0 to 1.
    pub mastery: f64,
    pub mastered: bool,
    pub last_ms: i64,
    pub due_ms: i64,
}

impl From<SkillProgress> for SkillStanding {
    fn from(progress: SkillProgress) -> Self {
        let SkillProgress { skill, observations, mastery, mastered, memory: _, last_ms, due_ms, history: _ } = progress;
        Self { skill, observations, mastery, mastered, last_ms, due_ms }
    }
}
