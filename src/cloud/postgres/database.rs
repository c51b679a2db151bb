//! The one way to the database: its address, its few connections, and what can go wrong with them. All adapters of a process share it.

use crate::cloud::secrets::{SecretError, Secrets};
use crate::config::limits::{POSTGRES_CONNECT_MS_MAX, POSTGRES_CONNECTIONS_MAX};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// Connects when it is first asked.
pub struct Database {
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

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").finish_non_exhaustive()
    }
}

#[derive(Debug, thiserror::Error)]
pub(super) enum DatabaseError {
    #[error("storage is full")]
    Full,
    #[error("{0}")]
    Failed(String),
}

impl Database {
    pub fn at(url: &str) -> Arc<Self> {
        Arc::new(Self { address: Address::Known(url.to_owned()), pool: Mutex::default() })
    }

    /// With the `url` of a secret, and its `ca` where it has one, which is read when Postgres is first asked.
    pub fn of_secret(secrets: Arc<Secrets>, arn: &str) -> Arc<Self> {
        Arc::new(Self { address: Address::Secret { secrets, arn: arn.to_owned() }, pool: Mutex::default() })
    }

    pub(super) async fn pool(&self) -> Result<PgPool, DatabaseError> {
        let (url, ca) = match &self.address {
            Address::Known(url) => (url.clone(), None),
            Address::Secret { secrets, arn } => {
                let secret_failed = |error: SecretError| DatabaseError::Failed(error.to_string());
                let ca = secrets.optional_field(arn, "ca").await.map_err(secret_failed)?;
                (secrets.field(arn, "url").await.map_err(secret_failed)?, ca)
            }
        };
        let mut made = self.pool.lock().await;
        if let Some(pool) = made.as_ref().filter(|pool| pool.url == url && pool.ca == ca) {
            return Ok(pool.connections.clone());
        }
        let options = connect_options(&url, ca.as_deref())?;
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
pub(super) fn connect_options(url: &str, ca: Option<&str>) -> Result<PgConnectOptions, sqlx::Error> {
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
impl From<sqlx::Error> for DatabaseError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(refused) => match refused.code().unwrap_or_default() {
                code if code == DISK_FULL => Self::Full,
                code => Self::Failed(format!("{} ({code})", refused.message())),
            },
            other => Self::Failed(other.to_string()),
        }
    }
}

/// `disk_full` among Postgres' codes.
const DISK_FULL: &str = "53100";
