//! `viva serve`: configuration, logs, runtime, gateway, and the signals that stop it.

use crate::cli::{Failure, print};
use crate::config::{Config, Environment, LogConfig, LogFormat};
use crate::embedded::machine::raise_open_files;
use crate::gateway::{Gateway, Parts};
use crate::wiring;
use clap::Args;
use serde_json::json;
use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

#[derive(Debug, Args)]
#[command(after_help = VARIABLES)]
pub(crate) struct ServeArguments {
    /// Where clients come [env: VIVA_ADDR] [default: 127.0.0.1:8080]
    #[arg(long)]
    addr: Option<SocketAddr>,
    /// Metrics and @connections [env: VIVA_ADMIN_ADDR] [default: 127.0.0.1:8081]
    #[arg(long)]
    admin_addr: Option<SocketAddr>,
    /// The data folder [env: VIVA_DATA]
    #[arg(long)]
    data: Option<PathBuf>,
    /// auto, pocketsphinx, openai, transcribe, scripted or none [env: VIVA_RECOGNIZER] [default: auto]
    #[arg(long)]
    recognizer: Option<String>,
    /// builtin, openai, bedrock, agent or scripted [env: VIVA_MODEL] [default: builtin]
    #[arg(long)]
    model: Option<String>,
    /// Threads that serve [env: VIVA_THREADS] [default: one for each core]
    #[arg(long)]
    threads: Option<usize>,
    /// Print the ready line as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn serve(arguments: ServeArguments) -> Result<(), Failure> {
    let json = arguments.json;
    let config = Config::read(&environment(arguments)).map_err(Failure::of_usage)?;
    log_to_stderr(&config.log)?;
    raise_open_files();
    let runtime = runtime(config.gateway.threads).map_err(Failure::of_work)?;
    runtime.block_on(async {
        let parts = wiring::embedded(&config).await.map_err(Failure::of_work)?;
        let drain = Arc::clone(&parts.drain);
        let served = run(&config, parts, json).await;
        if served.is_err() {
            // What was begun meanwhile is left before the runtime ends under it.
            drain().await;
        }
        served
    })?;
    // Threads that wait for a disk or a recognizer do not keep the process.
    runtime.shutdown_background();
    Ok(())
}

async fn run(config: &Config, parts: Parts, json: bool) -> Result<(), Failure> {
    let gateway = Gateway::bind(&config.gateway, parts).map_err(Failure::of_work)?;
    // Before the ready line, so that whoever reads it may stop the server at once.
    let stop = stop_asked().map_err(Failure::of_work)?;
    print(&ready(&gateway, json).map_err(Failure::of_work)?)?;
    gateway.run(stop).await.map_err(Failure::of_work)
}

/// A flag is worth more than its variable.
fn environment(arguments: ServeArguments) -> Environment {
    let ServeArguments { addr, admin_addr, data, recognizer, model, threads, json: _ } = arguments;
    let mut environment = Environment::of_process();
    let flags = [
        ("VIVA_ADDR", addr.map(|addr| addr.to_string())),
        ("VIVA_ADMIN_ADDR", admin_addr.map(|addr| addr.to_string())),
        ("VIVA_DATA", data.map(|data| data.to_string_lossy().into_owned())),
        ("VIVA_RECOGNIZER", recognizer),
        ("VIVA_MODEL", model),
        ("VIVA_THREADS", threads.map(|threads| threads.to_string())),
    ];
    for (name, value) in flags {
        if let Some(value) = value {
            environment.set(name, value);
        }
    }
    environment
}

fn log_to_stderr(config: &LogConfig) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&config.filter)
        .map_err(|error| Failure::of_usage(format!("VIVA_LOG: `{}` is no filter: {error}", config.filter)))?;
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let subscriber = subscriber.with_ansi(std::io::stderr().is_terminal());
    let installed = match config.format {
        LogFormat::Text => subscriber.try_init(),
        LogFormat::Json => subscriber.json().flatten_event(true).try_init(),
    };
    installed.map_err(Failure::of_work)
}

fn runtime(threads: Option<usize>) -> std::io::Result<Runtime> {
    let mut builder = match threads {
        Some(1) => Builder::new_current_thread(),
        Some(threads) => {
            let mut builder = Builder::new_multi_thread();
            builder.worker_threads(threads);
            builder
        }
        None => Builder::new_multi_thread(),
    };
    builder.enable_all().build()
}

fn ready(gateway: &Gateway, json: bool) -> std::io::Result<String> {
    let (addr, admin) = (gateway.addr()?, gateway.admin_addr()?);
    let (http, ws) = if gateway.is_tls() { ("https", "wss") } else { ("http", "ws") };
    let url = format!("{http}://{addr}/");
    if !json {
        return Ok(format!("viva is ready: {url}"));
    }
    let line = json!({
        "ready": true, "url": url, "webSocketUrl": format!("{ws}://{addr}/ws"), "adminUrl": format!("http://{admin}/"),
    });
    Ok(line.to_string())
}

/// Resolves at the first signal to stop; the second ends the process as signals do.
fn stop_asked() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            tracing::warn!("asked to stop a second time: ending at once");
            std::process::exit(EXIT_INTERRUPTED);
        });
    })
}

/// 128 + SIGINT, as shells count.
const EXIT_INTERRUPTED: i32 = 130;

const VARIABLES: &str = "\
Variables (flags are worth more):
  VIVA_ADDR, VIVA_ADMIN_ADDR, VIVA_ADMIN_SECRET, VIVA_DATA, VIVA_THREADS
  VIVA_TLS_CERT, VIVA_TLS_KEY      PEM files: serve https and wss
  VIVA_ORIGINS                     origins whose pages may connect, e.g. https://learn.example.org
  VIVA_TOKEN_SECRET                the platform's key (HS256); POST /dev/token is closed then
  VIVA_DEV_TOKENS=off              closes POST /dev/token
  VIVA_ISSUER, VIVA_JWKS_URL, VIVA_AUDIENCE   an issuer whose tokens are believed, in place of the secret
  VIVA_SUPABASE_URL, VIVA_SUPABASE_ANON_KEY, VIVA_ANONYMOUS   where the page lets people sign in
  VIVA_RECOGNIZER, VIVA_RECOGNIZER_URL, _MODEL, _KEY, _LANGUAGES, _THREADS, _SCRIPT
  VIVA_POCKETSPHINX_LIBRARY, VIVA_POCKETSPHINX_MODELS
  VIVA_TRANSCRIBE_LANGUAGES, _STABILITY, _VOCABULARIES, _FILTERS, _FILTER_METHOD, _REDACT, _OPUS_RATE
  VIVA_MODEL, VIVA_MODEL_URL, VIVA_MODEL_NAME, VIVA_MODEL_KEY, VIVA_MODEL_SCRIPT
  VIVA_BEDROCK_*                   with VIVA_MODEL=bedrock or agent
  VIVA_EMBEDDINGS, VIVA_EMBEDDINGS_URL, _MODEL, _KEY, _DIMENSIONS, _QUERY_PREFIX, _PASSAGE_PREFIX, _SIMILARITY_MIN
  VIVA_PASSAGES=text|vectors|pinecone|knowledge_base, VIVA_PINECONE_HOST, _KEY, _SECRET, _API_VERSION
  VIVA_KNOWLEDGE_BASE, VIVA_KNOWLEDGE_BASE_SOURCE
  VIVA_BUDGET_SESSIONS_OPEN, VIVA_BUDGET_RECOGNIZER_SECONDS, VIVA_BUDGET_TOKENS
  VIVA_BUDGET_TENANT_SESSIONS_OPEN, _RECOGNIZER_SECONDS, _TOKENS
  VIVA_FILES_PER_USER, VIVA_FILE_BYTES_PER_USER, VIVA_UPLOADS_PER_USER
  VIVA_QUIZZES_PER_USER, VIVA_QUIZZES_MAKING_PER_USER
  VIVA_EXTRACTOR                   the viva command that reads uploaded files, in a process for each; by default this one
  VIVA_WEBHOOK_URL, VIVA_WEBHOOK_SECRET   who is told of an interview's end, and the key (whsec_…) that signs it
  VIVA_CONNECTIONS, VIVA_CONNECTIONS_PER_USER, VIVA_RATE_MESSAGES, VIVA_RATE_MEDIA, VIVA_RATE_REQUESTS,
  VIVA_DRAIN_MS
  VIVA_LOG, VIVA_LOG_FORMAT=text|json

Examples:
  viva serve
  viva serve --addr 127.0.0.1:0 --recognizer none --json";
