//! The schema in Postgres, forward only: every migration runs once, in order, all of them in one transaction under a lock of its own.
//!
//! The lock and the list of what has run live in the transaction and in the schema, so that this works through a pooler, too.

use super::database::connect_options;
use crate::config::limits::POSTGRES_LOCK_MS_MAX;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

/// In order, by name.
const MIGRATIONS: &[(&str, &str)] = &[
    ("0001_reports", include_str!("../migrations/0001_reports.sql")),
    ("0002_reviews", include_str!("../migrations/0002_reviews.sql")),
    ("0003_documents", include_str!("../migrations/0003_documents.sql")),
    ("0004_conversations", include_str!("../migrations/0004_conversations.sql")),
    ("0005_passages", include_str!("../migrations/0005_passages.sql")),
    ("0006_quizzes", include_str!("../migrations/0006_quizzes.sql")),
    ("0007_taught", include_str!("../migrations/0007_taught.sql")),
    ("0008_given", include_str!("../migrations/0008_given.sql")),
];

#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    #[error("the database could not be reached: {0}")]
    Unreachable(String),
    #[error("the database has {found}, which this program does not know: use the newer program")]
    Newer { found: String },
    #[error("{name} failed, and nothing was changed: {problem}")]
    Failed { name: String, problem: String },
}

/// Brings the schema `viva` up to date; `ca` vouches for the server (PEM). The names of the migrations that were run.
pub async fn migrate(url: &str, ca: Option<&str>) -> Result<Vec<&'static str>, MigrateError> {
    let unreachable = |error: sqlx::Error| MigrateError::Unreachable(error.to_string());
    let options = connect_options(url, ca).map_err(unreachable)?;
    let mut connection = PgConnection::connect_with(&options).await.map_err(unreachable)?;
    let run = run(&mut connection).await?;
    // Everything is committed; how the goodbye goes changes nothing.
    if let Err(error) = connection.close().await {
        tracing::debug!(%error, "the connection was not closed in order");
    }
    Ok(run)
}

async fn run(connection: &mut PgConnection) -> Result<Vec<&'static str>, MigrateError> {
    let failed_at = |name: &str| {
        let name = name.to_owned();
        move |error: sqlx::Error| MigrateError::Failed { name, problem: error.to_string() }
    };
    let mut transaction = connection.begin().await.map_err(failed_at("beginning"))?;
    let prepare = format!(
        "SET LOCAL lock_timeout = {POSTGRES_LOCK_MS_MAX}; \
         SELECT pg_advisory_xact_lock(hashtextextended('viva.migrations', 0)); \
         CREATE SCHEMA IF NOT EXISTS viva; \
         CREATE TABLE IF NOT EXISTS viva.migrations (name text PRIMARY KEY, run_at timestamptz NOT NULL DEFAULT now())"
    );
    sqlx::raw_sql(AssertSqlSafe(prepare)).execute(&mut *transaction).await.map_err(failed_at("preparing"))?;
    let rows = sqlx::raw_sql("SELECT name FROM viva.migrations").fetch_all(&mut *transaction).await;
    let rows = rows.map_err(failed_at("reading what was run"))?;
    let before: Vec<String> = rows.iter().map(|row| row.get("name")).collect();
    if let Some(found) = before.iter().find(|name| !MIGRATIONS.iter().any(|(known, _)| known == name)) {
        return Err(MigrateError::Newer { found: found.clone() });
    }
    let mut run = Vec::new();
    for (name, sql) in MIGRATIONS.iter().filter(|(name, _)| !before.iter().any(|old| old == name)) {
        sqlx::raw_sql(*sql).execute(&mut *transaction).await.map_err(failed_at(name))?;
        let note = sqlx::query("INSERT INTO viva.migrations (name) VALUES ($1)").persistent(false).bind(*name);
        note.execute(&mut *transaction).await.map_err(failed_at(name))?;
        run.push(*name);
    }
    transaction.commit().await.map_err(failed_at("committing"))?;
    Ok(run)
}
