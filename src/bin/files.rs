//! Behind the REST API: uploads, documents, passages.

use std::process::ExitCode;

fn main() -> ExitCode {
    viva::lambda::run("files", viva::wiring::functions::files)
}
