//! The admin address: `/metrics`, `/healthz`, and `/@connections/{id}` with the methods and codes of API Gateway's management API.

use crate::gateway::Shared;
use crate::gateway::metrics::METRICS;
use crate::gateway::origin::{host, is_loopback_host};
use crate::gateway::upgrade::bearer;
use crate::ports::clock::UnixMs;
use crate::ports::connections::{Connections, SendError};
use crate::ports::ids::ConnectionId;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::sync::Arc;

/// With a secret, everybody needs it; without, the address is loopback, and pages of other names are kept out.
pub(crate) async fn guard(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    request: Request,
    next: Next,
) -> Response {
    let admitted = match &shared.admin_secret {
        Some(secret) => bearer(&headers).is_some_and(|given| same(given.as_bytes(), secret.as_bytes())),
        None => host(&headers).is_some_and(is_loopback_host) && !headers.contains_key(header::ORIGIN),
    };
    if admitted { next.run(request).await } else { StatusCode::FORBIDDEN.into_response() }
}

/// Takes as long whether the first byte differs or the last.
fn same(given: &[u8], secret: &[u8]) -> bool {
    let differing = given.iter().zip(secret).fold(0, |differing, (a, b)| differing | (a ^ b));
    given.len() == secret.len() && differing == 0
}

pub(crate) async fn metrics() -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], METRICS.render()).into_response()
}

pub(crate) async fn post(State(shared): State<Arc<Shared>>, Path(id): Path<String>, body: Bytes) -> Response {
    let Ok(text) = std::str::from_utf8(&body) else {
        return (StatusCode::BAD_REQUEST, "a message is UTF-8").into_response();
    };
    answer(shared.sockets.send(&ConnectionId::new(id), text.into()).await)
}

pub(crate) async fn get(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Response {
    match shared.sockets.peer(&ConnectionId::new(id)) {
        None => StatusCode::GONE.into_response(),
        Some(peer) => {
            let body = json!({ "connectedAt": moment(peer.connected()), "lastActiveAt": moment(peer.last_active()) });
            Json(body).into_response()
        }
    }
}

pub(crate) async fn delete(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Response {
    match shared.sockets.close(&ConnectionId::new(id)).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        other => answer(other),
    }
}

fn answer(sent: Result<(), SendError>) -> Response {
    match sent {
        Ok(()) => StatusCode::OK,
        Err(SendError::Gone) => StatusCode::GONE,
        Err(SendError::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
        Err(SendError::Busy) => StatusCode::TOO_MANY_REQUESTS,
        Err(SendError::Failed(_)) => StatusCode::INTERNAL_SERVER_ERROR,
    }
    .into_response()
}

/// RFC 3339 in UTC. The date by H. Hinnant's `civil_from_days`, for days since 1970.
fn moment(at: UnixMs) -> String {
    let (days, ms) = (at.0 / 86_400_000, at.0 % 86_400_000);
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", ms % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_in_utc() {
        assert_eq!(moment(UnixMs(0)), "1970-01-01T00:00:00.000Z");
        assert_eq!(moment(UnixMs(951_782_400_000)), "2000-02-29T00:00:00.000Z");
        assert_eq!(moment(UnixMs(1_700_000_000_123)), "2023-11-14T22:13:20.123Z");
    }

    #[test]
    fn a_secret_is_compared_whole() {
        assert!(same(b"secret", b"secret"));
        assert!(!same(b"secre", b"secret"));
        assert!(!same(b"secrex", b"secret"));
        assert!(!same(b"", b"secret"));
    }
}
