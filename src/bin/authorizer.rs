//! Believes tokens, in front of `$connect` and of REST.

use std::process::ExitCode;

fn main() -> ExitCode {
    viva::lambda::run("authorizer", viva::wiring::functions::authorizer)
}
