//! What a file is, by its name and by its content.

use crate::making::{docx, epub, pdf, xlsx, zip};
use viva::ingest::kinds::{Seen, check, look};
use viva::ports::extraction::{ExtractCode, FileKind, Locator};

#[test]
fn a_name_promises_a_kind() {
    assert_eq!(FileKind::from_name("Torts 1.PDF"), Some(FileKind::Pdf));
    assert_eq!(FileKind::from_name("notes.final.md"), Some(FileKind::Markdown));
    assert_eq!(FileKind::from_name("index.htm"), Some(FileKind::Html));
    assert_eq!(FileKind::from_name("README"), None);
    assert_eq!(FileKind::from_name("song.mp3"), None);
    for kind in FileKind::ALL {
        assert_eq!(FileKind::from_name(&format!("a.{}", kind.extensions()[0])), Some(kind));
    }
}

#[test]
fn content_shows_its_kind() {
    assert_eq!(look(&pdf(&[vec!["Hello".into()]])), Seen::Kind(FileKind::Pdf));
    assert_eq!(look(&docx("", &[])), Seen::Kind(FileKind::Docx));
    assert_eq!(look(&xlsx(&[("A", "")], &[])), Seen::Kind(FileKind::Xlsx));
    assert_eq!(look(&epub(&[""], &[])), Seen::Kind(FileKind::Epub));
    assert_eq!(look(&zip(&[("ppt/presentation.xml", b"")])), Seen::Kind(FileKind::Pptx));
    assert_eq!(look(&zip(&[("a.txt", b"a")])), Seen::Archive);
    assert_eq!(look("Grüße".as_bytes()), Seen::Text);
    assert_eq!(look(b"\xFF\xFEH\0i\0"), Seen::Text);
    assert_eq!(look(b" \r\n\t"), Seen::Nothing);
    assert_eq!(look(&[0, 1, 2, 3, 200, 201]), Seen::Other("neither text nor a document that viva knows"));
}

#[test]
fn a_wrong_extension_is_told_with_the_right_one() {
    let error = check(&docx("", &[]), FileKind::Pdf).unwrap_err();
    assert_eq!(error.code, ExtractCode::WrongType);
    assert_eq!(
        error.reason,
        "its name says PDF, but its content is a Word document (.docx); give it the extension .docx and upload it again"
    );
}

#[test]
fn places_are_shown_as_people_say_them() {
    let path = vec!["Torts".to_owned(), "Negligence".to_owned()];
    let shown = [
        Locator::page(12),
        Locator { page_last: Some(13), ..Locator::page(12) },
        Locator::slide(3),
        Locator { sheet: Some("Marks".into()), row: Some(7), ..Locator::default() },
        Locator { path, paragraph: Some(4), ..Locator::default() },
        Locator { paragraph: Some(2), ..Locator::default() },
    ]
    .map(|locator| locator.to_string());
    assert_eq!(shown, ["p. 12", "pp. 12–13", "slide 3", "Marks, row 7", "Torts › Negligence ¶4", "¶2"]);
}

#[test]
fn a_place_is_stored_without_what_it_has_not() {
    let locator = Locator { page_last: Some(13), ..Locator::page(12) };
    let stored = serde_json::to_string(&locator).unwrap();
    assert_eq!(stored, r#"{"page":12,"pageLast":13}"#);
    assert_eq!(serde_json::from_str::<Locator>(&stored).unwrap(), locator);
}
