//! Evidence of people's skills. It is read under the claims of its user, or of a teacher of its course; it is stored in its tenant. What it says is not
//! read here.

use super::Database;
use super::columns::{moment, signed, text};
use super::database::DatabaseError;
use super::request::{Claims, once};
use crate::ports::evidence::{EvidenceError, EvidenceLog, Observation, Observed};
use crate::ports::ids::{CourseId, TenantId, UserId};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Debug)]
pub struct PostgresEvidence {
    database: Arc<Database>,
}

impl PostgresEvidence {
    pub fn new(database: Arc<Database>) -> Self {
        Self { database }
    }
}

#[async_trait]
impl EvidenceLog for PostgresEvidence {
    async fn record(
        &self,
        tenant: &TenantId,
        course: &CourseId,
        user: &UserId,
        observations: Vec<Observation>,
    ) -> Result<(), EvidenceError> {
        record(&self.database.pool().await?, tenant, course, user, &observations).await.map_err(failed)
    }

    async fn newest(
        &self,
        tenant: &TenantId,
        course: &CourseId,
        user: &UserId,
        limit: usize,
    ) -> Result<Observed, EvidenceError> {
        newest(&self.database.pool().await?, tenant, course, user, limit).await.map_err(failed)
    }

    async fn users(
        &self,
        tenant: &TenantId,
        course: &CourseId,
        after: Option<&UserId>,
        limit: usize,
    ) -> Result<Vec<UserId>, EvidenceError> {
        users(&self.database.pool().await?, tenant, course, after, limit).await.map_err(failed)
    }
}

async fn record(
    pool: &PgPool,
    tenant: &TenantId,
    course: &CourseId,
    user: &UserId,
    observations: &[Observation],
) -> sqlx::Result<()> {
    let mut transaction = Claims::of_tenant(tenant).begin(pool).await?;
    put(&mut transaction, tenant, course, user, observations).await?;
    transaction.commit().await
}

async fn newest(
    pool: &PgPool,
    tenant: &TenantId,
    course: &CourseId,
    user: &UserId,
    limit: usize,
) -> sqlx::Result<Observed> {
    let asked = once(
        "SELECT id, at, evidence::text AS evidence FROM viva.evidence WHERE tenant = $1 AND course = $2 AND usr = $3 \
         ORDER BY at DESC, id DESC LIMIT $4",
    )
    .bind(tenant.as_str())
    .bind(course.as_str())
    .bind(user.as_str())
    .bind(signed(limit as u64 + 1));
    let rows = Claims::of_user(tenant, user).all(pool, asked).await?;
    Ok(Observed::of(rows.iter().map(read).collect::<sqlx::Result<_>>()?, limit))
}

/// From one user to the next, by the key: what each has is not read.
async fn users(
    pool: &PgPool,
    tenant: &TenantId,
    course: &CourseId,
    after: Option<&UserId>,
    limit: usize,
) -> sqlx::Result<Vec<UserId>> {
    let asked = once(
        "WITH RECURSIVE users (usr) AS ( \
         SELECT min(usr) FROM viva.evidence WHERE tenant = $1 AND course = $2 AND usr > $3 UNION ALL \
         SELECT (SELECT min(usr) FROM viva.evidence WHERE tenant = $1 AND course = $2 AND usr > users.usr) \
         FROM users WHERE usr IS NOT NULL) SELECT usr FROM users WHERE usr IS NOT NULL LIMIT $4",
    )
    .bind(tenant.as_str())
    .bind(course.as_str())
    .bind(after.map_or("", UserId::as_str))
    .bind(signed(limit as u64));
    let rows = Claims::of_taught(tenant, [course.as_str()]).all(pool, asked).await?;
    rows.iter().map(|row| text(row, "usr").map(UserId::new)).collect()
}

/// In the transaction that it is called in. In the order of ids, so that nobody waits for somebody who waits; of two with one id the last.
pub(super) async fn put(
    connection: &mut PgConnection,
    tenant: &TenantId,
    course: &CourseId,
    user: &UserId,
    observations: &[Observation],
) -> sqlx::Result<()> {
    let by_id: BTreeMap<&str, &Observation> =
        observations.iter().map(|observation| (observation.id.as_str(), observation)).collect();
    if by_id.is_empty() {
        return Ok(());
    }
    once(
        "INSERT INTO viva.evidence (tenant, course, usr, id, at, evidence) \
         SELECT $1, $2, $3, observed.id, observed.at, observed.evidence::json \
         FROM unnest($4::text[], $5::bigint[], $6::text[]) WITH ORDINALITY AS observed (id, at, evidence, place) ORDER BY place \
         ON CONFLICT (tenant, course, usr, id) DO UPDATE SET at = excluded.at, evidence = excluded.evidence",
    )
    .bind(tenant.as_str())
    .bind(course.as_str())
    .bind(user.as_str())
    .bind(by_id.keys().copied().collect::<Vec<_>>())
    .bind(by_id.values().map(|observation| signed(observation.at.0)).collect::<Vec<_>>())
    .bind(by_id.values().map(|observation| observation.evidence_json.as_str()).collect::<Vec<_>>())
    .execute(connection)
    .await
    .map(drop)
}

fn read(row: &PgRow) -> sqlx::Result<Observation> {
    Ok(Observation { id: text(row, "id")?, at: moment(row, "at")?, evidence_json: text(row, "evidence")? })
}

impl From<DatabaseError> for EvidenceError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Full => Self::Full,
            DatabaseError::Failed(message) => Self::Failed(message),
        }
    }
}

fn failed(error: sqlx::Error) -> EvidenceError {
    DatabaseError::from(error).into()
}
