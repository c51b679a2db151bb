//! Behind the queue of files that have come: makes them searchable. Started again by itself, it reads one of them.

use std::process::ExitCode;
use viva::embedded::extraction::called::called;

fn main() -> ExitCode {
    called(std::env::args().skip(1)).unwrap_or_else(|| viva::lambda::run("ingest", viva::wiring::functions::ingest))
}
