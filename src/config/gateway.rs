//! Where the gateway listens, to whom, and how much at once.

use crate::config::environment::{ConfigError, Environment};
use crate::config::limits::{
    CONNECTIONS_MAX, CONNECTIONS_PER_USER_MAX, DRAIN_MS_MAX, MEDIA_RATE_MAX, MESSAGES_PER_SECOND_MAX,
    REQUESTS_PER_SECOND_MAX,
};
use crate::config::tokens::TokensConfig;
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Clone, PartialEq, Eq)]
pub struct GatewayConfig {
    /// `VIVA_ADDR`: where clients come; `127.0.0.1:8080`.
    pub addr: SocketAddr,
    /// `VIVA_ADMIN_ADDR`: `/metrics` and `/@connections`; `127.0.0.1:8081`.
    pub admin_addr: SocketAddr,
    /// `VIVA_ADMIN_SECRET`: the bearer token of the admin address; needed where that is not loopback.
    pub admin_secret: Option<String>,
    /// `VIVA_THREADS`: threads that serve; by default one for each core. 1: all on one thread.
    pub threads: Option<usize>,
    /// `VIVA_TLS_CERT` and `VIVA_TLS_KEY`: PEM files; both or none.
    pub tls: Option<TlsFiles>,
    /// `VIVA_ORIGINS`: origins, with commas between them, whose pages may connect besides the gateway's own; `*` for all.
    pub origins: Vec<String>,
    /// `VIVA_CONNECTIONS`: connections at once.
    pub connections_max: u64,
    /// `VIVA_CONNECTIONS_PER_USER`: connections of one user at once.
    pub connections_per_user_max: u64,
    /// `VIVA_RATE_MESSAGES`: messages a second on one connection, with twice as many at once.
    pub messages_per_second_max: u64,
    /// `VIVA_RATE_REQUESTS`: requests a second that one user may make of REST, with ten times as many at once.
    pub requests_per_second_max: u64,
    /// `VIVA_RATE_MEDIA`: how many times faster than real time audio may come.
    pub media_rate_max: u64,
    /// `VIVA_DRAIN_MS`: how long a stop may take.
    pub drain_ms_max: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    pub cert: PathBuf,
    pub key: PathBuf,
}

impl std::fmt::Debug for GatewayConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GatewayConfig")
            .field("addr", &self.addr)
            .field("admin_addr", &self.admin_addr)
            .field("admin_secret", &self.admin_secret.as_ref().map(|_| "(set)"))
            .field("tls", &self.tls)
            .field("origins", &self.origins)
            .finish_non_exhaustive()
    }
}

impl GatewayConfig {
    pub fn read(environment: &Environment) -> Result<Self, ConfigError> {
        let address = |name, default: SocketAddr| -> Result<SocketAddr, ConfigError> {
            Ok(environment.parsed(name, "an address such as 127.0.0.1:8080")?.unwrap_or(default))
        };
        let max = u64::from(u32::MAX);
        let config = Self {
            addr: address("VIVA_ADDR", SocketAddr::from(([127, 0, 0, 1], 8080)))?,
            admin_addr: address("VIVA_ADMIN_ADDR", SocketAddr::from(([127, 0, 0, 1], 8081)))?,
            admin_secret: environment.text("VIVA_ADMIN_SECRET").map(str::to_owned),
            threads: environment
                .text("VIVA_THREADS")
                .map(|_| environment.number("VIVA_THREADS", 1, 1, 1024))
                .transpose()?
                .map(|threads| threads as usize),
            tls: tls(environment)?,
            origins: origins(environment)?,
            connections_max: environment.number("VIVA_CONNECTIONS", CONNECTIONS_MAX, 1, max)?,
            connections_per_user_max: environment.number(
                "VIVA_CONNECTIONS_PER_USER",
                CONNECTIONS_PER_USER_MAX,
                1,
                max,
            )?,
            messages_per_second_max: environment.number("VIVA_RATE_MESSAGES", MESSAGES_PER_SECOND_MAX, 1, max)?,
            requests_per_second_max: environment.number("VIVA_RATE_REQUESTS", REQUESTS_PER_SECOND_MAX, 1, max)?,
            media_rate_max: environment.number("VIVA_RATE_MEDIA", MEDIA_RATE_MAX, 1, 1_000)?,
            drain_ms_max: environment.number("VIVA_DRAIN_MS", DRAIN_MS_MAX, 0, 600_000)?,
        };
        if !config.admin_addr.ip().is_loopback() && config.admin_secret.is_none() {
            let problem = "it must be set where VIVA_ADMIN_ADDR is not loopback";
            return Err(ConfigError::new("VIVA_ADMIN_SECRET", problem));
        }
        Ok(config)
    }

    /// Tokens for anybody exist on loopback alone, and never beside the platform's own key.
    pub fn check_dev_tokens(&self, tokens: &TokensConfig) -> Result<(), ConfigError> {
        if tokens.dev_tokens == Some(true) && !self.addr.ip().is_loopback() {
            let problem = format!("tokens for anybody are given out on loopback alone, and VIVA_ADDR is {}", self.addr);
            return Err(ConfigError::new("VIVA_DEV_TOKENS", problem));
        }
        Ok(())
    }

    /// Whether `POST /dev/token` is open.
    pub fn dev_tokens(&self, tokens: &TokensConfig) -> bool {
        self.addr.ip().is_loopback() && !tokens.are_a_platforms() && tokens.dev_tokens != Some(false)
    }
}

fn tls(environment: &Environment) -> Result<Option<TlsFiles>, ConfigError> {
    match (environment.text("VIVA_TLS_CERT"), environment.text("VIVA_TLS_KEY")) {
        (None, None) => Ok(None),
        (Some(cert), Some(key)) => Ok(Some(TlsFiles { cert: cert.into(), key: key.into() })),
        (Some(_), None) => Err(ConfigError::new("VIVA_TLS_KEY", "it must be set beside VIVA_TLS_CERT")),
        (None, Some(_)) => Err(ConfigError::new("VIVA_TLS_CERT", "it must be set beside VIVA_TLS_KEY")),
    }
}

fn origins(environment: &Environment) -> Result<Vec<String>, ConfigError> {
    let origins = environment.list("VIVA_ORIGINS").unwrap_or_default();
    for origin in &origins {
        let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        if origin != "*" && host.is_none_or(|host| host.is_empty() || host.contains('/')) {
            let problem = format!("`{origin}` is no origin such as https://learn.example.org");
            return Err(ConfigError::new("VIVA_ORIGINS", problem));
        }
    }
    Ok(origins)
}
