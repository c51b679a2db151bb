//! `/api/attempts`, and what of `/api/quizzes/{id}` is about taking a quiz.

use super::{Asked, At, IfMatch, MaySend, Refused, Rest, Sent, Speaker, answer, tagged};
use crate::handlers::files::Made;
use crate::handlers::problem::{Problem, ProblemCode};
use crate::handlers::quizzes::{
    AnalyticsView, AskAnalytics, AttemptList, AttemptView, CoverView, GiveMarks, ListAttempts, ResultsView,
    SaveAnswers, SavedView,
};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use std::sync::Arc;

/// See what a quiz is before one takes it
///
/// With one's own attempts. No item is shown before an attempt is begun.
#[utoipa::path(
    get, path = "/api/quizzes/{id}/cover", tag = "attempts", params(("id" = String, Path)),
    responses((status = 200, description = "Its newest edition", body = CoverView), Refused)
)]
pub(crate) async fn cover(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At(id): At<String>,
) -> Result<Response, Refused> {
    Ok(answer(StatusCode::OK, rest.quizzes()?.cover(&who, &id).await?))
}

/// Begin an attempt, or go on with the one that is open
///
/// A teacher of the course gets a preview, which no figure counts.
#[utoipa::path(
    post, path = "/api/quizzes/{id}/attempts", tag = "attempts", params(("id" = String, Path)),
    responses(
        (status = 201, description = "It has begun", body = AttemptView, headers(("ETag" = String))),
        (status = 200, description = "It was begun before, and goes on", body = AttemptView, headers(("ETag" = String))),
        Refused,
    )
)]
pub(crate) async fn start(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At(id): At<String>,
) -> Result<Response, Refused> {
    let (made, attempt) = rest.quizzes()?.start_attempt(&who, &id).await?;
    let status = match made {
        Made::New => StatusCode::CREATED,
        Made::Before => StatusCode::OK,
    };
    Ok(tagged(&tag(attempt.revision), answer(status, attempt)))
}

/// List the attempts at a quiz, newest first
#[utoipa::path(
    get, path = "/api/quizzes/{id}/attempts", tag = "attempts", params(("id" = String, Path), ListAttempts),
    responses((status = 200, description = "A page of them, for teachers", body = AttemptList), Refused)
)]
pub(crate) async fn list(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At(id): At<String>,
    Asked(asked): Asked<ListAttempts>,
) -> Result<Response, Refused> {
    Ok(answer(StatusCode::OK, rest.quizzes()?.list_attempts(&who, &id, asked).await?))
}

/// See what the attempts say about a quiz and its items
#[utoipa::path(
    get, path = "/api/quizzes/{id}/analytics", tag = "attempts", params(("id" = String, Path), AskAnalytics),
    responses((status = 200, description = "The figures, for teachers", body = AnalyticsView), Refused)
)]
pub(crate) async fn analytics(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At(id): At<String>,
    Asked(asked): Asked<AskAnalytics>,
) -> Result<Response, Refused> {
    Ok(answer(StatusCode::OK, rest.quizzes()?.analytics(&who, &id, asked).await?))
}

/// Look at one of one's own attempts
#[utoipa::path(
    get, path = "/api/attempts/{id}", tag = "attempts", params(("id" = String, Path)),
    responses((status = 200, description = "Its items and what is saved", body = AttemptView, headers(("ETag" = String))), Refused)
)]
pub(crate) async fn get(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At(id): At<String>,
) -> Result<Response, Refused> {
    let attempt = rest.quizzes()?.attempt(&who, &id).await?;
    Ok(tagged(&tag(attempt.revision), answer(StatusCode::OK, attempt)))
}

/// Save answers
///
/// They are merged into what is saved, so that two devices do not undo each other's.
#[utoipa::path(
    patch, path = "/api/attempts/{id}", tag = "attempts", request_body = SaveAnswers,
    params(("id" = String, Path), ("If-Match" = Option<String>, Header, description = "Only where nothing has changed since")),
    responses((status = 200, description = "They are saved", body = SavedView, headers(("ETag" = String))), Refused)
)]
pub(crate) async fn save(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At(id): At<String>,
    IfMatch(if_match): IfMatch,
    Sent(changes): Sent<SaveAnswers>,
) -> Result<Response, Refused> {
    let saved = rest.quizzes()?.save_answers(&who, &id, changes, seen(if_match.as_deref())?).await?;
    Ok(tagged(&tag(saved.revision), answer(StatusCode::OK, saved)))
}

/// Submit an attempt, with its last answers
///
/// Once: asked again, the answer is the same. One whose time is over is submitted with what was saved in time.
#[utoipa::path(
    post, path = "/api/attempts/{id}/submit", tag = "attempts", request_body = Option<SaveAnswers>,
    params(("id" = String, Path), ("If-Match" = Option<String>, Header, description = "Only where nothing has changed since")),
    responses((status = 200, description = "It is submitted; as much as its quiz shows", body = ResultsView), Refused)
)]
pub(crate) async fn submit(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At(id): At<String>,
    IfMatch(if_match): IfMatch,
    MaySend(changes): MaySend<SaveAnswers>,
) -> Result<Response, Refused> {
    let results =
        rest.quizzes()?.submit_attempt(&who, &id, changes.unwrap_or_default(), seen(if_match.as_deref())?).await?;
    Ok(answer(StatusCode::OK, results))
}

/// See the results of an attempt
///
/// For whoever took it, as much as its quiz shows; for teachers of the course, all.
#[utoipa::path(
    get, path = "/api/attempts/{id}/results", tag = "attempts", params(("id" = String, Path)),
    responses((status = 200, description = "Its results", body = ResultsView), Refused)
)]
pub(crate) async fn results(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At(id): At<String>,
) -> Result<Response, Refused> {
    Ok(answer(StatusCode::OK, rest.quizzes()?.results(&who, &id).await?))
}

/// Give marks for a free text
///
/// For teachers of the course. Marks that are given again replace those before.
#[utoipa::path(
    post, path = "/api/attempts/{id}/marks", tag = "attempts", request_body = GiveMarks, params(("id" = String, Path)),
    responses((status = 200, description = "The results as they are now", body = ResultsView), Refused)
)]
pub(crate) async fn mark(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At(id): At<String>,
    Sent(given): Sent<GiveMarks>,
) -> Result<Response, Refused> {
    Ok(answer(StatusCode::OK, rest.quizzes()?.give_marks(&who, &id, given).await?))
}

fn tag(revision: u64) -> String {
    format!("\"r{revision}\"")
}

/// The revision that the request rests on, where it names one.
fn seen(if_match: Option<&str>) -> Result<Option<u64>, Problem> {
    let Some(tag) = if_match.map(str::trim).filter(|tag| *tag != "*") else { return Ok(None) };
    let revision = tag.strip_prefix("\"r").and_then(|tag| tag.strip_suffix('"')?.parse().ok());
    revision.map(Some).ok_or_else(|| Problem::new(ProblemCode::PreconditionFailed, "If-Match: no attempt is tagged so"))
}
