//! Files of courses and people, as REST asks for them: uploads, documents, passages. It knows no transport; the gateway and a Lambda
//! function call the same code.
//!
//! Teachers write to their course, everybody to the files of their own, which belong to the course that is named like the user. What one
//! may not see looks the same as what is not there. How a file becomes searchable is `ingest`'s business.

mod arrivals;
mod documents;
mod parts;
mod passages;
mod uploads;
mod views;

pub use arrivals::{ArrivalError, Arrivals, Worked};
pub use uploads::Made;
pub(crate) use uploads::idempotency;
pub use views::{
    CreateUpload, DocumentFailure, DocumentFile, DocumentList, DocumentView, FoundPassages, ListDocuments, PassageView,
    SearchPassages, SendFile, UploadList, UploadParts, UploadTicket, UploadView,
};

use crate::auth::Identity;
use crate::config::limits::{REST_PAGE, REST_PAGE_MAX, REST_QUERY_CHARS_MAX};
use crate::handlers::notices::Notices;
use crate::handlers::problem::{Problem, ProblemCode};
use crate::ports::clock::Clock;
use crate::ports::documents::Documents;
use crate::ports::ids::{CourseId, Ids};
use crate::ports::ingestion::Ingestion;
use crate::ports::objects::{ObjectParts, Objects};
use crate::ports::passages::Passages;
use crate::ports::uploads::{Quota, Uploads};
use std::sync::Arc;

/// The handlers of files and the roles that they speak with.
#[derive(Clone)]
pub struct Files {
    pub documents: Arc<dyn Documents>,
    pub uploads: Arc<dyn Uploads>,
    pub passages: Arc<dyn Passages>,
    pub objects: Arc<dyn Objects>,
    /// `None`: every file comes as a whole.
    pub parts: Option<Arc<dyn ObjectParts>>,
    pub ingestion: Arc<dyn Ingestion>,
    pub notices: Notices,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub quota: Quota,
}

impl std::fmt::Debug for Files {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Files").field("quota", &self.quota).finish_non_exhaustive()
    }
}

/// The course that a user's own files belong to.
pub fn own_course(identity: &Identity) -> CourseId {
    CourseId::new(identity.user.as_str())
}

pub(crate) fn may_read(identity: &Identity, course: &CourseId) -> bool {
    is_own(identity, course) || identity.is_member(course.as_str())
}

pub(crate) fn may_write(identity: &Identity, course: &CourseId) -> bool {
    is_own(identity, course) || identity.teaches(course.as_str())
}

/// Where the token names a course like its user, the token's role in it decides.
fn is_own(identity: &Identity, course: &CourseId) -> bool {
    *course == own_course(identity) && !identity.is_member(course.as_str())
}

/// The courses to look in: the one that is named, or all that the token opens.
pub(crate) fn courses_to_read(identity: &Identity, course: Option<&str>) -> Result<Vec<CourseId>, Problem> {
    let Some(course) = course else {
        let of_token = identity.courses.keys().map(CourseId::new);
        return Ok(of_token.chain([own_course(identity)]).collect());
    };
    let course = CourseId::new(course);
    if may_read(identity, &course) {
        return Ok(vec![course]);
    }
    Err(Problem::new(ProblemCode::Forbidden, "course: the token does not make you a member of it"))
}

/// A search for many words costs as many looks at each name or passage.
fn check_query(query: Option<&str>) -> Result<(), Problem> {
    match query {
        Some(query) if query.chars().count() > REST_QUERY_CHARS_MAX => {
            Err(Problem::field("query", format!("it may have {REST_QUERY_CHARS_MAX} characters")))
        }
        Some(_) | None => Ok(()),
    }
}

pub(crate) fn page_size(limit: Option<u32>) -> Result<usize, Problem> {
    match limit.map(|limit| limit as usize) {
        None => Ok(REST_PAGE),
        Some(limit) if (1..=REST_PAGE_MAX).contains(&limit) => Ok(limit),
        Some(_) => Err(Problem::field("limit", format!("it must be 1 to {REST_PAGE_MAX}"))),
    }
}
