//! What pages of other origins may ask of the REST API, in the headers that browsers go by (CORS). The WebSocket keeps to the same list of
//! origins by itself; programs send no origin and need none of this.
//!
//! Nothing here opens anything: every request brings its own token or signed address, and no cookie is ever taken.

use crate::gateway::Shared;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

pub(crate) async fn share(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with("/api/") {
        return next.run(request).await;
    }
    let Some(origin) = shared.origins.guest(request.headers()) else { return next.run(request).await };
    let is_preflight =
        request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if is_preflight {
        let mut response = StatusCode::NO_CONTENT.into_response();
        permit(response.headers_mut());
        response
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    response
}

fn permit(headers: &mut HeaderMap) {
    let methods = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE");
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    let sent = HeaderValue::from_static("authorization, content-type, idempotency-key, if-match, range");
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, sent);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from(PREFLIGHT_S));
}

/// How long a browser remembers what it may ask.
const PREFLIGHT_S: u32 = 3_600;

/// Headers of answers that a page may read.
const EXPOSED: &str = "content-disposition, etag, retry-after, viva-left-out";
