//! The REST API as a router, for the gateway and for a Lambda function alike: what the request says, and answers as JSON; refusals as
//! problem details (RFC 9457).
//!
//! Who asks was found out before and stands beside the request. What is asked is the handlers' business. Each route is named once, for the
//! router and for the OpenAPI document alike.

mod attempts;
mod documents;
mod passages;
mod progress;
mod quizzes;
mod request;
mod uploads;

use crate::config::limits::{ATTEMPT_BODY_BYTES_MAX, REST_BODY_BYTES_MAX};
use crate::handlers::problem::{Problem, ProblemCode};
use crate::handlers::{Files, Quizzes};
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use request::{Asked, At, IdempotencyKey, IfMatch, MaySend, Raw, Sent, Speaker};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};
use utoipa::{IntoResponses, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "viva",
        version = "1",
        description = "Files of courses and people: uploaded, made searchable, cited. Quizzes made from them, taken and marked. Everything live goes over the WebSocket."
    ),
    components(schemas(Problem)),
    security(("token" = [])),
    modifiers(&BearerToken),
    tags(
        (name = "uploads"),
        (name = "documents"),
        (name = "passages"),
        (name = "quizzes"),
        (name = "attempts"),
        (name = "progress")
    )
)]
struct Description;

struct BearerToken;

impl utoipa::Modify for BearerToken {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        openapi.components.get_or_insert_default().add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

fn described() -> OpenApiRouter<Arc<Rest>> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(uploads::create, uploads::list))
        .routes(routes!(uploads::get, uploads::abort))
        .routes(routes!(uploads::part))
        .routes(routes!(uploads::complete))
        .routes(routes!(documents::list))
        .routes(routes!(documents::get, documents::delete))
        .routes(routes!(documents::file))
        .routes(routes!(passages::search))
        .routes(routes!(passages::get))
        .merge(quizzes::routes())
        .routes(routes!(attempts::cover))
        .routes(routes!(attempts::list, attempts::start))
        .routes(routes!(attempts::analytics))
        .routes(routes!(attempts::results))
        .routes(routes!(attempts::mark))
        .routes(routes!(progress::own))
        .routes(routes!(progress::of_course))
        .routes(routes!(progress::of_student))
        .merge(answering())
}

/// Where answers come in, which may be longer than other requests.
fn answering() -> OpenApiRouter<Arc<Rest>> {
    OpenApiRouter::new()
        .routes(routes!(attempts::get, attempts::save))
        .routes(routes!(attempts::submit))
        .layer(DefaultBodyLimit::max(ATTEMPT_BODY_BYTES_MAX))
}

/// What the routes stand on.
struct Rest {
    files: Option<Files>,
    quizzes: Option<Quizzes>,
}

impl Rest {
    fn files(&self) -> Result<&Files, Refused> {
        let none = || Problem::new(ProblemCode::NotFound, "there are no files on this server");
        Ok(self.files.as_ref().ok_or_else(none)?)
    }

    fn quizzes(&self) -> Result<&Quizzes, Refused> {
        let none = || Problem::new(ProblemCode::NotFound, "there are no quizzes on this server");
        Ok(self.quizzes.as_ref().ok_or_else(none)?)
    }
}

/// The operations. Whoever asks stands among the request's extensions, as an [`Identity`](crate::auth::Identity).
pub(crate) fn operations<S: Clone + Send + Sync + 'static>(
    files: Option<Files>,
    quizzes: Option<Quizzes>,
) -> Router<S> {
    let (router, _) = described().split_for_parts();
    router.layer(DefaultBodyLimit::max(REST_BODY_BYTES_MAX)).with_state(Arc::new(Rest { files, quizzes }))
}

/// The OpenAPI document, for anybody.
pub(crate) fn description<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let document = openapi_json();
    let openapi = axum::routing::get(move || async move { ([(header::CONTENT_TYPE, "application/json")], document) });
    Router::new().route("/api/openapi.json", openapi)
}

/// The OpenAPI document as it is served and checked in.
pub fn openapi_json() -> String {
    let (_, openapi) = described().split_for_parts();
    let json = openapi.to_pretty_json().expect("what is generated holds nothing that JSON cannot");
    json + "\n"
}

/// A refusal on its way out.
pub(crate) struct Refused(Problem);

impl<P: Into<Problem>> From<P> for Refused {
    fn from(problem: P) -> Self {
        Self(problem.into())
    }
}

impl IntoResponses for Refused {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let refused = ResponseBuilder::new().description("Refused").content("application/problem+json", content);
        BTreeMap::from([("default".to_owned(), refused.build().into())])
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Self(problem) = self;
        metrics::counter!("viva_problems_total", "code" => problem.code.as_str()).increment(1);
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after_s = problem.retry_after_ms.map(|ms| ms.div_ceil(1_000));
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The same answer with the version of what it shows.
fn tagged(tag: &str, mut answer: Response) -> Response {
    if let Ok(tag) = HeaderValue::from_str(tag) {
        answer.headers_mut().insert(header::ETAG, tag);
    }
    answer
}

/// An answer that nobody keeps.
fn answer<T: serde::Serialize>(status: StatusCode, body: T) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// An answer that nobody keeps, with the version that a change of it names.
fn versioned<T: serde::Serialize>(status: StatusCode, etag: &str, body: T) -> Response {
    tagged(etag, answer(status, body))
}
