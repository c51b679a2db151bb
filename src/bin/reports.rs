//! Behind the stream of the table of sessions: files what finished.

use std::process::ExitCode;

fn main() -> ExitCode {
    viva::lambda::run("reports", viva::wiring::functions::reports)
}
