//! The page, compiled into the program, and what it must know of this server.

use crate::config::SignIn;
use crate::gateway::Shared;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Page;

/// `/config.json`.
pub(crate) async fn config(State(shared): State<Arc<Shared>>) -> Response {
    let offer = &shared.handlers.offer;
    let mut config = json!({ "devTokens": shared.dev_tokens.is_some(), "model": offer.model });
    if let Some(recognizer) = &offer.recognizer {
        config["recognizer"] = json!(recognizer);
    }
    if let Some(SignIn { supabase_url, anon_key, guests }) = &shared.sign_in {
        config["supabaseUrl"] = json!(supabase_url);
        config["supabaseAnonKey"] = json!(anon_key);
        config["guests"] = json!(guests);
    }
    ([(header::CACHE_CONTROL, "no-store")], Json::<Value>(config)).into_response()
}

/// A file of the page; every path without a file is the page itself, which finds its own way.
pub(crate) async fn file(uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    let looks_like_a_page = !path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    let found = match Page::get(path) {
        Some(file) => Some((path, file)),
        None if looks_like_a_page && !path.starts_with("api/") => Page::get(INDEX).map(|file| (INDEX, file)),
        None => None,
    };
    let Some((path, file)) = found else { return StatusCode::NOT_FOUND.into_response() };
    let etag = etag(&file.metadata.sha256_hash());
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| matches(known, &etag)) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response();
    }
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let text = kind.type_() == "text" || kind.subtype() == "javascript" || kind.subtype() == "json";
    let kind = if text { format!("{kind}; charset=utf-8") } else { kind.to_string() };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::try_from(kind).unwrap_or(HeaderValue::from_static("text/plain"))),
        (header::ETAG, etag),
        // Held, but asked about each time: names do not change with the content.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, file.data.into_owned()).into_response()
}

fn etag(hash: &[u8; 32]) -> HeaderValue {
    let digits: String = hash[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    HeaderValue::try_from(format!("\"{digits}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

fn matches(known: &HeaderValue, etag: &HeaderValue) -> bool {
    let (Ok(known), Ok(etag)) = (known.to_str(), etag.to_str()) else { return false };
    known == "*" || known.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag)
}

/// What the page may load and whom it may ask: this server, any WebSocket, and where people sign in.
pub(crate) fn content_security_policy(sign_in: Option<&SignIn>) -> HeaderValue {
    let beside = sign_in.map_or_else(String::new, |sign_in| format!(" {}", sign_in.supabase_url));
    let policy = format!(
        "default-src 'self'; connect-src 'self' ws: wss:{beside}; media-src 'self' blob:; worker-src 'self' blob:; \
         img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'self'",
    );
    HeaderValue::try_from(policy).expect("the address was read as one without spaces or control characters")
}

/// Security headers of everything on the public address, beside the policy of the page.
pub(crate) const SECURITY_HEADERS: &[(&str, &str)] = &[
    ("permissions-policy", "microphone=(self), camera=(), geolocation=()"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
];

const INDEX: &str = "index.html";
