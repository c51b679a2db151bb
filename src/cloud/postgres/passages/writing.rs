//! What is stored and removed. Writers of one document go one after another, so that neither a late part nor a deletion is overtaken.

use crate::cloud::postgres::columns::{signed, storable};
use crate::cloud::postgres::request::{Claims, alone_in, once};
use crate::ports::ids::{DocumentId, TenantId};
use crate::ports::passages::{Passage, Put};
use sqlx::{PgPool, Postgres, Transaction};
use std::collections::BTreeMap;

pub(super) async fn put(
    pool: &PgPool,
    tenant: &TenantId,
    document: &DocumentId,
    version: u64,
    passages: &[Passage],
) -> sqlx::Result<Put> {
    let mut transaction = Claims::of_tenant(tenant).begin(pool).await?;
    alone_in(&mut transaction, format!("passages {tenant} {document}")).await?;
    let claimed = once(
        "INSERT INTO viva.passage_documents AS known (tenant, document, version, deleted) VALUES ($1, $2, $3, false) \
         ON CONFLICT (tenant, document) DO UPDATE SET version = excluded.version \
         WHERE NOT known.deleted AND known.version <= excluded.version",
    )
    .bind(tenant.as_str())
    .bind(document.as_str())
    .bind(signed(version))
    .execute(&mut *transaction)
    .await?;
    if claimed.rows_affected() == 0 {
        transaction.commit().await?;
        return Ok(Put::Late);
    }
    once("DELETE FROM viva.passages WHERE tenant = $1 AND document = $2 AND version <> $3")
        .bind(tenant.as_str())
        .bind(document.as_str())
        .bind(signed(version))
        .execute(&mut *transaction)
        .await?;
    insert(&mut transaction, tenant, document, version, passages).await?;
    transaction.commit().await?;
    Ok(Put::Stored)
}

async fn insert(
    transaction: &mut Transaction<'static, Postgres>,
    tenant: &TenantId,
    document: &DocumentId,
    version: u64,
    passages: &[Passage],
) -> sqlx::Result<()> {
    // One statement writes a row once.
    let by_ordinal: BTreeMap<u32, &Passage> = passages
        .iter()
        .filter(|passage| passage.document == *document && passage.version == version)
        .map(|passage| (passage.ordinal, passage))
        .collect();
    let of = |value: fn(&Passage) -> String| by_ordinal.values().map(|passage| value(passage)).collect::<Vec<_>>();
    let locators = by_ordinal.values().map(|passage| serde_json::to_string(&passage.locator));
    let locators = locators.collect::<Result<Vec<_>, _>>().map_err(|error| sqlx::Error::Encode(error.into()))?;
    once(
        "INSERT INTO viva.passages (tenant, document, version, ordinal, course, name, headings, text, locator) \
         SELECT $1, $2, $3, ordinal, course, name, headings, body, locator::json \
         FROM unnest($4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[]) \
         AS given (ordinal, course, name, headings, body, locator) \
         ON CONFLICT (tenant, document, version, ordinal) DO UPDATE SET course = excluded.course, name = excluded.name, \
         headings = excluded.headings, text = excluded.text, locator = excluded.locator",
    )
    .bind(tenant.as_str())
    .bind(document.as_str())
    .bind(signed(version))
    .bind(by_ordinal.keys().map(|ordinal| i64::from(*ordinal)).collect::<Vec<_>>())
    .bind(of(|passage| passage.course.as_str().to_owned()))
    .bind(of(|passage| storable(&passage.name)))
    .bind(of(|passage| storable(&passage.locator.path.join("\n"))))
    .bind(of(|passage| storable(&passage.text)))
    .bind(locators)
    .execute(&mut **transaction)
    .await
    .map(drop)
}

pub(super) async fn remove(pool: &PgPool, tenant: &TenantId, document: &DocumentId) -> sqlx::Result<()> {
    let mut transaction = Claims::of_tenant(tenant).begin(pool).await?;
    alone_in(&mut transaction, format!("passages {tenant} {document}")).await?;
    for sql in [
        "INSERT INTO viva.passage_documents (tenant, document, version, deleted) VALUES ($1, $2, 0, true) \
         ON CONFLICT (tenant, document) DO UPDATE SET deleted = true",
        "DELETE FROM viva.passages WHERE tenant = $1 AND document = $2",
    ] {
        once(sql).bind(tenant.as_str()).bind(document.as_str()).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}
