//! What a ZIP archive is, by the names in its directory: Office documents and EPUB books are archives of a certain shape.
//!
//! Nothing is unpacked, and a directory that lies is found out when the archive is read.

use crate::ingest::kinds::Seen;
use crate::ports::extraction::FileKind;

pub(super) fn look(content: &[u8]) -> Seen {
    if content.get(30..).is_some_and(|rest| rest.starts_with(b"mimetypeapplication/epub+zip")) {
        return Seen::Kind(FileKind::Epub);
    }
    if content.get(30..).is_some_and(|rest| rest.starts_with(b"mimetypeapplication/vnd.oasis.opendocument")) {
        return Seen::Other("a document in an OpenDocument format; save it as .docx, .pptx or .xlsx");
    }
    let mut seen = Seen::Archive;
    for name in names(content) {
        match name {
            b"word/document.xml" => seen = Seen::Kind(FileKind::Docx),
            b"ppt/presentation.xml" => seen = Seen::Kind(FileKind::Pptx),
            b"xl/workbook.xml" => seen = Seen::Kind(FileKind::Xlsx),
            b"xl/workbook.bin" => seen = Seen::Other("a binary workbook (.xlsb); save it as .xlsx"),
            b"META-INF/container.xml" if seen == Seen::Archive => seen = Seen::Kind(FileKind::Epub),
            _ => {}
        }
    }
    if directory(content).is_none() { Seen::CutShort } else { seen }
}

/// The names in the directory at the archive's end; none where there is no directory.
fn names(content: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = directory(content).unwrap_or_default();
    std::iter::from_fn(move || {
        if !rest.starts_with(b"PK\x01\x02") {
            return None;
        }
        let name = usize::from(u16_at(rest, 28)?);
        let length = ENTRY_BYTES + name + usize::from(u16_at(rest, 30)?) + usize::from(u16_at(rest, 32)?);
        let found = rest.get(ENTRY_BYTES..ENTRY_BYTES + name)?;
        rest = rest.get(length..).unwrap_or_default();
        Some(found)
    })
}

fn directory(content: &[u8]) -> Option<&[u8]> {
    let tail_from = content.len().saturating_sub(END_BYTES + usize::from(u16::MAX));
    let at = content[tail_from..].windows(4).rposition(|window| window == b"PK\x05\x06")? + tail_from;
    let end = content.get(at..)?;
    let length = u32_at(end, 12)? as usize;
    // Counted from the end record back, so that bytes before the archive do no harm.
    content.get(at.checked_sub(length)?..at)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

/// An entry of the directory without its name, and the record at the archive's end without its comment.
const ENTRY_BYTES: usize = 46;
const END_BYTES: usize = 22;
