//! REST behind the HTTP API, whose authorizer has said who it is: events become requests of the one router, and its answers theirs.

use crate::config::limits::REST_ANSWER_BYTES_MAX;
use crate::handlers::{Files, Quizzes};
use crate::lambda::authorizer::identity_of;
use crate::lambda::{Function, FunctionError, Invocation};
use crate::rest;
use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, Uri};
use base64::Engine;
use serde_json::{Map, Value, json};
use tower::ServiceExt;

/// Serves the operations of files, or those of quizzes: the API sends each function its own.
#[derive(Debug)]
pub struct ServeRest {
    router: Router,
}

impl ServeRest {
    pub fn files(files: Files) -> Self {
        Self { router: rest::operations(Some(files), None).merge(rest::description()) }
    }

    pub fn quizzes(quizzes: Quizzes) -> Self {
        Self { router: rest::operations(None, Some(quizzes)) }
    }
}

impl Function for ServeRest {
    type Event = ApiGatewayV2httpRequest;
    type Answer = Value;

    async fn call(&self, event: Self::Event, _: Invocation) -> Result<Value, FunctionError> {
        let request = request_of(event)?;
        let Ok(response) = self.router.clone().oneshot(request).await;
        answer_of(response).await
    }
}

fn request_of(event: ApiGatewayV2httpRequest) -> Result<Request<Body>, FunctionError> {
    let ApiGatewayV2httpRequest {
        raw_path, raw_query_string, headers, body, is_base64_encoded, request_context, ..
    } = event;
    let path = encoded(&raw_path.ok_or(FunctionError::Event("rawPath"))?);
    let uri = match raw_query_string.filter(|query| !query.is_empty()) {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    let uri: Uri = uri.parse().map_err(|error| FunctionError::Failed(format!("rawPath: {error}")))?;
    let body = match body {
        Some(text) if is_base64_encoded => {
            let decoded = base64::engine::general_purpose::STANDARD.decode(text);
            decoded.map_err(|error| FunctionError::Failed(format!("body: {error}")))?
        }
        Some(text) => text.into_bytes(),
        None => Vec::new(),
    };
    let mut request = Request::new(Body::from(body));
    *request.method_mut() = request_context.http.method;
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    let identity = request_context.authorizer.as_ref().and_then(|authorizer| identity_of(&authorizer.fields));
    if let Some(identity) = identity {
        request.extensions_mut().insert(identity);
    }
    Ok(request)
}

/// The API hands on a path that it has decoded, in which a course or a user may have any letters.
fn encoded(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            // What was not decoded stays as it is.
            b'%' | b'/' => encoded.push(char::from(byte)),
            b'"' | b'#' | b'<' | b'>' | b'?' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => {
                encoded.push_str(&format!("%{byte:02X}"));
            }
            _ if byte.is_ascii_graphic() => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

async fn answer_of(response: Response<Body>) -> Result<Value, FunctionError> {
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, REST_ANSWER_BYTES_MAX).await;
    let body = body.map_err(|error| FunctionError::Failed(format!("the answer: {error}")))?;
    // Archives are no text, which is all that JSON carries.
    let (body, is_base64) = match String::from_utf8(body.into()) {
        Ok(text) => (text, false),
        Err(bytes) => (base64::engine::general_purpose::STANDARD.encode(bytes.as_bytes()), true),
    };
    let headers: Map<String, Value> = parts
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), json!(value.to_str().ok()?))))
        .collect();
    Ok(json!({ "statusCode": parts.status.as_u16(), "headers": headers, "body": body, "isBase64Encoded": is_base64 }))
}
