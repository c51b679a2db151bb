//! Behind `$disconnect`.

use std::process::ExitCode;

fn main() -> ExitCode {
    viva::lambda::run("disconnect", viva::wiring::functions::disconnect)
}
