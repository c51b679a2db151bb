//! `/api/passages`.

use super::{Asked, At, Refused, Rest, Speaker, answer};
use crate::handlers::files::{FoundPassages, PassageView, SearchPassages};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use std::sync::Arc;

/// Search in files
#[utoipa::path(
    get, path = "/api/passages", tag = "passages", params(SearchPassages),
    responses((status = 200, description = "What was found, the best first", body = FoundPassages), Refused)
)]
pub(crate) async fn search(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    Asked(asked): Asked<SearchPassages>,
) -> Result<Response, Refused> {
    Ok(answer(StatusCode::OK, rest.files()?.search_passages(&who, asked).await?))
}

/// Open the passage that a citation names
#[utoipa::path(
    get, path = "/api/passages/{id}", tag = "passages", params(("id" = String, Path)),
    responses((status = 200, description = "The passage", body = PassageView), Refused)
)]
pub(crate) async fn get(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At(id): At<String>,
) -> Result<Response, Refused> {
    Ok(answer(StatusCode::OK, rest.files()?.passage(&who, &id).await?))
}
