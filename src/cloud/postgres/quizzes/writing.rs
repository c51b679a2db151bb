//! Quizzes as they are made, changed, published and deleted: each only where the row is as its writer saw it, and each with whatever belongs
//! to it in one transaction.

use super::Changed;
use super::reading::{columns, read, select};
use crate::cloud::postgres::columns::{signed, storable, text, unreadable, unsigned};
use crate::cloud::postgres::request::{Claims, alone_in, once};
use crate::ports::ids::{TenantId, UserId};
use crate::ports::quizzes::{Created, NewQuiz, Queued, Quiz, QuizChange, QuizKey, QuizQuota, SourceVersion};
use crate::ports::uploads::Idempotency;
use sqlx::{PgConnection, PgPool, Postgres, Row, Transaction};

/// `None`: another quiz has the id, or had it. Whoever makes quizzes for one owner goes one after another.
pub(super) async fn create(
    pool: &PgPool,
    new: &NewQuiz,
    idempotency: Option<&Idempotency>,
    quota: &QuizQuota,
) -> sqlx::Result<Option<Created>> {
    let mut transaction = Claims::of_tenant(&new.key.tenant).begin(pool).await?;
    alone_for(&mut transaction, &new.key.tenant, new.owner.as_str()).await?;
    let before = match idempotency {
        Some(idempotency) => before(&mut transaction, &new.key.tenant, &new.owner, idempotency).await?,
        None => None,
    };
    let created = match before {
        Some(before) => Some(before),
        None => match room(&mut transaction, new, quota).await? {
            Room::Enough => {
                insert(&mut transaction, new, idempotency).await?;
                select(&mut transaction, &new.key).await?.map(Created::New)
            }
            Room::TooMany => Some(Created::TooMany),
            Room::TooManyAtWork => Some(Created::TooManyAtWork),
            Room::IdIsUsed => None,
        },
    };
    transaction.commit().await?;
    Ok(created)
}

/// Whoever makes quizzes for one owner, or has their items made, goes one after another.
async fn alone_for(
    transaction: &mut Transaction<'static, Postgres>,
    tenant: &TenantId,
    owner: &str,
) -> sqlx::Result<()> {
    alone_in(transaction, format!("quizzes#{tenant}#{owner}")).await
}

pub(super) async fn begun(
    pool: &PgPool,
    tenant: &TenantId,
    owner: &UserId,
    idempotency: &Idempotency,
) -> sqlx::Result<Option<Created>> {
    let mut transaction = Claims::of_tenant(tenant).begin(pool).await?;
    let before = before(&mut transaction, tenant, owner, idempotency).await?;
    transaction.commit().await?;
    Ok(before)
}

/// What came of an earlier request with the same key.
async fn before(
    connection: &mut PgConnection,
    tenant: &TenantId,
    owner: &UserId,
    Idempotency { key, fingerprint }: &Idempotency,
) -> sqlx::Result<Option<Created>> {
    let row = once(concat!(
        "SELECT ",
        columns!(),
        ", fingerprint FROM viva.quizzes WHERE tenant = $1 AND owner = $2 AND idempotency_key = $3"
    ))
    .bind(tenant.as_str())
    .bind(owner.as_str())
    .bind(storable(key))
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let is_same = text(&row, "fingerprint")? == storable(fingerprint);
    Ok(Some(if is_same { Created::Same(read(&row)?) } else { Created::Conflict }))
}

enum Room {
    Enough,
    TooMany,
    TooManyAtWork,
    IdIsUsed,
}

async fn room(connection: &mut PgConnection, new: &NewQuiz, quota: &QuizQuota) -> sqlx::Result<Room> {
    let row = once(
        "SELECT count(*) AS quizzes, count(work_due) AS making, \
         EXISTS (SELECT FROM viva.deleted_quizzes WHERE tenant = $1 AND quiz = $3) \
         OR EXISTS (SELECT FROM viva.quizzes WHERE tenant = $1 AND quiz = $3) AS is_used \
         FROM viva.quizzes WHERE tenant = $1 AND owner = $2",
    )
    .bind(new.key.tenant.as_str())
    .bind(new.owner.as_str())
    .bind(new.key.quiz.as_str())
    .fetch_one(connection)
    .await?;
    Ok(if unsigned(&row, "quizzes")? >= quota.quizzes_max {
        Room::TooMany
    } else if new.draft.work_due.is_some() && unsigned(&row, "making")? >= quota.making_max {
        Room::TooManyAtWork
    } else if row.try_get("is_used")? {
        Room::IdIsUsed
    } else {
        Room::Enough
    })
}

async fn insert(connection: &mut PgConnection, new: &NewQuiz, idempotency: Option<&Idempotency>) -> sqlx::Result<()> {
    let NewQuiz { key, course, owner, draft } = new;
    let QuizChange { title, state, items, sources, work_due, paper_json, edition_json, at } = draft;
    once(
        "INSERT INTO viva.quizzes (tenant, quiz, course, owner, title, state, edition, given_title, given_items, items, sources, \
         work_due, version, idempotency_key, fingerprint, created, updated, paper) \
         VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN $7 THEN 1 END, CASE WHEN $7 THEN $5 END, CASE WHEN $7 THEN $8 END, $8, $9::json, \
         $10, 1, $11, $12, $13, $13, $14::json)",
    )
    .bind(key.tenant.as_str())
    .bind(key.quiz.as_str())
    .bind(course.as_str())
    .bind(owner.as_str())
    .bind(storable(title))
    .bind(state.as_str())
    .bind(edition_json.is_some())
    .bind(i64::from(*items))
    .bind(sources_json(sources)?)
    .bind(work_due.map(|due| signed(due.0)))
    .bind(idempotency.map(|idempotency| storable(&idempotency.key)))
    .bind(idempotency.map(|idempotency| storable(&idempotency.fingerprint)))
    .bind(signed(at.0))
    .bind(paper_json)
    .execute(&mut *connection)
    .await?;
    publish(connection, key, edition_json.as_deref()).await
}

pub(super) async fn change(
    pool: &PgPool,
    key: &QuizKey,
    version: u64,
    change: &QuizChange,
) -> sqlx::Result<Changed<Quiz>> {
    let mut transaction = Claims::of_tenant(&key.tenant).begin(pool).await?;
    let changed = take(&mut transaction, key, version, change).await?;
    transaction.commit().await?;
    Ok(changed)
}

/// Nothing is changed where as many other quizzes of the owner are being made.
pub(super) async fn queue(
    pool: &PgPool,
    key: &QuizKey,
    version: u64,
    change: &QuizChange,
    quota: &QuizQuota,
) -> sqlx::Result<Changed<Queued>> {
    let mut transaction = Claims::of_tenant(&key.tenant).begin(pool).await?;
    let queued = queue_in(&mut transaction, key, version, change, quota).await?;
    transaction.commit().await?;
    Ok(queued)
}

async fn queue_in(
    transaction: &mut Transaction<'static, Postgres>,
    key: &QuizKey,
    version: u64,
    change: &QuizChange,
    quota: &QuizQuota,
) -> sqlx::Result<Changed<Queued>> {
    let owner = once("SELECT owner FROM viva.quizzes WHERE tenant = $1 AND quiz = $2")
        .bind(key.tenant.as_str())
        .bind(key.quiz.as_str())
        .fetch_optional(&mut **transaction)
        .await?;
    let Some(owner) = owner.map(|row| text(&row, "owner")).transpose()? else { return Ok(Changed::Unknown) };
    alone_for(transaction, &key.tenant, &owner).await?;
    let counted = "SELECT count(work_due) AS making FROM viva.quizzes WHERE tenant = $1 AND owner = $2 AND quiz <> $3";
    let row = once(counted)
        .bind(key.tenant.as_str())
        .bind(&owner)
        .bind(key.quiz.as_str())
        .fetch_one(&mut **transaction)
        .await?;
    if unsigned(&row, "making")? >= quota.making_max {
        return Ok(Changed::Made(Queued::TooManyAtWork));
    }
    Ok(match take(transaction, key, version, change).await? {
        Changed::Made(quiz) => Changed::Made(Queued::Now(Box::new(quiz))),
        Changed::Stale => Changed::Stale,
        Changed::Unknown => Changed::Unknown,
    })
}

/// One step, where the quiz is as it was seen.
async fn take(
    connection: &mut PgConnection,
    key: &QuizKey,
    version: u64,
    change: &QuizChange,
) -> sqlx::Result<Changed<Quiz>> {
    let QuizChange { title, state, items, sources, work_due, paper_json, edition_json, at } = change;
    let row = once(concat!(
        "UPDATE viva.quizzes SET title = $4, state = $5, \
         edition = CASE WHEN $6 THEN COALESCE(edition, 0) + 1 ELSE edition END, \
         given_title = CASE WHEN $6 THEN $4 ELSE given_title END, given_items = CASE WHEN $6 THEN $7 ELSE given_items END, \
         items = $7, sources = $8::json, work_due = $9, version = version + 1, updated = $10, paper = $11::json WHERE tenant = $1 AND quiz = $2 AND version = $3 RETURNING ",
        columns!()
    ))
    .bind(key.tenant.as_str())
    .bind(key.quiz.as_str())
    .bind(signed(version))
    .bind(storable(title))
    .bind(state.as_str())
    .bind(edition_json.is_some())
    .bind(i64::from(*items))
    .bind(sources_json(sources)?)
    .bind(work_due.map(|due| signed(due.0)))
    .bind(signed(at.0))
    .bind(paper_json)
    .fetch_optional(&mut *connection)
    .await?;
    match row {
        Some(row) => {
            publish(connection, key, edition_json.as_deref()).await?;
            Ok(Changed::Made(read(&row)?))
        }
        None => not_made(connection, key).await,
    }
}

/// Keeps what students are given as the edition that the quiz's row counts.
async fn publish(connection: &mut PgConnection, key: &QuizKey, content: Option<&str>) -> sqlx::Result<()> {
    let Some(content) = content else { return Ok(()) };
    once(
        "INSERT INTO viva.quiz_editions (tenant, quiz, edition, content) \
         SELECT tenant, quiz, edition, $3::json FROM viva.quizzes WHERE tenant = $1 AND quiz = $2",
    )
    .bind(key.tenant.as_str())
    .bind(key.quiz.as_str())
    .bind(content)
    .execute(connection)
    .await
    .map(drop)
}

/// The row goes first: whoever begins an attempt at the same moment holds it, and is waited for.
pub(super) async fn delete(pool: &PgPool, key: &QuizKey, version: u64) -> sqlx::Result<Changed<()>> {
    let mut transaction = Claims::of_tenant(&key.tenant).begin(pool).await?;
    let deleted = once("DELETE FROM viva.quizzes WHERE tenant = $1 AND quiz = $2 AND version = $3")
        .bind(key.tenant.as_str())
        .bind(key.quiz.as_str())
        .bind(signed(version))
        .execute(&mut *transaction)
        .await?;
    let changed = if deleted.rows_affected() > 0 {
        for sql in [
            "DELETE FROM viva.quiz_editions WHERE tenant = $1 AND quiz = $2",
            "DELETE FROM viva.attempts WHERE tenant = $1 AND quiz = $2",
            "INSERT INTO viva.deleted_quizzes (tenant, quiz) VALUES ($1, $2)",
        ] {
            once(sql).bind(key.tenant.as_str()).bind(key.quiz.as_str()).execute(&mut *transaction).await?;
        }
        Changed::Made(())
    } else {
        not_made(&mut transaction, key).await?
    };
    transaction.commit().await?;
    Ok(changed)
}

async fn not_made<T>(connection: &mut PgConnection, key: &QuizKey) -> sqlx::Result<Changed<T>> {
    let found = once("SELECT FROM viva.quizzes WHERE tenant = $1 AND quiz = $2")
        .bind(key.tenant.as_str())
        .bind(key.quiz.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(if found.is_some() { Changed::Stale } else { Changed::Unknown })
}

fn sources_json(sources: &[SourceVersion]) -> sqlx::Result<String> {
    let pairs: Vec<_> = sources.iter().map(|source| (source.document.as_str(), source.version)).collect();
    serde_json::to_string(&pairs).map_err(unreadable)
}
