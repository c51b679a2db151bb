//! One request is one transaction: a role, its claims, the statements.
//!
//! What the claims may be is told by the policies in the migrations.

use crate::config::limits::POSTGRES_STATEMENT_MS_MAX;
use crate::ports::ids::{SessionKey, TenantId, UserId};
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{PgPool, Postgres, Transaction};

#[derive(Clone, Copy)]
pub(super) enum Role {
    /// For people: what is theirs, or of courses that they teach.
    App,
    /// For what is filed, and for questions about a whole tenant.
    Filing,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::App => "viva_app",
            Self::Filing => "viva_filing",
        }
    }
}

/// What a request may touch. Nothing that is not named.
pub(super) struct Claims<'a> {
    pub(super) role: Role,
    pub(super) tenant: &'a TenantId,
    pub(super) user: Option<&'a UserId>,
    pub(super) courses: &'a [String],
}

impl<'a> Claims<'a> {
    pub(super) fn of_session(role: Role, key: &'a SessionKey) -> Self {
        Self { role, tenant: &key.tenant, user: Some(&key.user), courses: &[] }
    }

    /// Begins the transaction that all of a request happens in.
    pub(super) async fn begin(&self, pool: &PgPool) -> sqlx::Result<Transaction<'static, Postgres>> {
        let mut transaction = pool.begin().await?;
        let courses = serde_json::to_string(self.courses).map_err(|error| sqlx::Error::Encode(error.into()))?;
        once(
            "SELECT set_config('role', $1, true), set_config('viva.tenant', $2, true), set_config('viva.user', $3, true), \
             set_config('viva.courses', $4, true), set_config('statement_timeout', $5, true)",
        )
        .bind(self.role.name())
        .bind(self.tenant.as_str())
        .bind(self.user.map_or("", UserId::as_str))
        .bind(courses)
        .bind(POSTGRES_STATEMENT_MS_MAX.to_string())
        .execute(&mut *transaction)
        .await?;
        Ok(transaction)
    }
}

/// A statement that is not kept: the next transaction may have another connection.
pub(super) fn once(sql: &'static str) -> Query<'static, Postgres, PgArguments> {
    sqlx::query(sql).persistent(false)
}

/// Writers of one session go one after another, so that a deletion is not overtaken by what is filed at the same moment.
pub(super) async fn alone(transaction: &mut Transaction<'static, Postgres>, key: &SessionKey) -> sqlx::Result<()> {
    once("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind(key.to_string())
        .execute(&mut **transaction)
        .await
        .map(drop)
}

/// Postgres' numbers are signed.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Postgres' texts hold no NUL.
pub(super) fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
