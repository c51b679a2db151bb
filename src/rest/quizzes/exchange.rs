//! `/api/quizzes/{id}/export` and `/api/quizzes/import`: files of questions.
//!
//! What an export left out stands in a header of the answer, whose body is the file.

use super::super::{Asked, At, Raw, Refused, Rest, Speaker, versioned};
use crate::config::limits::{QUIZ_IMPORT_BYTES_MAX, QUIZ_LEFT_OUT_BYTES_MAX};
use crate::handlers::problem::{Problem, ProblemCode};
use crate::handlers::quizzes::{ExportContent, ExportQuiz, ExportedQuiz, ImportQuiz, ImportedQuiz};
use crate::quiz::formats::{LeftOut, QtiFile};
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use std::io::{Cursor, Write};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

pub(super) fn routes() -> OpenApiRouter<Arc<Rest>> {
    let imports = OpenApiRouter::new().routes(routes!(import)).layer(DefaultBodyLimit::max(QUIZ_IMPORT_BYTES_MAX));
    OpenApiRouter::new().routes(routes!(export)).merge(imports)
}

/// Take a quiz elsewhere
///
/// Its draft as Moodle XML, GIFT, or a package of QTI 2.1. Sources stay behind.
#[utoipa::path(
    get, path = "/api/quizzes/{id}/export", tag = "quizzes", params(("id" = String, Path), ExportQuiz),
    responses(
        (
            status = 200, description = "The file",
            content(
                (String = "application/xml"),
                (String = "text/plain"),
                (String = "application/zip"),
            ),
            headers(
                ("Content-Disposition" = String),
                ("Viva-Left-Out" = String, description = "What the format cannot hold, as JSON: `[{\"item\",\"reason\"}]`; as far as there is room in a header"),
            )
        ),
        Refused,
    )
)]
pub(crate) async fn export(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At(id): At<String>,
    Asked(ExportQuiz { format }): Asked<ExportQuiz>,
) -> Result<Response, Refused> {
    let exported = rest.quizzes()?.export_quiz(&who, &id, format).await?;
    let ExportedQuiz { title, extension, media_type, content, left_out } = exported;
    let body = match content {
        ExportContent::Text(text) => Body::from(text),
        ExportContent::Package(files) => Body::from(package(&files)?),
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_DISPOSITION, ascii_header(&disposition(&title, extension))?);
    headers.insert(LEFT_OUT, ascii_header(&left_out_json(&left_out))?);
    Ok(response)
}

/// Make a quiz of a file of questions
///
/// The body is the file: Moodle XML, GIFT or Aiken, in UTF-8. Questions that cannot be read are told with their line; the others become a draft.
#[utoipa::path(
    post, path = "/api/quizzes/import", tag = "quizzes", params(ImportQuiz),
    request_body(content((String = "text/plain"), (String = "application/xml"))),
    responses((status = 201, description = "The quiz, as a draft", body = ImportedQuiz, headers(("ETag" = String))), Refused)
)]
pub(crate) async fn import(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    Asked(asked): Asked<ImportQuiz>,
    Raw(file): Raw,
) -> Result<Response, Refused> {
    let imported = rest.quizzes()?.import_quiz(&who, asked, &file).await?;
    let etag = imported.quiz.etag();
    Ok(versioned(StatusCode::CREATED, &etag, imported))
}

const LEFT_OUT: HeaderName = HeaderName::from_static("viva-left-out");

fn ascii_header(value: &str) -> Result<HeaderValue, Problem> {
    HeaderValue::from_str(value).map_err(|error| {
        tracing::error!(%error, "a header could not be written");
        Problem::new(ProblemCode::Unavailable, "the file cannot be sent")
    })
}

fn package(files: &[QtiFile]) -> Result<Vec<u8>, Refused> {
    let broken = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "a package could not be written");
        Problem::new(ProblemCode::Unavailable, "the package could not be written")
    };
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for file in files {
        writer.start_file(file.path.as_str(), options).map_err(|error| broken(&error))?;
        writer.write_all(file.text.as_bytes()).map_err(|error| broken(&error))?;
    }
    Ok(writer.finish().map_err(|error| broken(&error))?.into_inner())
}

/// The name twice: in letters that every program reads, and as it is (RFC 6266).
fn disposition(title: &str, extension: &str) -> String {
    let name: String = title.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let plain: String = name.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
    let encoded: String = name
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || byte == b'-' {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect();
    format!("attachment; filename=\"{plain}.{extension}\"; filename*=UTF-8''{encoded}.{extension}")
}

/// As much as a header may hold, in ASCII.
fn left_out_json(left_out: &[LeftOut]) -> String {
    let mut told: Vec<String> = Vec::new();
    let mut bytes = 2;
    for one in left_out {
        let json = ascii(&serde_json::json!(one).to_string());
        bytes += json.len() + 1;
        if bytes > QUIZ_LEFT_OUT_BYTES_MAX {
            break;
        }
        told.push(json);
    }
    format!("[{}]", told.join(","))
}

fn ascii(json: &str) -> String {
    let mut ascii = String::with_capacity(json.len());
    for unit in json.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => ascii.push(char::from(byte)),
            Ok(_) | Err(_) => ascii.push_str(&format!("\\u{unit:04x}")),
        }
    }
    ascii
}
