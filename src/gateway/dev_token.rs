//! `POST /dev/token`: a token for anybody who asks on this machine, so that one can try viva without a platform around it.
//!
//! It exists on loopback alone, for direct requests, and never beside a platform's own key: see `config` and `origin`.

use crate::auth::{CourseRole, Identity, LocalKey};
use crate::config::limits::DEV_TOKEN_TTL_MS;
use crate::gateway::Shared;
use crate::gateway::origin::is_local;
use crate::ports::ids::{TenantId, UserId};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

#[derive(Deserialize)]
struct Asked {
    user: String,
    #[serde(default)]
    role: Option<String>,
    #[serde(default)]
    tenant: Option<String>,
    #[serde(default)]
    courses: BTreeMap<String, CourseRole>,
}

pub(crate) async fn issue(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(key) = &shared.dev_tokens else {
        return refusal(StatusCode::NOT_FOUND, "this server gives no tokens; ask the platform, or `viva token`");
    };
    if !is_local(&headers, peer.ip()) {
        return refusal(StatusCode::FORBIDDEN, "tokens are given to direct requests on this machine alone");
    }
    let asked: Asked = match serde_json::from_slice(&body) {
        Ok(asked) => asked,
        Err(error) => return refusal(StatusCode::BAD_REQUEST, &format!("the body is not as it should be: {error}")),
    };
    let expires = shared.handlers.clock.now().plus_ms(DEV_TOKEN_TTL_MS);
    match token(key, asked, expires) {
        Ok(token) => {
            let body = json!({ "token": token, "expiresUnixMs": expires.0 });
            ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
        }
        Err(error) => refusal(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

fn token(key: &LocalKey, asked: Asked, expires: crate::ports::clock::UnixMs) -> Result<String, crate::auth::AuthError> {
    let Asked { user, role, tenant, courses } = asked;
    let tenant = TenantId::new(tenant.unwrap_or_else(|| crate::auth::claims::TENANT_DEFAULT.to_owned()));
    key.issue(&Identity { tenant, user: UserId::new(user), role, courses, expires })
}

fn refusal(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "message": message }))).into_response()
}
