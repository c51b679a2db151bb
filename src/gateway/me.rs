//! `GET /api/me`: what a token says of the one who holds it.

use crate::auth::AuthError;
use crate::gateway::Shared;
use crate::gateway::upgrade::bearer;
use crate::handlers::me::me;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::v1::limits::TOKEN_BYTES_MAX;
use std::sync::Arc;

pub(crate) async fn who_am_i(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let refused = |status: StatusCode, reason: &'static str| {
        (status, [(header::WWW_AUTHENTICATE, "Bearer")], reason).into_response()
    };
    let Some(token) = bearer(&headers).filter(|token| token.len() <= TOKEN_BYTES_MAX) else {
        return refused(StatusCode::UNAUTHORIZED, "no token");
    };
    match shared.handlers.authorize(token).await {
        Ok(identity) => ([(header::CACHE_CONTROL, "no-store")], Json(me(&identity))).into_response(),
        Err(AuthError::Unavailable) => {
            (StatusCode::SERVICE_UNAVAILABLE, "the token could not be checked; come again").into_response()
        }
        Err(error) => {
            tracing::debug!(%error, "a token was refused");
            refused(StatusCode::UNAUTHORIZED, "the token is not valid, or has expired")
        }
    }
}
