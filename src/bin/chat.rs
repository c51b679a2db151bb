//! Drives conversations, started asynchronously.

use std::process::ExitCode;

fn main() -> ExitCode {
    viva::lambda::run("chat", viva::wiring::functions::chat)
}
