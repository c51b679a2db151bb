//! Passages and full-text search in them. Which version of a document counts is one row; what is older, deleted or late is not seen.
//!
//! A search is held to the courses that it names, by row-level security, too; everything else to its tenant.

mod searching;
mod writing;

use super::Database;
use super::columns::{small, storable, text, unreadable, unsigned};
use super::database::DatabaseError;
use super::request::{Claims, once};
use crate::config::limits::PASSAGES_PAGE_MAX;
use crate::ports::extraction::Locator;
use crate::ports::ids::{CourseId, DocumentId, TenantId};
use crate::ports::passages::{Hit, Passage, PassageId, PassageQuery, Passages, PassagesError, Put};
use async_trait::async_trait;
use sqlx::PgPool;
use sqlx::postgres::PgRow;
use std::sync::Arc;

#[derive(Debug)]
pub struct PostgresPassages {
    database: Arc<Database>,
}

impl PostgresPassages {
    pub fn new(database: Arc<Database>) -> Self {
        Self { database }
    }
}

#[async_trait]
impl Passages for PostgresPassages {
    async fn put(
        &self,
        tenant: &TenantId,
        document: &DocumentId,
        version: u64,
        passages: Vec<Passage>,
    ) -> Result<Put, PassagesError> {
        writing::put(&self.database.pool().await?, tenant, document, version, &passages).await.map_err(failed)
    }

    async fn search(&self, query: &PassageQuery) -> Result<Vec<Hit>, PassagesError> {
        searching::search(&self.database.pool().await?, query).await.map_err(failed)
    }

    async fn get(&self, tenant: &TenantId, ids: &[PassageId]) -> Result<Vec<Passage>, PassagesError> {
        get(&self.database.pool().await?, tenant, ids).await.map_err(failed)
    }

    async fn read(
        &self,
        tenant: &TenantId,
        document: &DocumentId,
        from_ordinal: u32,
        limit: usize,
    ) -> Result<Vec<Passage>, PassagesError> {
        let pool = self.database.pool().await?;
        let mut transaction = Claims::of_tenant(tenant).begin(&pool).await.map_err(failed)?;
        let rows = once(
            "SELECT p.document, p.version, p.ordinal, p.course, p.name, p.text, p.locator::text AS locator \
             FROM viva.passages p JOIN viva.passage_documents d USING (tenant, document) \
             WHERE p.tenant = $1 AND p.document = $2 AND NOT d.deleted AND p.version = d.version AND p.ordinal >= $3 \
             ORDER BY p.ordinal LIMIT $4",
        )
        .bind(tenant.as_str())
        .bind(storable(document.as_str()))
        .bind(i64::from(from_ordinal))
        .bind(limit.min(PASSAGES_PAGE_MAX) as i64)
        .fetch_all(&mut *transaction)
        .await
        .map_err(failed)?;
        transaction.commit().await.map_err(failed)?;
        rows.iter().map(passage).collect::<sqlx::Result<_>>().map_err(failed)
    }

    async fn remove(&self, tenant: &TenantId, document: &DocumentId) -> Result<(), PassagesError> {
        writing::remove(&self.database.pool().await?, tenant, document).await.map_err(failed)
    }
}

impl From<DatabaseError> for PassagesError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Full => Self::Full,
            DatabaseError::Failed(message) => Self::Failed(message),
        }
    }
}

fn failed(error: sqlx::Error) -> PassagesError {
    DatabaseError::from(error).into()
}

async fn get(pool: &PgPool, tenant: &TenantId, ids: &[PassageId]) -> sqlx::Result<Vec<Passage>> {
    let (mut documents, mut versions, mut ordinals) = (Vec::new(), Vec::new(), Vec::new());
    for (document, version, ordinal) in ids.iter().take(PASSAGES_PAGE_MAX).filter_map(PassageId::parts) {
        // A number that no version can have names nothing.
        let Ok(version) = i64::try_from(version) else { continue };
        documents.push(storable(document.as_str()));
        versions.push(version);
        ordinals.push(i64::from(ordinal));
    }
    let asked = once(
        "SELECT p.document, p.version, p.ordinal, p.course, p.name, p.text, p.locator::text AS locator \
         FROM unnest($2::text[], $3::bigint[], $4::bigint[]) WITH ORDINALITY AS wanted (document, version, ordinal, place) \
         JOIN viva.passages p ON p.tenant = $1 AND p.document = wanted.document AND p.version = wanted.version \
         AND p.ordinal = wanted.ordinal \
         JOIN viva.passage_documents d ON d.tenant = p.tenant AND d.document = p.document AND d.version = p.version AND NOT d.deleted \
         ORDER BY wanted.place",
    )
    .bind(tenant.as_str())
    .bind(documents)
    .bind(versions)
    .bind(ordinals);
    let rows = Claims::of_tenant(tenant).all(pool, asked).await?;
    rows.iter().map(passage).collect()
}

fn passage(row: &PgRow) -> sqlx::Result<Passage> {
    let locator: Locator = serde_json::from_str(&text(row, "locator")?).map_err(unreadable)?;
    Ok(Passage {
        document: DocumentId::new(text(row, "document")?),
        version: unsigned(row, "version")?,
        ordinal: small(row, "ordinal")?,
        course: CourseId::new(text(row, "course")?),
        name: text(row, "name")?,
        text: text(row, "text")?,
        locator,
    })
}
