//! Summaries, reports and reviews in Postgres, through a pooler that hands out connections for one transaction at a time.
//!
//! So nothing outlives a transaction here: no prepared statement, no setting of a session. Each request takes a role without rights of its
//! own and the claims of what it was asked for, and row-level security keeps it to them. Who may ask is the handlers' business.

pub mod migrate;
mod reading;
mod request;
mod writing;

use crate::cloud::secrets::{SecretError, Secrets};
use crate::config::limits::{POSTGRES_CONNECT_MS_MAX, POSTGRES_CONNECTIONS_MAX};
use crate::ports::ids::SessionKey;
use crate::ports::reports::{Reports, ReportsError, Review, SessionSummary, SummaryPage, SummaryQuery};
use async_trait::async_trait;
use reading::Position;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// Connects when it is first asked.
pub struct PostgresReports {
    address: Address,
    // A rotated secret brings another.
    pool: Mutex<Option<Pool>>,
}

/// The connections, and the address and certificate that they were made for.
struct Pool {
    url: String,
    ca: Option<String>,
    connections: PgPool,
}

enum Address {
    Known(String),
    /// The texts `url` and `ca` of a secret.
    Secret {
        secrets: Arc<Secrets>,
        arn: String,
    },
}

impl std::fmt::Debug for PostgresReports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresReports").finish_non_exhaustive()
    }
}

impl PostgresReports {
    pub fn new(url: &str) -> Self {
        Self { address: Address::Known(url.to_owned()), pool: Mutex::default() }
    }

    /// With the `url` of a secret, and its `ca` where it has one, which is read when Postgres is first asked.
    pub fn of_secret(secrets: Arc<Secrets>, arn: &str) -> Self {
        Self { address: Address::Secret { secrets, arn: arn.to_owned() }, pool: Mutex::default() }
    }

    async fn pool(&self) -> Result<PgPool, ReportsError> {
        let (url, ca) = match &self.address {
            Address::Known(url) => (url.clone(), None),
            Address::Secret { secrets, arn } => {
                let secret_failed = |error: SecretError| ReportsError::Failed(error.to_string());
                let ca = secrets.optional_field(arn, "ca").await.map_err(secret_failed)?;
                (secrets.field(arn, "url").await.map_err(secret_failed)?, ca)
            }
        };
        let mut made = self.pool.lock().await;
        if let Some(pool) = made.as_ref().filter(|pool| pool.url == url && pool.ca == ca) {
            return Ok(pool.connections.clone());
        }
        let options = connect_options(&url, ca.as_deref()).map_err(failed)?;
        let connections = PgPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS_MAX)
            .acquire_timeout(Duration::from_millis(POSTGRES_CONNECT_MS_MAX))
            .connect_lazy_with(options);
        *made = Some(Pool { url, ca, connections: connections.clone() });
        Ok(connections)
    }
}

/// Over a network never without TLS, whatever the address leaves out; with the certificate of whoever vouches for the server (PEM), only to
/// a server that it vouches for.
fn connect_options(url: &str, ca: Option<&str>) -> Result<PgConnectOptions, sqlx::Error> {
    // The parser's own words would quote the address, password and all.
    let unreadable = |_| sqlx::Error::Configuration("the address of the database is not a postgres:// URL".into());
    let options = PgConnectOptions::from_str(url).map_err(unreadable)?.statement_cache_capacity(0);
    let host = options.get_host();
    let socket = options.get_socket().is_some() || host.starts_with('/');
    if let Some(ca) = ca.filter(|_| !socket) {
        return Ok(options.ssl_mode(PgSslMode::VerifyFull).ssl_root_cert_from_pem(ca.as_bytes().to_vec()));
    }
    Ok(match options.get_ssl_mode() {
        PgSslMode::Disable | PgSslMode::Allow | PgSslMode::Prefer if !socket && !is_loopback(host) => {
            options.ssl_mode(PgSslMode::Require)
        }
        _ => options,
    })
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

/// What Postgres says of a statement holds no values; its details may, and stay out.
fn failed(error: sqlx::Error) -> ReportsError {
    ReportsError::Failed(match &error {
        sqlx::Error::Database(refused) => {
            format!("{} ({})", refused.message(), refused.code().unwrap_or_default())
        }
        other => other.to_string(),
    })
}

#[async_trait]
impl Reports for PostgresReports {
    async fn put(&self, summary: SessionSummary) -> Result<(), ReportsError> {
        writing::put(&self.pool().await?, &summary).await.map_err(failed)
    }

    async fn put_report(&self, key: &SessionKey, report_json: String) -> Result<(), ReportsError> {
        writing::put_report(&self.pool().await?, key, &report_json).await.map_err(failed)
    }

    async fn get(&self, key: &SessionKey) -> Result<Option<(SessionSummary, Option<String>)>, ReportsError> {
        reading::get(&self.pool().await?, key).await.map_err(failed)
    }

    async fn list(&self, query: SummaryQuery) -> Result<SummaryPage, ReportsError> {
        let before = query.cursor.as_deref().map(Position::decode).transpose()?;
        reading::list(&self.pool().await?, &query, before).await.map_err(failed)
    }

    async fn review(&self, key: &SessionKey, review: Review) -> Result<(), ReportsError> {
        writing::review(&self.pool().await?, key, &review).await.map_err(failed)
    }

    async fn reviews(&self, key: &SessionKey) -> Result<Vec<Review>, ReportsError> {
        reading::reviews(&self.pool().await?, key).await.map_err(failed)
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), ReportsError> {
        writing::delete(&self.pool().await?, key).await.map_err(failed)
    }
}
