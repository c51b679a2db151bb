//! How an upload begins: one after another for each user, where the quota has room.

use super::{columns, read};
use crate::cloud::postgres::columns::{signed, storable, text, unsigned};
use crate::cloud::postgres::request::{Claims, alone_in, once};
use crate::ports::documents::{Content, Stored};
use crate::ports::uploads::{Began, Idempotency, InUse, Quota, Upload};
use sqlx::{PgConnection, PgPool, Row};

pub(super) async fn begin(
    pool: &PgPool,
    upload: Upload,
    idempotency: Option<&Idempotency>,
    quota: &Quota,
) -> sqlx::Result<Began> {
    let mut transaction = Claims::of_tenant(&upload.tenant).begin(pool).await?;
    alone_in(&mut transaction, format!("uploads#{}#{}", upload.tenant, upload.owner)).await?;
    let began = match before(&mut transaction, &upload, idempotency).await? {
        Some(began) => began,
        None => {
            let in_use = in_use(&mut transaction, &upload).await?;
            match quota.exceeded_by(&upload, &in_use) {
                Some(exceeded) => Began::Exceeded { exceeded, stored: in_use.stored },
                None => {
                    insert(&mut transaction, &upload, idempotency).await?;
                    Began::New(upload)
                }
            }
        }
    };
    transaction.commit().await?;
    Ok(began)
}

/// What came of an earlier request with the same key.
async fn before(
    connection: &mut PgConnection,
    upload: &Upload,
    idempotency: Option<&Idempotency>,
) -> sqlx::Result<Option<Began>> {
    let Some(Idempotency { key, fingerprint }) = idempotency else { return Ok(None) };
    let row = once(concat!(
        "SELECT ",
        columns!(),
        ", fingerprint FROM viva.uploads WHERE tenant = $1 AND owner = $2 AND idempotency_key = $3"
    ))
    .bind(upload.tenant.as_str())
    .bind(upload.owner.as_str())
    .bind(storable(key))
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let is_same = text(&row, "fingerprint")? == storable(fingerprint);
    Ok(Some(if is_same { Began::Same(read(&row)?) } else { Began::Conflict }))
}

async fn in_use(connection: &mut PgConnection, upload: &Upload) -> sqlx::Result<InUse> {
    let row = once(
        "SELECT coming.pending, stored.documents + coming.documents AS documents, stored.bytes + coming.bytes AS bytes, \
         EXISTS (SELECT FROM viva.documents WHERE tenant = $1 AND document = $4 AND owner = $2 AND state <> 'deleted') AS has_document \
         FROM (SELECT count(*) AS documents, COALESCE(sum(bytes), 0)::bigint AS bytes FROM viva.documents \
             WHERE tenant = $1 AND owner = $2 AND state <> 'deleted') AS stored, \
         (SELECT count(*) AS pending, COALESCE(sum(bytes), 0)::bigint AS bytes, count(*) FILTER (WHERE NOT EXISTS ( \
                 SELECT FROM viva.documents AS own WHERE own.tenant = $1 AND own.document = upload.document AND own.owner = $2 \
                 AND own.state <> 'deleted')) AS documents \
             FROM viva.uploads AS upload WHERE tenant = $1 AND owner = $2 AND state = 'pending' AND expires > $3) AS coming",
    )
    .bind(upload.tenant.as_str())
    .bind(upload.owner.as_str())
    .bind(signed(upload.created.0))
    .bind(upload.document.as_str())
    .fetch_one(connection)
    .await?;
    let stored = Stored { documents: unsigned(&row, "documents")?, bytes: unsigned(&row, "bytes")? };
    Ok(InUse { pending: unsigned(&row, "pending")?, stored, has_document: row.try_get("has_document")? })
}

async fn insert(connection: &mut PgConnection, upload: &Upload, idempotency: Option<&Idempotency>) -> sqlx::Result<()> {
    let Upload { tenant, upload, owner, course, document, replaces, content, state, created, expires } = upload;
    let Content { object, name, media_type, bytes, sha256 } = content;
    once(
        "INSERT INTO viva.uploads (tenant, upload, owner, course, document, replaces, object, name, media_type, bytes, sha256, \
         state, idempotency_key, fingerprint, created, expires) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
    )
    .bind(tenant.as_str())
    .bind(upload.as_str())
    .bind(owner.as_str())
    .bind(course.as_str())
    .bind(document.as_str())
    .bind(*replaces)
    .bind(&object.0)
    .bind(storable(name))
    .bind(storable(media_type))
    .bind(signed(*bytes))
    .bind(sha256)
    .bind(state.as_str())
    .bind(idempotency.map(|idempotency| storable(&idempotency.key)))
    .bind(idempotency.map(|idempotency| storable(&idempotency.fingerprint)))
    .bind(signed(created.0))
    .bind(signed(expires.0))
    .execute(connection)
    .await
    .map(drop)
}
