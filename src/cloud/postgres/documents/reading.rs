//! Documents as they are looked up, listed, counted, and found to be worked on.

use crate::cloud::postgres::columns::{maybe_small, moment, no_such, signed, small, text, unsigned, words};
use crate::cloud::postgres::position::{Position, page};
use crate::cloud::postgres::request::{Asked, Claims, once};
use crate::config::limits::LIST_PAGE_MAX;
use crate::ports::documents::{
    Content, Document, DocumentKey, DocumentPage, DocumentQuery, DocumentState, Failure, Stored,
};
use crate::ports::ids::{CourseId, DocumentId, TenantId, UserId};
use crate::ports::objects::ObjectKey;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, Row};

macro_rules! columns {
    () => {
        "tenant, document, course, owner, object, name, media_type, bytes, sha256, state, version, revision, attempts, \
         failure_code, failure_reason, title, pages, passages, stale, created, updated"
    };
}
pub(super) use columns;

pub(super) async fn get(pool: &PgPool, key: &DocumentKey) -> sqlx::Result<Option<Document>> {
    let found = Claims::of_tenant(&key.tenant).one(pool, by_key(key)).await?;
    found.as_ref().map(read).transpose()
}

/// Tombstones, too.
pub(super) async fn select(connection: &mut PgConnection, key: &DocumentKey) -> sqlx::Result<Option<Document>> {
    let found = by_key(key).fetch_optional(connection).await?;
    found.as_ref().map(read).transpose()
}

fn by_key(key: &DocumentKey) -> Asked<'_> {
    once(concat!("SELECT ", columns!(), " FROM viva.documents WHERE tenant = $1 AND document = $2"))
        .bind(key.tenant.as_str())
        .bind(key.document.as_str())
}

/// From each course as many as the page may hold, by its own index; of all those the newest.
pub(super) async fn list(pool: &PgPool, query: &DocumentQuery, before: Option<Position>) -> sqlx::Result<DocumentPage> {
    let limit = query.limit.clamp(1, LIST_PAGE_MAX);
    let courses: Vec<&str> = query.courses.iter().map(CourseId::as_str).collect();
    let asked = once(concat!(
        "SELECT ",
        columns!(),
        " FROM (SELECT DISTINCT unnest($2::text[]) AS of_course) AS wanted, LATERAL ( \
         SELECT * FROM viva.documents WHERE tenant = $1 AND course = wanted.of_course AND state <> 'deleted' \
         AND NOT EXISTS (SELECT FROM unnest($3::text[]) AS word WHERE strpos(name_folded, word) = 0) \
         AND ($4::bigint IS NULL OR created < $4 OR (created = $4 AND document > $5)) \
         ORDER BY created DESC, document LIMIT $6) AS newest ORDER BY created DESC, document LIMIT $6",
    ))
    .bind(query.tenant.as_str())
    .bind(&courses)
    .bind(words(query.text.as_deref()))
    .bind(before.as_ref().map(|position| position.at))
    .bind(before.as_ref().map(|position| position.name.as_str()))
    .bind(signed(limit as u64 + 1));
    let rows = Claims::of_courses(&query.tenant, courses.iter().copied()).all(pool, asked).await?;
    let documents = rows.iter().map(read).collect::<sqlx::Result<Vec<_>>>()?;
    let (documents, cursor) = page(documents, limit, |last| Position::new(last.created, last.key.document.as_str()));
    Ok(DocumentPage { documents, cursor })
}

pub(super) async fn unfinished(pool: &PgPool, limit: usize) -> sqlx::Result<Vec<Document>> {
    let asked = once(concat!("SELECT ", columns!(), " FROM viva.documents WHERE unfinished ORDER BY updated LIMIT $1"))
        .bind(signed(limit as u64));
    let rows = Claims::of_upkeep().all(pool, asked).await?;
    rows.iter().map(read).collect()
}

pub(super) async fn stored_by(pool: &PgPool, tenant: &TenantId, owner: &UserId) -> sqlx::Result<Stored> {
    let mut transaction = Claims::of_tenant(tenant).begin(pool).await?;
    let row = once(
        "SELECT count(*) AS documents, COALESCE(sum(bytes), 0)::bigint AS bytes FROM viva.documents \
         WHERE tenant = $1 AND owner = $2 AND state <> 'deleted'",
    )
    .bind(tenant.as_str())
    .bind(owner.as_str())
    .fetch_one(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(Stored { documents: unsigned(&row, "documents")?, bytes: unsigned(&row, "bytes")? })
}

pub(super) fn read(row: &PgRow) -> sqlx::Result<Document> {
    let state = text(row, "state")?;
    let code: Option<String> = row.try_get("failure_code")?;
    let reason: Option<String> = row.try_get("failure_reason")?;
    let stale: Vec<String> = row.try_get("stale")?;
    Ok(Document {
        key: DocumentKey {
            tenant: TenantId::new(text(row, "tenant")?),
            document: DocumentId::new(text(row, "document")?),
        },
        course: CourseId::new(text(row, "course")?),
        owner: UserId::new(text(row, "owner")?),
        content: content(row)?,
        state: DocumentState::of(&state).ok_or_else(|| no_such("state of a document", &state))?,
        version: unsigned(row, "version")?,
        revision: unsigned(row, "revision")?,
        attempts: small(row, "attempts")?,
        failure: code.map(|code| Failure { code, reason: reason.unwrap_or_default() }),
        title: row.try_get("title")?,
        pages: maybe_small(row, "pages")?,
        passages: maybe_small(row, "passages")?,
        stale: stale.into_iter().map(ObjectKey).collect(),
        created: moment(row, "created")?,
        updated: moment(row, "updated")?,
    })
}

pub(in crate::cloud::postgres) fn content(row: &PgRow) -> sqlx::Result<Content> {
    Ok(Content {
        object: ObjectKey(text(row, "object")?),
        name: text(row, "name")?,
        media_type: text(row, "media_type")?,
        bytes: unsigned(row, "bytes")?,
        sha256: text(row, "sha256")?,
    })
}
