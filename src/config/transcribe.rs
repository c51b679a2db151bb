//! How Amazon Transcribe is asked to listen. Region, credentials and endpoint are AWS's own variables.

use crate::config::environment::{ConfigError, Environment};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TranscribeConfig {
    /// `VIVA_TRANSCRIBE_LANGUAGES`: codes that may be asked for, the first of a language also for its other regions. Without it: all that are
    /// known to be streamed.
    pub languages: Option<Vec<String>>,
    /// `VIVA_TRANSCRIBE_STABILITY`: how early words of a partial are promised to stay: `low`, `medium`, `high`, or `off`.
    pub stability: Option<Stability>,
    /// `VIVA_TRANSCRIBE_VOCABULARIES`: custom vocabularies by code, e.g. `en-US=terms,de-DE=begriffe`.
    pub vocabularies: BTreeMap<String, String>,
    /// `VIVA_TRANSCRIBE_FILTERS`: vocabulary filters by code, written as vocabularies are.
    pub filters: BTreeMap<String, String>,
    /// `VIVA_TRANSCRIBE_FILTER_METHOD`: what becomes of a filtered word: `mask`, `remove` or `tag`.
    pub filter_method: FilterMethod,
    /// `VIVA_TRANSCRIBE_REDACT`: kinds of personal data that are not written down, e.g. `NAME,EMAIL`, or `ALL`. Not every language has it.
    pub redact: Option<Vec<String>>,
    /// `VIVA_TRANSCRIBE_OPUS_RATE`: the sample rate that is announced with Opus, in Hz. Opus itself counts at 48 kHz whatever was recorded.
    pub opus_rate_hz: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stability {
    Low,
    Medium,
    High,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FilterMethod {
    #[default]
    Mask,
    Remove,
    Tag,
}

impl Default for TranscribeConfig {
    fn default() -> Self {
        Self {
            languages: None,
            stability: Some(Stability::Medium),
            vocabularies: BTreeMap::new(),
            filters: BTreeMap::new(),
            filter_method: FilterMethod::default(),
            redact: None,
            opus_rate_hz: OPUS_RATE_HZ,
        }
    }
}

impl TranscribeConfig {
    pub fn read(environment: &Environment) -> Result<Self, ConfigError> {
        let stability = match environment.text("VIVA_TRANSCRIBE_STABILITY") {
            None | Some("medium") => Some(Stability::Medium),
            Some("low") => Some(Stability::Low),
            Some("high") => Some(Stability::High),
            Some("off") => None,
            Some(other) => return Err(none_of("VIVA_TRANSCRIBE_STABILITY", other, "low, medium, high, off")),
        };
        let filter_method = match environment.text("VIVA_TRANSCRIBE_FILTER_METHOD") {
            None | Some("mask") => FilterMethod::Mask,
            Some("remove") => FilterMethod::Remove,
            Some("tag") => FilterMethod::Tag,
            Some(other) => return Err(none_of("VIVA_TRANSCRIBE_FILTER_METHOD", other, "mask, remove, tag")),
        };
        let opus_rate_hz =
            environment.number("VIVA_TRANSCRIBE_OPUS_RATE", u64::from(OPUS_RATE_HZ), 8_000, u64::from(OPUS_RATE_HZ))?;
        Ok(Self {
            languages: environment.list("VIVA_TRANSCRIBE_LANGUAGES"),
            stability,
            vocabularies: by_language(environment, "VIVA_TRANSCRIBE_VOCABULARIES")?,
            filters: by_language(environment, "VIVA_TRANSCRIBE_FILTERS")?,
            filter_method,
            redact: environment.list("VIVA_TRANSCRIBE_REDACT"),
            opus_rate_hz: opus_rate_hz as u32,
        })
    }
}

fn by_language(environment: &Environment, name: &'static str) -> Result<BTreeMap<String, String>, ConfigError> {
    let parts = environment.list(name).unwrap_or_default();
    let pair = |part: &String| match part.split_once('=') {
        Some((language, value)) if !language.is_empty() && !value.is_empty() => {
            Ok((language.trim().to_ascii_lowercase(), value.trim().to_owned()))
        }
        _ => Err(ConfigError::new(name, format!("`{part}` is not a language, an equals sign and a name"))),
    };
    parts.iter().map(pair).collect()
}

fn none_of(variable: &'static str, given: &str, known: &str) -> ConfigError {
    ConfigError::new(variable, format!("`{given}` is none of {known}"))
}

const OPUS_RATE_HZ: u32 = 48_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_set_is_the_default() {
        assert_eq!(TranscribeConfig::read(&Environment::default()), Ok(TranscribeConfig::default()));
    }

    #[test]
    fn vocabularies_go_by_language() {
        let environment = Environment::from([
            ("VIVA_TRANSCRIBE_VOCABULARIES", "en-US=terms, de-DE=begriffe"),
            ("VIVA_TRANSCRIBE_STABILITY", "off"),
            ("VIVA_TRANSCRIBE_REDACT", "NAME,EMAIL"),
        ]);
        let config = TranscribeConfig::read(&environment).expect("a configuration");
        assert_eq!(config.vocabularies.get("de-de").map(String::as_str), Some("begriffe"));
        assert_eq!(config.stability, None);
        assert_eq!(config.redact, Some(vec!["NAME".into(), "EMAIL".into()]));
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        for (name, value) in [
            ("VIVA_TRANSCRIBE_VOCABULARIES", "terms"),
            ("VIVA_TRANSCRIBE_FILTERS", "en-US="),
            ("VIVA_TRANSCRIBE_STABILITY", "total"),
            ("VIVA_TRANSCRIBE_FILTER_METHOD", "shout"),
            ("VIVA_TRANSCRIBE_OPUS_RATE", "96000"),
        ] {
            let error = TranscribeConfig::read(&Environment::from([(name, value)])).expect_err(value);
            assert_eq!(error.variable, name);
        }
    }
}
