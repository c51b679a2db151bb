//! The set of hostile files, each with the code that it ends with and words of the reason.

use crate::making::{docx, docx_of, epub, pdf, pdf_of, row, stream, word, xlsx, zip};
use std::io::Write;
use viva::ports::extraction::ExtractCode::{Bomb, Broken, Empty, Encrypted, NeedsOcr, TooLarge, WrongType};
use viva::ports::extraction::{ExtractCode, FileKind};

pub(super) struct File {
    pub(super) name: &'static str,
    pub(super) kind: FileKind,
    pub(super) content: Vec<u8>,
    pub(super) code: ExtractCode,
    pub(super) reason: &'static str,
}

pub(super) fn all() -> Vec<File> {
    [misnamed(), bombs(), protected(), damaged(), portable(), without_text()].into_iter().flatten().collect()
}

type Row = (&'static str, FileKind, Vec<u8>, ExtractCode, &'static str);

fn files(rows: impl IntoIterator<Item = Row>) -> Vec<File> {
    rows.into_iter().map(|(name, kind, content, code, reason)| File { name, kind, content, code, reason }).collect()
}

fn misnamed() -> Vec<File> {
    let nested = zip(&[("a.zip", &zip(&[("b.zip", &zip(&[("c.txt", b"deep")]))]))]);
    files([
        ("noise.pdf", FileKind::Pdf, noise(5_000), WrongType, "neither text nor a document"),
        ("noise.txt", FileKind::Text, noise(5_000), WrongType, "neither text nor a document"),
        ("word.pdf", FileKind::Pdf, docx("", &[]), WrongType, "extension .docx"),
        ("pdf.docx", FileKind::Docx, pdf(&[vec!["a".into()]]), WrongType, "extension .pdf"),
        ("picture.pdf", FileKind::Pdf, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), WrongType, "a picture"),
        ("program.docx", FileKind::Docx, b"\x7FELF\x02\x01\x01\0\0".to_vec(), WrongType, "a program"),
        ("text.pptx", FileKind::Pptx, b"only text".to_vec(), WrongType, "plain text"),
        ("archive.docx", FileKind::Docx, zip(&[("a.txt", b"a")]), WrongType, "one by one"),
        ("nested.docx", FileKind::Docx, nested, WrongType, "one by one"),
        ("packed.txt", FileKind::Text, b"\x1F\x8B\x08\0\0\0\0\0".to_vec(), WrongType, "one by one"),
        ("old.docx", FileKind::Docx, compound("WordDocument"), WrongType, "before 2007"),
    ])
}

fn bombs() -> Vec<File> {
    let laughs = r#"<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body></w:document>"#;
    let book = r#"<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><html xmlns="http://www.w3.org/1999/xhtml"><body><p>&b;</p></body></html>"#;
    let blanks = vec![b' '; 64 << 20];
    let many: Vec<(String, Vec<u8>)> = (0..10_001).map(|n| (format!("word/media/{n}.png"), Vec::new())).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
    let deep = format!("<html><body>{}deep", "<div>".repeat(200_000));
    let (open, close) = ("<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>");
    let tables = format!("{}<w:p/>{}", open.repeat(20_000), close.repeat(20_000));
    let list = format!("<ncx>{}</ncx>", "<navPoint>".repeat(100_000));
    let rich = format!("<sst><si>{}</si></sst>", "<r>".repeat(100_000));
    let slide = format!("<p:sld>{}</p:sld>", "<p:grpSp>".repeat(100_000));
    let deck = zip(&[("ppt/presentation.xml", b"<p:presentation/>"), ("ppt/slides/slide1.xml", slide.as_bytes())]);
    files([
        ("blanks.docx", FileKind::Docx, docx_of(&word(&" ".repeat(64 << 20)), &[]), Bomb, "100 times its size"),
        ("media.docx", FileKind::Docx, docx("", &[("word/media/a.png", &blanks)]), Bomb, "100 times its size"),
        ("sheet.xlsx", FileKind::Xlsx, xlsx(&[("A", &row(1, &["a"]))], &[("xl/b.xml", &blanks)]), Bomb, "100 times"),
        ("lying.docx", FileKind::Docx, lying(&blanks), Broken, "damaged"),
        ("book.epub", FileKind::Epub, epub(&["<p>a</p>"], &[("big.css", &blanks)]), Bomb, "100 times its size"),
        ("entries.docx", FileKind::Docx, docx("", &many), TooLarge, "at most 10000"),
        ("laughs.docx", FileKind::Docx, docx_of(laughs, &[]), Bomb, "document type"),
        ("laughs.epub", FileKind::Epub, epub(&[book], &[]), Bomb, "entities of its own"),
        ("deep.docx", FileKind::Docx, docx(&tables, &[]), Bomb, "nested more than"),
        ("deep.pptx", FileKind::Pptx, deck, Bomb, "nested more than"),
        (
            "deep.xlsx",
            FileKind::Xlsx,
            xlsx(&[("A", &row(1, &["a"]))], &[("xl/sharedStrings.xml", rich.as_bytes())]),
            Bomb,
            "nested more than",
        ),
        ("deep.epub", FileKind::Epub, epub(&["<p>a</p>"], &[("toc.ncx", list.as_bytes())]), Bomb, "nested more than"),
        ("deep.html", FileKind::Html, deep.into_bytes(), Bomb, "nested more than"),
        ("long.txt", FileKind::Text, b"word \n\n".repeat(5 << 20), TooLarge, "MB of text"),
        ("huge.txt", FileKind::Text, vec![b'a'; (64 << 20) + 1], TooLarge, "more than 64 MB"),
    ])
}

fn protected() -> Vec<File> {
    let rights = br#"<?xml version="1.0"?><encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><EncryptedData><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes256-cbc"/></EncryptedData></encryption>"#;
    files([
        ("locked.pdf", FileKind::Pdf, locked(), Encrypted, "password"),
        ("locked.docx", FileKind::Docx, compound("EncryptedPackage"), Encrypted, "password"),
        ("locked.xlsx", FileKind::Xlsx, compound("EncryptedPackage"), Encrypted, "password"),
        ("entry.docx", FileKind::Docx, with_flag(docx("", &[])), Encrypted, "password"),
        (
            "rights.epub",
            FileKind::Epub,
            epub(&["<p>a</p>"], &[("META-INF/encryption.xml", rights)]),
            Encrypted,
            "rights",
        ),
    ])
}

fn damaged() -> Vec<File> {
    let whole = docx(&"<w:p><w:r><w:t>Some words.</w:t></w:r></w:p>".repeat(50), &[]);
    let escaping = docx("", &[("../../../../etc/cron.d/viva", b"* * * * * root true")]);
    let absolute = docx("", &[("/etc/passwd", b"root")]);
    let mut spoiled = whole.clone();
    let data = spoiled.windows(17).position(|window| window == b"word/document.xml").unwrap() + 20;
    spoiled[data..data + 40].fill(0x55);
    let no_sheet = zip(&[("xl/workbook.xml", b"<workbook"), ("a", b"")]);
    let no_book = zip(&[("mimetype", b"application/epub+zip"), ("a", b"")]);
    files([
        ("cut.docx", FileKind::Docx, whole[..whole.len() / 2].to_vec(), Broken, "its end is missing"),
        ("spoiled.docx", FileKind::Docx, spoiled, Broken, "save it again"),
        ("escaping.docx", FileKind::Docx, escaping, Broken, "leads out"),
        ("absolute.docx", FileKind::Docx, absolute, Broken, "leads out"),
        ("no_xml.docx", FileKind::Docx, docx_of("<w:document", &[]), Broken, "save it again"),
        ("no_sheet.xlsx", FileKind::Xlsx, no_sheet, Broken, "save it again"),
        ("no_book.epub", FileKind::Epub, no_book, Broken, "list of contents"),
    ])
}

fn portable() -> Vec<File> {
    let whole = pdf(&[vec!["Some words of a page.".into()]]);
    let circle = pdf_of(
        &[b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(), b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>".to_vec()],
        "",
    );
    let endless = pdf_of(
        &[
            b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
            format!("<< /Type /Pages /Kids [{}] /Count 6000 >>", "3 0 R ".repeat(6_000)).into_bytes(),
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>".to_vec(),
        ],
        "",
    );
    let brotli = one_page(stream("/Filter /BrotliDecode", b"\x0b\x02\x80hi\x03"), &[]);
    let inflating = one_page(stream("/Filter /FlateDecode", &deflated(&vec![b' '; 256 << 20])), &[]);
    let form =
        stream("/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >>", b"/X Do");
    let drawing = one_page(stream("", b"/X Do"), &[form]);
    files([
        ("cut.pdf", FileKind::Pdf, whole[..60].to_vec(), Broken, "no pages"),
        ("spoiled.pdf", FileKind::Pdf, [b"%PDF-1.7\n".as_slice(), &noise(4_000)].concat(), Broken, "print it to PDF"),
        ("circle.pdf", FileKind::Pdf, circle, Broken, ""),
        ("endless.pdf", FileKind::Pdf, endless, TooLarge, "at most 5000"),
        ("brotli.pdf", FileKind::Pdf, brotli, Broken, "Brotli"),
        ("inflating.pdf", FileKind::Pdf, inflating, NeedsOcr, "text recognition"),
        ("drawing.pdf", FileKind::Pdf, drawing, NeedsOcr, "text recognition"),
        ("picture.pdf", FileKind::Pdf, huge_picture(), NeedsOcr, "text recognition"),
    ])
}

fn without_text() -> Vec<File> {
    files([
        ("empty.pdf", FileKind::Pdf, Vec::new(), Empty, "empty"),
        ("blank.txt", FileKind::Text, b" \n\t\r\n".to_vec(), Empty, "empty"),
        ("blank.docx", FileKind::Docx, docx("<w:p/>", &[]), Empty, "no text"),
        ("script.html", FileKind::Html, b"<html><script>while(true){}</script></html>".to_vec(), Empty, "no text"),
        ("blank.md", FileKind::Markdown, b"---\ntitle: a\n---\n".to_vec(), Empty, "no text"),
    ])
}

/// The same noise each time.
fn noise(bytes: usize) -> Vec<u8> {
    let mut state: u32 = 0x9E37_79B9;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    };
    std::iter::once(0).chain((1..bytes).map(|_| next())).collect()
}

/// A compound file, as far as its marks go, with a stream of this name.
fn compound(stream: &str) -> Vec<u8> {
    let mut out = vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    out.resize(1024, 0);
    out.extend(stream.encode_utf16().flat_map(u16::to_le_bytes));
    out.resize(4096, 0);
    out
}

/// Marks every entry as encrypted.
fn with_flag(mut archive: Vec<u8>) -> Vec<u8> {
    for at in 0..archive.len() - 10 {
        match &archive[at..at + 4] {
            b"PK\x03\x04" => archive[at + 6] |= 1,
            b"PK\x01\x02" => archive[at + 8] |= 1,
            _ => {}
        }
    }
    archive
}

/// An archive of which the directory says that nothing in it is larger than 1,000 bytes.
fn lying(content: &[u8]) -> Vec<u8> {
    let mut archive = docx("", &[("word/media/a.png", content)]);
    for at in 0..archive.len() - 28 {
        let size_at = match &archive[at..at + 4] {
            b"PK\x03\x04" => at + 22,
            b"PK\x01\x02" => at + 24,
            _ => continue,
        };
        let size = u32::from_le_bytes(archive[size_at..size_at + 4].try_into().unwrap());
        archive[size_at..size_at + 4].copy_from_slice(&size.min(1_000).to_le_bytes());
    }
    archive
}

fn one_page(content: Vec<u8>, more: &[Vec<u8>]) -> Vec<u8> {
    let page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>";
    let mut objects = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        page.to_vec(),
        content,
    ];
    objects.extend(more.iter().cloned());
    pdf_of(&objects, "")
}

fn huge_picture() -> Vec<u8> {
    let dictionary = "/Type /XObject /Subtype /Image /Width 100000 /Height 100000 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode";
    one_page(stream("", b"q 99 0 0 99 0 0 cm /X Do Q"), &[stream(dictionary, &deflated(&vec![0; 16 << 20]))])
}

/// With a password that is not empty, as far as one can tell.
fn locked() -> Vec<u8> {
    let key = "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF";
    let objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Contents 4 0 R >>".to_vec(),
        stream("", b"unreadable"),
        format!("<< /Filter /Standard /V 2 /R 3 /Length 128 /O <{key}> /U <{key}> /P -3904 >>").into_bytes(),
    ];
    pdf_of(&objects, "/Encrypt 5 0 R /ID [<00> <00>]")
}

fn deflated(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}
