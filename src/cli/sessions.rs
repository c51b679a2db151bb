//! `viva sessions`: the interviews that this machine has stored, newest first. It only reads, also beside a running server.

use crate::cli::moment::{date_and_time, length};
use crate::cli::{Failure, print};
use crate::config::limits::LIST_PAGE_MAX;
use crate::config::{DataConfig, Environment};
use crate::embedded::sqlite::archive::Archive;
use crate::ports::ids::{TenantId, UserId};
use crate::ports::reports::{SessionSummary, SummaryQuery};
use clap::Args;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  viva sessions\n  viva sessions --user ann --text ownership --json")]
pub(crate) struct SessionsArguments {
    /// Only this user's.
    #[arg(long)]
    user: Option<String>,
    /// Of this organisation.
    #[arg(long, default_value = crate::auth::claims::TENANT_DEFAULT)]
    tenant: String,
    /// Only those whose title has these words.
    #[arg(long)]
    text: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 100)]
    limit: usize,
    /// The data folder [env: VIVA_DATA].
    #[arg(long)]
    data: Option<PathBuf>,
    /// Print {"sessions":[…]}.
    #[arg(long)]
    json: bool,
}

pub(crate) fn sessions(arguments: SessionsArguments) -> Result<(), Failure> {
    let SessionsArguments { user, tenant, text, limit, data, json } = arguments;
    let folder = folder(data)?;
    let mut query = SummaryQuery {
        tenant: TenantId::new(tenant),
        user: user.map(UserId::new),
        courses: None,
        text,
        cursor: None,
        limit: LIST_PAGE_MAX,
    };
    let mut found = Vec::new();
    if let Some(archive) = archive(&folder)? {
        while found.len() < limit {
            let page = archive.list(&query).map_err(Failure::of_work)?;
            found.extend(page.sessions);
            query.cursor = page.cursor;
            if query.cursor.is_none() {
                break;
            }
        }
    }
    found.truncate(limit);
    if json {
        return print(&json!({ "sessions": found.iter().map(as_json).collect::<Vec<_>>() }).to_string());
    }
    if found.is_empty() {
        return print(&format!("No sessions in {}.", folder.display()));
    }
    print(&table(&found))
}

/// The data folder that a flag or the environment names.
pub(super) fn folder(flag: Option<PathBuf>) -> Result<PathBuf, Failure> {
    let mut environment = Environment::of_process();
    if let Some(flag) = flag {
        environment.set("VIVA_DATA", flag.to_string_lossy());
    }
    Ok(DataConfig::read(&environment).map_err(Failure::of_usage)?.dir)
}

pub(super) fn archive(folder: &Path) -> Result<Option<Archive>, Failure> {
    Archive::open(folder).map_err(|error| Failure::of_work(format!("{}: {error}", folder.display())))
}

/// As `session.list` tells it, with tenant and user.
pub(super) fn as_json(summary: &SessionSummary) -> Value {
    let SessionSummary { key, kind, state, title, course, created, updated, questions, duration_ms, usage_json: _ } =
        summary;
    let mut value = json!({
        "tenant": key.tenant, "user": key.user, "session": key.session, "kind": kind, "state": state, "title": title,
        "createdUnixMs": created, "updatedUnixMs": updated, "questions": questions, "durationMs": duration_ms,
    });
    if let Some(course) = course {
        value["course"] = json!(course);
    }
    value
}

fn table(found: &[SessionSummary]) -> String {
    let heads = ["STARTED (UTC)", "USER", "SESSION", "STATE", "QUESTIONS", "LENGTH", "TITLE"].map(str::to_owned);
    let mut rows = vec![heads];
    rows.extend(found.iter().map(|summary| {
        [
            date_and_time(summary.created),
            summary.key.user.to_string(),
            summary.key.session.to_string(),
            format!("{:?}", summary.state).to_lowercase(),
            summary.questions.to_string(),
            length(summary.duration_ms),
            printable(&summary.title),
        ]
    }));
    let widths: [usize; 7] =
        std::array::from_fn(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default());
    let lines = rows.iter().map(|row| {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What a person wrote may hold what a terminal obeys.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}
