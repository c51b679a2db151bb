//! Where viva keeps what it stores.

use crate::config::environment::{ConfigError, Environment};
use std::path::PathBuf;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataConfig {
    /// `VIVA_DATA`: the data folder; by default `viva` in the user's data folder.
    pub dir: PathBuf,
}

impl DataConfig {
    pub fn read(environment: &Environment) -> Result<Self, ConfigError> {
        if let Some(dir) = environment.text(DATA) {
            return Ok(Self { dir: PathBuf::from(dir) });
        }
        default_dir().map(|dir| Self { dir }).ok_or_else(|| {
            ConfigError::new(DATA, "this user has no data folder (HOME is not set); name one, e.g. VIVA_DATA=./data")
        })
    }
}

#[cfg(feature = "embedded")]
fn default_dir() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "viva").map(|dirs| dirs.data_dir().to_path_buf())
}

#[cfg(not(feature = "embedded"))]
fn default_dir() -> Option<PathBuf> {
    None
}

const DATA: &str = "VIVA_DATA";
