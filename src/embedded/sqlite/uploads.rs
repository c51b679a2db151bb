//! Uploads, kept by the database. The quota is asked in the transaction that admits, so that no two are admitted into one place.

use super::Store;
use super::documents::{read_content, stored_by, unreadable};
use super::error::DbError;
use super::position::{NotOurs, Position, page};
use super::rows::Batch;
use crate::config::limits::LIST_PAGE_MAX;
use crate::ports::clock::UnixMs;
use crate::ports::documents::{Content, Stored};
use crate::ports::ids::{CourseId, DocumentId, TenantId, UploadId, UserId};
use crate::ports::uploads::{
    Began, Idempotency, InUse, Quota, Upload, UploadPage, UploadQuery, UploadState, Uploads, UploadsError,
};
use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

#[async_trait]
impl Uploads for Store {
    async fn begin(
        &self,
        upload: Upload,
        idempotency: Option<Idempotency>,
        quota: &Quota,
    ) -> Result<Began, UploadsError> {
        let quota = *quota;
        let begin = move |batch: &mut Batch<'_>| begin(batch.db, &upload, idempotency.as_ref(), &quota);
        Ok(self.writer.write(begin).await?)
    }

    async fn get(&self, tenant: &TenantId, upload: &UploadId) -> Result<Option<Upload>, UploadsError> {
        let (tenant, upload) = (tenant.clone(), upload.clone());
        let get = move |db: &Connection| {
            let sql = format!("SELECT {COLUMNS} FROM uploads WHERE tenant = ?1 AND upload = ?2");
            Ok(db.prepare_cached(&sql)?.query_row([tenant.as_str(), upload.as_str()], read).optional()?)
        };
        Ok(self.readers.read(get).await?)
    }

    async fn list(&self, query: UploadQuery) -> Result<UploadPage, UploadsError> {
        let before = query.cursor.as_deref().map(Position::decode).transpose()?;
        Ok(self.readers.read(move |db| list(db, &query, before)).await?)
    }

    async fn settle(
        &self,
        tenant: &TenantId,
        upload: &UploadId,
        to: UploadState,
    ) -> Result<Option<UploadState>, UploadsError> {
        let (tenant, upload) = (tenant.clone(), upload.clone());
        let settle = move |batch: &mut Batch<'_>| {
            batch
                .db
                .prepare_cached(
                    "UPDATE uploads SET state = ?3 WHERE tenant = ?1 AND upload = ?2 AND state = 'pending'",
                )?
                .execute([tenant.as_str(), upload.as_str(), to.as_str()])?;
            let mut select = batch.db.prepare_cached("SELECT state FROM uploads WHERE tenant = ?1 AND upload = ?2")?;
            select.query_row([tenant.as_str(), upload.as_str()], read_state).optional()
        };
        Ok(self.writer.write(settle).await?)
    }

    async fn expired(&self, now: UnixMs, limit: usize) -> Result<Vec<Upload>, UploadsError> {
        let expired = move |db: &Connection| {
            let sql = format!("SELECT {COLUMNS} FROM uploads WHERE expires < ?1 ORDER BY expires LIMIT ?2");
            let mut select = db.prepare_cached(&sql)?;
            let rows = select.query_map(params![now.0, limit], read)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        };
        Ok(self.readers.read(expired).await?)
    }

    async fn forget(&self, tenant: &TenantId, upload: &UploadId) -> Result<(), UploadsError> {
        let (tenant, upload) = (tenant.clone(), upload.clone());
        let forget = move |batch: &mut Batch<'_>| {
            batch
                .db
                .prepare_cached("DELETE FROM uploads WHERE tenant = ?1 AND upload = ?2")?
                .execute([tenant.as_str(), upload.as_str()])
                .map(drop)
        };
        Ok(self.writer.write(forget).await?)
    }
}

fn begin(
    db: &Connection,
    upload: &Upload,
    idempotency: Option<&Idempotency>,
    quota: &Quota,
) -> rusqlite::Result<Began> {
    if let Some(Idempotency { key, fingerprint }) = idempotency {
        let sql = format!(
            "SELECT {COLUMNS}, fingerprint FROM uploads WHERE tenant = ?1 AND owner = ?2 AND idempotency_key = ?3"
        );
        let before = db
            .prepare_cached(&sql)?
            .query_row([upload.tenant.as_str(), upload.owner.as_str(), key], |row| {
                Ok((read(row)?, row.get::<_, String>("fingerprint")?))
            })
            .optional()?;
        match before {
            Some((before, known)) if known == *fingerprint => return Ok(Began::Same(before)),
            Some(_) => return Ok(Began::Conflict),
            None => {}
        }
    }
    let in_use = in_use(db, upload)?;
    if let Some(exceeded) = quota.exceeded_by(upload, &in_use) {
        return Ok(Began::Exceeded { exceeded, stored: in_use.stored });
    }
    insert(db, upload, idempotency)?;
    Ok(Began::New(upload.clone()))
}

fn in_use(db: &Connection, upload: &Upload) -> rusqlite::Result<InUse> {
    let stored = stored_by(db, &upload.tenant, &upload.owner)?;
    let (pending, documents, bytes): (u64, u64, u64) = db
        .prepare_cached(
            "SELECT COUNT(*), COUNT(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM documents AS own WHERE own.tenant = ?1 \
             AND own.document = coming.document AND own.owner = ?2 AND own.state <> 'deleted')), COALESCE(SUM(bytes), 0) \
             FROM uploads AS coming WHERE tenant = ?1 AND owner = ?2 AND state = 'pending' AND expires > ?3",
        )?
        .query_row(params![upload.tenant.as_str(), upload.owner.as_str(), upload.created.0], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    let has_document = db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM documents WHERE tenant = ?1 AND document = ?2 AND owner = ?3 AND state <> 'deleted')",
        )?
        .query_row([upload.tenant.as_str(), upload.document.as_str(), upload.owner.as_str()], |row| row.get(0))?;
    let stored = Stored { documents: stored.documents + documents, bytes: stored.bytes + bytes };
    Ok(InUse { pending, stored, has_document })
}

fn insert(db: &Connection, upload: &Upload, idempotency: Option<&Idempotency>) -> rusqlite::Result<()> {
    let Upload { tenant, upload, owner, course, document, replaces, content, state, created, expires } = upload;
    let Content { object, name, media_type, bytes, sha256 } = content;
    let mut insert = db.prepare_cached(
        "INSERT INTO uploads (tenant, upload, owner, course, document, replaces, object, name, media_type, bytes, sha256, state, \
         idempotency_key, fingerprint, created, expires) VALUES (:tenant, :upload, :owner, :course, :document, :replaces, :object, \
         :name, :media_type, :bytes, :sha256, :state, :key, :fingerprint, :created, :expires)",
    )?;
    insert
        .execute(named_params! {
            ":tenant": tenant.as_str(), ":upload": upload.as_str(), ":owner": owner.as_str(),
            ":course": course.as_str(), ":document": document.as_str(), ":replaces": replaces, ":object": object.0,
            ":name": name, ":media_type": media_type, ":bytes": bytes, ":sha256": sha256, ":state": state.as_str(),
            ":key": idempotency.map(|idempotency| &idempotency.key),
            ":fingerprint": idempotency.map(|idempotency| &idempotency.fingerprint),
            ":created": created.0, ":expires": expires.0,
        })
        .map(drop)
}

fn list(db: &Connection, query: &UploadQuery, before: Option<Position>) -> Result<UploadPage, DbError> {
    let limit = query.limit.clamp(1, LIST_PAGE_MAX);
    let sql = format!(
        "SELECT {COLUMNS} FROM uploads WHERE tenant = :tenant AND owner = :owner AND state = 'pending' \
         AND (:created IS NULL OR created < :created OR (created = :created AND upload > :after)) \
         ORDER BY created DESC, upload LIMIT :limit"
    );
    let mut select = db.prepare_cached(&sql)?;
    let rows = select.query_map(
        named_params! {
            ":tenant": query.tenant.as_str(), ":owner": query.owner.as_str(),
            ":created": before.as_ref().map(|position| position.at),
            ":after": before.as_ref().map(|position| position.name.as_str()), ":limit": limit + 1,
        },
        read,
    )?;
    let (uploads, cursor) = page(rows, limit, |last| Position::new(last.created, last.upload.as_str()))?;
    Ok(UploadPage { uploads, cursor })
}

const COLUMNS: &str = "tenant, upload, owner, course, document, replaces, object, name, media_type, bytes, sha256, state, created, \
     expires";

fn read(row: &Row<'_>) -> rusqlite::Result<Upload> {
    let text = |column: &str| row.get::<_, String>(column);
    let state = row.get_ref("state")?.as_str()?;
    Ok(Upload {
        tenant: TenantId::new(text("tenant")?),
        upload: UploadId::new(text("upload")?),
        owner: UserId::new(text("owner")?),
        course: CourseId::new(text("course")?),
        document: DocumentId::new(text("document")?),
        replaces: row.get("replaces")?,
        content: read_content(row)?,
        state: UploadState::of(state).ok_or_else(|| unreadable("state"))?,
        created: UnixMs(row.get("created")?),
        expires: UnixMs(row.get("expires")?),
    })
}

fn read_state(row: &Row<'_>) -> rusqlite::Result<UploadState> {
    UploadState::of(row.get_ref(0)?.as_str()?).ok_or_else(|| unreadable("state"))
}

impl From<NotOurs> for UploadsError {
    fn from(_: NotOurs) -> Self {
        Self::Cursor
    }
}
