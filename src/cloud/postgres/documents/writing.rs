//! Documents as they are made, moved on, replaced and deleted: each only where the row is as its writer saw it.

use super::Changed;
use super::reading::{columns, read, select};
use crate::cloud::postgres::columns::{signed, storable};
use crate::cloud::postgres::request::{Claims, once};
use crate::ports::clock::UnixMs;
use crate::ports::documents::{Content, Document, DocumentKey, DocumentState, NewDocument, Replacement, Step};
use crate::ports::objects::ObjectKey;
use sqlx::{PgConnection, PgPool};

/// What is there then, made now or before.
pub(super) async fn create(pool: &PgPool, new: &NewDocument) -> sqlx::Result<Option<Document>> {
    let NewDocument { key, course, owner, content, at } = new;
    let Content { object, name, media_type, bytes, sha256 } = content;
    let name = storable(name);
    let mut transaction = Claims::of_tenant(&key.tenant).begin(pool).await?;
    once(
        "INSERT INTO viva.documents (tenant, document, course, owner, object, name, name_folded, media_type, bytes, sha256, state, \
         version, revision, attempts, stale, unfinished, created, updated) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'uploaded', 1, 1, 0, '{}', true, $11, $11) \
         ON CONFLICT (tenant, document) DO NOTHING",
    )
    .bind(key.tenant.as_str())
    .bind(key.document.as_str())
    .bind(course.as_str())
    .bind(owner.as_str())
    .bind(&object.0)
    .bind(&name)
    .bind(name.to_lowercase())
    .bind(storable(media_type))
    .bind(signed(*bytes))
    .bind(sha256)
    .bind(signed(at.0))
    .execute(&mut *transaction)
    .await?;
    let found = select(&mut transaction, key).await?;
    transaction.commit().await?;
    Ok(found)
}

pub(super) async fn advance(pool: &PgPool, key: &DocumentKey, revision: u64, step: &Step) -> sqlx::Result<Changed> {
    let Step { state, attempts, failure, title, pages, passages, stale, at } = step;
    let mut transaction = Claims::of_tenant(&key.tenant).begin(pool).await?;
    let row = once(concat!(
        "UPDATE viva.documents SET state = $4, revision = revision + 1, attempts = $5, failure_code = $6, failure_reason = $7, \
         title = $8, pages = $9, passages = $10, stale = $11, unfinished = $12, updated = $13 \
         WHERE tenant = $1 AND document = $2 AND revision = $3 AND state <> 'deleted' RETURNING ",
        columns!()
    ))
    .bind(key.tenant.as_str())
    .bind(key.document.as_str())
    .bind(signed(revision))
    .bind(state.as_str())
    .bind(i64::from(*attempts))
    .bind(failure.as_ref().map(|failure| storable(&failure.code)))
    .bind(failure.as_ref().map(|failure| storable(&failure.reason)))
    .bind(title.as_deref().map(storable))
    .bind(pages.map(i64::from))
    .bind(passages.map(i64::from))
    .bind(names(stale))
    .bind(!state.is_settled())
    .bind(signed(at.0))
    .fetch_optional(&mut *transaction)
    .await?;
    let changed = match row {
        Some(row) => Changed::Made(read(&row)?),
        None => Changed::Not(select(&mut transaction, key).await?),
    };
    transaction.commit().await?;
    Ok(changed)
}

pub(super) async fn replace(
    pool: &PgPool,
    key: &DocumentKey,
    revision: u64,
    replacement: &Replacement,
) -> sqlx::Result<Changed> {
    let mut transaction = Claims::of_tenant(&key.tenant).begin(pool).await?;
    let changed = match swap(&mut transaction, key, revision, replacement).await? {
        Some(document) => Changed::Made(document),
        None => match select(&mut transaction, key).await? {
            // It was replaced by this very content before.
            Some(found)
                if found.state != DocumentState::Deleted && found.content.object == replacement.content.object =>
            {
                Changed::Made(found)
            }
            found => Changed::Not(found),
        },
    };
    transaction.commit().await?;
    Ok(changed)
}

async fn swap(
    connection: &mut PgConnection,
    key: &DocumentKey,
    revision: u64,
    replacement: &Replacement,
) -> sqlx::Result<Option<Document>> {
    let Replacement { owner, content, at } = replacement;
    let Content { object, name, media_type, bytes, sha256 } = content;
    let name = storable(name);
    let row = once(concat!(
        "UPDATE viva.documents SET object = $4, name = $5, name_folded = $6, media_type = $7, bytes = $8, sha256 = $9, \
         state = 'uploaded', version = version + 1, revision = revision + 1, attempts = 0, failure_code = NULL, \
         failure_reason = NULL, title = NULL, pages = NULL, passages = NULL, stale = stale || object, unfinished = true, \
         updated = $10, owner = $11 WHERE tenant = $1 AND document = $2 AND revision = $3 AND state <> 'deleted' AND object <> $4 RETURNING ",
        columns!()
    ))
    .bind(key.tenant.as_str())
    .bind(key.document.as_str())
    .bind(signed(revision))
    .bind(&object.0)
    .bind(&name)
    .bind(name.to_lowercase())
    .bind(storable(media_type))
    .bind(signed(*bytes))
    .bind(sha256)
    .bind(signed(at.0))
    .bind(owner.as_str())
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(read).transpose()
}

/// The tombstone, as long as something of it is still to be removed.
pub(super) async fn delete(pool: &PgPool, key: &DocumentKey, at: UnixMs) -> sqlx::Result<Option<Document>> {
    let mut transaction = Claims::of_tenant(&key.tenant).begin(pool).await?;
    once(
        "UPDATE viva.documents SET state = 'deleted', revision = revision + 1, unfinished = true, updated = $3 \
         WHERE tenant = $1 AND document = $2 AND state <> 'deleted'",
    )
    .bind(key.tenant.as_str())
    .bind(key.document.as_str())
    .bind(signed(at.0))
    .execute(&mut *transaction)
    .await?;
    let row = once(concat!(
        "SELECT ",
        columns!(),
        " FROM viva.documents WHERE tenant = $1 AND document = $2 AND state = 'deleted' AND unfinished"
    ))
    .bind(key.tenant.as_str())
    .bind(key.document.as_str())
    .fetch_optional(&mut *transaction)
    .await?;
    transaction.commit().await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn purged(pool: &PgPool, key: &DocumentKey) -> sqlx::Result<()> {
    let mut transaction = Claims::of_tenant(&key.tenant).begin(pool).await?;
    once(
        "UPDATE viva.documents SET unfinished = false, object = '', name = '', name_folded = '', media_type = '', bytes = 0, \
         sha256 = '', title = NULL, failure_code = NULL, failure_reason = NULL, stale = '{}' \
         WHERE tenant = $1 AND document = $2 AND state = 'deleted'",
    )
    .bind(key.tenant.as_str())
    .bind(key.document.as_str())
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await
}

fn names(objects: &[ObjectKey]) -> Vec<&str> {
    objects.iter().map(|object| object.0.as_str()).collect()
}
