//! Every kind of file says what it says, at its place.

use crate::making::{docx, epub, pdf, row, xlsx, zip};
use crate::reading::{place_of, places, read};
use viva::ports::extraction::{ExtractCode, FileKind};

fn paragraph(style: &str, text: &str) -> String {
    format!(r#"<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"#)
}

const STYLES: &str = r#"<?xml version="1.0"?><w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style><w:style w:type="paragraph" w:styleId="Heading2"><w:name w:val="heading 2"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style></w:styles>"#;

#[tokio::test]
async fn a_pdf_is_read_page_by_page() {
    let pages: Vec<Vec<String>> = (1..=3).map(|n| vec![format!("The rule of page {n} is here.")]).collect();
    let read = read(pdf(&pages), FileKind::Pdf).await.unwrap();
    assert_eq!(read.pages, Some(3));
    for n in 1..=3 {
        assert_eq!(place_of(&read, &format!("The rule of page {n}")), format!("p. {n}"));
    }
}

#[tokio::test]
async fn a_word_parted_at_a_lines_end_is_whole() {
    let lines = vec!["The duty of care is part of negli-".to_owned(), "gence, as courts have said.".to_owned()];
    let read = read(pdf(&[lines]), FileKind::Pdf).await.unwrap();
    assert!(read.blocks[0].text.contains("negligence"), "{:?}", places(&read));
}

#[tokio::test]
async fn a_pdf_of_pictures_needs_text_recognition() {
    let error = read(pdf(&[vec![], vec![]]), FileKind::Pdf).await.unwrap_err();
    assert_eq!(error.code, ExtractCode::NeedsOcr);
}

#[tokio::test]
async fn one_page_without_text_does_no_harm() {
    let read = read(pdf(&[vec![], vec!["Text on the second page.".into()]]), FileKind::Pdf).await.unwrap();
    assert_eq!((place_of(&read, "second page"), read.pages), ("p. 2".to_owned(), Some(2)));
}

#[tokio::test]
async fn a_word_document_is_read_below_its_headings() {
    let deleted =
        r#"<w:p><w:r><w:t>Kept</w:t></w:r><w:del w:id="1"><w:r><w:delText> deleted</w:delText></w:r></w:del></w:p>"#;
    let table = r#"<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Case</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>Year</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"#;
    let body = [
        paragraph("Heading1", "Torts"),
        paragraph("Normal", "A tort is a civil wrong."),
        paragraph("Heading2", "Negligence"),
        paragraph("Normal", "Duty, breach, causation."),
        paragraph("Normal", "And damage."),
        deleted.to_owned(),
        table.to_owned(),
        paragraph("Heading1", "Contracts"),
        paragraph("Normal", "Offer and acceptance."),
    ];
    let read = read(docx(&body.concat(), &[("word/styles.xml", STYLES.as_bytes()), ("word/_rels/document.xml.rels", br#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#)]), FileKind::Docx).await.unwrap();
    let expected = [
        ("Torts", "Torts"),
        ("Torts ¶1", "A tort is a civil wrong."),
        ("Torts › Negligence", "Negligence"),
        ("Torts › Negligence ¶1", "Duty, breach, causation."),
        ("Torts › Negligence ¶2", "And damage."),
        ("Torts › Negligence ¶3", "Kept"),
        ("Torts › Negligence ¶4", "Case | Year"),
        ("Contracts", "Contracts"),
        ("Contracts ¶1", "Offer and acceptance."),
    ];
    assert_eq!(places(&read), expected.map(|(place, text)| (place.to_owned(), text)));
}

#[tokio::test]
async fn a_row_says_what_its_numbers_mean() {
    let marks = [row(1, &["Name", "Mark"]), row(2, &["Ann", "17"]), row(4, &["Ben", "12.5"])].concat();
    let read =
        read(xlsx(&[("Marks", &marks), ("Notes", &row(3, &["Resit in May"]))], &[]), FileKind::Xlsx).await.unwrap();
    let expected = [
        ("Marks, row 1", "Name | Mark"),
        ("Marks, row 2", "Name: Ann | Mark: 17"),
        ("Marks, row 4", "Name: Ben | Mark: 12.5"),
        ("Notes, row 3", "Resit in May"),
    ];
    assert_eq!(places(&read), expected.map(|(place, text)| (place.to_owned(), text)));
    assert_eq!(read.pages, Some(2));
}

#[tokio::test]
async fn a_web_page_is_read_as_its_reader_sees_it() {
    let page = r#"<!doctype html><html><head><title>Torts, a course</title><style>p{color:red}</style><script>alert("no")</script></head>
        <body><h1>Torts</h1><p>A tort is a <b>civil</b>
        wrong.<!-- hidden --></p><ul><li>Duty<li>Breach</ul><h2>Cases</h2>
        <table><tr><th>Case</th><th>Year</th></tr><tr><td>Donoghue</td><td>1932</td></tr></table><pre>a
  b</pre><img src="x.png" alt="A snail in a bottle"></body></html>"#;
    let read = read(page, FileKind::Html).await.unwrap();
    let expected = [
        ("Torts", "Torts"),
        ("Torts ¶1", "A tort is a civil wrong."),
        ("Torts ¶2", "Duty"),
        ("Torts ¶3", "Breach"),
        ("Torts › Cases", "Cases"),
        ("Torts › Cases ¶1", "Case | Year"),
        ("Torts › Cases ¶2", "Donoghue | 1932"),
        ("Torts › Cases ¶3", "a\n  b"),
        ("Torts › Cases ¶4", "A snail in a bottle"),
    ];
    assert_eq!(places(&read), expected.map(|(place, text)| (place.to_owned(), text)));
    assert_eq!(read.title.as_deref(), Some("Torts, a course"));
}

#[tokio::test]
async fn a_page_in_an_old_encoding_says_which() {
    let page = b"<html><head><meta charset=\"iso-8859-2\"></head><body><p>\xB3\xF3d\xBC</p></body></html>";
    let read = read(page.to_vec(), FileKind::Html).await.unwrap();
    assert_eq!(read.blocks[0].text, "łódź");
}

#[tokio::test]
async fn a_book_is_read_chapter_by_chapter() {
    let chapter = |heading: &str, text: &str| {
        format!(
            r#"<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>{heading}<p>{text}</p></body></html>"#
        )
    };
    let book = epub(
        &[
            &chapter("<h1>One</h1>", "It was a dark night."),
            &chapter("", "It went on."),
            &chapter("<h1>Two</h1>", "Then came the day."),
        ],
        &[],
    );
    let read = read(book, FileKind::Epub).await.unwrap();
    let expected = [
        ("One", "One"),
        ("One ¶1", "It was a dark night."),
        ("One ¶2", "It went on."),
        ("Two", "Two"),
        ("Two ¶1", "Then came the day."),
    ];
    assert_eq!(places(&read), expected.map(|(place, text)| (place.to_owned(), text)));
    assert_eq!(read.title.as_deref(), Some("A book"));
}

#[tokio::test]
async fn markdown_is_cut_at_its_headings_and_keeps_code_whole() {
    let text = "---\ntitle: \"The course\"\n---\n# *Torts* and [cases](http://a.example/)\n\nA tort\nis a wrong.\n\n```python\n# no heading\n\nx = 1\n```\n\nNegligence\n----------\n\n- duty\n- breach\n\n####### seven\n";
    let read = read(text, FileKind::Markdown).await.unwrap();
    let expected = [
        ("Torts and cases", "Torts and cases"),
        ("Torts and cases ¶1", "A tort\nis a wrong."),
        ("Torts and cases ¶2", "```python\n# no heading\n\nx = 1\n```"),
        ("Torts and cases › Negligence", "Negligence"),
        ("Torts and cases › Negligence ¶1", "- duty\n- breach"),
        ("Torts and cases › Negligence ¶2", "####### seven"),
    ];
    assert_eq!(places(&read), expected.map(|(place, text)| (place.to_owned(), text)));
    assert_eq!(read.title.as_deref(), Some("The course"));
}

#[tokio::test]
async fn text_is_read_in_the_encoding_that_it_has() {
    let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain("Grüße".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for content in [utf16, "Grüße".into(), "\u{FEFF}Grüße".into(), b"Gr\xFC\xDFe".to_vec()] {
        let read = read(content, FileKind::Text).await.unwrap();
        assert_eq!(places(&read), [("¶1".to_owned(), "Grüße")]);
    }
}

#[tokio::test]
async fn paragraphs_of_text_are_counted_and_cleaned() {
    let read = read("One\r\nstill one\r\n\r\n \r\nTwo\u{AD}fold\u{202E}\u{E0041}\u{7}\n\n\n\nThree", FileKind::Text)
        .await
        .unwrap();
    let expected = [("¶1", "One\nstill one"), ("¶2", "Twofold"), ("¶3", "Three")];
    assert_eq!(places(&read), expected.map(|(place, text)| (place.to_owned(), text)));
}

#[tokio::test]
async fn the_same_file_is_read_the_same() {
    let file = docx(&paragraph("Normal", "Always the same."), &[]);
    assert_eq!(read(file.clone(), FileKind::Docx).await, read(file, FileKind::Docx).await);
}

#[tokio::test]
async fn what_an_archive_holds_besides_is_left_alone() {
    let inner = zip(&[("more.txt", b"hidden")]);
    let read =
        read(docx(&paragraph("Normal", "Shown."), &[("word/embeddings/a.zip", &inner)]), FileKind::Docx).await.unwrap();
    assert_eq!(places(&read), [("¶1".to_owned(), "Shown.")]);
}
