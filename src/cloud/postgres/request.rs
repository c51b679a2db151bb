//! One request is one transaction: a role, its claims, the statements.
//!
//! What the claims may be is told by the policies in the migrations.

use crate::config::limits::POSTGRES_STATEMENT_MS_MAX;
use crate::ports::ids::{SessionKey, TenantId, UserId};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{PgPool, Postgres, Transaction};

#[derive(Clone, Copy)]
pub(super) enum Role {
    /// For people: what is theirs, or of courses that they teach.
    App,
    /// For what is filed, and for questions about a whole tenant.
    Filing,
    /// Looks for work in all tenants.
    Upkeep,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::App => "viva_app",
            Self::Filing => "viva_filing",
            Self::Upkeep => "viva_upkeep",
        }
    }
}

/// What a request may touch. Nothing that is not named.
pub(super) struct Claims<'a> {
    pub(super) role: Role,
    pub(super) tenant: Option<&'a TenantId>,
    pub(super) user: Option<&'a UserId>,
    pub(super) courses: Vec<&'a str>,
}

impl<'a> Claims<'a> {
    pub(super) fn of_session(role: Role, key: &'a SessionKey) -> Self {
        Self { role, tenant: Some(&key.tenant), user: Some(&key.user), courses: Vec::new() }
    }

    /// All of a tenant.
    pub(super) fn of_tenant(tenant: &'a TenantId) -> Self {
        Self { role: Role::Filing, tenant: Some(tenant), user: None, courses: Vec::new() }
    }

    pub(super) fn of_user(tenant: &'a TenantId, user: &'a UserId) -> Self {
        Self { role: Role::App, tenant: Some(tenant), user: Some(user), courses: Vec::new() }
    }

    pub(super) fn of_courses(tenant: &'a TenantId, courses: impl IntoIterator<Item = &'a str>) -> Self {
        Self { role: Role::App, tenant: Some(tenant), user: None, courses: courses.into_iter().collect() }
    }

    pub(super) fn of_upkeep() -> Self {
        Self { role: Role::Upkeep, tenant: None, user: None, courses: Vec::new() }
    }

    /// Begins the transaction that all of a request happens in.
    pub(super) async fn begin(&self, pool: &PgPool) -> sqlx::Result<Transaction<'static, Postgres>> {
        let mut transaction = pool.begin().await?;
        let courses = serde_json::to_string(&self.courses).map_err(|error| sqlx::Error::Encode(error.into()))?;
        once(
            "SELECT set_config('role', $1, true), set_config('viva.tenant', $2, true), set_config('viva.user', $3, true), \
             set_config('viva.courses', $4, true), set_config('statement_timeout', $5, true)",
        )
        .bind(self.role.name())
        .bind(self.tenant.map_or("", TenantId::as_str))
        .bind(self.user.map_or("", UserId::as_str))
        .bind(courses)
        .bind(POSTGRES_STATEMENT_MS_MAX.to_string())
        .execute(&mut *transaction)
        .await?;
        Ok(transaction)
    }

    /// All rows of a statement that is all of its request.
    pub(super) async fn all(&self, pool: &PgPool, query: Asked<'_>) -> sqlx::Result<Vec<PgRow>> {
        let mut transaction = self.begin(pool).await?;
        let rows = query.fetch_all(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(rows)
    }

    /// The row of a statement that is all of its request, if there is one.
    pub(super) async fn one(&self, pool: &PgPool, query: Asked<'_>) -> sqlx::Result<Option<PgRow>> {
        let mut transaction = self.begin(pool).await?;
        let row = query.fetch_optional(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(row)
    }
}

/// A statement with its values.
pub(super) type Asked<'q> = Query<'q, Postgres, PgArguments>;

/// A statement that is not kept: the next transaction may have another connection.
pub(super) fn once<'q>(sql: &'static str) -> Asked<'q> {
    sqlx::query(sql).persistent(false)
}

/// The same, with the session's key as its first three values.
pub(super) fn of_session<'q>(sql: &'static str, key: &'q SessionKey) -> Asked<'q> {
    once(sql).bind(key.tenant.as_str()).bind(key.user.as_str()).bind(key.session.as_str())
}

/// Writers of one session go one after another, so that a deletion is not overtaken by what is filed at the same moment.
pub(super) async fn alone(transaction: &mut Transaction<'static, Postgres>, key: &SessionKey) -> sqlx::Result<()> {
    alone_in(transaction, key.to_string()).await
}

/// Whoever names the same comes one after another, until each has committed.
pub(super) async fn alone_in(transaction: &mut Transaction<'static, Postgres>, name: String) -> sqlx::Result<()> {
    once("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))").bind(name).execute(&mut **transaction).await.map(drop)
}
