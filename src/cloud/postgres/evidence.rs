//! Evidence of people's skills. It is read under the claims of its user, or of its course; it is stored in its tenant. What it says is not
//! read here.

use super::Database;
use super::columns::{moment, signed, text};
use super::database::DatabaseError;
use super::request::{Claims, once};
use crate::ports::evidence::{EvidenceError, EvidenceLog, Observation};
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

    async fn of_user(
        &self,
        tenant: &TenantId,
        course: &CourseId,
        user: &UserId,
    ) -> Result<Vec<Observation>, EvidenceError> {
        of_user(&self.database.pool().await?, tenant, course, user).await.map_err(failed)
    }

    async fn of_course(
        &self,
        tenant: &TenantId,
        course: &CourseId,
    ) -> Result<BTreeMap<UserId, Vec<Observation>>, EvidenceError> {
        of_course(&self.database.pool().await?, tenant, course).await.map_err(failed)
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

async fn of_user(pool: &PgPool, tenant: &TenantId, course: &CourseId, user: &UserId) -> sqlx::Result<Vec<Observation>> {
    let mut transaction = Claims::of_user(tenant, user).begin(pool).await?;
    let rows = once(
        "SELECT id, at, evidence::text AS evidence FROM viva.evidence WHERE tenant = $1 AND course = $2 AND usr = $3 ORDER BY at, id",
    )
    .bind(tenant.as_str())
    .bind(course.as_str())
    .bind(user.as_str())
    .fetch_all(&mut *transaction)
    .await?;
    transaction.commit().await?;
    rows.iter().map(read).collect()
}

async fn of_course(
    pool: &PgPool,
    tenant: &TenantId,
    course: &CourseId,
) -> sqlx::Result<BTreeMap<UserId, Vec<Observation>>> {
    let mut transaction = Claims::of_courses(tenant, [course.as_str()]).begin(pool).await?;
    let rows = once(
        "SELECT usr, id, at, evidence::text AS evidence FROM viva.evidence WHERE tenant = $1 AND course = $2 ORDER BY usr, at, id",
    )
    .bind(tenant.as_str())
    .bind(course.as_str())
    .fetch_all(&mut *transaction)
    .await?;
    transaction.commit().await?;
    let mut found: BTreeMap<UserId, Vec<Observation>> = BTreeMap::new();
    for row in &rows {
        found.entry(UserId::new(text(row, "usr")?)).or_default().push(read(row)?);
    }
    Ok(found)
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
