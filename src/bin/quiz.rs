//! Makes the items of quizzes, started asynchronously.

use std::process::ExitCode;

fn main() -> ExitCode {
    viva::lambda::run("quiz", viva::wiring::functions::quiz)
}
