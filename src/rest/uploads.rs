//! `/api/uploads`.

use super::{Asked, At, IdempotencyKey, Refused, Rest, Sent, Speaker, answer};
use crate::handlers::files::{CreateUpload, DocumentView, Made, SendFile, UploadList, UploadTicket};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// Begin an upload
///
/// The answer says how to send the file. A teacher may name a course; everybody may upload files of their own.
#[utoipa::path(
    post, path = "/api/uploads", tag = "uploads", request_body = CreateUpload,
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and body again give the same upload, for a day")),
    responses(
        (status = 201, description = "It has begun", body = UploadTicket),
        (status = 200, description = "It had begun before, by the same request", body = UploadTicket),
        Refused,
    )
)]
pub(crate) async fn create(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    IdempotencyKey(key): IdempotencyKey,
    Sent(asked): Sent<CreateUpload>,
) -> Result<Response, Refused> {
    let (made, ticket) = rest.files()?.create_upload(&who, asked, key.as_deref()).await?;
    let status = match made {
        Made::New => StatusCode::CREATED,
        Made::Before => StatusCode::OK,
    };
    Ok(answer(status, ticket))
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListUploads {
    /// Where the page before ended.
    cursor: Option<String>,
    /// Entries of a page.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// List one's own uploads that are on their way
#[utoipa::path(
    get, path = "/api/uploads", tag = "uploads", params(ListUploads),
    responses((status = 200, description = "A page of them", body = UploadList), Refused)
)]
pub(crate) async fn list(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    Asked(ListUploads { cursor, limit }): Asked<ListUploads>,
) -> Result<Response, Refused> {
    Ok(answer(StatusCode::OK, rest.files()?.list_uploads(&who, cursor, limit).await?))
}

/// Look at one of one's own uploads
#[utoipa::path(
    get, path = "/api/uploads/{id}", tag = "uploads", params(("id" = String, Path)),
    responses((status = 200, description = "As it stands, with a fresh address while it is on its way", body = UploadTicket), Refused)
)]
pub(crate) async fn get(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At(id): At<String>,
) -> Result<Response, Refused> {
    Ok(answer(StatusCode::OK, rest.files()?.upload(&who, &id).await?))
}

/// Ask for the address of a part
///
/// A large file may come in parts, as `parts` of its upload says: in any order, again where one broke off, and some now, some later. The file is
/// made of them when the upload is completed.
#[utoipa::path(
    post, path = "/api/uploads/{id}/parts/{number}", tag = "uploads",
    params(("id" = String, Path), ("number" = u32, Path, minimum = 1)),
    responses((status = 200, description = "How to send it", body = SendFile), Refused)
)]
pub(crate) async fn part(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At((id, number)): At<(String, u32)>,
) -> Result<Response, Refused> {
    Ok(answer(StatusCode::OK, rest.files()?.upload_part(&who, &id, number).await?))
}

/// Complete an upload
///
/// Its file has come: it is a document from now on, and is read. Repeating it changes nothing.
#[utoipa::path(
    post, path = "/api/uploads/{id}/complete", tag = "uploads", params(("id" = String, Path)),
    responses((status = 200, description = "The document", body = DocumentView), Refused)
)]
pub(crate) async fn complete(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At(id): At<String>,
) -> Result<Response, Refused> {
    Ok(answer(StatusCode::OK, rest.files()?.complete_upload(&who, &id).await?))
}

/// Give an upload up
///
/// A completed one stays the document that it is.
#[utoipa::path(
    delete, path = "/api/uploads/{id}", tag = "uploads", params(("id" = String, Path)),
    responses((status = 204, description = "It is given up"), Refused)
)]
pub(crate) async fn abort(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At(id): At<String>,
) -> Result<StatusCode, Refused> {
    rest.files()?.abort_upload(&who, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
