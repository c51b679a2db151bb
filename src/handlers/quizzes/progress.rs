//! Progress: what a student knows of a course and should review, and how its class stands. Folded anew from the evidence each time.

use super::attempt_views::{AskProgress, CourseProgressView, ProgressView, StudentSkills};
use super::{Quizzes, user_id};
use crate::auth::Identity;
use crate::handlers::files::{may_read, may_write, own_course};
use crate::handlers::problem::{Problem, ProblemCode};
use crate::ports::clock::UnixMs;
use crate::ports::evidence::Observation;
use crate::ports::ids::{CourseId, UserId};
use crate::quiz::progress::{Evidence, StudentProgress, class_view, progress};
use std::collections::BTreeMap;

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

    /// Everybody's of whom anything is known, for teachers of the course.
    pub async fn course_progress(&self, who: &Identity, course: &str) -> Result<CourseProgressView, Problem> {
        let course = taught_course(who, course)?;
        let observed = self.evidence.of_course(&who.tenant, &course).await?;
        let now = self.clock.now();
        let students: BTreeMap<String, StudentProgress> =
            observed.into_iter().map(|(user, observations)| (user.to_string(), folded(&observations))).collect();
        let class = class_view(&students, ms(now));
        let students = students.into_iter().map(|(user, progress)| StudentSkills { user, skills: progress.skills });
        Ok(CourseProgressView { course: course.to_string(), now_unix_ms: now.0, class, students: students.collect() })
    }

    async fn progress_of(&self, who: &Identity, course: CourseId, user: &UserId) -> Result<ProgressView, Problem> {
        let progress = folded(&self.evidence.of_user(&who.tenant, &course, user).await?);
        let now = self.clock.now();
        let due = progress.due(ms(now));
        Ok(ProgressView { course: course.to_string(), user: user.to_string(), now_unix_ms: now.0, progress, due })
    }
}

fn ms(at: UnixMs) -> i64 {
    i64::try_from(at.0).unwrap_or(i64::MAX)
}

fn taught_course(who: &Identity, course: &str) -> Result<CourseId, Problem> {
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
