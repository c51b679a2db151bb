//! Tokens for simulated users, from the server's `POST /dev/token`.

use anyhow::{Context, ensure};
use reqwest::{Client, Url};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
struct Issued {
    token: String,
}

/// The server's HTTP client; made once.
pub fn http_client() -> anyhow::Result<Client> {
    // A second call finds the provider of the first, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(Client::builder().build()?)
}

/// Asks the server behind a WebSocket's address for a token.
pub async fn dev_token(http: &Client, web_socket_url: &str, user: &str) -> anyhow::Result<String> {
    let mut url = Url::parse(web_socket_url).with_context(|| format!("{web_socket_url} is no address"))?;
    let scheme = if url.scheme() == "wss" { "https" } else { "http" };
    ensure!(url.set_scheme(scheme).is_ok(), "{web_socket_url} is no WebSocket's address");
    url.set_path("/dev/token");
    let answer = http.post(url).json(&json!({ "user": user, "role": "student" })).send().await;
    let answer = answer.context("the server gives no tokens: is it running?")?;
    ensure!(answer.status().is_success(), "the server gives no tokens ({}); pass one with --token", answer.status());
    Ok(answer.json::<Issued>().await.context("the server's token cannot be read")?.token)
}
