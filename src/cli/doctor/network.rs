//! Addresses to listen on, TLS files, and the endpoints of models and recognizers.

use super::Check;
use crate::cli::Failure;
use crate::config::limits::DOCTOR_REQUEST_MS_MAX;
use crate::config::{
    BedrockConfig, Environment, GatewayConfig, ModelChoice, ModelConfig, RecognizerChoice, RecognizerConfig,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::Value;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

pub(super) fn checks(environment: &Environment, running: bool) -> Result<Vec<Check>, Failure> {
    crate::gateway::install_provider();
    let mut checks = match GatewayConfig::read(environment) {
        Ok(config) => {
            let mut checks = vec![
                address("address", config.addr, "VIVA_ADDR", running),
                address("admin address", config.admin_addr, "VIVA_ADMIN_ADDR", running),
            ];
            checks.push(match &config.tls {
                None => Check::unused("TLS", "VIVA_TLS_CERT and VIVA_TLS_KEY are not set; a browser gives its microphone to localhost or https only"),
                Some(files) => tls(&files.cert, &files.key),
            });
            checks
        }
        Err(error) => vec![Check::fails("address", error.to_string(), "see `viva serve --help`")],
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::of_work)?;
    checks.push(runtime.block_on(model(environment)));
    checks.extend(runtime.block_on(recognizer(environment)));
    Ok(checks)
}

fn address(name: &'static str, address: SocketAddr, variable: &str, running: bool) -> Check {
    match TcpListener::bind(address) {
        Ok(_) => Check::works(name, format!("{address} is free")),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && running => {
            Check::works(name, format!("{address} is in use, as it should be while viva runs"))
        }
        Err(error) => {
            let fix = format!("stop what listens there, or choose another address, e.g. {variable}=127.0.0.1:9080");
            Check::fails(name, format!("{address}: {error}"), fix)
        }
    }
}

fn tls(cert: &Path, key: &Path) -> Check {
    let fix = "VIVA_TLS_CERT: the chain as PEM, own certificate first; VIVA_TLS_KEY: its private key as PEM";
    match read_tls(cert, key) {
        Ok(count) => Check::works("TLS", format!("{} ({count} certificates) and its key", cert.display())),
        Err(problem) => Check::fails("TLS", problem, fix),
    }
}

fn read_tls(cert: &Path, key: &Path) -> Result<usize, String> {
    let in_file = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let chain = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| in_file(cert, &error))?;
    let count = chain.len();
    let key_in_file = PrivateKeyDer::from_pem_file(key).map_err(|error| in_file(key, &error))?;
    rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key_in_file)
        .map_err(|error| format!("the certificate and the key do not go together: {error}"))?;
    Ok(count)
}

async fn model(environment: &Environment) -> Check {
    let config = match ModelConfig::read(environment) {
        Ok(config) => config,
        Err(error) => return Check::fails("model", error.to_string(), "see `viva serve --help`"),
    };
    match (config.choice, &config.url) {
        (ModelChoice::Bedrock | ModelChoice::Agent, _) => bedrock(environment),
        (ModelChoice::Builtin, _) => Check::works("model", "builtin: rules, no network"),
        (ModelChoice::OpenAi, Some(url)) => {
            endpoint("model", url, config.key.as_deref(), config.name.as_deref(), "VIVA_MODEL").await
        }
        (ModelChoice::OpenAi | ModelChoice::Scripted, _) => Check::works("model", "scripted, for tests"),
    }
}

/// Nothing is asked: a question to a model costs money.
fn bedrock(environment: &Environment) -> Check {
    let found = BedrockConfig::read(environment).and_then(|config| {
        let interviewer = config.needed_interviewer()?;
        Ok(format!("Amazon Bedrock: {interviewer}; whether AWS allows it is not known before the first question"))
    });
    match found {
        Ok(found) => Check::works("model", found),
        Err(error) => Check::fails("model", error.to_string(), "see docs/MODELS.md"),
    }
}

/// PocketSphinx is looked at by `speech`.
async fn recognizer(environment: &Environment) -> Option<Check> {
    let config = RecognizerConfig::read(environment).ok()?;
    match (config.choice, &config.url) {
        (RecognizerChoice::OpenAi, Some(url)) => {
            Some(endpoint("recognizer", url, config.key.as_deref(), None, "VIVA_RECOGNIZER").await)
        }
        _ => None,
    }
}

/// Whether an OpenAI-compatible server answers, takes the key, and has the model.
async fn endpoint(name: &'static str, url: &str, key: Option<&str>, model: Option<&str>, variable: &str) -> Check {
    let listed = match models(url, key).await {
        Ok(listed) => listed,
        Err(Answer::Refused(status)) => {
            return Check::fails(name, format!("{url} refuses the key ({status})"), format!("set {variable}_KEY"));
        }
        Err(Answer::Odd(status)) => {
            let fix = format!("{variable}_URL ends before /models, e.g. http://127.0.0.1:11434/v1");
            return Check::missing(
                name,
                format!("{url}/models answers {status}; whether the endpoint works is not known"),
                fix,
            );
        }
        Err(Answer::None(error)) => {
            return Check::fails(
                name,
                format!("{url} does not answer: {error}"),
                format!("start that server, or set {variable}_URL"),
            );
        }
    };
    match model {
        Some(model) if !listed.is_empty() && !listed.iter().any(|listed| listed == model) => {
            let fix = format!("set {variable}_NAME to one of: {}", listed.join(", "));
            Check::missing(name, format!("{url} does not list {model}"), fix)
        }
        Some(model) => Check::works(name, format!("{url} answers, model {model}")),
        None => Check::works(name, format!("{url} answers")),
    }
}

enum Answer {
    Refused(u16),
    Odd(u16),
    None(String),
}

async fn models(url: &str, key: Option<&str>) -> Result<Vec<String>, Answer> {
    let client = reqwest::Client::builder()
        .timeout(Duration::from_millis(DOCTOR_REQUEST_MS_MAX))
        .build()
        .map_err(|error| Answer::None(error.to_string()))?;
    let mut request = client.get(format!("{}/models", url.trim_end_matches('/')));
    if let Some(key) = key {
        request = request.bearer_auth(key);
    }
    let response = request.send().await.map_err(|error| Answer::None(whole_chain(&error)))?;
    match response.status().as_u16() {
        200 => {}
        status @ (401 | 403) => return Err(Answer::Refused(status)),
        status => return Err(Answer::Odd(status)),
    }
    let list: Value = response.json().await.map_err(|error| Answer::None(whole_chain(&error)))?;
    let data = list["data"].as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(data.iter().filter_map(|model| model["id"].as_str().map(str::to_owned)).collect())
}

/// An error and what caused it, without the URL, which may hold a key.
fn whole_chain(error: &reqwest::Error) -> String {
    let mut causes = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    if causes.is_empty() { "no answer".to_owned() } else { causes.join(": ") }
}
