//! `/api/quizzes/{id}/items`: items of a draft, as their teachers write them.

use super::super::{At, IfMatch, Refused, Rest, Sent, Speaker};
use super::seen;
use crate::config::limits::QUIZ_ITEM_BODY_BYTES_MAX;
use crate::handlers::quizzes::{ItemOrder, QuizView};
use crate::quiz::draft::ItemDraft;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::Response;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<Rest>> {
    OpenApiRouter::new()
        .routes(routes!(add))
        .routes(routes!(order))
        .routes(routes!(replace, remove))
        .layer(DefaultBodyLimit::max(QUIZ_ITEM_BODY_BYTES_MAX))
}

/// Add an item
///
/// The answer says what is wrong with it, and with the quiz as it is now. Ids in it tie keys to options; the server gives its own.
#[utoipa::path(
    post, path = "/api/quizzes/{id}/items", tag = "quizzes", request_body = ItemDraft,
    params(("id" = String, Path), IfMatch),
    responses((status = 201, description = "It is the last of the quiz", body = QuizView, headers(("ETag" = String))), Refused)
)]
pub(crate) async fn add(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At(id): At<String>,
    IfMatch(tag): IfMatch,
    Sent(draft): Sent<ItemDraft>,
) -> Result<Response, Refused> {
    Ok(seen(StatusCode::CREATED, rest.quizzes()?.add_item(&who, &id, tag.as_deref(), draft).await?))
}

/// Write an item anew
///
/// It keeps its id, and those of the options that it has already. How it was answered without its key is forgotten.
#[utoipa::path(
    put, path = "/api/quizzes/{id}/items/{item}", tag = "quizzes", request_body = ItemDraft,
    params(("id" = String, Path), ("item" = String, Path), IfMatch),
    responses((status = 200, description = "Changed", body = QuizView, headers(("ETag" = String))), Refused)
)]
pub(crate) async fn replace(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At((id, item)): At<(String, String)>,
    IfMatch(tag): IfMatch,
    Sent(draft): Sent<ItemDraft>,
) -> Result<Response, Refused> {
    Ok(seen(StatusCode::OK, rest.quizzes()?.replace_item(&who, &id, &item, tag.as_deref(), draft).await?))
}

/// Remove an item
#[utoipa::path(
    delete, path = "/api/quizzes/{id}/items/{item}", tag = "quizzes",
    params(("id" = String, Path), ("item" = String, Path), IfMatch),
    responses((status = 200, description = "The quiz without it", body = QuizView, headers(("ETag" = String))), Refused)
)]
pub(crate) async fn remove(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At((id, item)): At<(String, String)>,
    IfMatch(tag): IfMatch,
) -> Result<Response, Refused> {
    Ok(seen(StatusCode::OK, rest.quizzes()?.remove_item(&who, &id, &item, tag.as_deref()).await?))
}

/// Put the items in order
#[utoipa::path(
    post, path = "/api/quizzes/{id}/items/order", tag = "quizzes", request_body = ItemOrder,
    params(("id" = String, Path), IfMatch),
    responses((status = 200, description = "In that order", body = QuizView, headers(("ETag" = String))), Refused)
)]
pub(crate) async fn order(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At(id): At<String>,
    IfMatch(tag): IfMatch,
    Sent(order): Sent<ItemOrder>,
) -> Result<Response, Refused> {
    Ok(seen(StatusCode::OK, rest.quizzes()?.order_items(&who, &id, tag.as_deref(), order).await?))
}
