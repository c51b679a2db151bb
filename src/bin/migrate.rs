//! Brings the database of reports up to date: `DATABASE_URL=postgres://… migrate`; with `DATABASE_CA`, the certificate (PEM) that vouches for the
//! server, only where it does.

use std::process::ExitCode;
use viva::cloud::postgres::migrate::migrate;
use viva::config::Environment;

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "whoever deploys reads what was done")]
fn main() -> ExitCode {
    let environment = Environment::of_process();
    let Some(url) = environment.text("DATABASE_URL") else {
        eprintln!("DATABASE_URL is not set: the address of the database, postgres://…");
        return ExitCode::FAILURE;
    };
    // Another that was installed before does as well.
    drop(rustls::crypto::ring::default_provider().install_default());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let migrated = runtime.map_err(|error| error.to_string()).and_then(|runtime| {
        runtime.block_on(migrate(url, environment.text("DATABASE_CA"))).map_err(|error| error.to_string())
    });
    match migrated {
        Ok(run) if run.is_empty() => println!("the database is up to date"),
        Ok(run) => println!("migrated: {}", run.join(", ")),
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
