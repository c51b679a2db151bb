//! By a schedule: gives a worker to every session that is due.

use std::process::ExitCode;

fn main() -> ExitCode {
    viva::lambda::run("sweep", viva::wiring::functions::sweep)
}
