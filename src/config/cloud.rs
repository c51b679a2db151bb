//! The names of what the stack on AWS consists of. Which of them a function is told depends on what it does.

use crate::config::environment::{ConfigError, Environment};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CloudConfig {
    /// `VIVA_TABLE_SESSIONS`: rows, logs, snapshots, and the summaries and reports that wait to be filed.
    pub table_sessions: Option<String>,
    /// `VIVA_TABLE_INBOX`: what clients said.
    pub table_inbox: Option<String>,
    /// `VIVA_TABLE_CONNECTIONS`: who is behind each connection.
    pub table_connections: Option<String>,
    /// `VIVA_TABLE_BUDGETS`: what was used on each day.
    pub table_budgets: Option<String>,
    /// `VIVA_BUCKET`: recordings.
    pub bucket: Option<String>,
    /// `VIVA_BUCKET_UPLOADS`: files of courses and people.
    pub bucket_uploads: Option<String>,
    /// `VIVA_WORKER_FUNCTION`: name or ARN (of an alias) of the function that drives interviews.
    pub worker_function: Option<String>,
    /// `VIVA_CHAT_FUNCTION`: of the function that drives conversations.
    pub chat_function: Option<String>,
    /// `VIVA_INGEST_FUNCTION`: of the function that ingests documents.
    pub ingest_function: Option<String>,
    /// `VIVA_QUIZ_FUNCTION`: of the function that makes the items of quizzes.
    pub quiz_function: Option<String>,
    /// `VIVA_CONNECTIONS_URL`: where `@connections` is served, with the stage.
    pub connections_url: Option<String>,
    /// `VIVA_DATABASE_SECRET`: ARN of the secret whose `url` leads to Postgres.
    pub database_secret: Option<String>,
    /// `VIVA_EVENT_BUS`: where `interview.finished` is published.
    pub event_bus: Option<String>,
}

impl CloudConfig {
    pub fn read(environment: &Environment) -> Result<Self, ConfigError> {
        let text = |name| environment.text(name).map(str::to_owned);
        Ok(Self {
            table_sessions: text("VIVA_TABLE_SESSIONS"),
            table_inbox: text("VIVA_TABLE_INBOX"),
            table_connections: text("VIVA_TABLE_CONNECTIONS"),
            table_budgets: text("VIVA_TABLE_BUDGETS"),
            bucket: text("VIVA_BUCKET"),
            bucket_uploads: text("VIVA_BUCKET_UPLOADS"),
            worker_function: text("VIVA_WORKER_FUNCTION"),
            chat_function: text("VIVA_CHAT_FUNCTION"),
            ingest_function: text("VIVA_INGEST_FUNCTION"),
            quiz_function: text("VIVA_QUIZ_FUNCTION"),
            connections_url: environment.url("VIVA_CONNECTIONS_URL")?,
            database_secret: text("VIVA_DATABASE_SECRET"),
            event_bus: text("VIVA_EVENT_BUS"),
        })
    }
}

/// A name that this function cannot do without.
pub fn needed<'c>(value: &'c Option<String>, variable: &'static str) -> Result<&'c str, ConfigError> {
    value.as_deref().ok_or_else(|| ConfigError::new(variable, "it must be set"))
}
