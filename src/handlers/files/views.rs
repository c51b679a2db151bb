//! The JSON of REST requests and answers. A field that is optional is absent, never null; moments are Unix milliseconds.

use crate::interview::guide;
use crate::ports::documents::{Document, DocumentState, Failure};
use crate::ports::objects::SignedUpload;
use crate::ports::passages::{Hit, Passage};
use crate::ports::uploads::Upload;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// A file that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateUpload {
    /// The file's name; its extension tells its kind.
    #[schema(min_length = 1, max_length = 200, example = "torts.pdf")]
    pub name: String,
    #[schema(minimum = 1)]
    pub bytes: u64,
    /// SHA-256 of the content, in lower-case hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// The course that it is for, where one teaches it; absent: one's own files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course: Option<String>,
    /// The document whose content it replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
}

/// An upload, and how to send its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UploadTicket {
    pub upload: UploadView,
    /// Absent once the upload is settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send: Option<SendFile>,
    /// How a large file may come in parts instead, so that it goes on where it broke off. Absent for small files, and
    /// once the upload is settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts: Option<UploadParts>,
}

/// The parts of a large file: ask for the address of each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UploadParts {
    /// Of each part but the last, which is what is left.
    pub bytes: u64,
    /// Parts are numbered from 1 to this.
    pub count: u32,
    /// Those that have come.
    pub received: Vec<u32>,
}

/// The one request that carries the file, of exactly the promised length; it needs no token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SendFile {
    pub method: String,
    /// Absolute, or a path on this server.
    pub url: String,
    /// To be sent as they are.
    pub headers: BTreeMap<String, String>,
    pub expires_unix_ms: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UploadView {
    pub id: String,
    /// The document that it will be, or whose content it replaces.
    pub document: String,
    pub course: String,
    pub name: String,
    pub media_type: String,
    pub bytes: u64,
    pub sha256: String,
    /// `pending`, `completed` or `aborted`.
    pub state: String,
    pub replaces: bool,
    pub created_unix_ms: u64,
    pub expires_unix_ms: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UploadList {
    /// Those on their way, newest first.
    pub uploads: Vec<UploadView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DocumentView {
    pub id: String,
    /// One's own files have the user's id here.
    pub course: String,
    pub name: String,
    pub media_type: String,
    pub bytes: u64,
    pub sha256: String,
    /// `uploaded`, `checking`, `extracting`, `chunking`, `embedding`, then `ready`, `failed` or `needs_ocr`; `deleted`.
    pub state: String,
    /// 1, and one more whenever the file is replaced.
    pub version: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<DocumentFailure>,
    /// As the file names itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pages: Option<u32>,
    /// Searchable pieces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passages: Option<u32>,
    /// `guide`: it guides interviews, its name ends in `.guide.md`. Absent: it is for reading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    pub created_unix_ms: u64,
    pub updated_unix_ms: u64,
}

/// Why there is no text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DocumentFailure {
    pub code: String,
    /// For whoever uploaded the file.
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DocumentList {
    /// Newest first.
    pub documents: Vec<DocumentView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DocumentFile {
    /// Where the file can be fetched without a token, until it expires.
    pub url: String,
    pub expires_unix_ms: u64,
}

/// Which documents, and which page of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct ListDocuments {
    /// Of this course; absent: of all that the token opens, and one's own.
    pub course: Option<String>,
    /// Words that the name contains.
    pub query: Option<String>,
    /// `guide`: only those that guide interviews.
    pub purpose: Option<String>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Entries of a page.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// What to look for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct SearchPassages {
    /// A question, or words.
    pub query: String,
    /// In this course; absent: in all that the token opens, and one's own.
    pub course: Option<String>,
    /// In these documents alone, with commas between.
    pub documents: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FoundPassages {
    /// The best first.
    pub passages: Vec<PassageView>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PassageView {
    pub id: String,
    pub document: String,
    pub course: String,
    /// The document's name.
    pub name: String,
    /// Its place in the document, from 1.
    pub ordinal: u32,
    pub text: String,
    /// Where it stands, for people: `p. 12`.
    #[serde(rename = "where")]
    pub place: String,
    /// The same for programs.
    #[schema(value_type = Object)]
    pub locator: serde_json::Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
}

impl UploadView {
    pub(super) fn of(upload: &Upload) -> Self {
        let Upload { tenant: _, upload, owner: _, course, document, replaces, content, state, created, expires } =
            upload;
        Self {
            id: upload.to_string(),
            document: document.to_string(),
            course: course.to_string(),
            name: content.name.clone(),
            media_type: content.media_type.clone(),
            bytes: content.bytes,
            sha256: content.sha256.clone(),
            state: state.as_str().to_owned(),
            replaces: *replaces,
            created_unix_ms: created.0,
            expires_unix_ms: expires.0,
        }
    }
}

impl SendFile {
    pub(super) fn of(signed: SignedUpload, expires_unix_ms: u64) -> Self {
        let SignedUpload { method, url, headers } = signed;
        Self { method, url, headers: headers.into_iter().collect(), expires_unix_ms }
    }
}

impl DocumentView {
    pub(crate) fn of(document: &Document) -> Self {
        let Document {
            key, course, content, state, version, failure, title, pages, passages, created, updated, ..
        } = document;
        Self {
            id: key.document.to_string(),
            course: course.to_string(),
            name: content.name.clone(),
            media_type: content.media_type.clone(),
            bytes: content.bytes,
            sha256: content.sha256.clone(),
            state: DocumentState::as_str(*state).to_owned(),
            version: *version,
            failure: failure
                .as_ref()
                .map(|Failure { code, reason }| DocumentFailure { code: code.clone(), reason: reason.clone() }),
            title: title.clone(),
            pages: *pages,
            passages: *passages,
            purpose: guide::is_guide(&content.name).then(|| PURPOSE_GUIDE.to_owned()),
            created_unix_ms: created.0,
            updated_unix_ms: updated.0,
        }
    }
}

impl PassageView {
    pub(super) fn of(passage: Passage) -> Self {
        let id = passage.id().to_string();
        let Passage { document, version: _, ordinal, course, name, text, locator } = passage;
        Self {
            id,
            document: document.to_string(),
            course: course.to_string(),
            name,
            ordinal,
            text,
            place: locator.to_string(),
            locator: serde_json::json!(locator),
            score: None,
        }
    }

    pub(super) fn of_hit(hit: Hit) -> Self {
        let Hit { passage, score, similarity: _ } = hit;
        Self { score: Some(score), ..Self::of(passage) }
    }
}

/// What a document is for that holds a guide.
pub(super) const PURPOSE_GUIDE: &str = "guide";
