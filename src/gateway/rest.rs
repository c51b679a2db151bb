//! REST on this machine: whoever asks is believed by the token that the request brings, and heard at a pace of their own; uploads come in
//! here, too.
//!
//! The routes are `rest`'s, the same as on AWS, where the API holds its own pace.

use crate::auth::Identity;
use crate::gateway::upgrade::bearer;
use crate::gateway::{Shared, objects};
use crate::handlers::TooFast;
use crate::handlers::problem::{Problem, ProblemCode};
use crate::rest::{self, Refused};
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::put;
use protocol::v1::limits::TOKEN_BYTES_MAX;
use std::sync::{Arc, PoisonError};

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
    hold_pace(&shared, &identity)?;
    request.extensions_mut().insert(identity);
    Ok(next.run(request).await)
}

fn hold_pace(shared: &Shared, Identity { tenant, user, .. }: &Identity) -> Result<(), Problem> {
    let mut pace = shared.request_pace.lock().unwrap_or_else(PoisonError::into_inner);
    pace.request(tenant, user, shared.handlers.clock.now()).map_err(|TooFast { retry_after_ms }| Problem {
        retry_after_ms: Some(retry_after_ms),
        ..Problem::new(ProblemCode::TooManyRequests, "ask again when that is over")
    })
}
