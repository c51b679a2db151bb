//! Reading variables: a map taken once, and parsers whose errors name the variable and what is wrong with it.
//!
//! A variable that is set to nothing counts as not set. Secrets are never quoted in an error.

use std::collections::HashMap;
use std::fmt::Display;
use std::str::FromStr;

/// The variables as they were at the start.
#[derive(Clone, Default)]
pub struct Environment {
    values: HashMap<String, String>,
}

/// Values may be secrets, so that only names are shown.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

/// What is wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {problem}")]
pub struct ConfigError {
    pub variable: &'static str,
    pub problem: String,
}

impl ConfigError {
    pub fn new(variable: &'static str, problem: impl Into<String>) -> Self {
        Self { variable, problem: problem.into() }
    }
}

impl Environment {
    /// The variables of this process; those that are not UTF-8 are left out.
    pub fn of_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// Sets one, as a flag of the command does.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.values.insert(name.to_owned(), value.into());
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    pub fn parsed<T: FromStr>(&self, name: &'static str, what: &str) -> Result<Option<T>, ConfigError>
    where
        T::Err: Display,
    {
        self.text(name)
            .map(|value| {
                value.parse().map_err(|error| ConfigError::new(name, format!("`{value}` is not {what}: {error}")))
            })
            .transpose()
    }

    /// A whole number within both ends.
    pub fn number(&self, name: &'static str, default: u64, min: u64, max: u64) -> Result<u64, ConfigError> {
        let value = self.parsed::<u64>(name, "a whole number")?.unwrap_or(default);
        if (min..=max).contains(&value) {
            return Ok(value);
        }
        Err(ConfigError::new(name, format!("{value} is not within {min} and {max}")))
    }

    /// `on` or `off`.
    pub fn switch(&self, name: &'static str) -> Result<Option<bool>, ConfigError> {
        match self.text(name) {
            None => Ok(None),
            Some("on" | "true" | "1") => Ok(Some(true)),
            Some("off" | "false" | "0") => Ok(Some(false)),
            Some(other) => Err(ConfigError::new(name, format!("`{other}` is neither `on` nor `off`"))),
        }
    }

    /// Parts between commas, trimmed, empty ones left out.
    pub fn list(&self, name: &str) -> Option<Vec<String>> {
        let parts = self.text(name)?.split(',').map(str::trim).filter(|part| !part.is_empty());
        Some(parts.map(str::to_owned).collect())
    }

    /// An address that HTTP is spoken with.
    pub fn url(&self, name: &'static str) -> Result<Option<String>, ConfigError> {
        match self.text(name) {
            None => Ok(None),
            Some(url) if url.starts_with("http://") || url.starts_with("https://") => {
                Ok(Some(url.trim_end_matches('/').to_owned()))
            }
            Some(other) => Err(ConfigError::new(name, format!("`{other}` does not begin with http:// or https://"))),
        }
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self { values: pairs.into_iter().collect() }
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Environment {
    fn from(pairs: [(&str, &str); N]) -> Self {
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }
}
