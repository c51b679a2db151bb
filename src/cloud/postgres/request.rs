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
    /// For people: what is theirs, what their courses have, and what is others' of courses that they teach.
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
    /// Of these it sees what all their members may: documents, passages, what a list shows of quizzes. Nothing of any person.
    pub(super) courses: Vec<&'a str>,
    /// Of these it sees what is other people's: summaries of sessions, evidence of skills.
    pub(super) taught: Vec<&'a str>,
}

impl<'a> Claims<'a> {
    pub(super) fn of_session(role: Role, key: &'a SessionKey) -> Self {
        Self { tenant: Some(&key.tenant), user: Some(&key.user), ..Self::nothing(role) }
    }

    /// All of a tenant.
    pub(super) fn of_tenant(tenant: &'a TenantId) -> Self {
        Self { tenant: Some(tenant), ..Self::nothing(Role::Filing) }
    }

    pub(super) fn of_user(tenant: &'a TenantId, user: &'a UserId) -> Self {
        Self { tenant: Some(tenant), user: Some(user), ..Self::nothing(Role::App) }
    }

    /// What the members of these courses may see.
    pub(super) fn of_courses(tenant: &'a TenantId, courses: impl IntoIterator<Item = &'a str>) -> Self {
        Self { tenant: Some(tenant), courses: courses.into_iter().collect(), ..Self::nothing(Role::App) }
    }

    /// What the teachers of these courses may see of those who learn there.
    pub(super) fn of_taught(tenant: &'a TenantId, courses: impl IntoIterator<Item = &'a str>) -> Self {
        Self { tenant: Some(tenant), taught: courses.into_iter().collect(), ..Self::nothing(Role::App) }
    }

    pub(super) fn of_upkeep() -> Self {
        Self::nothing(Role::Upkeep)
    }

    fn nothing(role: Role) -> Self {
        Self { role, tenant: None, user: None, courses: Vec::new(), taught: Vec::new() }
    }

    /// Begins the transaction that all of a request happens in.
    pub(super) async fn begin(&self, pool: &PgPool) -> sqlx::Result<Transaction<'static, Postgres>> {
        let mut transaction = pool.begin().await?;
        let json = |courses| serde_json::to_string(courses).map_err(|error| sqlx::Error::Encode(error.into()));
        once(
            "SELECT set_config('role', $1, true), set_config('viva.tenant', $2, true), set_config('viva.user', $3, true), \
             set_config('viva.courses', $4, true), set_config('viva.taught', $5, true), set_config('statement_timeout', $6, true)",
        )
        .bind(self.role.name())
        .bind(self.tenant.map_or("", TenantId::as_str))
        .bind(self.user.map_or("", UserId::as_str))
        .bind(json(&self.courses)?)
        .bind(json(&self.taught)?)
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
