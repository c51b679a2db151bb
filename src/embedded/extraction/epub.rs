//! EPUB books: their pages in reading order, below their headings.
//!
//! A book keeps no page numbers, so that a place is a path of headings and a paragraph; where a chapter has no heading, its entry in
//! the table of contents is one.

use crate::config::limits::EXTRACT_PAGES_MAX;
use crate::embedded::extraction::archive::{self, Forbidden};
use crate::embedded::extraction::child::Told;
use crate::embedded::extraction::collected::Collected;
use crate::embedded::extraction::{html, plain};
use crate::ports::extraction::{ExtractCode, ExtractError, Extraction};
use rbook::Epub;
use std::collections::HashMap;
use std::io::Cursor;

pub(super) fn read(content: Vec<u8>, told: &mut Told) -> Result<Extraction, ExtractError> {
    archive::check(&content, &Forbidden::BOOK)?;
    let book = Epub::read(Cursor::new(content)).map_err(|_| broken())?;
    check_rights(&book)?;
    let labels = labels(&book);
    let mut collected = Collected::default();
    let mut chapters: u32 = 0;
    for item in book.spine().iter().filter(|item| item.is_linear()) {
        let entry = item.manifest_entry().ok_or_else(broken)?;
        if !matches!(entry.media_type(), "application/xhtml+xml" | "text/html") {
            continue;
        }
        chapters += 1;
        if chapters > EXTRACT_PAGES_MAX {
            let reason = format!("it has more than {EXTRACT_PAGES_MAX} chapters");
            return Err(ExtractError::new(ExtractCode::TooLarge, reason));
        }
        let bytes = entry.read_bytes().map_err(|_| broken())?;
        let page = with_ends(&plain::decode(&bytes, None));
        if let Some(label) = labels.get(entry.href().as_str()).filter(|_| !has_heading(&page)) {
            collected.heading(1, label)?;
        }
        html::page(&page, &mut collected)?;
        told.read(chapters, book.spine().len() as u32);
    }
    let title = book.metadata().title().map(|title| title.value().to_owned());
    collected.finish(title.as_deref(), None)
}

/// Books that are sold with rights management list what is encrypted; obfuscated fonts alone do no harm.
fn check_rights(book: &Epub) -> Result<(), ExtractError> {
    if !book.contains_resource("/META-INF/encryption.xml") {
        return Ok(());
    }
    let listed = book.read_resource_str("/META-INF/encryption.xml").map_err(|_| broken())?;
    let is_font = |algorithm: &str| FONT_ALGORITHMS.iter().any(|font| algorithm.starts_with(font));
    let algorithms = listed.split("Algorithm=").skip(1).map(|rest| rest.trim_start_matches(['"', '\'']));
    match algorithms.filter(|algorithm| !is_font(algorithm)).count() {
        0 => Ok(()),
        _ => Err(ExtractError::new(
            ExtractCode::Encrypted,
            "the book is protected by digital rights management; only books without it can be read",
        )),
    }
}

/// What the table of contents calls each page at its beginning.
fn labels(book: &Epub) -> HashMap<String, String> {
    let mut labels = HashMap::new();
    for entry in book.toc().contents().into_iter().flat_map(|contents| contents.flatten().collect::<Vec<_>>()) {
        if let Some(page) = entry.manifest_entry() {
            labels.entry(page.href().as_str().to_owned()).or_insert_with(|| entry.label().to_owned());
        }
    }
    labels
}

fn has_heading(page: &str) -> bool {
    (1..=6).any(|level| page.contains(&format!("<h{level}")))
}

/// XHTML closes elements such as `<title/>` in place, which a reader of HTML takes for their beginning.
fn with_ends(page: &str) -> String {
    let mut page = page.to_owned();
    for name in ["title", "script", "style", "iframe", "textarea", "noscript", "a", "div", "span", "p", "td"] {
        let mut out = String::with_capacity(page.len());
        let mut rest = page.as_str();
        let start = format!("<{name}");
        while let Some(at) = rest.find(&start) {
            let (before, tag) = rest.split_at(at);
            out.push_str(before);
            let end = tag.find('>').map_or(tag.len(), |end| end + 1);
            let is_it = tag[start.len()..].starts_with([' ', '/', '\n', '\t', '\r']);
            match tag[..end].strip_suffix("/>").filter(|_| is_it) {
                Some(open) => out.push_str(&format!("{open}></{name}>")),
                None => out.push_str(&tag[..end]),
            }
            rest = &tag[end..];
        }
        out.push_str(rest);
        page = out;
    }
    page
}

fn broken() -> ExtractError {
    ExtractError::new(
        ExtractCode::Broken,
        "it is not a whole EPUB book: its list of contents or a chapter cannot be read",
    )
}

const FONT_ALGORITHMS: &[&str] = &["http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"];
