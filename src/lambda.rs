//! The functions on AWS Lambda: events become calls of the handlers, and what these answer becomes the event's answer. Mapping only.
//!
//! Which adapters stand behind a function is `wiring`'s business. A function answers one invocation at a time, and opens nothing before
//! the first one asks for it.

pub mod authorizer;
pub mod chat;
pub mod connect;
pub mod disconnect;
pub mod emf;
pub mod ingest;
pub mod interview;
pub mod me;
pub mod message;
pub mod quiz;
pub mod reports;
pub mod rest;
pub mod sweep;

use crate::config::limits::METRICS_FLUSH_MS;
use crate::config::{Environment, LogConfig};
use crate::lambda::emf::Emf;
use crate::ports::clock::UnixMs;
use crate::ports::ids::ConnectionId;
use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Display;
use std::future::Future;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// What one kind of event is answered with.
pub trait Function {
    type Event: DeserializeOwned;
    type Answer: Serialize;

    /// An error becomes the invocation's error: only where whoever called can do better with it than with an answer.
    fn call(
        &self,
        event: Self::Event,
        invocation: Invocation,
    ) -> impl Future<Output = Result<Self::Answer, FunctionError>>;
}

/// What the runtime says of an invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// When it is cut off.
    pub deadline: UnixMs,
}

#[derive(Debug, thiserror::Error)]
pub enum FunctionError {
    #[error("the event is not of the kind that this function is for: {0} is missing")]
    Event(&'static str),
    #[error("the event cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    #[error("{0}")]
    Failed(String),
}

/// Runs a function until Lambda ends the process: the body of its `main`.
pub fn run<F: Function, E: Display>(name: &'static str, wire: impl FnOnce(&Environment) -> Result<F, E>) -> ExitCode {
    let environment = Environment::of_process();
    let emf = Emf::install(name, environment.text("VIVA_ENVIRONMENT"));
    let ran = log_to_stdout(&environment)
        .and_then(|()| wire(&environment).map_err(|error| error.to_string()))
        .and_then(|function| serve(&function, &emf));
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error, "the function cannot run");
            ExitCode::FAILURE
        }
    }
}

fn serve<F: Function>(function: &F, emf: &Arc<Emf>) -> Result<(), String> {
    // A function has less than two processors, and nothing that it does keeps one busy for long.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let handled = service_fn(async |event: LambdaEvent<F::Event>| {
        let invocation = Invocation { deadline: UnixMs(event.context.deadline) };
        let answer = counting(emf, function.call(event.payload, invocation)).await;
        answer.map_err(|error| {
            tracing::error!(%error, "an invocation failed");
            Diagnostic { error_type: "FunctionError".to_owned(), error_message: error.to_string() }
        })
    });
    runtime.block_on(lambda_runtime::run(handled)).map_err(|error| error.to_string())
}

/// Lets something go on until it is done, and writes what it counted: at the end, and from time to time.
async fn counting<T>(emf: &Emf, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    let mut every = tokio::time::interval(Duration::from_millis(METRICS_FLUSH_MS));
    every.tick().await;
    loop {
        tokio::select! {
            done = &mut work => {
                emf.flush();
                return done;
            }
            _ = every.tick() => emf.flush(),
        }
    }
}

/// One JSON object a line; Lambda adds nothing and CloudWatch takes the time from it.
fn log_to_stdout(environment: &Environment) -> Result<(), String> {
    let config = LogConfig::read(environment).map_err(|error| error.to_string())?;
    // Levels by target alone: a filter that also knows spans and fields brings a compiler of regular expressions into every package.
    let filter: Targets = config.filter.parse().map_err(|error| format!("VIVA_LOG: {error}"))?;
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true);
    let lines = lines.with_ansi(false).with_current_span(true).with_span_list(false);
    tracing_subscriber::registry().with(lines).with(filter).try_init().map_err(|error| error.to_string())
}

/// The connection that an event of the WebSocket API is about.
fn connection_of(event: &ApiGatewayWebsocketProxyRequest) -> Result<ConnectionId, FunctionError> {
    let id = event.request_context.connection_id.as_deref().ok_or(FunctionError::Event("connectionId"))?;
    Ok(ConnectionId::new(id))
}
