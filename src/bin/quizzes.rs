//! Behind the REST API: quizzes, attempts, progress.

use std::process::ExitCode;

fn main() -> ExitCode {
    viva::lambda::run("quizzes", viva::wiring::functions::quizzes)
}
