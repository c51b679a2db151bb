//! Holds an archive to its limits before anybody reads it: entries, size unpacked, ratio, names, encryption, depth of its XML.
//!
//! Every entry is unpacked to nowhere, so that sizes are what they are and not what the archive says. Archives within archives are
//! never opened, here or later.

use crate::config::limits::{
    ARCHIVE_BYTES_MAX, ARCHIVE_ENTRIES_MAX, ARCHIVE_RATIO_FROM_BYTES, ARCHIVE_RATIO_MAX, EXTRACT_ELEMENT_DEPTH_MAX,
};
use crate::embedded::extraction::nesting::Nesting;
use crate::ports::extraction::{ExtractCode, ExtractError};
use std::io::{Cursor, Read};
use zip::ZipArchive;
use zip::result::ZipError;

/// Checks all of it; `forbidden` is what no XML part of it may declare.
pub(super) fn check(content: &[u8], forbidden: &Forbidden) -> Result<(), ExtractError> {
    let mut archive = ZipArchive::new(Cursor::new(content)).map_err(unreadable)?;
    if archive.len() > ARCHIVE_ENTRIES_MAX {
        let reason = format!("it holds {} files within it; at most {ARCHIVE_ENTRIES_MAX} are read", archive.len());
        return Err(ExtractError::new(ExtractCode::TooLarge, reason));
    }
    let mut unpacked = 0;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(unreadable)?;
        let name = entry.name().map_err(unreadable)?.into_owned();
        if entry.enclosed_name().is_none() || name.starts_with('/') || entry.is_symlink() {
            return Err(ExtractError::new(
                ExtractCode::Broken,
                "a file within it has a name that leads out of it; no office program writes that",
            ));
        }
        let packed = entry.compressed_size();
        let allowed = (packed.saturating_mul(ARCHIVE_RATIO_MAX)).max(ARCHIVE_RATIO_FROM_BYTES);
        let is_markup = has_extension(&name, MARKUP);
        let nesting = has_extension(&name, forbidden.nested).then(Nesting::default);
        let mut reader = Measured { inner: &mut entry, read: 0, start: Vec::new(), nesting };
        let room = ARCHIVE_BYTES_MAX - unpacked;
        std::io::copy(&mut (&mut reader).take(allowed.min(room) + 1), &mut std::io::sink()).map_err(damaged)?;
        unpacked += reader.read;
        if reader.read > allowed || unpacked > ARCHIVE_BYTES_MAX {
            return Err(bomb());
        }
        if is_markup && forbidden.is_in(&reader.start) {
            return Err(ExtractError::new(ExtractCode::Bomb, forbidden.reason));
        }
        if reader.nesting.is_some_and(|nesting| nesting.deepest() > EXTRACT_ELEMENT_DEPTH_MAX) {
            return Err(too_deep());
        }
    }
    Ok(())
}

/// Declarations that a kind of file never has, and that exhaust careless readers.
#[derive(Debug)]
pub(super) struct Forbidden {
    declaration: &'static [u8],
    reason: &'static str,
    /// Entries that are XML for certain, so that their elements all end.
    nested: &'static [&'static str],
}

impl Forbidden {
    /// Office files declare no document type: ECMA-376 part 2 forbids it.
    pub(super) const OFFICE: Self = Self {
        declaration: b"<!DOCTYPE",
        reason: "it declares a document type within, which office programs never do and bombs of entities need",
        nested: &["xml", "rels"],
    };
    /// Books may name a document type, but no entities of their own.
    pub(super) const BOOK: Self = Self {
        declaration: b"<!ENTITY",
        reason: "it declares entities of its own, which bombs need and books do not",
        nested: &["xml", "opf", "ncx"],
    };

    fn is_in(&self, start: &[u8]) -> bool {
        start.windows(self.declaration.len()).any(|window| window.eq_ignore_ascii_case(self.declaration))
    }
}

/// Counts what is unpacked and keeps its beginning, where declarations stand.
struct Measured<R> {
    inner: R,
    read: u64,
    start: Vec<u8>,
    nesting: Option<Nesting>,
}

impl<R: Read> Read for Measured<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read += count as u64;
        if let Some(nesting) = &mut self.nesting {
            nesting.read(&buffer[..count]);
        }
        let wanted = DECLARED_WITHIN.saturating_sub(self.start.len()).min(count);
        self.start.extend_from_slice(&buffer[..wanted]);
        Ok(count)
    }
}

fn has_extension(name: &str, extensions: &[&str]) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| {
        let extension = extension.to_ascii_lowercase();
        extensions.contains(&extension.as_str())
    })
}

fn bomb() -> ExtractError {
    let reason = format!(
        "it unpacks to far more than it is (over {ARCHIVE_RATIO_MAX} times its size, or {} MB), as bombs do",
        ARCHIVE_BYTES_MAX >> 20
    );
    ExtractError::new(ExtractCode::Bomb, reason)
}

fn too_deep() -> ExtractError {
    let reason =
        format!("its elements are nested more than {EXTRACT_ELEMENT_DEPTH_MAX} deep, as no program writes them");
    ExtractError::new(ExtractCode::Bomb, reason)
}

fn unreadable(error: ZipError) -> ExtractError {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            ExtractError::new(ExtractCode::Encrypted, "it is protected with a password; save it without one")
        }
        ZipError::UnsupportedArchive(_) => ExtractError::new(
            ExtractCode::Broken,
            "it is packed in a way that office programs do not use; open it and save it again",
        ),
        _ => ExtractError::new(ExtractCode::Broken, CUT_SHORT),
    }
}

fn damaged(_: std::io::Error) -> ExtractError {
    ExtractError::new(ExtractCode::Broken, CUT_SHORT)
}

const CUT_SHORT: &str = "it is damaged or was cut short; open it, save it again and upload that";
const MARKUP: &[&str] = &["xml", "rels", "opf", "ncx", "xhtml", "html", "htm", "vml"];
/// Declarations stand before the first element.
const DECLARED_WITHIN: usize = 16 * 1024;
