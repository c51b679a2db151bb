//! Behind `$default`: every message of every client.

use std::process::ExitCode;

fn main() -> ExitCode {
    viva::lambda::run("message", viva::wiring::functions::message)
}
