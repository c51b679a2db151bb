//! Behind `GET /api/me`.

use std::process::ExitCode;

fn main() -> ExitCode {
    viva::lambda::run("me", viva::wiring::functions::me)
}
