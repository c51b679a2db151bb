//! Progress: what a student knows of a course and should review. Folded anew from the evidence each time, the newest of it.

use super::progress_views::{AskProgress, ProgressView};
use super::{Quizzes, user_id};
use crate::auth::Identity;
use crate::config::limits::EVIDENCE_FOLDED_MAX;
use crate::handlers::files::{may_read, may_write, own_course};
use crate::handlers::problem::{Problem, ProblemCode};
use crate::ports::clock::UnixMs;
use crate::ports::evidence::{Observation, Observed};
use crate::ports::ids::{CourseId, TenantId, UserId};
use crate::quiz::progress::{Evidence, StudentProgress, progress};

/// What is known of somebody.
pub(super) struct Known {
    pub(super) progress: StudentProgress,
    /// How much of it was read.
    pub(super) observations: usize,
    /// Whether older observations were not read.
    pub(super) truncated: bool,
}

impl Quizzes {
    /// One's own.
    pub async fn progress(&self, who: &Identity, asked: AskProgress) -> Result<ProgressView, Problem> {
        let course = asked.course.map_or_else(|| own_course(who), CourseId::new);
        if !may_read(who, &course) {
            return Err(Problem::new(ProblemCode::Forbidden, "course: the token does not make you a member of it"));
        }
        self.progress_of(who, course, &who.user).await
    }

    /// A student's, for teachers of the course.
    pub async fn student_progress(&self, who: &Identity, course: &str, user: &str) -> Result<ProgressView, Problem> {
        self.progress_of(who, taught_course(who, course)?, &user_id(user)?).await
    }

    async fn progress_of(&self, who: &Identity, course: CourseId, user: &UserId) -> Result<ProgressView, Problem> {
        let Known { progress, observations: _, truncated } = self.known_of(&who.tenant, &course, user).await?;
        let now = self.clock.now();
        Ok(ProgressView {
            course: course.to_string(),
            user: user.to_string(),
            now_unix_ms: now.0,
            due: progress.due(ms(now)),
            progress,
            truncated: truncated.then_some(true),
        })
    }

    pub(super) async fn known_of(&self, tenant: &TenantId, course: &CourseId, user: &UserId) -> Result<Known, Problem> {
        let Observed { observations, truncated } =
            self.evidence.newest(tenant, course, user, EVIDENCE_FOLDED_MAX).await?;
        Ok(Known { progress: folded(&observations), observations: observations.len(), truncated })
    }
}

pub(super) fn ms(at: UnixMs) -> i64 {
    i64::try_from(at.0).unwrap_or(i64::MAX)
}

pub(super) fn taught_course(who: &Identity, course: &str) -> Result<CourseId, Problem> {
    let course = CourseId::new(course);
    if may_write(who, &course) {
        return Ok(course);
    }
    Err(Problem::new(ProblemCode::Forbidden, "course: the token does not make you a teacher of it"))
}

/// An observation that cannot be read is left out: the others say what they say.
fn folded(observations: &[Observation]) -> StudentProgress {
    let read = |observation: &Observation| match Evidence::from_json(&observation.evidence_json) {
        Ok(evidence) => Some(evidence),
        Err(error) => {
            tracing::error!(observation = observation.id, %error, "an observation cannot be read");
            None
        }
    };
    progress(&observations.iter().filter_map(read).collect::<Vec<_>>())
}
