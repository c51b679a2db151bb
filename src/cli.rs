//! The `viva` command: what it understands, and which exit code an outcome has. What each part does stands in its own file.

mod doctor;
mod extract;
mod moment;
mod openapi;
mod report;
mod serve;
mod sessions;
mod token;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// A spoken interview, live, on one machine.
#[derive(Debug, Parser)]
#[command(name = "viva", version, about, long_about = None, after_help = EXAMPLES, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the server; it prints the page's address.
    Serve(serve::ServeArguments),
    /// Print a token for a user, signed with this server's key.
    Token(token::TokenArguments),
    /// List the interviews that are stored here.
    Sessions(sessions::SessionsArguments),
    /// Print an interview's report.
    Report(report::ReportArguments),
    /// Print the OpenAPI document of the REST API.
    Openapi,
    /// Tell what works on this machine, what is missing and what brings it.
    Doctor(doctor::DoctorArguments),
    #[command(hide = true)]
    Extract(extract::ExtractArguments),
}

/// Reads the arguments, does what they say, and tells a failure in one line.
pub fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Serve(arguments) => serve::serve(arguments),
        Command::Token(arguments) => token::token(arguments),
        Command::Sessions(arguments) => sessions::sessions(arguments),
        Command::Report(arguments) => report::report(arguments),
        Command::Openapi => openapi::openapi(),
        Command::Doctor(arguments) => doctor::doctor(arguments),
        Command::Extract(arguments) => extract::extract(arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

/// Why a command failed, and its exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    /// It failed while it did its work.
    pub(crate) fn of_work(error: impl std::fmt::Display) -> Self {
        Self { code: 1, message: error.to_string() }
    }

    /// It was told something wrong, by a variable or a flag; 2, as for arguments that cannot be read.
    pub(crate) fn of_usage(error: impl std::fmt::Display) -> Self {
        Self { code: 2, message: error.to_string() }
    }

    #[expect(clippy::print_stderr, reason = "this is where a command speaks to the person who gave it")]
    fn report(self) -> ExitCode {
        eprintln!("viva: {}", self.message);
        ExitCode::from(self.code)
    }
}

/// Prints what a command answers. A reader who has gone (`viva … | head`) is no fault.
pub(crate) fn print(line: &str) -> Result<(), Failure> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::of_work(error)),
        _ => Ok(()),
    }
}

const EXAMPLES: &str = "\
Examples:
  viva serve                                   start on http://127.0.0.1:8080/
  VIVA_ADDR=127.0.0.1:9000 viva serve --json   another port; the ready line as JSON
  viva token --user ann --course law-1=teacher a token for a teacher, valid for 12 hours

Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.";
