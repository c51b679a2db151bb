//! PDF, page by page.
//!
//! Pictures are not looked at: a document of which no page has text needs text recognition first. No password is guessed; a document
//! that opens without one is read.

use crate::config::limits::EXTRACT_PAGES_MAX;
use crate::embedded::extraction::child::Told;
use crate::embedded::extraction::collected::Collected;
use crate::embedded::extraction::plain;
use crate::ports::extraction::{ExtractCode, ExtractError, Extraction, Locator};
use pdf_oxide::document::PdfDocument;
use pdf_oxide::error::Error;

pub(super) fn read(content: Vec<u8>, told: &mut Told) -> Result<Extraction, ExtractError> {
    check_filters(&content)?;
    let document = PdfDocument::from_bytes(content).map_err(|error| unreadable(&error))?;
    if document.is_encrypted() && !document.authenticate(b"").unwrap_or(false) {
        return Err(encrypted());
    }
    let pages = document.page_count().map_err(|error| unreadable(&error))?;
    let Some(pages) = u32::try_from(pages).ok().filter(|pages| *pages <= EXTRACT_PAGES_MAX) else {
        let reason = format!("it says that it has {pages} pages; at most {EXTRACT_PAGES_MAX} are read");
        return Err(ExtractError::new(ExtractCode::TooLarge, reason));
    };
    if pages == 0 {
        return Err(ExtractError::new(ExtractCode::Broken, "it has no pages that can be found"));
    }
    let mut collected = Collected::default();
    for number in 1..=pages {
        let text = document.extract_text(number as usize - 1).map_err(|error| of_page(number, &error))?;
        let text = whole_words(&text);
        for paragraph in plain::paragraphs(&text) {
            collected.place(paragraph, None, &Locator::page(number))?;
        }
        told.read(number, pages);
    }
    if collected.is_empty() {
        return Err(ExtractError::new(ExtractCode::NeedsOcr, NEEDS_OCR));
    }
    collected.finish(title_of(&document).as_deref(), Some(pages))
}

/// The one filter of which `pdf_oxide` does not limit the output.
fn check_filters(content: &[u8]) -> Result<(), ExtractError> {
    const BROTLI: &[u8] = b"/BrotliDecode";
    let mut rest = content;
    while let Some(at) = rest.iter().position(|byte| *byte == b'/') {
        rest = &rest[at..];
        if rest.starts_with(BROTLI) {
            let reason = "it is packed with Brotli, which is not read; print it to PDF and upload that";
            return Err(ExtractError::new(ExtractCode::Broken, reason));
        }
        rest = &rest[1..];
    }
    Ok(())
}

/// A word that was parted at a line's end is one word again: nobody searches for half of it.
fn whole_words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let parted = out.strip_suffix("-\n").is_some_and(|before| before.ends_with(char::is_lowercase));
        if parted && line.starts_with(char::is_lowercase) {
            out.truncate(out.len() - 2);
        }
        out.push_str(line);
    }
    out
}

/// The title in the document's own description, where it is text.
fn title_of(document: &PdfDocument) -> Option<String> {
    let info = document.trailer().as_dict()?.get("Info")?.clone();
    let info = document.resolve_object(&info).ok()?;
    let title = document.resolve_object(info.as_dict()?.get("Title")?).ok()?;
    let bytes = title.as_string()?;
    Some(plain::decode(bytes, None).into_owned())
}

fn of_page(number: u32, error: &Error) -> ExtractError {
    match error {
        Error::EncryptedPdf => encrypted(),
        _ => ExtractError::new(
            ExtractCode::Broken,
            format!("page {number} cannot be read; print the document to PDF again and upload that"),
        ),
    }
}

fn unreadable(error: &Error) -> ExtractError {
    match error {
        Error::EncryptedPdf => encrypted(),
        Error::RecursionLimitExceeded(_) | Error::CircularReference(_) => {
            ExtractError::new(ExtractCode::Broken, "its parts refer to each other in a circle")
        }
        _ => ExtractError::new(
            ExtractCode::Broken,
            "it is damaged or was cut short; open it, print it to PDF again and upload that",
        ),
    }
}

fn encrypted() -> ExtractError {
    ExtractError::new(
        ExtractCode::Encrypted,
        "it is protected with a password; save it without one and upload it again",
    )
}

const NEEDS_OCR: &str =
    "none of its pages has text: it is a scan; run text recognition (OCR) on it and upload the result";
