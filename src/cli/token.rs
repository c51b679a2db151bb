//! `viva token`: a token signed with the server's own key, or with the platform's (`VIVA_TOKEN_SECRET`).

use crate::auth::{CourseRole, Identity};
use crate::cli::{Failure, print};
use crate::config::limits::TOKEN_TTL_HOURS_MAX;
use crate::config::{DataConfig, Environment, TokensConfig};
use crate::embedded::system::SystemClock;
use crate::ports::clock::Clock;
use crate::ports::ids::{TenantId, UserId};
use crate::wiring;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  viva token --user ann\n  viva token --user ann --tenant acme --course law-1=teacher --hours 1 --json"
)]
pub(crate) struct TokenArguments {
    /// Whose token: 1 to 64 of A-Z a-z 0-9 _ -
    #[arg(long)]
    user: String,
    /// The user's organisation.
    #[arg(long, default_value = crate::auth::claims::TENANT_DEFAULT)]
    tenant: String,
    /// The user's role.
    #[arg(long)]
    role: Option<String>,
    /// A course and what the user is in it: ID=student or ID=teacher. May be given several times.
    #[arg(long = "course", value_name = "ID=ROLE", value_parser = course)]
    courses: Vec<(String, CourseRole)>,
    /// How long it is valid.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u64).range(1..=TOKEN_TTL_HOURS_MAX))]
    hours: u64,
    /// The data folder [env: VIVA_DATA].
    #[arg(long)]
    data: Option<PathBuf>,
    /// Print {"token","expiresUnixMs"}.
    #[arg(long)]
    json: bool,
}

pub(crate) fn token(arguments: TokenArguments) -> Result<(), Failure> {
    let TokenArguments { user, tenant, role, courses, hours, data, json } = arguments;
    let mut environment = Environment::of_process();
    if let Some(data) = data {
        environment.set("VIVA_DATA", data.to_string_lossy());
    }
    let data = DataConfig::read(&environment).map_err(Failure::of_usage)?;
    let tokens = TokensConfig::read(&environment).map_err(Failure::of_usage)?;
    if let Some(issuer) = &tokens.issuer {
        return Err(Failure::of_usage(format!("tokens come from {} here (VIVA_ISSUER); sign in there", issuer.issuer)));
    }
    let key = wiring::token_key(&data, &tokens).map_err(Failure::of_work)?;
    let expires = SystemClock.now().plus_ms(hours * HOUR_MS);
    let identity = Identity {
        tenant: TenantId::new(tenant),
        user: UserId::new(user),
        role,
        courses: courses.into_iter().collect(),
        expires,
    };
    let token = key
        .issue(&identity)
        .map_err(|error| Failure::of_usage(format!("{error}; names are 1 to 64 of the characters A-Z a-z 0-9 _ -")))?;
    if json { print(&json!({ "token": token, "expiresUnixMs": expires.0 }).to_string()) } else { print(&token) }
}

fn course(text: &str) -> Result<(String, CourseRole), String> {
    match text.split_once('=') {
        Some((id, "student")) => Ok((id.to_owned(), CourseRole::Student)),
        Some((id, "teacher")) => Ok((id.to_owned(), CourseRole::Teacher)),
        _ => Err("a course is given as ID=student or ID=teacher".to_owned()),
    }
}

const HOUR_MS: u64 = 3_600_000;
