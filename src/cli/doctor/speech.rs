//! The speech recognizer of this machine, and the browser that the project's own tests use.

use super::Check;
use crate::cli::Failure;
use crate::config::{Environment, RecognizerChoice, RecognizerConfig};
use crate::embedded::pocketsphinx::PocketSphinxRecognizer;
use crate::wiring;

pub(super) fn checks(environment: &Environment) -> Result<Vec<Check>, Failure> {
    let mut checks = Vec::new();
    match RecognizerConfig::read(environment) {
        Err(error) => checks.push(Check::fails("recognizer", error.to_string(), "see `viva serve --help`")),
        Ok(config) => match config.choice {
            RecognizerChoice::None => {
                checks.push(Check::unused("recognizer", "VIVA_RECOGNIZER=none: answers are typed"))
            }
            RecognizerChoice::Scripted => checks.push(Check::works("recognizer", "scripted, for tests")),
            RecognizerChoice::OpenAi => {}
            RecognizerChoice::Auto | RecognizerChoice::PocketSphinx => checks.push(pocketsphinx(&config)),
        },
    }
    checks.push(chromium(environment));
    Ok(checks)
}

fn pocketsphinx(config: &RecognizerConfig) -> Check {
    match PocketSphinxRecognizer::load(&wiring::pocketsphinx(config)) {
        Ok(_) => Check::works("recognizer", "PocketSphinx with its US-English models"),
        Err(error) if config.choice == RecognizerChoice::Auto => {
            Check::missing("recognizer", format!("{error} Until then answers are typed."), INSTALL)
        }
        Err(error) => Check::fails("recognizer", error.to_string(), INSTALL),
    }
}

fn chromium(environment: &Environment) -> Check {
    let path = environment.text("PATH").unwrap_or_default();
    let found = std::env::split_paths(path)
        .flat_map(|folder| ["chromium", "chromium-browser", "google-chrome"].map(|name| folder.join(name)))
        .find(|candidate| candidate.is_file());
    match found {
        Some(found) => Check::works("Chromium", format!("{}, for the project's own tests", found.display())),
        None => Check::missing("Chromium", "only the project's own tests need it", "apt install chromium"),
    }
}

const INSTALL: &str = "apt install libpocketsphinx3 pocketsphinx-en-us";
