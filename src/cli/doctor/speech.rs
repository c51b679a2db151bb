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
            RecognizerChoice::Transcribe => checks.push(transcribe(environment)),
            RecognizerChoice::OpenAi => {}
            RecognizerChoice::Auto | RecognizerChoice::PocketSphinx => checks.push(pocketsphinx(&config)),
        },
    }
    checks.push(chromium(environment));
    Ok(checks)
}

/// Whether AWS would be asked at all; what it answers costs money.
fn transcribe(environment: &Environment) -> Check {
    if !cfg!(feature = "cloud") {
        let problem = "this program was built without what speaks with AWS";
        return Check::fails("recognizer", problem, "build it with --features cloud");
    }
    let region = environment.text("AWS_REGION").or_else(|| environment.text("AWS_DEFAULT_REGION"));
    match region {
        Some(region) => Check::works("recognizer", format!("Amazon Transcribe in {region}, which bills by the second")),
        None => Check::missing("recognizer", "AWS_REGION is not set; a profile may name it", "set AWS_REGION"),
    }
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
