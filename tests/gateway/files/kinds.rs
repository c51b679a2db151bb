//! Every kind of file through the whole server: a good one becomes searchable at its place, a hostile one fails with a reason that helps.

use super::rest::Rest;
use crate::hostile;
use crate::making::{docx, epub, pdf, row, xlsx};
use crate::rig::identity;
use serde_json::json;
use std::process::Command;
use viva::ports::extraction::FileKind;

/// Slides as pandoc makes them.
fn slides(markdown: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("slides.md"), folder.path().join("slides.pptx"));
    std::fs::write(&from, markdown).unwrap();
    let made = Command::new("pandoc").arg("--slide-level=1").arg("-s").arg("-o").arg(&to).arg(&from).status();
    assert!(made.expect("pandoc is there: scripts/setup.sh test").success());
    std::fs::read(to).unwrap()
}

#[tokio::test]
async fn a_good_file_of_each_kind_is_found_at_its_place() {
    let rest = Rest::start().await;
    let paragraph = |text: &str| format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>");
    let sheet = [row(1, &["Case", "Year"]), row(2, &["Zeppelin", "1901"])].concat();
    let chapter =
        "<html xmlns='http://www.w3.org/1999/xhtml'><body><h1>Torts</h1><p>A zeppelin is a nuisance.</p></body></html>";
    let files = [
        ("a.pdf", pdf(&[vec!["Torts".into()], vec!["A zeppelin is a nuisance.".into()]]), "p"),
        ("a.docx", docx(&paragraph("A zeppelin is a nuisance."), &[]), "¶1"),
        ("a.pptx", slides("# One\n\nNothing here.\n\n# Two\n\nA zeppelin is a nuisance.\n"), "slide 2"),
        ("a.xlsx", xlsx(&[("Cases", &sheet)], &[]), "Cases, row 1"),
        ("a.html", b"<h1>Torts</h1><p>A zeppelin is a nuisance.</p>".to_vec(), "Torts"),
        ("a.epub", epub(&[chapter], &[]), "Torts"),
        ("a.md", b"# Torts\n\nA zeppelin is a nuisance.\n".to_vec(), "Torts"),
        ("a.txt", b"A zeppelin is a nuisance.".to_vec(), "¶1"),
    ];
    for (name, content, place) in &files {
        let document = rest.uploaded("ann", name, content).await;
        let id = document["id"].as_str().unwrap();
        let ready = rest.settled("ann", id).await;
        assert_eq!(ready["state"], "ready", "{name}: {ready}");
        let found = rest.get("ann", &format!("/api/passages?query=zeppelin&documents={id}")).await;
        let passages = found["passages"].as_array().unwrap();
        assert_eq!(passages.len(), 1, "{name}: {found}");
        assert!(passages[0]["text"].as_str().unwrap().to_lowercase().contains("zeppelin"), "{name}: {found}");
        assert!(passages[0]["where"].as_str().unwrap().starts_with(place), "{name}: {found}");
    }
    assert_eq!(rest.found("ann", "zeppelin").await.as_array().unwrap().len(), files.len());
}

#[tokio::test]
async fn a_hostile_file_of_each_kind_fails_and_harms_nothing() {
    let rest = Rest::start().await;
    let mut of_kind = hostile::all();
    of_kind.retain(|file| !file.content.is_empty() && file.name != "huge.txt");
    for kind in FileKind::ALL {
        let Some(at) = of_kind.iter().rposition(|file| file.kind == kind) else { continue };
        let file = of_kind.remove(at);
        let name = format!("{}.{}", file.name.split('.').next().unwrap(), kind.extensions()[0]);
        let document = rest.uploaded("ann", &name, &file.content).await;
        let settled = rest.settled("ann", document["id"].as_str().unwrap()).await;
        let state = if file.code.as_str() == "needs_ocr" { "needs_ocr" } else { "failed" };
        assert_eq!(
            (&settled["state"], &settled["failure"]["code"]),
            (&json!(state), &json!(file.code.as_str())),
            "{name}"
        );
        assert!(settled["failure"]["reason"].as_str().unwrap().contains(file.reason), "{name}: {settled}");
        assert!(settled.get("passages").is_none(), "{name}: {settled}");
    }
    let document = rest.uploaded_as(&identity("ann"), "after.md", b"# After\n\nAll is well.\n", json!({})).await;
    assert_eq!(rest.settled("ann", document["id"].as_str().unwrap()).await["state"], "ready");
}

#[tokio::test]
async fn how_far_a_long_file_is_is_told_and_never_goes_back() {
    let rest = Rest::start().await;
    let mut client = rest.server.connect("ann").await;
    let pages: Vec<Vec<String>> =
        (0..120).map(|n| (0..40).map(|line| format!("Line {line} of page {n} tells of torts.")).collect()).collect();
    rest.uploaded("ann", "long.pdf", &pdf(&pages)).await;
    let (mut state, mut percent, mut told) = (json!("uploaded"), 0, 0);
    while state != "ready" {
        let status = client.next_of("document.status").await["document"].take();
        assert_ne!(status["state"], "failed", "{status}");
        if status["state"] != state {
            (state, percent) = (status["state"].clone(), 0);
        }
        if let Some(further) = status["percent"].as_u64() {
            assert!(further > percent && further <= 100, "{further} after {percent} of {state}");
            (percent, told) = (further, told + 1);
        }
    }
    assert!(told >= 5, "told {told} times");
}
