//! From bytes to text: holds the content against its kind and gives it to that kind's reader.
//!
//! It trusts nobody to be brief or kind to memory: it is called where it may be killed.

use crate::config::limits::EXTRACT_FILE_BYTES_MAX;
use crate::embedded::extraction::child::Told;
use crate::embedded::extraction::{epub, html, markdown, office, pdf, plain, workbook};
use crate::ingest::kinds;
use crate::ports::extraction::{ExtractCode, ExtractError, Extraction, FileKind};

pub(super) fn read(content: Vec<u8>, kind: FileKind, told: &mut Told) -> Result<Extraction, ExtractError> {
    if content.len() as u64 > EXTRACT_FILE_BYTES_MAX {
        return Err(too_large());
    }
    kinds::check(&content, kind)?;
    match kind {
        FileKind::Pdf => pdf::read(content, told),
        FileKind::Docx => office::document(content),
        FileKind::Pptx => office::presentation(content),
        FileKind::Xlsx => workbook::read(content, told),
        FileKind::Html => html::read(&content),
        FileKind::Epub => epub::read(content, told),
        FileKind::Markdown => markdown::read(&content),
        FileKind::Text => plain::read(&content),
    }
}

pub(super) fn too_large() -> ExtractError {
    let reason = format!("it has more than {} MB; split it and upload the parts", EXTRACT_FILE_BYTES_MAX >> 20);
    ExtractError::new(ExtractCode::TooLarge, reason)
}
