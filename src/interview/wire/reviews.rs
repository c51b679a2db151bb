//! What teachers said of a report's ratings: put into the report, and told one by one.

use crate::interview::report::{RatingStatus, Report};
use crate::interview::wire::report::rating;
use crate::ports::ids::SessionKey;
use crate::ports::reports::Review;
use protocol::v1;

/// The report with what teachers said: the last word on a criterion stands. Who says what the model proposed confirms it.
pub fn with_reviews(mut report: Report, reviews: &[Review]) -> Report {
    for rated in &mut report.ratings {
        let of_criterion = reviews.iter().filter(|review| review.criterion == rated.criterion);
        let Some(last) = of_criterion.max_by_key(|review| review.revision) else { continue };
        let proposed = rated.rating;
        rated.proposed = proposed;
        rated.status = if proposed == Some(last.rating) { RatingStatus::Confirmed } else { RatingStatus::Changed };
        rated.rating = Some(last.rating);
        rated.reviewed_by = Some(last.reviewer.as_str().to_owned());
        rated.comment.clone_from(&last.comment);
        rated.reviewed_unix_ms = Some(last.at.0);
        rated.revision = Some(last.revision);
    }
    report
}

/// All of them, latest first.
pub fn reviews(reviews: &[Review]) -> Vec<v1::Review> {
    let mut ordered: Vec<&Review> = reviews.iter().collect();
    ordered.sort_by_key(|review| std::cmp::Reverse((review.at, review.revision)));
    let wire = |Review { criterion, revision, rating, comment, reviewer, at }: &Review| v1::Review {
        criterion: criterion.clone(),
        revision: *revision,
        rating: *rating,
        reviewed_by: v1::UserId::new(reviewer.as_str()).expect("a user's id was checked with the token"),
        at_unix_ms: at.0,
        comment: comment.clone(),
    };
    ordered.into_iter().map(wire).collect()
}

/// What the one who was interviewed is told.
pub fn rating_reviewed(key: &SessionKey, reviewed: &v1::Rating) -> v1::ServerMessage {
    v1::RatingReviewed { session: super::session_id(key), rating: reviewed.clone() }.into()
}

/// A rating as the report has it.
pub fn rating_of(report: &Report, criterion: &str) -> Option<v1::Rating> {
    report.ratings.iter().find(|rated| rated.criterion == criterion).map(rating)
}
