//! `report.review`: a teacher's word on a rating. Who taught is told by the token; what was said is kept, counts as evidence of the skill, and
//! the interviewed are told.

use crate::handlers::Handlers;
use crate::handlers::caller::Caller;
use crate::handlers::quizzes::marking::observation;
use crate::handlers::refusal::Refusal;
use crate::interview::report::Report;
use crate::interview::wire;
use crate::ports::clock::UnixMs;
use crate::ports::evidence::Observation;
use crate::ports::ids::{CourseId, SessionId, SessionKey, UserId};
use crate::ports::reports::{NewReview, Reviewed, SessionSummary};
use crate::quiz::progress::Evidence;
use protocol::v1::limits::{RATING_MAX, RATING_MIN};
use protocol::v1::{self, ErrorCode, ReportReview, ReportReviewed, ResultBody};
use std::sync::Arc;

impl Handlers {
    /// Saying the same again is answered the same, and stores nothing.
    pub(crate) async fn report_review(
        &self,
        caller: &Caller,
        review: ReportReview,
        now: UnixMs,
    ) -> Result<(), Refusal> {
        let ReportReview { id, session, user, criterion, rating, comment, revision } = review;
        let identity = &caller.identity;
        let (user, session) = (UserId::new(user.as_str()), SessionId::new(session.as_str()));
        let key = SessionKey::new(identity.tenant.clone(), user, session);
        let (summary, report) = self.check_taught(caller, &key).await?;
        let report = report.ok_or_else(no_report)?;
        if !report.ratings.iter().any(|rated| rated.criterion == criterion) {
            return Err(Refusal::new(ErrorCode::InvalidField, "criterion: the report does not rate it"));
        }
        let reviewer = identity.user.clone();
        let review = NewReview { criterion: criterion.clone(), rating, comment, reviewer, at: now, seen: revision };
        let is_new = match self.reports.review(&key, review).await? {
            Reviewed::New(_) => true,
            Reviewed::Same(_) => false,
            Reviewed::Conflict(last) => {
                let message =
                    format!("{} gave {} meanwhile; look at it before you change it", last.reviewer, last.rating);
                return Err(Refusal::new(ErrorCode::ReviewConflict, message));
            }
            Reviewed::Unknown => return Err(Refusal::session_unknown()),
        };
        // Said again, too: what was not stored the first time is now.
        let reviews = self.reports.reviews(&key).await?;
        // Whoever was faster or slower: what counts is the rating that stands.
        if let Some(newest) =
            reviews.iter().filter(|review| review.criterion == criterion).max_by_key(|review| review.revision)
        {
            self.learn(&summary, &criterion, newest.rating).await?;
        }
        let report = wire::with_reviews(report, &reviews);
        let rating = wire::rating_of(&report, &criterion).ok_or_else(no_report)?;
        if is_new {
            self.tell_reviewed(&key, &rating).await;
        }
        self.answer(caller, id, ResultBody::Reviewed(Box::new(ReportReviewed { rating }))).await;
        Ok(())
    }

    /// A confirmed rating is evidence of a skill of the course, from when the interview was; a later one replaces it.
    async fn learn(&self, summary: &SessionSummary, criterion: &str, rating: u8) -> Result<(), Refusal> {
        let (Some(log), Some(course)) = (&self.evidence, &summary.course) else { return Ok(()) };
        let SessionSummary { key, created, duration_ms, .. } = summary;
        let at = created.plus_ms(*duration_ms);
        let at_ms = i64::try_from(at.0).unwrap_or(i64::MAX);
        let [rating, worst, best] = [rating, RATING_MIN, RATING_MAX].map(f64::from);
        let evidence = Evidence::of_interview(key.session.as_str(), criterion, at_ms, rating, worst, best);
        let observed: Vec<Observation> = evidence.iter().map(|evidence| observation(evidence, at)).collect();
        Ok(log.record(&key.tenant, &CourseId::new(course), &key.user, observed).await?)
    }

    /// Whoever was interviewed hears of it where a client is connected; the report tells it anyway.
    async fn tell_reviewed(&self, key: &SessionKey, rating: &v1::Rating) {
        let connections = match self.register.of_user(&key.tenant, &key.user).await {
            Ok(connections) => connections,
            Err(error) => {
                tracing::warn!(%error, "a review could not be told");
                return;
            }
        };
        let text = wire::text(&wire::rating_reviewed(key, rating));
        for connection in connections {
            if let Err(error) = self.connections.send(&connection, Arc::clone(&text)).await {
                tracing::debug!(%connection, %error, "a review was not told to a connection");
            }
        }
    }

    /// That the caller teaches the session's course; and its report as it was made, where there is one.
    pub(crate) async fn check_taught(
        &self,
        caller: &Caller,
        key: &SessionKey,
    ) -> Result<(SessionSummary, Option<Report>), Refusal> {
        let Some((summary, report_json)) = self.reports.get(key).await? else { return Err(not_taught()) };
        if !summary.course.as_ref().is_some_and(|course| caller.identity.teaches(course)) {
            return Err(not_taught());
        }
        let Some(json) = report_json else { return Ok((summary, None)) };
        let report = serde_json::from_str(&json).map_err(|error| {
            tracing::error!(%error, "a stored report cannot be read");
            Refusal::new(ErrorCode::Internal, "the report cannot be read")
        })?;
        Ok((summary, Some(report)))
    }
}

pub(crate) fn not_taught() -> Refusal {
    Refusal::new(ErrorCode::Forbidden, "user: the token does not make you a teacher of such a session's course")
}

fn no_report() -> Refusal {
    Refusal::new(ErrorCode::InvalidField, "session: it has no report yet")
}
