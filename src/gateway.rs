//! The handlers on one machine: WebSocket, page and recordings on one address, metrics and `@connections` on another.
//!
//! It keeps the rules that API Gateway keeps, so that a client finds the same server on both. What messages mean is the handlers'
//! business; which adapters stand behind them is `wiring`'s.

mod admin;
mod cors;
mod dev_token;
mod me;
mod metrics;
mod objects;
mod origin;
mod outgoing;
mod page;
mod recordings;
mod rest;
mod socket;
mod sockets;
mod tls;
mod upgrade;

pub use metrics::{COUNTERS, GAUGES, HISTOGRAMS};
pub use socket::SocketLimits;
pub use sockets::Sockets;
pub use tls::{TlsError, install_provider};

use crate::auth::LocalKey;
use crate::config::limits::{
    ADMIN_POST_BYTES_MAX, DEV_TOKEN_BODY_BYTES_MAX, MEDIA_BURST_MS, REQUEST_HEAD_MS_MAX, SWEEP_EVERY_MS,
};
use crate::config::{GatewayConfig, SignIn};
use crate::gateway::origin::Origins;
use crate::gateway::outgoing::Closing;
use crate::handlers::{Handlers, PaceLimits, RequestPace};
use crate::ports::ids::Ids;
use crate::ports::objects::{ObjectKey, UploadDoor};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use futures::future::BoxFuture;
use protocol::v1::{self, GoAway, GoAwayReason};
use serde_json::json;
use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

/// What the gateway stands on.
pub struct Parts {
    pub handlers: Handlers,
    /// The same that the handlers hold as `connections` and `register`.
    pub sockets: Arc<Sockets>,
    pub ids: Arc<dyn Ids>,
    /// Gives the object that a signed address names, while it is valid.
    pub verify_signed: VerifySigned,
    /// Takes in what is sent to a signed address.
    pub upload_door: Arc<dyn UploadDoor>,
    /// Signs tokens for anybody on this machine; `None`: `POST /dev/token` does not exist.
    pub dev_tokens: Option<LocalKey>,
    /// Where the page lets people sign in.
    pub sign_in: Option<SignIn>,
    /// Lets every worker snapshot and release its session.
    pub drain: Drain,
    pub limits: SocketLimits,
}

pub type VerifySigned = Arc<dyn Fn(&str) -> Option<ObjectKey> + Send + Sync>;

pub type Drain = Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").field("handlers", &self.handlers).finish_non_exhaustive()
    }
}

/// A gateway that has its addresses and does not serve yet.
#[derive(Debug)]
pub struct Gateway {
    shared: Arc<Shared>,
    public: TcpListener,
    admin: TcpListener,
    tls: Option<RustlsConfig>,
    drain_max: Duration,
}

/// What every request may need.
pub(crate) struct Shared {
    handlers: Handlers,
    sockets: Arc<Sockets>,
    ids: Arc<dyn Ids>,
    verify_signed: VerifySigned,
    upload_door: Arc<dyn UploadDoor>,
    dev_tokens: Option<LocalKey>,
    sign_in: Option<SignIn>,
    content_security_policy: HeaderValue,
    drain: Drain,
    admin_secret: Option<String>,
    origins: Origins,
    connections_max: u64,
    pace: PaceLimits,
    request_pace: Mutex<RequestPace>,
    limits: SocketLimits,
    draining: AtomicBool,
    tasks: TaskTracker,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

#[derive(Debug, thiserror::Error)]
pub enum BindError {
    #[error("{variable}: {addr} is in use; stop what listens there, or choose another, e.g. {variable}=127.0.0.1:0")]
    InUse { variable: &'static str, addr: SocketAddr },
    #[error("{variable}: {addr} cannot be listened on: {error}")]
    Io { variable: &'static str, addr: SocketAddr, error: std::io::Error },
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl Gateway {
    /// Takes both addresses, reads the certificate, and sees to it that what is counted from now on is kept.
    pub fn bind(config: &GatewayConfig, parts: Parts) -> Result<Self, BindError> {
        metrics::METRICS.run_upkeep();
        let tls = config.tls.as_ref().map(tls::load).transpose()?;
        let public = listen("VIVA_ADDR", config.addr)?;
        let admin = listen("VIVA_ADMIN_ADDR", config.admin_addr)?;
        let Parts { handlers, sockets, ids, verify_signed, upload_door, dev_tokens, sign_in, drain, limits } = parts;
        let shared = Arc::new(Shared {
            handlers,
            sockets,
            ids,
            verify_signed,
            upload_door,
            dev_tokens,
            content_security_policy: page::content_security_policy(sign_in.as_ref()),
            sign_in,
            drain,
            admin_secret: config.admin_secret.clone(),
            origins: Origins::new(config.origins.clone()),
            connections_max: config.connections_max,
            pace: PaceLimits {
                messages_per_second: config.messages_per_second_max,
                media_rate: config.media_rate_max,
                media_burst_ms: MEDIA_BURST_MS,
            },
            request_pace: Mutex::new(RequestPace::new(config.requests_per_second_max)),
            limits,
            draining: AtomicBool::new(false),
            tasks: TaskTracker::new(),
        });
        Ok(Self { shared, public, admin, tls, drain_max: Duration::from_millis(config.drain_ms_max) })
    }

    /// The address that it listens on, with the real port.
    pub fn addr(&self) -> std::io::Result<SocketAddr> {
        self.public.local_addr()
    }

    pub fn admin_addr(&self) -> std::io::Result<SocketAddr> {
        self.admin.local_addr()
    }

    pub fn is_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// Serves until `stop` resolves, then drains.
    pub async fn run(self, stop: impl Future<Output = ()>) -> std::io::Result<()> {
        let Self { shared, public, admin, tls, drain_max } = self;
        let (public_handle, admin_handle) = (axum_server::Handle::new(), axum_server::Handle::new());
        let app = public_router(Arc::clone(&shared)).into_make_service_with_connect_info::<SocketAddr>();
        let head_max = Duration::from_millis(REQUEST_HEAD_MS_MAX);
        let serve_public: BoxFuture<'static, std::io::Result<()>> = match tls {
            Some(config) => {
                let acceptor = RustlsAcceptor::new(config).handshake_timeout(head_max).acceptor(NoDelayAcceptor::new());
                let server = axum_server::from_tcp(public)?.handle(public_handle.clone()).acceptor(acceptor);
                Box::pin(server.first_request_timeout(head_max).serve(app))
            }
            None => {
                let server =
                    axum_server::from_tcp(public)?.handle(public_handle.clone()).acceptor(NoDelayAcceptor::new());
                Box::pin(server.first_request_timeout(head_max).serve(app))
            }
        };
        let admin_app = admin_router(Arc::clone(&shared)).into_make_service_with_connect_info::<SocketAddr>();
        let serve_admin =
            axum_server::from_tcp(admin)?.handle(admin_handle.clone()).first_request_timeout(head_max).serve(admin_app);
        let sweeping = sweep(&shared);
        let upkeep = upkeep();
        tokio::select! {
            served = serve_public => served?,
            served = serve_admin => served?,
            () = sweeping => {}
            () = upkeep => {}
            () = stop => drain(&shared, drain_max).await,
        }
        public_handle.shutdown();
        admin_handle.shutdown();
        Ok(())
    }
}

fn listen(variable: &'static str, addr: SocketAddr) -> Result<TcpListener, BindError> {
    let bound = TcpListener::bind(addr).and_then(|listener| listener.set_nonblocking(true).map(|()| listener));
    bound.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => BindError::InUse { variable, addr },
        _ => BindError::Io { variable, addr, error },
    })
}

/// Clients are told to go, workers give their sessions back, and what is still connected then is closed.
async fn drain(shared: &Shared, drain_max: Duration) {
    shared.draining.store(true, Ordering::Relaxed);
    let connections = shared.sockets.len();
    tracing::info!(connections, "stopping: clients are told to come again");
    let remaining_ms = u64::try_from(drain_max.as_millis()).unwrap_or(u64::MAX);
    let go_away = GoAway { reason: GoAwayReason::Draining, remaining_ms };
    shared.sockets.send_to_all(&v1::encode_server(&go_away.into()).into());
    if timeout(drain_max, (shared.drain)()).await.is_err() {
        tracing::warn!("some workers did not give their sessions back in time; others go on from what is stored");
    }
    shared.sockets.close_all(Closing::GOING_AWAY);
    let closed = async {
        while !shared.sockets.is_empty() {
            tokio::time::sleep(DRAIN_POLL).await;
        }
        shared.tasks.close();
        shared.tasks.wait().await;
    };
    if timeout(DRAIN_CLOSE_MAX, closed).await.is_err() {
        tracing::warn!(connections = shared.sockets.len(), "some clients did not answer the close frame");
    }
}

/// Once a minute; the first time at once, for what a stopped process has left.
async fn sweep(shared: &Shared) {
    let mut every = tokio::time::interval(Duration::from_millis(SWEEP_EVERY_MS));
    loop {
        every.tick().await;
        match shared.handlers.sweep().await {
            Ok(swept) if swept.started + swept.postponed + swept.failed > 0 => {
                tracing::info!(started = swept.started, postponed = swept.postponed, failed = swept.failed, "swept");
            }
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "the sweep failed"),
        }
        let Some(files) = &shared.handlers.files else { continue };
        match files.sweep_uploads().await {
            Ok(forgotten) => tracing::debug!(forgotten, "uploads whose time is over"),
            Err(problem) => tracing::error!(code = problem.code.as_str(), "the sweep of uploads failed"),
        }
    }
}

/// Lets histograms forget what no scrape will ask for.
async fn upkeep() {
    let mut every = tokio::time::interval(METRICS_UPKEEP);
    loop {
        every.tick().await;
        metrics::METRICS.run_upkeep();
    }
}

fn public_router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/ws", any(upgrade::upgrade))
        .route("/config.json", get(page::config))
        .route("/healthz", get(health))
        .route("/dev/token", post(dev_token::issue).layer(DefaultBodyLimit::max(DEV_TOKEN_BODY_BYTES_MAX)))
        .route("/api/me", get(me::who_am_i))
        .route("/api/recordings/{signed}", get(recordings::recording))
        .merge(rest::router(&shared))
        .fallback(get(page::file))
        .layer(from_fn_with_state(Arc::clone(&shared), cors::share))
        .layer(from_fn_with_state(Arc::clone(&shared), with_security_headers))
        .with_state(shared)
}

fn admin_router(shared: Arc<Shared>) -> Router {
    let connection = get(admin::get).post(admin::post).delete(admin::delete);
    Router::new()
        .route("/metrics", get(admin::metrics))
        .route("/@connections/{id}", connection.layer(DefaultBodyLimit::max(ADMIN_POST_BYTES_MAX + 1)))
        .route_layer(from_fn_with_state(Arc::clone(&shared), admin::guard))
        .route("/healthz", get(health))
        .with_state(shared)
}

/// 503 while stopping, so that a load balancer sends nobody any more.
async fn health(State(shared): State<Arc<Shared>>) -> Response {
    if shared.draining.load(Ordering::Relaxed) {
        return (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "draining" }))).into_response();
    }
    Json(json!({ "status": "ok" })).into_response()
}

async fn with_security_headers(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, shared.content_security_policy.clone());
    for (name, value) in page::SECURITY_HEADERS {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

const DRAIN_POLL: Duration = Duration::from_millis(10);
const DRAIN_CLOSE_MAX: Duration = Duration::from_secs(3);
const METRICS_UPKEEP: Duration = Duration::from_secs(5);
