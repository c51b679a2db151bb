//! How much people may upload, and what reads it.

use crate::config::environment::{ConfigError, Environment};
use crate::config::limits::{USER_DOCUMENT_BYTES_MAX, USER_DOCUMENTS_MAX, USER_UPLOADS_PENDING_MAX};
use crate::ports::uploads::Quota;
use std::path::PathBuf;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilesConfig {
    /// `VIVA_EXTRACTOR`: the `viva` command that reads files, in a process of its own for each; by default this very program.
    pub extractor: Option<PathBuf>,
    /// `VIVA_FILES_PER_USER`: documents of one user.
    pub documents_max: u64,
    /// `VIVA_FILE_BYTES_PER_USER`: bytes of all of them.
    pub bytes_max: u64,
    /// `VIVA_UPLOADS_PER_USER`: uploads of one user that are on their way.
    pub pending_max: u64,
}

impl FilesConfig {
    pub fn read(environment: &Environment) -> Result<Self, ConfigError> {
        let number = |name, default| environment.number(name, default, 0, i64::MAX as u64);
        Ok(Self {
            extractor: environment.text("VIVA_EXTRACTOR").map(PathBuf::from),
            documents_max: number("VIVA_FILES_PER_USER", USER_DOCUMENTS_MAX)?,
            bytes_max: number("VIVA_FILE_BYTES_PER_USER", USER_DOCUMENT_BYTES_MAX)?,
            pending_max: number("VIVA_UPLOADS_PER_USER", USER_UPLOADS_PENDING_MAX)?,
        })
    }

    pub fn quota(&self) -> Quota {
        Quota { documents_max: self.documents_max, bytes_max: self.bytes_max, pending_max: self.pending_max }
    }
}
