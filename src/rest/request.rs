//! What a request says: who asks, as was found out before, what the query asks for, and what the body sends. Refusals are problem details
//! too.

use super::{Refused, Rest};
use crate::auth::Identity;
use crate::handlers::problem::{Problem, ProblemCode};
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use serde::de::DeserializeOwned;
use std::convert::Infallible;
use std::sync::Arc;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::{IntoParams, PartialSchema};

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

/// The version that the request says it changes: its `If-Match`, as it came.
pub(crate) struct IfMatch(pub(crate) Option<String>);

impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let tag = ParameterBuilder::new()
            .name("If-Match")
            .parameter_in(ParameterIn::Header)
            .description(Some("The `ETag` of the quiz as it was seen"))
            .required(Required::True)
            .schema(Some(String::schema()));
        vec![tag.build()]
    }
}

impl FromRequestParts<Arc<Rest>> for IfMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Rest>) -> Result<Self, Infallible> {
        let tag = parts.headers.get(header::IF_MATCH);
        Ok(Self(tag.map(|tag| String::from_utf8_lossy(tag.as_bytes()).into_owned())))
    }
}

/// What makes a repeated request the same.
pub(crate) struct IdempotencyKey(pub(crate) Option<String>);

impl FromRequestParts<Arc<Rest>> for IdempotencyKey {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Rest>) -> Result<Self, Refused> {
        let key = parts.headers.get("idempotency-key").map(|key| key.to_str()).transpose();
        let key =
            key.map_err(|_| Problem::new(ProblemCode::InvalidField, "Idempotency-Key: it must be visible ASCII"))?;
        Ok(Self(key.map(str::to_owned)))
    }
}

/// The body as it came.
pub(crate) struct Raw(pub(crate) Bytes);

impl FromRequest<Arc<Rest>> for Raw {
    type Rejection = Refused;

    async fn from_request(request: Request, rest: &Arc<Rest>) -> Result<Self, Refused> {
        Ok(Self(body(request, rest).await?))
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
