//! Documents as people have them, made by the programs that people make them with: pandoc and a browser that prints.

use crate::reading::{place_of, places, read};
use std::path::Path;
use std::process::Command;
use viva::ingest::chunks::chunks;
use viva::ports::extraction::{Extraction, FileKind};

/// A course of as many parts as are asked for; each has two sections with a fact of its own.
fn course(parts: usize) -> String {
    let part = |n: usize| {
        format!(
            "# Part {n}\n\nAn introduction to part {n}.\n\n## Rules of {n}\n\nThe rule of {n} is called **rule-{n}-alpha**.\n\n- first point of {n}\n- second point of {n}\n\n## Cases of {n}\n\n| Case | Year |\n|---|---|\n| Case-{n} | {} |\n\nThe case of {n} was decided by court-{n}.\n\n",
            1900 + n
        )
    };
    format!("---\ntitle: The law of things\nlang: en\n---\n\n{}", (1..=parts).map(part).collect::<String>())
}

/// What pandoc makes of Markdown.
fn pandoc(markdown: &str, name: &str, arguments: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("course.md"), folder.path().join(name));
    std::fs::write(&from, markdown).unwrap();
    let made = Command::new("pandoc").args(arguments).arg("-s").arg("-o").arg(&to).arg(&from).output();
    let made = made.expect("pandoc is there: scripts/setup.sh test");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    std::fs::read(to).unwrap()
}

/// What Chromium prints of a page.
fn printed(html: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("page.html"), folder.path().join("page.pdf"));
    std::fs::write(&from, html).unwrap();
    let made = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"])
        .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
        .arg(format!("--print-to-pdf={}", to.display()))
        .arg(from.as_os_str())
        .output()
        .expect("chromium is there: scripts/setup.sh test");
    assert!(Path::new(&to).exists(), "{}", String::from_utf8_lossy(&made.stderr));
    std::fs::read(to).unwrap()
}

fn check_outline(read: &Extraction, parts: usize) {
    for n in 1..=parts {
        assert_eq!(place_of(read, &format!("introduction to part {n}.")), format!("Part {n} ¶1"));
        let rule = place_of(read, &format!("rule-{n}-alpha"));
        assert_eq!(rule, format!("Part {n} › Rules of {n} ¶1"));
        let court = place_of(read, &format!("court-{n}."));
        assert!(court.starts_with(&format!("Part {n} › Cases of {n} ¶")), "{court}");
        let row = read.blocks.iter().find(|block| block.text.contains(&format!("Case-{n} "))).expect("the table's row");
        assert!(row.text.contains(&format!("{}", 1900 + n)), "{}", row.text);
    }
}

/// Every fact is in a passage, and that passage's place leads to it.
fn check_passages(read: &Extraction, parts: usize) {
    let chunks = chunks(&read.blocks);
    for n in 1..=parts {
        let fact = format!("rule-{n}-alpha");
        assert!(chunks.iter().any(|chunk| chunk.text.contains(&fact)), "{fact} is in no passage");
    }
}

#[tokio::test]
async fn word_documents_keep_their_outline() {
    for parts in [1, 3, 12] {
        let read = read(pandoc(&course(parts), "course.docx", &[]), FileKind::Docx).await.unwrap();
        check_outline(&read, parts);
        check_passages(&read, parts);
        assert_eq!(read.title.as_deref(), Some("The law of things"));
    }
}

#[tokio::test]
async fn web_pages_keep_their_outline() {
    for parts in [1, 3, 12] {
        let read = read(pandoc(&course(parts), "course.html", &[]), FileKind::Html).await.unwrap();
        check_outline(&read, parts);
        assert_eq!(read.title.as_deref(), Some("The law of things"));
    }
}

#[tokio::test]
async fn books_keep_their_outline() {
    for (name, arguments) in [("two.epub", ["-t", "epub2"]), ("three.epub", ["-t", "epub3"])] {
        for parts in [1, 12] {
            let read = read(pandoc(&course(parts), name, &arguments), FileKind::Epub).await.unwrap();
            check_outline(&read, parts);
            check_passages(&read, parts);
            assert_eq!(read.title.as_deref(), Some("The law of things"));
        }
    }
}

#[tokio::test]
async fn markdown_as_programs_write_it_keeps_its_outline() {
    for arguments in [["-t", "gfm"], ["-t", "markdown"], ["-t", "markdown+pipe_tables-simple_tables"]] {
        let read = read(pandoc(&course(4), "course.md.out", &arguments), FileKind::Markdown).await.unwrap();
        check_outline(&read, 4);
    }
}

#[tokio::test]
async fn slides_are_numbered_as_they_are_shown() {
    let slides = |count: usize| -> String {
        (1..=count)
            .map(|n| {
                format!(
                    "# Slide about {n}\n\nThe point of {n} is point-{n}-alpha.\n\n::: notes\nSay note-{n}.\n:::\n\n"
                )
            })
            .collect()
    };
    for count in [1, 15] {
        let read = read(pandoc(&slides(count), "slides.pptx", &["--slide-level=1"]), FileKind::Pptx).await.unwrap();
        assert_eq!(read.pages, Some(count as u32));
        for n in 1..=count {
            assert_eq!(place_of(&read, &format!("point-{n}-alpha")), format!("slide {n}"));
            assert_eq!(place_of(&read, &format!("note-{n}.")), format!("slide {n}"));
        }
    }
}

#[tokio::test]
async fn printed_pages_are_numbered_as_a_viewer_shows_them() {
    let page = |n: usize| {
        format!(
            "<div style='break-after:page'><h1>Chapter {n}</h1><p>The fact of page {n} is fact-{n}-alpha, “quoted” and naïve.</p></div>"
        )
    };
    for (count, style) in [(1, ""), (9, ""), (9, "p{columns:2;font-family:serif;text-align:justify}")] {
        let body: String = (1..=count).map(page).collect();
        let html = format!("<meta charset=utf-8><title>Printed</title><style>{style}</style>{body}");
        let read = read(printed(&html), FileKind::Pdf).await.unwrap();
        for n in 1..=count {
            assert_eq!(place_of(&read, &format!("Chapter {n}")), format!("p. {n}"), "{:?}", places(&read));
            assert!(place_of(&read, &format!("fact-{n}-alpha")).starts_with(&format!("p. {n}")));
        }
        assert_eq!(read.title.as_deref(), Some("Printed"));
    }
}

#[tokio::test]
async fn prose_of_a_printed_page_reads_in_its_order() {
    let words: Vec<String> = (0..600).map(|n| format!("word{n}")).collect();
    let read = read(printed(&format!("<p>{}</p>", words.join(" "))), FileKind::Pdf).await.unwrap();
    let text = read.blocks.iter().map(|block| block.text.as_str()).collect::<Vec<_>>().join(" ");
    assert_eq!(text.split_whitespace().collect::<Vec<_>>(), words);
}
