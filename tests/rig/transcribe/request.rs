//! What the request's head must say, and what the service says to one that does not.

use super::exception::Exception;
use hyper::header::HeaderMap;
use hyper::{Method, Request};

/// A request that may have a stream.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) session_id: String,
    pub(super) language: String,
    pub(super) encoding: Encoding,
    pub(super) rate_hz: u32,
    pub(super) stability: Option<String>,
    pub(super) vocabulary: Option<String>,
    pub(super) filter: Option<String>,
    pub(super) redaction: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Pcm,
    OggOpus,
}

impl Encoding {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Pcm => "pcm",
            Self::OggOpus => "ogg-opus",
        }
    }
}

/// Why there is no stream: an exception, or another error with its status and type.
pub(super) enum Refused {
    Exception(Exception),
    Other { status: u16, kind: &'static str },
}

impl Asked {
    pub(super) fn read<B>(request: &Request<B>) -> Result<Self, Refused> {
        if request.method() != Method::POST || request.uri().path() != "/stream-transcription" {
            return Err(Refused::Other { status: 404, kind: "UnknownOperationException" });
        }
        let headers = request.headers();
        check_signature(headers)?;
        Self::of(headers).map_err(Refused::Exception)
    }

    fn of(headers: &HeaderMap) -> Result<Self, Exception> {
        if header(headers, "content-type") != Some("application/vnd.amazon.eventstream") {
            return Err(Exception::bad_request("The content type is not an event stream."));
        }
        let option = |name: &str| header(headers, &format!("x-amzn-transcribe-{name}")).map(str::to_owned);
        let needed = |name: &str| {
            option(name).ok_or_else(|| Exception::bad_request(format!("x-amzn-transcribe-{name} is missing.")))
        };
        let language = needed("language-code")?;
        if !LANGUAGES.contains(&language.as_str()) {
            return Err(Exception::bad_request(format!("{language} is not supported for streaming.")));
        }
        let encoding = match needed("media-encoding")?.as_str() {
            "pcm" => Encoding::Pcm,
            "ogg-opus" => Encoding::OggOpus,
            other => return Err(Exception::bad_request(format!("{other} is no media encoding."))),
        };
        let rate_hz = needed("sample-rate")?.parse().ok().filter(|rate| (8_000..=48_000).contains(rate));
        let Some(rate_hz) = rate_hz else {
            return Err(Exception::bad_request("The sample rate is not within 8000 and 48000."));
        };
        let session_id = option("session-id").unwrap_or_else(|| "00000000-0000-0000-0000-000000000000".into());
        if !is_uuid(&session_id) {
            return Err(Exception::bad_request("The session id is no UUID."));
        }
        let stabilizes = option("enable-partial-results-stabilization").as_deref() == Some("true");
        let stability = option("partial-results-stability");
        if stability.as_deref().is_some_and(|level| !stabilizes || !["low", "medium", "high"].contains(&level)) {
            return Err(Exception::bad_request("The stability of partial results is not valid."));
        }
        let redaction = option("content-redaction-type").map(|_| option("pii-entity-types").unwrap_or("ALL".into()));
        if redaction.is_some() && option("content-identification-type").is_some() {
            return Err(Exception::bad_request("Content is identified or redacted, not both."));
        }
        if redaction.is_none() && option("pii-entity-types").is_some() {
            return Err(Exception::bad_request("PiiEntityTypes needs ContentRedactionType."));
        }
        let vocabulary = option("vocabulary-name");
        if vocabulary.as_deref() == Some(UNKNOWN_VOCABULARY) {
            return Err(Exception::bad_request("The requested vocabulary couldn't be found."));
        }
        let filter = option("vocabulary-filter-name");
        let stability = stabilizes.then(|| stability.unwrap_or("high".into()));
        Ok(Self { session_id, language, encoding, rate_hz, stability, vocabulary, filter, redaction })
    }
}

/// That it is signed as an event stream; by whom is not checked.
fn check_signature(headers: &HeaderMap) -> Result<(), Refused> {
    let authorization = header(headers, "authorization").unwrap_or_default();
    let signed = authorization.starts_with("AWS4-HMAC-SHA256 Credential=")
        && authorization.contains("/transcribe/aws4_request")
        && ["SignedHeaders=", "Signature="].iter().all(|part| authorization.contains(part))
        && header(headers, "x-amz-date").is_some_and(|date| date.len() == 16);
    if signed { Ok(()) } else { Err(Refused::Other { status: 403, kind: "UnrecognizedClientException" }) }
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text
            .char_indices()
            .all(|(at, c)| if [8, 13, 18, 23].contains(&at) { c == '-' } else { c.is_ascii_hexdigit() })
}

/// Enough of them for tests.
const LANGUAGES: &[&str] = &["en-US", "en-GB", "de-DE", "fr-FR", "es-US"];
/// A vocabulary that nobody has made.
const UNKNOWN_VOCABULARY: &str = "unknown";
