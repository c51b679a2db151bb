//! `/ws`: who may open a connection. Sub-protocol, origin, token, then room; each refusal has its status and a line of text.

use crate::auth::{AuthError, Identity};
use crate::config::limits::{SOCKET_READ_BYTES, SOCKET_WRITE_BYTES};
use crate::gateway::Shared;
use crate::gateway::socket;
use crate::handlers::caller::Memory;
use crate::handlers::{Caller, ConnectError, Pace, door};
use crate::ports::ids::ConnectionId;
use axum::extract::State;
use axum::extract::ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::v1::SUBPROTOCOL;
use protocol::v1::limits::{CONNECTION_MESSAGE_BYTES_MAX, FRAME_BYTES_MAX, TOKEN_BYTES_MAX};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tracing::Instrument;

pub(crate) async fn upgrade(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    let (connection, identity) = match admit(&shared, &headers).await {
        Ok(admitted) => admitted,
        Err(refusal) => {
            let (status, reason) = refusal;
            metrics::counter!("viva_connections_refused_total", "status" => status.as_u16().to_string()).increment(1);
            return refusal_response(status, reason);
        }
    };
    let leaving = Leaving { shared: Arc::clone(&shared), connection: connection.clone() };
    upgrade
        .protocols([SUBPROTOCOL])
        .max_frame_size(FRAME_BYTES_MAX)
        .max_message_size(CONNECTION_MESSAGE_BYTES_MAX)
        .read_buffer_size(SOCKET_READ_BYTES)
        .write_buffer_size(SOCKET_WRITE_BYTES)
        .on_upgrade(async move |websocket| {
            let shared = Arc::clone(&leaving.shared);
            let Some(peer) = shared.sockets.peer(&connection) else { return };
            let now = shared.handlers.clock.now();
            let span = tracing::info_span!("connection", id = %connection);
            let memory = Some(Memory::new(Pace::new(shared.pace, now)));
            let caller = Caller { connection, identity, memory };
            metrics::gauge!("viva_connections").increment(1);
            metrics::counter!("viva_connections_total").increment(1);
            socket::serve(websocket, peer, caller, &shared.handlers, shared.limits).instrument(span).await;
            metrics::gauge!("viva_connections").decrement(1);
            drop(leaving);
        })
}

async fn admit(shared: &Shared, headers: &HeaderMap) -> Result<(ConnectionId, Identity), (StatusCode, &'static str)> {
    if shared.draining.load(Ordering::Relaxed) {
        return Err((StatusCode::SERVICE_UNAVAILABLE, "the server is stopping"));
    }
    if !door::offers_ours(lines(headers)) {
        return Err((StatusCode::BAD_REQUEST, "offer the sub-protocol viva.v1"));
    }
    if !shared.origins.admits(headers) {
        return Err((StatusCode::FORBIDDEN, "pages of this origin may not connect; see VIVA_ORIGINS"));
    }
    let authorization = headers.get(header::AUTHORIZATION).and_then(|line| line.to_str().ok());
    let token = door::token(lines(headers), authorization).ok_or((StatusCode::UNAUTHORIZED, "no token"))?;
    if token.len() > TOKEN_BYTES_MAX {
        return Err((StatusCode::UNAUTHORIZED, "the token is too long"));
    }
    let identity = shared.handlers.authorize(token).await.map_err(|error| {
        tracing::debug!(%error, "a token was refused");
        match error {
            AuthError::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "the token could not be checked; come again"),
            AuthError::Anonymous => (StatusCode::UNAUTHORIZED, "guests are not admitted here; sign in with an account"),
            AuthError::Invalid | AuthError::Expired | AuthError::NotYet | AuthError::Claim(_) => {
                (StatusCode::UNAUTHORIZED, "the token is not valid, or has expired")
            }
        }
    })?;
    if shared.sockets.len() as u64 >= shared.connections_max {
        return Err((StatusCode::SERVICE_UNAVAILABLE, "there are as many connections as there may be"));
    }
    let connection = shared.ids.connection();
    match shared.handlers.connect(&connection, &identity).await {
        Ok(()) => Ok((connection, identity)),
        Err(ConnectError::TooMany) => {
            Err((StatusCode::TOO_MANY_REQUESTS, "this user has as many connections as there may be"))
        }
        Err(error @ ConnectError::Failed(_)) => {
            tracing::error!(%error, "a connection was not opened");
            Err((StatusCode::SERVICE_UNAVAILABLE, "the connection could not be registered"))
        }
    }
}

fn refusal_response(status: StatusCode, reason: &'static str) -> Response {
    let mut response = (status, reason).into_response();
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
    }
    response
}

fn lines(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).into_iter().filter_map(|line| line.to_str().ok())
}

/// The token of `Authorization: Bearer`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    door::bearer(headers.get(header::AUTHORIZATION)?.to_str().ok()?)
}

/// Takes the connection off the register however its task ends, also when the upgrade never comes about.
struct Leaving {
    shared: Arc<Shared>,
    connection: ConnectionId,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        let (shared, connection) = (Arc::clone(&self.shared), self.connection.clone());
        self.shared.tasks.spawn(async move { shared.handlers.disconnect(&connection).await });
    }
}
