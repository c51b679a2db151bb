//! How a course's students stand, for its teachers: student by student, in pages; with the first page the whole class. Of no more students are
//! held than a page shows.

use super::Quizzes;
use super::progress::{Known, ms, taught_course};
use super::progress_views::{AskClass, CourseProgressView, StudentSkills};
use crate::auth::Identity;
use crate::auth::claims::is_id;
use crate::config::limits::{
    CLASS_OBSERVATIONS_MAX, CLASS_PAGE_SKILLS_MAX, CLASS_STUDENTS_AT_ONCE, CLASS_STUDENTS_MAX, QUIZ_LOOKUPS_AT_ONCE,
};
use crate::handlers::files::page_size;
use crate::handlers::problem::{self, Problem};
use crate::ports::ids::{CourseId, TenantId, UserId};
use crate::quiz::progress::{Class, StudentProgress};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::{StreamExt, TryStreamExt};

impl Quizzes {
    /// Everybody's of whom anything is known, for teachers of the course.
    pub async fn course_progress(
        &self,
        who: &Identity,
        course: &str,
        asked: AskClass,
    ) -> Result<CourseProgressView, Problem> {
        let course = taught_course(who, course)?;
        let after = asked.cursor.as_deref().map(decoded).transpose()?;
        let now = self.clock.now();
        let looking = Looking {
            page: Page { limit: page_size(asked.limit)?, students: Vec::new(), skills: 0, is_over: false },
            class: after.is_none().then(|| Class::new(ms(now))),
            observations: 0,
        };
        let (page, class) = self.look_at(&who.tenant, &course, after, looking).await?;
        Ok(CourseProgressView {
            course: course.to_string(),
            now_unix_ms: now.0,
            class: class.map(|(class, is_whole)| class.view(is_whole)),
            cursor: page.cursor(),
            students: page.students,
        })
    }

    /// The page, and the class with whether all of it was looked at.
    async fn look_at(
        &self,
        tenant: &TenantId,
        course: &CourseId,
        mut after: Option<UserId>,
        mut looking: Looking,
    ) -> Result<(Page, Option<(Class, bool)>), Problem> {
        let mut is_whole = true;
        'looking: loop {
            let users = self.evidence.users(tenant, course, after.as_ref(), CLASS_STUDENTS_AT_ONCE).await?;
            let Some(last) = users.last() else { break };
            after = Some(last.clone());
            let known = futures::stream::iter(users)
                .map(|user| async move { Ok::<_, Problem>((self.known_of(tenant, course, &user).await?, user)) });
            let mut known = known.buffered(QUIZ_LOOKUPS_AT_ONCE);
            while let Some((known, user)) = known.try_next().await? {
                if looking.has_enough() {
                    looking.page.is_over = true;
                    is_whole = false;
                    break 'looking;
                }
                looking.take(&user, known);
            }
        }
        let Looking { page, class, observations: _ } = looking;
        Ok((page, class.map(|class| (class, is_whole))))
    }
}

struct Looking {
    page: Page,
    /// With the first page.
    class: Option<Class>,
    observations: usize,
}

impl Looking {
    fn has_enough(&self) -> bool {
        match &self.class {
            Some(class) => class.students() >= CLASS_STUDENTS_MAX || self.observations >= CLASS_OBSERVATIONS_MAX,
            None => self.page.is_over || self.observations >= CLASS_OBSERVATIONS_MAX,
        }
    }

    fn take(&mut self, user: &UserId, known: Known) {
        let Known { progress, observations, truncated } = known;
        self.observations += observations;
        if let Some(class) = &mut self.class {
            class.take(user.as_str(), &progress);
        }
        self.page.take(user, progress, truncated);
    }
}

struct Page {
    limit: usize,
    students: Vec<StudentSkills>,
    skills: usize,
    /// More students follow.
    is_over: bool,
}

impl Page {
    /// One student has a place on every page, with however many skills.
    fn take(&mut self, user: &UserId, progress: StudentProgress, truncated: bool) {
        let skills = self.skills + progress.skills.len();
        let has_place = self.students.is_empty() || skills <= CLASS_PAGE_SKILLS_MAX;
        self.is_over |= self.students.len() == self.limit || !has_place;
        if self.is_over {
            return;
        }
        self.skills = skills;
        self.students.push(StudentSkills {
            user: user.to_string(),
            skills: progress.skills.into_iter().map(Into::into).collect(),
            truncated: truncated.then_some(true),
        });
    }

    fn cursor(&self) -> Option<String> {
        self.students.last().filter(|_| self.is_over).map(|last| URL_SAFE_NO_PAD.encode(&last.user))
    }
}

fn decoded(cursor: &str) -> Result<UserId, Problem> {
    let user = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    user.filter(|user| is_id(user)).map(UserId::new).ok_or_else(problem::cursor)
}
