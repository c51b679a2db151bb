//! Speech recognition on this machine by PocketSphinx and the US-English models of the distribution, loaded at run time.
//!
//! Streams cost nothing while nobody speaks: a decoder is borrowed for each segment. Hints are not used: the language model is fixed.

mod crew;
mod ffi;
mod hypothesis;
mod stream;

use crate::config::limits::{RECOGNIZER_DECODERS_PER_THREAD, RECOGNIZER_PIECES_MAX, RECOGNIZER_RESULTS_MAX};
use crate::embedded::pocketsphinx::crew::{Crew, Models};
use crate::embedded::pocketsphinx::ffi::Library;
use crate::embedded::pocketsphinx::stream::Stream;
use crate::ports::recognizer::{
    AudioForm, Recognizer, RecognizerError, RecognizerInfo, RecognizerKind, RecognizerStream, StreamSpec,
};
use async_trait::async_trait;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc;

/// What it is loaded from. By default what Debian's packages bring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PocketSphinxConfig {
    /// The shared library; by default the first of the known names that the loader finds.
    pub library: Option<PathBuf>,
    /// A folder.
    pub acoustic_model: PathBuf,
    pub language_model: PathBuf,
    pub dictionary: PathBuf,
    /// Threads that recognize; by default one for each core.
    pub threads: Option<NonZeroUsize>,
}

impl Default for PocketSphinxConfig {
    fn default() -> Self {
        Self::with_models(Path::new("/usr/share/pocketsphinx/model/en-us"))
    }
}

impl PocketSphinxConfig {
    /// With the models in a folder that is laid out as the distribution's.
    pub fn with_models(folder: &Path) -> Self {
        Self {
            library: None,
            acoustic_model: folder.join("en-us"),
            language_model: folder.join("en-us.lm.bin"),
            dictionary: folder.join("cmudict-en-us.dict"),
            threads: None,
        }
    }
}

#[derive(Debug)]
pub struct PocketSphinxRecognizer {
    crew: Crew,
    streams: AtomicU64,
}

impl PocketSphinxRecognizer {
    /// Loads the library and the models, which takes about half a second; blocks.
    pub fn load(config: &PocketSphinxConfig) -> Result<Self, RecognizerError> {
        let unavailable = |what: String| RecognizerError::Unavailable(format!("{what}. {HOW_TO_INSTALL}"));
        let names: Vec<&Path> = match &config.library {
            Some(path) => vec![path],
            None => LIBRARY_NAMES.map(Path::new).into(),
        };
        let library =
            Library::load(&names).map_err(|error| unavailable(format!("PocketSphinx is not there ({error})")))?;
        // The library ends the process when a model is missing.
        let parts = ["mdef", "means", "variances", "transition_matrices", "feat.params"];
        let parts = parts.map(|part| config.acoustic_model.join(part));
        for path in parts.iter().chain([&config.language_model, &config.dictionary]) {
            std::fs::File::open(path).map_err(|error| unavailable(format!("{}: {error}", path.display())))?;
        }
        let models = Models {
            acoustic: config.acoustic_model.clone(),
            language: config.language_model.clone(),
            dictionary: config.dictionary.clone(),
        };
        let first = models.decoder(&library).map_err(|error| unavailable(error.to_string()))?;
        let threads = config.threads.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
        let decoders_max = threads.get() * RECOGNIZER_DECODERS_PER_THREAD;
        let crew = Crew::start(threads, decoders_max, library, models, first)
            .map_err(|error| RecognizerError::Failed(format!("its threads could not be started: {error}")))?;
        Ok(Self { crew, streams: AtomicU64::new(0) })
    }
}

#[async_trait]
impl Recognizer for PocketSphinxRecognizer {
    fn info(&self) -> RecognizerInfo {
        RecognizerInfo {
            name: "PocketSphinx (US English)".into(),
            kind: RecognizerKind::PocketSphinx,
            languages: vec!["en".into()],
        }
    }

    fn audio_form(&self) -> AudioForm {
        AudioForm::Pcm16k
    }

    async fn open(&self, spec: StreamSpec) -> Result<RecognizerStream, RecognizerError> {
        let info = self.info();
        if !info.speaks(&spec.language) {
            return Err(RecognizerError::Language { recognizer: info.name, language: spec.language });
        }
        let (audio, pieces) = mpsc::channel(RECOGNIZER_PIECES_MAX);
        let (sender, results) = mpsc::channel(RECOGNIZER_RESULTS_MAX);
        let number = self.streams.fetch_add(1, Ordering::Relaxed) + 1;
        tokio::spawn(Stream::new(number, self.crew.clone(), pieces, sender).run());
        Ok(RecognizerStream { audio, results })
    }
}

const LIBRARY_NAMES: [&str; 4] =
    ["libpocketsphinx.so.3", "libpocketsphinx.so.5", "libpocketsphinx.so", "libpocketsphinx.dylib"];
const HOW_TO_INSTALL: &str = "On Debian and Ubuntu: apt install libpocketsphinx3 pocketsphinx-en-us";
