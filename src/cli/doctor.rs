//! `viva doctor`: what works on this machine, what is missing, and what brings it. It changes nothing.

mod disk;
mod network;
mod speech;

use crate::cli::{Failure, print};
use crate::config::Environment;
use clap::Args;
use serde::Serialize;
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "Exit code 1: something that `viva serve` needs does not work.")]
pub(crate) struct DoctorArguments {
    /// The data folder [env: VIVA_DATA].
    #[arg(long)]
    data: Option<PathBuf>,
    /// Print {"ok":…,"checks":[…]}.
    #[arg(long)]
    json: bool,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    status: Status,
    detail: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Works,
    /// viva works without it, with less.
    Missing,
    /// viva does not start, or not as it is told to.
    Fails,
    /// Not asked for.
    Unused,
}

impl Check {
    fn works(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, status: Status::Works, detail: detail.into(), fix: None }
    }

    fn unused(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, status: Status::Unused, detail: detail.into(), fix: None }
    }

    fn missing(name: &'static str, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { name, status: Status::Missing, detail: detail.into(), fix: Some(fix.into()) }
    }

    fn fails(name: &'static str, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { name, status: Status::Fails, detail: detail.into(), fix: Some(fix.into()) }
    }
}

pub(crate) fn doctor(arguments: DoctorArguments) -> Result<(), Failure> {
    let DoctorArguments { data, json } = arguments;
    let mut environment = Environment::of_process();
    if let Some(data) = data {
        environment.set("VIVA_DATA", data.to_string_lossy());
    }
    let mut checks = disk::checks(&environment);
    let running = checks.iter().any(|check| check.name == disk::RUNNING);
    checks.extend(network::checks(&environment, running)?);
    checks.extend(speech::checks(&environment)?);
    let failing = checks.iter().filter(|check| check.status == Status::Fails).count();
    if json {
        print(&json!({ "ok": failing == 0, "checks": checks }).to_string())?;
    } else {
        print(&text(&checks))?;
    }
    match failing {
        0 => Ok(()),
        1 => Err(Failure::of_work("one check fails")),
        more => Err(Failure::of_work(format!("{more} checks fail"))),
    }
}

fn text(checks: &[Check]) -> String {
    let lines = checks.iter().map(|check| {
        let mark = match check.status {
            Status::Works => "works  ",
            Status::Missing => "missing",
            Status::Fails => "FAILS  ",
            Status::Unused => "unused ",
        };
        let fix = check.fix.as_ref().map(|fix| format!("\n                         -> {fix}")).unwrap_or_default();
        format!("{mark}  {:14}  {}{fix}", check.name, check.detail)
    });
    lines.collect::<Vec<_>>().join("\n")
}
