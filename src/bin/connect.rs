//! Behind `$connect`.

use std::process::ExitCode;

fn main() -> ExitCode {
    viva::lambda::run("connect", viva::wiring::functions::connect)
}
