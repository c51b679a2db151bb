//! Transcribe's stand-in as a process of its own, for functions that run elsewhere: prints its address and the certificate to trust, one to a line,
//! and serves until its standard input ends.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it prints what to connect to")]
#![expect(clippy::unwrap_used, reason = "a tool for tests may stop at what it did not expect")]

#[path = "../tests/rig/transcribe.rs"]
mod transcribe;

use std::sync::Arc;
use transcribe::{Delays, Options, TranscribeStandIn};
use viva::embedded::pocketsphinx::{PocketSphinxConfig, PocketSphinxRecognizer};
use viva::embedded::scripted::{Script, ScriptedRecognizer};

#[tokio::main]
async fn main() {
    let Some(options) = options(std::env::args().skip(1)) else {
        eprintln!(
            "transcribe_stand_in [--script FILE | --pocketsphinx] [--delays] [--fail-after-ms N] [--limit N] [--time-scale N]"
        );
        std::process::exit(2);
    };
    let stand_in = TranscribeStandIn::start(options);
    println!("{}", stand_in.url());
    println!("{}", stand_in.ca_path().display());
    let _ = tokio::io::copy(&mut tokio::io::stdin(), &mut tokio::io::sink()).await;
}

fn options(mut arguments: impl Iterator<Item = String>) -> Option<Options> {
    let mut options = Options::default();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--script" => {
                let script = Script::read(arguments.next()?.as_ref()).unwrap();
                options.speech = Arc::new(ScriptedRecognizer::new(script));
            }
            "--pocketsphinx" => {
                options.speech = Arc::new(PocketSphinxRecognizer::load(&PocketSphinxConfig::default()).unwrap());
            }
            "--delays" => options.delays = Delays::Published,
            "--fail-after-ms" => options.fails_after_ms = Some(arguments.next()?.parse().ok()?),
            "--limit" => options.streams_max = arguments.next()?.parse().ok()?,
            "--time-scale" => options.time_scale = arguments.next()?.parse().ok().filter(|scale| *scale > 0)?,
            _ => return None,
        }
    }
    Some(options)
}
