//! `/api/quizzes`, for those who make them: quizzes begun, listed, looked at, changed, published, archived, deleted; items asked for.
//!
//! Items and files of questions have modules of their own; so have attempts.

mod exchange;
mod items;

use super::{Asked, At, IdempotencyKey, IfMatch, Refused, Rest, Sent, Speaker, answer, versioned};
use crate::handlers::files::Made;
use crate::handlers::quizzes::{CreateQuiz, ListQuizzes, Make, PatchQuiz, QuizList, QuizView};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<Rest>> {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(get, patch, delete))
        .routes(routes!(make))
        .routes(routes!(cancel))
        .routes(routes!(publish))
        .routes(routes!(archive))
        .merge(items::routes())
        .merge(exchange::routes())
}

/// The quiz as it is now.
fn seen(status: StatusCode, quiz: QuizView) -> Response {
    let etag = quiz.etag();
    versioned(status, &etag, quiz)
}

/// Begin a quiz
///
/// A teacher may name a course; everybody may make quizzes of their own, from their own files. With `make`, items are made for it from then on:
/// `making` tells how far that is, and `quiz.status` over the WebSocket.
#[utoipa::path(
    post, path = "/api/quizzes", tag = "quizzes", request_body = CreateQuiz,
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and body again give the same quiz")),
    responses(
        (status = 201, description = "It is there, as a draft", body = QuizView, headers(("ETag" = String))),
        (status = 202, description = "It is there, and its items are being made", body = QuizView, headers(("ETag" = String))),
        (status = 200, description = "It had begun before, by the same request", body = QuizView, headers(("ETag" = String))),
        Refused,
    )
)]
pub(crate) async fn create(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    IdempotencyKey(key): IdempotencyKey,
    Sent(asked): Sent<CreateQuiz>,
) -> Result<Response, Refused> {
    let is_to_be_made = asked.make.is_some();
    let (made, quiz) = rest.quizzes()?.create_quiz(&who, asked, key.as_deref()).await?;
    let status = match made {
        Made::Before => StatusCode::OK,
        Made::New if is_to_be_made => StatusCode::ACCEPTED,
        Made::New => StatusCode::CREATED,
    };
    Ok(seen(status, quiz))
}

/// List quizzes, newest first
///
/// Of the courses that one teaches, and one's own, all of them; of others those that were published.
#[utoipa::path(
    get, path = "/api/quizzes", tag = "quizzes", params(ListQuizzes),
    responses((status = 200, description = "A page of them", body = QuizList), Refused)
)]
pub(crate) async fn list(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    Asked(asked): Asked<ListQuizzes>,
) -> Result<Response, Refused> {
    Ok(answer(StatusCode::OK, rest.quizzes()?.list_quizzes(&who, asked).await?))
}

/// Look at a quiz that one makes
#[utoipa::path(
    get, path = "/api/quizzes/{id}", tag = "quizzes", params(("id" = String, Path)),
    responses(
        (status = 200, description = "With its draft", body = QuizView, headers(("ETag" = String, description = "What a change of it names"))),
        Refused,
    )
)]
pub(crate) async fn get(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At(id): At<String>,
) -> Result<Response, Refused> {
    Ok(seen(StatusCode::OK, rest.quizzes()?.quiz(&who, &id).await?))
}

/// Change title, description or settings
#[utoipa::path(
    patch, path = "/api/quizzes/{id}", tag = "quizzes", request_body = PatchQuiz,
    params(("id" = String, Path), IfMatch),
    responses((status = 200, description = "Changed", body = QuizView, headers(("ETag" = String))), Refused)
)]
pub(crate) async fn patch(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At(id): At<String>,
    IfMatch(tag): IfMatch,
    Sent(asked): Sent<PatchQuiz>,
) -> Result<Response, Refused> {
    Ok(seen(StatusCode::OK, rest.quizzes()?.patch_quiz(&who, &id, tag.as_deref(), asked).await?))
}

/// Delete a quiz with its attempts
///
/// What students have shown they know in it stays in their progress.
#[utoipa::path(
    delete, path = "/api/quizzes/{id}", tag = "quizzes",
    params(("id" = String, Path), IfMatch),
    responses((status = 204, description = "It is gone"), Refused)
)]
pub(crate) async fn delete(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At(id): At<String>,
    IfMatch(tag): IfMatch,
) -> Result<StatusCode, Refused> {
    rest.quizzes()?.delete_quiz(&who, &id, tag.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Have (more) items made
#[utoipa::path(
    post, path = "/api/quizzes/{id}/make", tag = "quizzes", request_body = Make,
    params(("id" = String, Path), IfMatch),
    responses((status = 202, description = "They are being made", body = QuizView, headers(("ETag" = String))), Refused)
)]
pub(crate) async fn make(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At(id): At<String>,
    IfMatch(tag): IfMatch,
    Sent(asked): Sent<Make>,
) -> Result<Response, Refused> {
    Ok(seen(StatusCode::ACCEPTED, rest.quizzes()?.make_items(&who, &id, tag.as_deref(), asked).await?))
}

/// End the making of items
///
/// What is made stays. Where none are being made, nothing changes.
#[utoipa::path(
    post, path = "/api/quizzes/{id}/cancel", tag = "quizzes", params(("id" = String, Path)),
    responses((status = 200, description = "None are being made", body = QuizView, headers(("ETag" = String))), Refused)
)]
pub(crate) async fn cancel(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At(id): At<String>,
) -> Result<Response, Refused> {
    Ok(seen(StatusCode::OK, rest.quizzes()?.cancel_making(&who, &id).await?))
}

/// Give the draft to students
///
/// It becomes the next edition. Refused with the reasons while an item of it is rejected. Also for a quiz that was archived.
#[utoipa::path(
    post, path = "/api/quizzes/{id}/publish", tag = "quizzes",
    params(("id" = String, Path), IfMatch),
    responses((status = 200, description = "They have it", body = QuizView, headers(("ETag" = String))), Refused)
)]
pub(crate) async fn publish(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At(id): At<String>,
    IfMatch(tag): IfMatch,
) -> Result<Response, Refused> {
    Ok(seen(StatusCode::OK, rest.quizzes()?.publish_quiz(&who, &id, tag.as_deref()).await?))
}

/// Let nobody begin it any more
///
/// Who has begun may end it. Publishing it again opens it again.
#[utoipa::path(
    post, path = "/api/quizzes/{id}/archive", tag = "quizzes",
    params(("id" = String, Path), IfMatch),
    responses((status = 200, description = "It is archived", body = QuizView, headers(("ETag" = String))), Refused)
)]
pub(crate) async fn archive(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At(id): At<String>,
    IfMatch(tag): IfMatch,
) -> Result<Response, Refused> {
    Ok(seen(StatusCode::OK, rest.quizzes()?.archive_quiz(&who, &id, tag.as_deref()).await?))
}
