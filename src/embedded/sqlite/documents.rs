//! Documents, kept by the database. Every change is one conditional update on the row's revision.

use super::Store;
use super::error::DbError;
use super::position::{NotOurs, Position, page};
use super::rows::Batch;
use crate::config::limits::LIST_PAGE_MAX;
use crate::ports::clock::UnixMs;
use crate::ports::documents::{
    Content, Document, DocumentKey, DocumentPage, DocumentQuery, DocumentState, Documents, DocumentsError, Failure,
    NewDocument, Replacement, Step, Stored,
};
use crate::ports::ids::{CourseId, DocumentId, TenantId, UserId};
use crate::ports::objects::ObjectKey;
use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

#[async_trait]
impl Documents for Store {
    async fn create(&self, new: NewDocument) -> Result<Document, DocumentsError> {
        let key = new.key.clone();
        let create = move |batch: &mut Batch<'_>| {
            insert(batch.db, &new)?;
            select(batch.db, &key)
        };
        alive(self.writer.write(create).await?)
    }

    async fn get(&self, key: &DocumentKey) -> Result<Option<Document>, DocumentsError> {
        let key = key.clone();
        let found = self.readers.read(move |db| Ok(select(db, &key)?)).await?;
        Ok(found.filter(|document| document.state != DocumentState::Deleted))
    }

    async fn list(&self, query: DocumentQuery) -> Result<DocumentPage, DocumentsError> {
        let before = query.cursor.as_deref().map(Position::decode).transpose()?;
        Ok(self.readers.read(move |db| list(db, &query, before)).await?)
    }

    async fn advance(&self, key: &DocumentKey, revision: u64, step: Step) -> Result<Document, DocumentsError> {
        let key = key.clone();
        let advance = move |batch: &mut Batch<'_>| {
            let changed = take(batch.db, &key, revision, &step)?;
            Ok((changed, select(batch.db, &key)?))
        };
        changed(self.writer.write(advance).await?)
    }

    async fn replace(
        &self,
        key: &DocumentKey,
        revision: u64,
        replacement: Replacement,
    ) -> Result<Document, DocumentsError> {
        let key = key.clone();
        let replace = move |batch: &mut Batch<'_>| {
            let found = select(batch.db, &key)?;
            let before = match found {
                Some(found)
                    if found.state != DocumentState::Deleted && found.content.object != replacement.content.object =>
                {
                    found
                }
                // It was replaced by this very content, or there is nothing to replace.
                other => return Ok((true, other)),
            };
            let swapped = swap(batch.db, &before, revision, &replacement)?;
            Ok((swapped, select(batch.db, &key)?))
        };
        changed(self.writer.write(replace).await?)
    }

    async fn delete(&self, key: &DocumentKey, at: UnixMs) -> Result<Option<Document>, DocumentsError> {
        let key = key.clone();
        let delete = move |batch: &mut Batch<'_>| {
            let mut bury = batch.db.prepare_cached(
                "UPDATE documents SET state = 'deleted', revision = revision + 1, unfinished = 1, updated = ?3 \
                 WHERE tenant = ?1 AND document = ?2 AND state <> 'deleted'",
            )?;
            bury.execute(params![key.tenant.as_str(), key.document.as_str(), at.0])?;
            let mut select = batch.db.prepare_cached(&format!("{SELECT} AND unfinished = 1"))?;
            select.query_row(params![key.tenant.as_str(), key.document.as_str()], read).optional()
        };
        Ok(self.writer.write(delete).await?)
    }

    async fn purged(&self, key: &DocumentKey) -> Result<(), DocumentsError> {
        let key = key.clone();
        let purge = move |batch: &mut Batch<'_>| {
            let mut purge = batch.db.prepare_cached(
                "UPDATE documents SET unfinished = 0, object = '', name = '', name_folded = '', media_type = '', bytes = 0, \
                 sha256 = '', title = NULL, failure_reason = NULL, stale = '[]' \
                 WHERE tenant = ?1 AND document = ?2 AND state = 'deleted'",
            )?;
            purge.execute([key.tenant.as_str(), key.document.as_str()]).map(drop)
        };
        Ok(self.writer.write(purge).await?)
    }

    async fn unfinished(&self, limit: usize) -> Result<Vec<Document>, DocumentsError> {
        let unfinished = move |db: &Connection| {
            let sql = format!("SELECT {COLUMNS} FROM documents WHERE unfinished = 1 ORDER BY updated LIMIT ?1");
            let mut select = db.prepare_cached(&sql)?;
            let rows = select.query_map([limit], read)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        };
        Ok(self.readers.read(unfinished).await?)
    }

    async fn stored_by(&self, tenant: &TenantId, owner: &UserId) -> Result<Stored, DocumentsError> {
        let (tenant, owner) = (tenant.clone(), owner.clone());
        Ok(self.readers.read(move |db| Ok(stored_by(db, &tenant, &owner)?)).await?)
    }
}

fn alive(found: Option<Document>) -> Result<Document, DocumentsError> {
    match found {
        None => Err(DocumentsError::Unknown),
        Some(document) if document.state == DocumentState::Deleted => Err(DocumentsError::Deleted),
        Some(document) => Ok(document),
    }
}

fn changed((changed, found): (bool, Option<Document>)) -> Result<Document, DocumentsError> {
    let document = alive(found)?;
    if changed { Ok(document) } else { Err(DocumentsError::Stale) }
}

fn insert(db: &Connection, new: &NewDocument) -> rusqlite::Result<()> {
    let NewDocument { key, course, owner, content, at } = new;
    let Content { object, name, media_type, bytes, sha256 } = content;
    let mut insert = db.prepare_cached(
        "INSERT INTO documents (tenant, document, course, owner, object, name, name_folded, media_type, bytes, sha256, state, \
         version, revision, attempts, stale, unfinished, created, updated) \
         VALUES (:tenant, :document, :course, :owner, :object, :name, :folded, :media_type, :bytes, :sha256, 'uploaded', 1, 1, 0, \
         '[]', 1, :at, :at) ON CONFLICT (tenant, document) DO NOTHING",
    )?;
    insert
        .execute(named_params! {
            ":tenant": key.tenant.as_str(), ":document": key.document.as_str(), ":course": course.as_str(),
            ":owner": owner.as_str(), ":object": object.0, ":name": name, ":folded": name.to_lowercase(),
            ":media_type": media_type, ":bytes": bytes, ":sha256": sha256, ":at": at.0,
        })
        .map(drop)
}

fn take(db: &Connection, key: &DocumentKey, revision: u64, step: &Step) -> rusqlite::Result<bool> {
    let Step { state, attempts, failure, title, pages, passages, stale, at } = step;
    let mut update = db.prepare_cached(
        "UPDATE documents SET state = :state, revision = revision + 1, attempts = :attempts, failure_code = :code, \
         failure_reason = :reason, title = :title, pages = :pages, passages = :passages, stale = :stale, unfinished = :unfinished, \
         updated = :at WHERE tenant = :tenant AND document = :document AND revision = :revision AND state <> 'deleted'",
    )?;
    let updated = update.execute(named_params! {
        ":state": state.as_str(), ":attempts": attempts,
        ":code": failure.as_ref().map(|failure| &failure.code),
        ":reason": failure.as_ref().map(|failure| &failure.reason),
        ":title": title, ":pages": pages, ":passages": passages, ":stale": stale_json(stale)?,
        ":unfinished": !state.is_settled(), ":at": at.0, ":tenant": key.tenant.as_str(),
        ":document": key.document.as_str(), ":revision": revision,
    })?;
    Ok(updated > 0)
}

fn swap(db: &Connection, before: &Document, revision: u64, replacement: &Replacement) -> rusqlite::Result<bool> {
    let Replacement { owner, content, at } = replacement;
    let Content { object, name, media_type, bytes, sha256 } = content;
    let mut stale = before.stale.clone();
    stale.push(before.content.object.clone());
    let mut update = db.prepare_cached(
        "UPDATE documents SET owner = :owner, object = :object, name = :name, name_folded = :folded, media_type = :media_type, \
         bytes = :bytes, sha256 = :sha256, state = 'uploaded', version = version + 1, revision = revision + 1, attempts = 0, failure_code = NULL, \
         failure_reason = NULL, title = NULL, pages = NULL, passages = NULL, stale = :stale, unfinished = 1, updated = :at \
         WHERE tenant = :tenant AND document = :document AND revision = :revision",
    )?;
    let updated = update.execute(named_params! {
        ":owner": owner.as_str(), ":object": object.0, ":name": name, ":folded": name.to_lowercase(),
        ":media_type": media_type, ":bytes": bytes, ":sha256": sha256, ":stale": stale_json(&stale)?, ":at": at.0,
        ":tenant": before.key.tenant.as_str(), ":document": before.key.document.as_str(), ":revision": revision,
    })?;
    Ok(updated > 0)
}

fn select(db: &Connection, key: &DocumentKey) -> rusqlite::Result<Option<Document>> {
    let mut select = db.prepare_cached(SELECT)?;
    select.query_row([key.tenant.as_str(), key.document.as_str()], read).optional()
}

pub(super) fn stored_by(db: &Connection, tenant: &TenantId, owner: &UserId) -> rusqlite::Result<Stored> {
    db.prepare_cached(
        "SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM documents WHERE tenant = ?1 AND owner = ?2 AND state <> 'deleted'",
    )?
    .query_row([tenant.as_str(), owner.as_str()], |row| Ok(Stored { documents: row.get(0)?, bytes: row.get(1)? }))
}

fn list(db: &Connection, query: &DocumentQuery, before: Option<Position>) -> Result<DocumentPage, DbError> {
    let limit = query.limit.clamp(1, LIST_PAGE_MAX);
    let words: Vec<String> =
        query.text.iter().flat_map(|text| text.split_whitespace()).map(str::to_lowercase).collect();
    let courses: Vec<&str> = query.courses.iter().map(CourseId::as_str).collect();
    let sql = format!(
        "SELECT {COLUMNS} FROM documents WHERE tenant = :tenant AND state <> 'deleted' \
         AND course IN (SELECT value FROM json_each(:courses)) \
         AND NOT EXISTS (SELECT 1 FROM json_each(:words) WHERE instr(name_folded, value) = 0) \
         AND (:created IS NULL OR created < :created OR (created = :created AND document > :after)) \
         ORDER BY created DESC, document LIMIT :limit"
    );
    let mut select = db.prepare_cached(&sql)?;
    let rows = select.query_map(
        named_params! {
            ":tenant": query.tenant.as_str(), ":courses": serde_json::to_string(&courses)?, ":words": serde_json::to_string(&words)?,
            ":created": before.as_ref().map(|position| position.at),
            ":after": before.as_ref().map(|position| position.name.as_str()), ":limit": limit + 1,
        },
        read,
    )?;
    let (documents, cursor) = page(rows, limit, |last| Position::new(last.created, last.key.document.as_str()))?;
    Ok(DocumentPage { documents, cursor })
}

const COLUMNS: &str = "tenant, document, course, owner, object, name, media_type, bytes, sha256, state, version, revision, attempts, \
     failure_code, failure_reason, title, pages, passages, stale, created, updated";

const SELECT: &str = "SELECT tenant, document, course, owner, object, name, media_type, bytes, sha256, state, version, revision, \
     attempts, failure_code, failure_reason, title, pages, passages, stale, created, updated FROM documents \
     WHERE tenant = ?1 AND document = ?2";

fn read(row: &Row<'_>) -> rusqlite::Result<Document> {
    let state = row.get_ref("state")?.as_str()?;
    let state = DocumentState::of(state).ok_or_else(|| unreadable("state"))?;
    let stale: Vec<String> = serde_json::from_str(row.get_ref("stale")?.as_str()?).map_err(|_| unreadable("stale"))?;
    let code: Option<String> = row.get("failure_code")?;
    let reason: Option<String> = row.get("failure_reason")?;
    Ok(Document {
        key: DocumentKey {
            tenant: TenantId::new(row.get::<_, String>("tenant")?),
            document: DocumentId::new(row.get::<_, String>("document")?),
        },
        course: CourseId::new(row.get::<_, String>("course")?),
        owner: UserId::new(row.get::<_, String>("owner")?),
        content: read_content(row)?,
        state,
        version: row.get("version")?,
        revision: row.get("revision")?,
        attempts: row.get("attempts")?,
        failure: code.map(|code| Failure { code, reason: reason.unwrap_or_default() }),
        title: row.get("title")?,
        pages: row.get("pages")?,
        passages: row.get("passages")?,
        stale: stale.into_iter().map(ObjectKey).collect(),
        created: UnixMs(row.get("created")?),
        updated: UnixMs(row.get("updated")?),
    })
}

pub(super) fn read_content(row: &Row<'_>) -> rusqlite::Result<Content> {
    Ok(Content {
        object: ObjectKey(row.get("object")?),
        name: row.get("name")?,
        media_type: row.get("media_type")?,
        bytes: row.get("bytes")?,
        sha256: row.get("sha256")?,
    })
}

fn stale_json(stale: &[ObjectKey]) -> rusqlite::Result<String> {
    let keys: Vec<&str> = stale.iter().map(|key| key.0.as_str()).collect();
    serde_json::to_string(&keys).map_err(|_| unreadable("stale"))
}

pub(super) fn unreadable(column: &'static str) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnName(column.to_owned())
}

impl From<NotOurs> for DocumentsError {
    fn from(_: NotOurs) -> Self {
        Self::Cursor
    }
}
