//! `GET /api/recordings/{signed}`: a recording, or a file that somebody uploaded, whole or a range of it, for whoever holds the signed address.

use crate::config::limits::RECORDING_CHUNK_BYTES;
use crate::gateway::Shared;
use crate::ports::objects::{ObjectError, ObjectKey, Objects};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::stream;
use std::ops::Range;
use std::sync::Arc;

pub(crate) async fn recording(
    State(shared): State<Arc<Shared>>,
    Path(signed): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let Some(key) = (shared.verify_signed)(&signed) else {
        return (StatusCode::FORBIDDEN, "the address is not valid, or has expired").into_response();
    };
    let meta = match shared.handlers.objects.meta(&key).await {
        Ok(Some(meta)) => meta,
        Ok(None) => return StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, "a recording could not be read");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let content_type = HeaderValue::try_from(meta.content_type.as_str())
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let wanted = match headers.get(header::RANGE).and_then(|range| range.to_str().ok()) {
        None => Wanted::Whole,
        Some(range) => wanted(range, meta.bytes),
    };
    let (status, range) = match wanted {
        Wanted::Whole => (StatusCode::OK, 0..meta.bytes),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Wanted::Nothing => {
            let headers = [(header::CONTENT_RANGE, format!("bytes */{}", meta.bytes))];
            return (StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response();
        }
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    let fields = response.headers_mut();
    if !meta.content_type.starts_with("audio/") {
        // What people uploaded is never a page of ours.
        fields.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    }
    fields.insert(header::CONTENT_TYPE, content_type);
    fields.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    fields.insert(header::CONTENT_LENGTH, HeaderValue::from(range.end - range.start));
    if status == StatusCode::PARTIAL_CONTENT {
        let text = format!("bytes {}-{}/{}", range.start, range.end - 1, meta.bytes);
        if let Ok(text) = HeaderValue::try_from(text) {
            fields.insert(header::CONTENT_RANGE, text);
        }
    }
    if method != Method::HEAD {
        *response.body_mut() = body(Arc::clone(&shared.handlers.objects), key, range);
    }
    response
}

/// Read and sent piece by piece, so that a long recording does not lie in memory.
fn body(objects: Arc<dyn Objects>, key: ObjectKey, range: Range<u64>) -> Body {
    Body::from_stream(stream::try_unfold(range.start, move |at| {
        let (objects, key, end) = (Arc::clone(&objects), key.clone(), range.end);
        async move {
            if at >= end {
                return Ok(None);
            }
            let piece = objects.get(&key, at, RECORDING_CHUNK_BYTES.min(end - at)).await?;
            if piece.is_empty() {
                return Err(ObjectError::Failed("the recording is shorter than it was".into()));
            }
            let next = at + piece.len() as u64;
            Ok(Some((piece, next)))
        }
    }))
}

#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Whole,
    Part(Range<u64>),
    Nothing,
}

/// One range in bytes (RFC 9110 section 14.1.2); several, and what is malformed, are answered with the whole, as it allows.
fn wanted(range: &str, bytes: u64) -> Wanted {
    let Some((first, last)) = range.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Wanted::Whole;
    };
    let range = match (first.trim().parse::<u64>(), last.trim()) {
        (Ok(first), "") => first..bytes,
        (Ok(first), last) => match last.parse::<u64>() {
            Ok(last) if last >= first => first..last.saturating_add(1).min(bytes),
            _ => return Wanted::Whole,
        },
        (Err(_), last) if first.trim().is_empty() => match last.parse::<u64>() {
            Ok(suffix) => bytes.saturating_sub(suffix)..bytes,
            Err(_) => return Wanted::Whole,
        },
        (Err(_), _) => return Wanted::Whole,
    };
    if range.start >= range.end { Wanted::Nothing } else { Wanted::Part(range) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_standard_says() {
        for (range, expected) in [
            ("bytes=0-99", Wanted::Part(0..100)),
            ("bytes=100-", Wanted::Part(100..1_000)),
            ("bytes=-100", Wanted::Part(900..1_000)),
            ("bytes=-5000", Wanted::Part(0..1_000)),
            ("bytes=900-5000", Wanted::Part(900..1_000)),
            ("bytes=1000-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=5-3", Wanted::Whole),
            ("bytes=0-1,4-5", Wanted::Whole),
            ("lines=1-2", Wanted::Whole),
            ("bytes=x-", Wanted::Whole),
            ("bytes=0-18446744073709551615", Wanted::Part(0..1_000)),
        ] {
            assert_eq!(wanted(range, 1_000), expected, "{range}");
        }
    }
}
