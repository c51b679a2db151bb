//! REST on this machine: whoever asks is believed by the token that the request brings, and uploads come in here, too.
//!
//! The routes are `rest`'s, the same as on AWS.

use crate::gateway::upgrade::bearer;
use crate::gateway::{Shared, objects};
use crate::handlers::problem::{Problem, ProblemCode};
use crate::rest::{self, Refused};
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::put;
use protocol::v1::limits::TOKEN_BYTES_MAX;
use std::sync::Arc;

pub(super) fn router(shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    let believed = from_fn_with_state(Arc::clone(shared), believe);
    Router::new()
        .route("/api/objects/{signed}", put(objects::put))
        .merge(rest::operations(shared.handlers.files.clone(), shared.handlers.quizzes.clone()).route_layer(believed))
        .merge(rest::description())
}

async fn believe(State(shared): State<Arc<Shared>>, mut request: Request, next: Next) -> Result<Response, Refused> {
    let token = bearer(request.headers()).filter(|token| token.len() <= TOKEN_BYTES_MAX);
    let token = token.ok_or_else(|| Problem::new(ProblemCode::Unauthorized, "send `Authorization: Bearer`"))?;
    let identity = shared.handlers.authorize(token).await?;
    request.extensions_mut().insert(identity);
    Ok(next.run(request).await)
}
