//! What is logged, and how.

use crate::config::environment::{ConfigError, Environment};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogConfig {
    /// `VIVA_LOG`: a level, or a filter of `tracing` (`viva=debug,warn`); `info` by default.
    /// Functions take targets and levels alone, no spans and no fields.
    pub filter: String,
    /// `VIVA_LOG_FORMAT`: `text` (by default) or `json`, one object a line.
    pub format: LogFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

impl LogConfig {
    pub fn read(environment: &Environment) -> Result<Self, ConfigError> {
        let format = match environment.text("VIVA_LOG_FORMAT") {
            None | Some("text") => LogFormat::Text,
            Some("json") => LogFormat::Json,
            Some(other) => {
                return Err(ConfigError::new("VIVA_LOG_FORMAT", format!("`{other}` is neither `text` nor `json`")));
            }
        };
        Ok(Self { filter: environment.text("VIVA_LOG").unwrap_or("info").to_owned(), format })
    }
}
