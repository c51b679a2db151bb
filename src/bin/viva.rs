//! The `viva` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    viva::cli::main()
}
