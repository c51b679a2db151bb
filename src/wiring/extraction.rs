//! Who reads files: this very program, or the one that the configuration names, started again for each of them.

use crate::config::FilesConfig;
use crate::embedded::extraction::{ExtractionLimits, ProcessExtractor};
use crate::ports::extraction::Extractor;
use crate::wiring::WiringError;
use std::sync::Arc;

/// Reads files in processes of their own. To be called at a program's start: its executable may be replaced later.
pub fn extractor(config: &FilesConfig) -> Result<Arc<dyn Extractor>, WiringError> {
    let executable = match &config.extractor {
        Some(executable) => executable.clone(),
        None => std::env::current_exe().map_err(WiringError::Executable)?,
    };
    Ok(Arc::new(ProcessExtractor::new(executable, ExtractionLimits::default())))
}
