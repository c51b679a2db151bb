//! Who turns speech into words.

use crate::config::environment::{ConfigError, Environment};
use std::path::PathBuf;

#[derive(Clone, PartialEq, Eq)]
pub struct RecognizerConfig {
    /// `VIVA_RECOGNIZER`: `auto`, `pocketsphinx`, `openai`, `transcribe` (Amazon's), `scripted` or `none`. `auto`: on a machine PocketSphinx
    /// where it is there, else none; in a function of AWS Transcribe.
    pub choice: RecognizerChoice,
    /// `VIVA_RECOGNIZER_URL`: the base of an OpenAI-compatible server, e.g. `http://127.0.0.1:8000/v1`.
    pub url: Option<String>,
    /// `VIVA_RECOGNIZER_MODEL`: the model that it is asked for.
    pub model: Option<String>,
    /// `VIVA_RECOGNIZER_KEY`: the bearer token for it.
    pub key: Option<String>,
    /// `VIVA_RECOGNIZER_LANGUAGES`: BCP 47 tags with commas between them; `*` for all.
    pub languages: Option<Vec<String>>,
    /// `VIVA_RECOGNIZER_THREADS`: threads that recognize.
    pub threads: Option<usize>,
    /// `VIVA_RECOGNIZER_SCRIPT`: a JSON file for `scripted`; without it a built-in text is spoken.
    pub script: Option<PathBuf>,
    /// `VIVA_POCKETSPHINX_LIBRARY`: the shared library, where the loader does not find it by its usual names.
    pub pocketsphinx_library: Option<PathBuf>,
    /// `VIVA_POCKETSPHINX_MODELS`: a folder that is laid out as the distribution's `model/en-us`.
    pub pocketsphinx_models: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecognizerChoice {
    Auto,
    PocketSphinx,
    OpenAi,
    Transcribe,
    Scripted,
    None,
}

impl std::fmt::Debug for RecognizerConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecognizerConfig").field("choice", &self.choice).field("url", &self.url).finish_non_exhaustive()
    }
}

impl RecognizerConfig {
    pub fn read(environment: &Environment) -> Result<Self, ConfigError> {
        let choice = match environment.text("VIVA_RECOGNIZER") {
            None | Some("auto") => RecognizerChoice::Auto,
            Some("pocketsphinx") => RecognizerChoice::PocketSphinx,
            Some("openai") => RecognizerChoice::OpenAi,
            Some("transcribe") => RecognizerChoice::Transcribe,
            Some("scripted") => RecognizerChoice::Scripted,
            Some("none") => RecognizerChoice::None,
            Some(other) => {
                let problem = format!("`{other}` is none of auto, pocketsphinx, openai, transcribe, scripted, none");
                return Err(ConfigError::new("VIVA_RECOGNIZER", problem));
            }
        };
        let url = environment.url("VIVA_RECOGNIZER_URL")?;
        if choice == RecognizerChoice::OpenAi && url.is_none() {
            let problem = "it must be set with VIVA_RECOGNIZER=openai, e.g. http://127.0.0.1:8000/v1";
            return Err(ConfigError::new("VIVA_RECOGNIZER_URL", problem));
        }
        Ok(Self {
            choice,
            url,
            model: environment.text("VIVA_RECOGNIZER_MODEL").map(str::to_owned),
            key: environment.text("VIVA_RECOGNIZER_KEY").map(str::to_owned),
            languages: environment.list("VIVA_RECOGNIZER_LANGUAGES"),
            threads: environment
                .text("VIVA_RECOGNIZER_THREADS")
                .map(|_| environment.number("VIVA_RECOGNIZER_THREADS", 1, 1, 256))
                .transpose()?
                .map(|threads| threads as usize),
            script: environment.text("VIVA_RECOGNIZER_SCRIPT").map(PathBuf::from),
            pocketsphinx_library: environment.text("VIVA_POCKETSPHINX_LIBRARY").map(PathBuf::from),
            pocketsphinx_models: environment.text("VIVA_POCKETSPHINX_MODELS").map(PathBuf::from),
        })
    }
}
