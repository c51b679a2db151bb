//! Passages and their full-text index (FTS5: Porter's stemmer, BM25).
//!
//! Large documents come and go in parts, so that nobody else's write waits for them: which version of a document counts is one row, and
//! what no longer counts is invisible at once, whenever it is taken away.

mod search;

use super::Store;
use super::rows::Batch;
use crate::config::limits::{PASSAGES_DELETED_AT_ONCE, PASSAGES_PAGE_MAX};
use crate::ports::extraction::Locator;
use crate::ports::ids::{CourseId, DocumentId, TenantId};
use crate::ports::passages::{Hit, Passage, PassageId, PassageQuery, Passages, PassagesError, Put};
use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use search::shelf;

#[async_trait]
impl Passages for Store {
    async fn put(
        &self,
        tenant: &TenantId,
        document: &DocumentId,
        version: u64,
        passages: Vec<Passage>,
    ) -> Result<Put, PassagesError> {
        let (of, put_of) = ((tenant.clone(), document.clone()), (tenant.clone(), document.clone()));
        let put = move |batch: &mut Batch<'_>| {
            let (tenant, document) = &put_of;
            if !claim(batch.db, tenant, document, version)? {
                return Ok(Put::Late);
            }
            for passage in passages.iter().filter(|passage| passage.document == *document && passage.version == version)
            {
                insert(batch.db, tenant, passage)?;
            }
            Ok(Put::Stored)
        };
        let put = self.writer.write(put).await?;
        self.take_away(&of.0, &of.1).await?;
        Ok(put)
    }

    async fn search(&self, query: &PassageQuery) -> Result<Vec<Hit>, PassagesError> {
        let query = query.clone();
        Ok(self.readers.read(move |db| search::search(db, &query)).await?)
    }

    async fn get(&self, tenant: &TenantId, ids: &[PassageId]) -> Result<Vec<Passage>, PassagesError> {
        let wanted: Vec<_> = ids.iter().take(PASSAGES_PAGE_MAX).filter_map(PassageId::parts).collect();
        let tenant = tenant.clone();
        let get = move |db: &Connection| {
            let sql = format!("SELECT {PASSAGE} {COUNTING} AND p.version = ?3 AND p.ordinal = ?4");
            let mut select = db.prepare_cached(&sql)?;
            let mut found = Vec::new();
            for (document, version, ordinal) in wanted {
                // A number that no version can have names nothing.
                let Ok(version) = i64::try_from(version) else { continue };
                let of = params![tenant.as_str(), document.as_str(), version, ordinal];
                found.extend(select.query_row(of, read).optional()?);
            }
            Ok(found)
        };
        Ok(self.readers.read(get).await?)
    }

    async fn read(
        &self,
        tenant: &TenantId,
        document: &DocumentId,
        from_ordinal: u32,
        limit: usize,
    ) -> Result<Vec<Passage>, PassagesError> {
        let (tenant, document, limit) = (tenant.clone(), document.clone(), limit.min(PASSAGES_PAGE_MAX));
        let of_document = move |db: &Connection| {
            let sql = format!("SELECT {PASSAGE} {COUNTING} AND p.ordinal >= ?3 ORDER BY p.ordinal LIMIT ?4");
            let mut select = db.prepare_cached(&sql)?;
            let rows = select.query_map(params![tenant.as_str(), document.as_str(), from_ordinal, limit], read)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        };
        Ok(self.readers.read(of_document).await?)
    }

    async fn remove(&self, tenant: &TenantId, document: &DocumentId) -> Result<(), PassagesError> {
        let of = (tenant.clone(), document.clone());
        let remove = move |batch: &mut Batch<'_>| {
            batch
                .db
                .prepare_cached(
                    "INSERT INTO passage_documents (tenant, document, version, deleted) VALUES (?1, ?2, 0, 1) \
                     ON CONFLICT (tenant, document) DO UPDATE SET deleted = 1",
                )?
                .execute([of.0.as_str(), of.1.as_str()])
        };
        self.writer.write(remove).await?;
        self.take_away(tenant, document).await
    }
}

impl Store {
    /// Takes away what no longer counts of a document, a part at a time.
    async fn take_away(&self, tenant: &TenantId, document: &DocumentId) -> Result<(), PassagesError> {
        loop {
            let of = (tenant.clone(), document.clone());
            let take = move |batch: &mut Batch<'_>| {
                let mut delete = batch.db.prepare_cached(
                    "DELETE FROM passages WHERE id IN (SELECT p.id FROM passages p JOIN passage_documents d USING (tenant, document) \
                     WHERE p.tenant = ?1 AND p.document = ?2 AND (d.deleted = 1 OR p.version <> d.version) LIMIT ?3)",
                )?;
                delete.execute(params![of.0.as_str(), of.1.as_str(), PASSAGES_DELETED_AT_ONCE])
            };
            if self.writer.write(take).await? < PASSAGES_DELETED_AT_ONCE {
                return Ok(());
            }
        }
    }
}

/// Whether that version counts: then no older one does any more.
fn claim(db: &Connection, tenant: &TenantId, document: &DocumentId, version: u64) -> rusqlite::Result<bool> {
    let mut claim = db.prepare_cached(
        "INSERT INTO passage_documents (tenant, document, version, deleted) VALUES (?1, ?2, ?3, 0) \
         ON CONFLICT (tenant, document) DO UPDATE SET version = excluded.version \
         WHERE passage_documents.deleted = 0 AND passage_documents.version <= excluded.version",
    )?;
    Ok(claim.execute(params![tenant.as_str(), document.as_str(), version])? > 0)
}

fn insert(db: &Connection, tenant: &TenantId, passage: &Passage) -> rusqlite::Result<()> {
    let mut insert = db.prepare_cached(
        "INSERT INTO passages (tenant, document, version, ordinal, course, shelf, name, headings, text, locator) \
         VALUES (:tenant, :document, :version, :ordinal, :course, :shelf, :name, :headings, :text, :locator) \
         ON CONFLICT (tenant, document, version, ordinal) DO UPDATE SET course = excluded.course, shelf = excluded.shelf, \
         name = excluded.name, headings = excluded.headings, text = excluded.text, locator = excluded.locator",
    )?;
    let Passage { document, version, ordinal, course, name, text, locator } = passage;
    let locator_json = serde_json::to_string(locator).map_err(|error| conversion(Box::new(error)))?;
    insert
        .execute(named_params! {
            ":tenant": tenant.as_str(),
            ":document": document.as_str(),
            ":version": version,
            ":ordinal": ordinal,
            ":course": course.as_str(),
            ":shelf": shelf(tenant, course),
            ":name": name,
            ":headings": locator.path.join("\n"),
            ":text": text,
            ":locator": locator_json,
        })
        .map(drop)
}

/// What a row of `passages p` is read from.
const PASSAGE: &str = "p.document, p.version, p.ordinal, p.course, p.name, p.text, p.locator";

/// The passages of one document that count.
const COUNTING: &str = "FROM passages p JOIN passage_documents d USING (tenant, document) \
     WHERE p.tenant = ?1 AND p.document = ?2 AND d.deleted = 0 AND p.version = d.version";

fn read(row: &Row<'_>) -> rusqlite::Result<Passage> {
    let locator: String = row.get("locator")?;
    let locator: Locator = serde_json::from_str(&locator).map_err(|error| conversion(Box::new(error)))?;
    Ok(Passage {
        document: DocumentId::new(row.get::<_, String>("document")?),
        version: row.get("version")?,
        ordinal: row.get("ordinal")?,
        course: CourseId::new(row.get::<_, String>("course")?),
        name: row.get("name")?,
        text: row.get("text")?,
        locator,
    })
}

fn conversion(error: Box<dyn std::error::Error + Send + Sync>) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, error)
}
