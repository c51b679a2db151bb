//! Reads files as the server does: in a process of their own.

use bytes::Bytes;
use std::path::PathBuf;
use viva::embedded::extraction::{ExtractionLimits, ProcessExtractor};
use viva::ports::extraction::{ExtractError, Extraction, Extractor, FileKind};

pub(crate) fn extractor() -> ProcessExtractor {
    extractor_with(ExtractionLimits::default())
}

pub(crate) fn extractor_with(limits: ExtractionLimits) -> ProcessExtractor {
    ProcessExtractor::new(PathBuf::from(env!("CARGO_BIN_EXE_viva")), limits)
}

pub(crate) async fn read(content: impl Into<Vec<u8>>, kind: FileKind) -> Result<Extraction, ExtractError> {
    extractor().extract(Bytes::from(content.into()), kind).await
}

/// Each block's place, as people see it, and its text.
pub(crate) fn places(extraction: &Extraction) -> Vec<(String, &str)> {
    extraction.blocks.iter().map(|block| (block.locator.to_string(), block.text.as_str())).collect()
}

/// Where a text stands.
pub(crate) fn place_of(extraction: &Extraction, text: &str) -> String {
    let found: Vec<_> = extraction.blocks.iter().filter(|block| block.text.contains(text)).collect();
    assert_eq!(found.len(), 1, "{text:?} stands in {} blocks of {:?}", found.len(), places(extraction));
    found[0].locator.to_string()
}
