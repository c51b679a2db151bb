//! What a request says: who asks, as was found out before, what the query asks for, and what the body sends. Refusals are problem details
//! too.

use super::{Refused, Rest};
use crate::auth::Identity;
use crate::handlers::problem::{Problem, ProblemCode};
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Whoever the token says is asking.
pub(crate) struct Speaker(pub(crate) Identity);

impl FromRequestParts<Arc<Rest>> for Speaker {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Rest>) -> Result<Self, Refused> {
        let identity = parts.extensions.get::<Identity>().cloned();
        Ok(Self(identity.ok_or_else(|| Problem::new(ProblemCode::Unauthorized, "send `Authorization: Bearer`"))?))
    }
}

/// What stands in the address's path.
pub(crate) struct At<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Arc<Rest>> for At<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, rest: &Arc<Rest>) -> Result<Self, Refused> {
        let Path(at) = Path::from_request_parts(parts, rest)
            .await
            .map_err(|rejection| Problem::new(ProblemCode::MalformedRequest, rejection.body_text()))?;
        Ok(Self(at))
    }
}

/// The query of the address.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Arc<Rest>> for Asked<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Rest>) -> Result<Self, Refused> {
        let Query(asked) = Query::try_from_uri(&parts.uri)
            .map_err(|error| Problem::new(ProblemCode::MalformedRequest, error.body_text()))?;
        Ok(Self(asked))
    }
}

/// The JSON of the body.
pub(crate) struct Sent<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<Rest>> for Sent<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, rest: &Arc<Rest>) -> Result<Self, Refused> {
        Ok(Self(parsed(&body(request, rest).await?)?))
    }
}

/// The JSON of the body, where there is one.
pub(crate) struct MaySend<T>(pub(crate) Option<T>);

impl<T: DeserializeOwned> FromRequest<Arc<Rest>> for MaySend<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, rest: &Arc<Rest>) -> Result<Self, Refused> {
        let body = body(request, rest).await?;
        if body.is_empty() { Ok(Self(None)) } else { Ok(Self(parsed(&body)?)) }
    }
}

async fn body(request: Request, rest: &Arc<Rest>) -> Result<Bytes, Problem> {
    Bytes::from_request(request, rest).await.map_err(|rejection: BytesRejection| {
        let code = match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => ProblemCode::BodyTooLarge,
            _ => ProblemCode::MalformedRequest,
        };
        Problem::new(code, rejection.body_text())
    })
}

fn parsed<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body)
        .map_err(|error| Problem::new(ProblemCode::MalformedRequest, format!("the body: {error}")))
}
