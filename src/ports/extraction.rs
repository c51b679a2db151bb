//! What a file says and where it says it: text in blocks, each with the place at which a reader finds it again.
//!
//! Nothing here opens a file or looks at its bytes: what kind a file's content shows is `ingest::kinds`' business, and how long a passage
//! is, `ingest::chunks`'.

use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// The kinds of files that course material may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    Pdf,
    Docx,
    Pptx,
    Xlsx,
    Html,
    Epub,
    Markdown,
    Text,
}

impl FileKind {
    pub const ALL: [Self; 8] =
        [Self::Pdf, Self::Docx, Self::Pptx, Self::Xlsx, Self::Html, Self::Epub, Self::Markdown, Self::Text];

    /// The kind that a file's name promises; `None` for a name without an extension that is known. Whether the content keeps the promise
    /// is seen when it is read.
    pub fn from_name(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        let extension = extension.to_ascii_lowercase();
        Self::ALL.into_iter().find(|kind| kind.extensions().contains(&extension.as_str()))
    }

    /// The extensions of its names, the usual one first, without the dot.
    pub const fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Docx => &["docx"],
            Self::Pptx => &["pptx"],
            Self::Xlsx => &["xlsx"],
            Self::Html => &["html", "htm", "xhtml"],
            Self::Epub => &["epub"],
            Self::Markdown => &["md", "markdown"],
            Self::Text => &["txt", "text"],
        }
    }

    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Html => "text/html",
            Self::Epub => "application/epub+zip",
            Self::Markdown => "text/markdown",
            Self::Text => "text/plain",
        }
    }

    /// As people call it, e.g. in "this is not a PDF".
    pub const fn title(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Docx => "Word document (.docx)",
            Self::Pptx => "PowerPoint presentation (.pptx)",
            Self::Xlsx => "Excel workbook (.xlsx)",
            Self::Html => "web page (.html)",
            Self::Epub => "EPUB book",
            Self::Markdown => "Markdown text",
            Self::Text => "plain text",
        }
    }
}

/// Where something stands, in the terms of its kind of file. Everything that is counted counts from 1.
///
/// Shown to people by `Display`: `p. 12`, `pp. 12–13`, `slide 3`, `Grades, row 7`, `Torts › Negligence ¶4`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Locator {
    /// PDF: the page, as a viewer counts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// The last page, where a passage runs on beyond `page`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_last: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slide: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The row of a sheet as its reader counts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
    /// The headings above, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<String>,
    /// The paragraph below the last heading of `path`, in files that keep no pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paragraph: Option<u32>,
}

impl Locator {
    pub fn page(page: u32) -> Self {
        Self { page: Some(page), ..Self::default() }
    }

    pub fn slide(slide: u32) -> Self {
        Self { slide: Some(slide), ..Self::default() }
    }
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(page) = self.page {
            return match self.page_last.filter(|last| *last > page) {
                Some(last) => write!(f, "pp. {page}–{last}"),
                None => write!(f, "p. {page}"),
            };
        }
        if let Some(slide) = self.slide {
            return write!(f, "slide {slide}");
        }
        if let Some(sheet) = &self.sheet {
            f.write_str(sheet)?;
            return self.row.map_or(Ok(()), |row| write!(f, ", row {row}"));
        }
        f.write_str(&self.path.join(" › "))?;
        match self.paragraph {
            Some(paragraph) if self.path.is_empty() => write!(f, "¶{paragraph}"),
            Some(paragraph) => write!(f, " ¶{paragraph}"),
            None => Ok(()),
        }
    }
}

/// A paragraph, a heading, a list, a table's row: what is never cut without need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Not empty, without control characters but for line feeds and tabs.
    pub text: String,
    /// A heading's level, 1 the outermost; `None` for everything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading: Option<u8>,
    pub locator: Locator,
}

/// All that a file says, in its reading order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extraction {
    /// Not empty.
    pub blocks: Vec<Block>,
    /// The title that the file gives itself.
    pub title: Option<String>,
    /// Pages of a PDF, slides of a presentation, sheets of a workbook.
    pub pages: Option<u32>,
}

/// Contract: the content is data and nothing that it holds is run, fetched or written; every call ends, within the limits of
/// `config::limits`, with text or with a reason; the same content gives the same blocks, in the same order. Dropping the future stops
/// the work.
#[async_trait]
pub trait Extractor: Send + Sync {
    /// Reads `content` as what `kind` promises; content of another kind is [`ExtractCode::WrongType`]. `progress` is told how much has been
    /// read, of 100, never less than before; kinds of which that is not known before the end tell nothing.
    async fn extract_telling(
        &self,
        content: Bytes,
        kind: FileKind,
        progress: Progress<'_>,
    ) -> Result<Extraction, ExtractError>;

    /// The same, told nobody.
    async fn extract(&self, content: Bytes, kind: FileKind) -> Result<Extraction, ExtractError> {
        self.extract_telling(content, kind, &|_| {}).await
    }
}

/// Whoever wants to know how far it is. Called often, so that it must be quick.
pub type Progress<'p> = &'p (dyn Fn(u32) + Send + Sync);

/// Why a file has no text for us.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{reason}")]
pub struct ExtractError {
    pub code: ExtractCode,
    /// For whoever uploaded the file: what is wrong with it, and what to do about it. Says nothing of what the file holds.
    pub reason: String,
}

impl ExtractError {
    pub fn new(code: ExtractCode, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExtractCode {
    /// Protected with a password or by rights management.
    Encrypted,
    /// It has pages and none of them has text: a scan.
    NeedsOcr,
    /// The file, its text, or what reading it takes, is beyond a limit.
    TooLarge,
    /// An archive that unpacks to far more than it is, or a document made to exhaust its reader.
    Bomb,
    /// Reading it took too long.
    Timeout,
    /// The content is of another kind than the name promises, or of a kind that is not read.
    WrongType,
    /// It cannot be read as what it is.
    Broken,
    /// There is no text in it.
    Empty,
    /// The extractor itself did not work: nothing is known about the file.
    Unavailable,
}

impl ExtractCode {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Encrypted => "encrypted",
            Self::NeedsOcr => "needs_ocr",
            Self::TooLarge => "too_large",
            Self::Bomb => "bomb",
            Self::Timeout => "timeout",
            Self::WrongType => "wrong_type",
            Self::Broken => "broken",
            Self::Empty => "empty",
            Self::Unavailable => "unavailable",
        }
    }

    /// Whether trying again may do better; all else is the file's own fault.
    pub const fn is_retryable(self) -> bool {
        matches!(self, Self::Unavailable)
    }
}
