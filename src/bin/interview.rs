//! Drives interviews, started asynchronously.

use std::process::ExitCode;

fn main() -> ExitCode {
    viva::lambda::run("interview", viva::wiring::functions::interview)
}
