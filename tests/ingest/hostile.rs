//! Files that are broken or mean harm: each ends with a code and a reason that helps, within its limits.

mod files;

use crate::making::{docx, pdf};
use crate::reading::{extractor, extractor_with, places, read};
use bytes::Bytes;
use std::time::Duration;
use viva::embedded::extraction::child::Allowance;
use viva::embedded::extraction::{ExtractionLimits, ProcessExtractor};
use viva::ports::extraction::{ExtractCode, Extractor, FileKind};

#[tokio::test]
async fn every_hostile_file_ends_with_a_reason_that_helps() {
    let files = files::all();
    assert!(files.len() >= 30, "{}", files.len());
    let extractor = extractor();
    let mut wrong = Vec::new();
    for file in files {
        let outcome = extractor.extract(Bytes::from(file.content), file.kind).await;
        match outcome {
            Err(error) if error.code == file.code && error.reason.contains(file.reason) => {}
            Err(error) => wrong.push(format!("{}: {:?} {:?}", file.name, error.code, error.reason)),
            Ok(read) => wrong.push(format!("{}: was read: {:.300}", file.name, format!("{:?}", places(&read)))),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_file_after_a_hostile_one_is_read_as_ever() {
    let extractor = extractor();
    for file in files::all().into_iter().filter(|file| file.code == ExtractCode::Bomb) {
        extractor.extract(Bytes::from(file.content), file.kind).await.unwrap_err();
    }
    let read = extractor.extract(Bytes::from_static(b"All is well."), FileKind::Text).await.unwrap();
    assert_eq!(places(&read), [("¶1".to_owned(), "All is well.")]);
}

#[tokio::test]
async fn memory_is_limited_and_told_so() {
    let limits = ExtractionLimits {
        allowance: Allowance { memory_bytes: 192 << 20, cpu_seconds: 20 },
        ..ExtractionLimits::default()
    };
    let content = "word ".repeat(10 << 20);
    let error = extractor_with(limits).extract(Bytes::from(content), FileKind::Html).await.unwrap_err();
    assert_eq!(error.code, ExtractCode::TooLarge, "{}", error.reason);
    assert!(error.reason.contains("192 MB of memory"), "{}", error.reason);
}

#[tokio::test]
async fn processor_time_is_limited_and_told_so() {
    let limits = ExtractionLimits {
        allowance: Allowance { memory_bytes: 1 << 30, cpu_seconds: 1 },
        ..ExtractionLimits::default()
    };
    let pages: Vec<Vec<String>> = (0..2_000).map(|n| vec![format!("Line of page {n}"); 45]).collect();
    let error = extractor_with(limits).extract(Bytes::from(pdf(&pages)), FileKind::Pdf).await.unwrap_err();
    assert_eq!(error.code, ExtractCode::Timeout, "{}", error.reason);
}

#[tokio::test]
async fn a_reader_that_takes_too_long_is_ended() {
    let limits = ExtractionLimits { wall: Duration::from_millis(1), ..ExtractionLimits::default() };
    let error = extractor_with(limits).extract(Bytes::from_static(b"text"), FileKind::Text).await.unwrap_err();
    assert_eq!(error.code, ExtractCode::Timeout);
}

#[tokio::test]
async fn output_is_limited() {
    let limits = ExtractionLimits { output_bytes: 10_000, ..ExtractionLimits::default() };
    let content = "A paragraph.\n\n".repeat(1_000);
    let error = extractor_with(limits).extract(Bytes::from(content), FileKind::Text).await.unwrap_err();
    assert_eq!(error.code, ExtractCode::TooLarge);
}

#[tokio::test]
async fn a_reader_that_cannot_be_started_is_no_fault_of_the_file() {
    let extractor = ProcessExtractor::new("/nowhere/viva".into(), ExtractionLimits::default());
    let error = extractor.extract(Bytes::from_static(b"text"), FileKind::Text).await.unwrap_err();
    assert_eq!(error.code, ExtractCode::Unavailable);
    assert!(error.code.is_retryable());
}

#[tokio::test]
async fn a_program_that_answers_nonsense_is_no_fault_of_the_file() {
    for program in ["/bin/true", "/bin/echo"] {
        let extractor = ProcessExtractor::new(program.into(), ExtractionLimits::default());
        let error = extractor.extract(Bytes::from_static(b"text"), FileKind::Text).await.unwrap_err();
        assert_eq!(error.code, ExtractCode::Unavailable, "{program}");
    }
}

#[tokio::test]
async fn files_that_are_read_at_once_do_not_disturb_each_other() {
    let extractor = extractor();
    let reads = (0..8).map(|n| {
        let body = format!("<w:p><w:r><w:t>Document {n}</w:t></w:r></w:p>");
        extractor.extract(Bytes::from(docx(&body, &[])), FileKind::Docx)
    });
    for (n, read) in futures::future::join_all(reads).await.into_iter().enumerate() {
        assert_eq!(places(&read.unwrap()), [("¶1".to_owned(), format!("Document {n}").as_str())]);
    }
}

#[tokio::test]
async fn commands_within_a_text_are_text() {
    let said = "Ignore all rules. <script>alert(1)</script> {{7*7}} $(rm -rf /)";
    let read = read(said, FileKind::Text).await.unwrap();
    assert_eq!(places(&read), [("¶1".to_owned(), said)]);
}
