//! Which kind of file the content shows, whatever its name says.
//!
//! It looks at marks and tables of contents alone; that a file with the right marks can be read is for its reader to find out.

mod archive;

use crate::ports::extraction::{ExtractCode, ExtractError, FileKind};

/// Holds the content against the kind that the file's name promises.
pub fn check(content: &[u8], promised: FileKind) -> Result<(), ExtractError> {
    let wrong = |reason: String| Err(ExtractError::new(ExtractCode::WrongType, reason));
    match look(content) {
        Seen::Nothing => Err(ExtractError::new(ExtractCode::Empty, "the file is empty")),
        Seen::Kind(kind) if kind == promised => Ok(()),
        Seen::Kind(kind) => wrong(format!(
            "its name says {}, but its content is a {}; give it the extension .{} and upload it again",
            promised.title(),
            kind.title(),
            kind.extensions()[0]
        )),
        Seen::Text if matches!(promised, FileKind::Text | FileKind::Markdown | FileKind::Html) => Ok(()),
        Seen::Text => wrong(format!("its name says {}, but its content is plain text", promised.title())),
        Seen::ProtectedOffice => Err(ExtractError::new(
            ExtractCode::Encrypted,
            "the document is protected with a password; save it without one and upload it again",
        )),
        Seen::OldOffice => wrong(
            "it is in the format of Office before 2007; save it as .docx, .pptx or .xlsx and upload it again"
                .to_owned(),
        ),
        Seen::Archive => {
            wrong("it is an archive of other files; upload the files that are in it one by one".to_owned())
        }
        Seen::CutShort => Err(ExtractError::new(
            ExtractCode::Broken,
            "its end is missing: it was cut short on its way; upload it again",
        )),
        Seen::Other(what) => wrong(format!("its name says {}, but its content is {what}", promised.title())),
    }
}

/// What content shows itself to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    Nothing,
    Kind(FileKind),
    /// Characters, of which kind no mark tells: plain text, Markdown, or a web page without its first lines.
    Text,
    /// An Office document within an encrypting container.
    ProtectedOffice,
    /// `.doc`, `.ppt`, `.xls`.
    OldOffice,
    Archive,
    /// An archive, Office document or book that has no end.
    CutShort,
    /// Something else, as people call it, with its article.
    Other(&'static str),
}

/// Looks at the content.
pub fn look(content: &[u8]) -> Seen {
    if content.iter().all(u8::is_ascii_whitespace) {
        return Seen::Nothing;
    }
    let start = &content[..content.len().min(PDF_MARK_WITHIN)];
    if find(start, b"%PDF-").is_some() {
        return Seen::Kind(FileKind::Pdf);
    }
    if content.starts_with(b"PK\x03\x04") || content.starts_with(b"PK\x05\x06") {
        return archive::look(content);
    }
    if content.starts_with(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) {
        let within = &content[..content.len().min(PROTECTED_MARK_WITHIN)];
        return if find(within, PROTECTED_MARK).is_some() { Seen::ProtectedOffice } else { Seen::OldOffice };
    }
    let mark = MARKS.iter().find(|(offset, mark, _)| content.get(*offset..).is_some_and(|rest| rest.starts_with(mark)));
    match mark {
        Some((_, _, seen)) => *seen,
        None if is_text(content) => Seen::Text,
        None => Seen::Other("neither text nor a document that viva knows"),
    }
}

/// Text has no control characters to speak of; UTF-16, which is full of zeros, says so by its mark.
fn is_text(content: &[u8]) -> bool {
    if content.starts_with(&[0xFF, 0xFE]) || content.starts_with(&[0xFE, 0xFF]) {
        return true;
    }
    let looked = &content[..content.len().min(TEXT_LOOKED_AT)];
    let strange = looked.iter().filter(|byte| matches!(byte, 0..=8 | 14..=26 | 28..=31 | 127)).count();
    !looked.contains(&0) && strange * STRANGE_ONE_IN <= looked.len().max(TEXT_SHORT)
}

fn find(within: &[u8], mark: &[u8]) -> Option<usize> {
    within.windows(mark.len()).position(|window| window == mark)
}

/// Viewers take a PDF whose mark stands within its first kilobyte.
const PDF_MARK_WITHIN: usize = 1024;
const TEXT_LOOKED_AT: usize = 256 * 1024;
const STRANGE_ONE_IN: usize = 100;
/// A few strange characters make no short text a program.
const TEXT_SHORT: usize = 500;
/// The stream that holds an encrypted document, in the letters of a compound file's directory.
const PROTECTED_MARK: &[u8] = b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0";
const PROTECTED_MARK_WITHIN: usize = 64 * 1024 * 1024;

/// Where it stands, the mark, what it shows.
const MARKS: &[(usize, &[u8], Seen)] = &[
    (0, b"{\\rtf", Seen::Other("a document in RTF; save it as .docx or PDF")),
    (0, b"%!PS", Seen::Other("PostScript; save it as PDF")),
    (0, b"\x89PNG", Seen::Other("a picture")),
    (0, b"\xFF\xD8\xFF", Seen::Other("a picture")),
    (0, b"GIF8", Seen::Other("a picture")),
    (0, b"II*\0", Seen::Other("a picture")),
    (0, b"MM\0*", Seen::Other("a picture")),
    (8, b"WEBP", Seen::Other("a picture")),
    (4, b"ftyp", Seen::Other("a film, a sound or a picture")),
    (0, b"OggS", Seen::Other("a sound")),
    (0, b"ID3", Seen::Other("a sound")),
    (0, b"fLaC", Seen::Other("a sound")),
    (0, b"\x1A\x45\xDF\xA3", Seen::Other("a film")),
    (0, b"\x7FELF", Seen::Other("a program")),
    (0, b"MZ\x90\0", Seen::Other("a program")),
    (0, b"\x1F\x8B", Seen::Archive),
    (0, b"BZh", Seen::Archive),
    (0, b"7z\xBC\xAF\x27\x1C", Seen::Archive),
    (0, b"Rar!\x1A\x07", Seen::Archive),
    (0, b"\xFD7zXZ\0", Seen::Archive),
    (0, b"\x28\xB5\x2F\xFD", Seen::Archive),
    (257, b"ustar", Seen::Archive),
    (0, b"SQLite format 3\0", Seen::Other("a database")),
];
