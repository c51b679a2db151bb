//! Uploads. Whoever begins one for a user waits for whoever else does, so that no two are admitted into one place; the quota counts
//! documents and uploads as of one moment, so that none is missed while it turns from the one into the other.

mod beginning;

use super::Database;
use super::columns::{moment, no_such, signed, text};
use super::database::DatabaseError;
use super::documents::content;
use super::position::{NotOurs, Position, page};
use super::request::{Claims, once};
use crate::config::limits::LIST_PAGE_MAX;
use crate::ports::clock::UnixMs;
use crate::ports::ids::{CourseId, DocumentId, TenantId, UploadId, UserId};
use crate::ports::uploads::{
    Began, Idempotency, Quota, Upload, UploadPage, UploadQuery, UploadState, Uploads, UploadsError,
};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};
use std::sync::Arc;

#[derive(Debug)]
pub struct PostgresUploads {
    database: Arc<Database>,
}

impl PostgresUploads {
    pub fn new(database: Arc<Database>) -> Self {
        Self { database }
    }
}

#[async_trait]
impl Uploads for PostgresUploads {
    async fn begin(
        &self,
        upload: Upload,
        idempotency: Option<Idempotency>,
        quota: &Quota,
    ) -> Result<Began, UploadsError> {
        beginning::begin(&self.database.pool().await?, upload, idempotency.as_ref(), quota).await.map_err(failed)
    }

    async fn get(&self, tenant: &TenantId, upload: &UploadId) -> Result<Option<Upload>, UploadsError> {
        get(&self.database.pool().await?, tenant, upload).await.map_err(failed)
    }

    async fn list(&self, query: UploadQuery) -> Result<UploadPage, UploadsError> {
        let before = query.cursor.as_deref().map(Position::decode).transpose()?;
        list(&self.database.pool().await?, &query, before).await.map_err(failed)
    }

    async fn settle(
        &self,
        tenant: &TenantId,
        upload: &UploadId,
        to: UploadState,
    ) -> Result<Option<UploadState>, UploadsError> {
        settle(&self.database.pool().await?, tenant, upload, to).await.map_err(failed)
    }

    async fn expired(&self, now: UnixMs, limit: usize) -> Result<Vec<Upload>, UploadsError> {
        expired(&self.database.pool().await?, now, limit).await.map_err(failed)
    }

    async fn forget(&self, tenant: &TenantId, upload: &UploadId) -> Result<(), UploadsError> {
        forget(&self.database.pool().await?, tenant, upload).await.map_err(failed)
    }
}

macro_rules! columns {
    () => {
        "tenant, upload, owner, course, document, replaces, object, name, media_type, bytes, sha256, state, created, expires"
    };
}
use columns;

async fn get(pool: &PgPool, tenant: &TenantId, upload: &UploadId) -> sqlx::Result<Option<Upload>> {
    let asked = once(concat!("SELECT ", columns!(), " FROM viva.uploads WHERE tenant = $1 AND upload = $2"))
        .bind(tenant.as_str())
        .bind(upload.as_str());
    let row = Claims::of_tenant(tenant).one(pool, asked).await?;
    row.as_ref().map(read).transpose()
}

async fn list(pool: &PgPool, query: &UploadQuery, before: Option<Position>) -> sqlx::Result<UploadPage> {
    let limit = query.limit.clamp(1, LIST_PAGE_MAX);
    let asked = once(concat!(
        "SELECT ",
        columns!(),
        " FROM viva.uploads WHERE tenant = $1 AND owner = $2 AND state = 'pending' \
         AND ($3::bigint IS NULL OR created < $3 OR (created = $3 AND upload > $4)) \
         ORDER BY created DESC, upload LIMIT $5",
    ))
    .bind(query.tenant.as_str())
    .bind(query.owner.as_str())
    .bind(before.as_ref().map(|position| position.at))
    .bind(before.as_ref().map(|position| position.name.as_str()))
    .bind(signed(limit as u64 + 1));
    let rows = Claims::of_user(&query.tenant, &query.owner).all(pool, asked).await?;
    let uploads = rows.iter().map(read).collect::<sqlx::Result<Vec<_>>>()?;
    let (uploads, cursor) = page(uploads, limit, |last| Position::new(last.created, last.upload.as_str()));
    Ok(UploadPage { uploads, cursor })
}

async fn settle(
    pool: &PgPool,
    tenant: &TenantId,
    upload: &UploadId,
    to: UploadState,
) -> sqlx::Result<Option<UploadState>> {
    let mut transaction = Claims::of_tenant(tenant).begin(pool).await?;
    once("UPDATE viva.uploads SET state = $3 WHERE tenant = $1 AND upload = $2 AND state = 'pending'")
        .bind(tenant.as_str())
        .bind(upload.as_str())
        .bind(to.as_str())
        .execute(&mut *transaction)
        .await?;
    let row = once("SELECT state FROM viva.uploads WHERE tenant = $1 AND upload = $2")
        .bind(tenant.as_str())
        .bind(upload.as_str())
        .fetch_optional(&mut *transaction)
        .await?;
    transaction.commit().await?;
    row.as_ref().map(read_state).transpose()
}

async fn expired(pool: &PgPool, now: UnixMs, limit: usize) -> sqlx::Result<Vec<Upload>> {
    let asked = once(concat!("SELECT ", columns!(), " FROM viva.uploads WHERE expires < $1 ORDER BY expires LIMIT $2"))
        .bind(signed(now.0))
        .bind(signed(limit as u64));
    let rows = Claims::of_upkeep().all(pool, asked).await?;
    rows.iter().map(read).collect()
}

async fn forget(pool: &PgPool, tenant: &TenantId, upload: &UploadId) -> sqlx::Result<()> {
    let mut transaction = Claims::of_tenant(tenant).begin(pool).await?;
    once("DELETE FROM viva.uploads WHERE tenant = $1 AND upload = $2")
        .bind(tenant.as_str())
        .bind(upload.as_str())
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await
}

fn read(row: &PgRow) -> sqlx::Result<Upload> {
    Ok(Upload {
        tenant: TenantId::new(text(row, "tenant")?),
        upload: UploadId::new(text(row, "upload")?),
        owner: UserId::new(text(row, "owner")?),
        course: CourseId::new(text(row, "course")?),
        document: DocumentId::new(text(row, "document")?),
        replaces: row.try_get("replaces")?,
        content: content(row)?,
        state: read_state(row)?,
        created: moment(row, "created")?,
        expires: moment(row, "expires")?,
    })
}

fn read_state(row: &PgRow) -> sqlx::Result<UploadState> {
    let state = text(row, "state")?;
    UploadState::of(&state).ok_or_else(|| no_such("state of an upload", &state))
}

impl From<DatabaseError> for UploadsError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Full => Self::Full,
            DatabaseError::Failed(message) => Self::Failed(message),
        }
    }
}

impl From<NotOurs> for UploadsError {
    fn from(_: NotOurs) -> Self {
        Self::Cursor
    }
}

fn failed(error: sqlx::Error) -> UploadsError {
    DatabaseError::from(error).into()
}
