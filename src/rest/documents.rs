//! `/api/documents`.

use super::{Asked, At, Refused, Rest, Speaker, answer};
use crate::handlers::files::{DocumentFile, DocumentList, DocumentView, ListDocuments};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use std::sync::Arc;

/// List documents, newest first
#[utoipa::path(
    get, path = "/api/documents", tag = "documents", params(ListDocuments),
    responses((status = 200, description = "A page of them", body = DocumentList), Refused)
)]
pub(crate) async fn list(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    Asked(asked): Asked<ListDocuments>,
) -> Result<Response, Refused> {
    Ok(answer(StatusCode::OK, rest.files()?.list_documents(&who, asked).await?))
}

/// Look at a document
#[utoipa::path(
    get, path = "/api/documents/{id}", tag = "documents", params(("id" = String, Path)),
    responses((status = 200, description = "As it stands", body = DocumentView), Refused)
)]
pub(crate) async fn get(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At(id): At<String>,
) -> Result<Response, Refused> {
    Ok(answer(StatusCode::OK, rest.files()?.document(&who, &id).await?))
}

/// Ask for the address of a document's file
#[utoipa::path(
    get, path = "/api/documents/{id}/file", tag = "documents", params(("id" = String, Path)),
    responses((status = 200, description = "An address that works for a while", body = DocumentFile), Refused)
)]
pub(crate) async fn file(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At(id): At<String>,
) -> Result<Response, Refused> {
    Ok(answer(StatusCode::OK, rest.files()?.document_file(&who, &id).await?))
}

/// Delete a document with all that belongs to it
#[utoipa::path(
    delete, path = "/api/documents/{id}", tag = "documents", params(("id" = String, Path)),
    responses((status = 204, description = "It is gone, and no search finds it"), Refused)
)]
pub(crate) async fn delete(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At(id): At<String>,
) -> Result<StatusCode, Refused> {
    rest.files()?.delete_document(&who, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
