//! Attempts as they are begun, saved and marked.

use super::reading::{columns, read, select};
use crate::cloud::postgres::columns::{maybe_small, signed, small, text};
use crate::cloud::postgres::evidence;
use crate::cloud::postgres::request::{Claims, alone_in, once};
use crate::ports::attempts::{Attempt, AttemptKey, AttemptState, Marks, NewAttempt, Started};
use crate::ports::quizzes::QuizState;
use sqlx::{PgConnection, PgPool};

/// What became of a change.
pub(super) enum Changed {
    Made(Attempt),
    /// It was not made; this is what is there.
    Not(Option<Attempt>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Occasion {
    Submitting,
    Marking,
}

pub(super) async fn start(pool: &PgPool, new: NewAttempt, attempts_max: Option<u32>) -> sqlx::Result<Started> {
    let mut transaction = Claims::of_tenant(&new.key.tenant).begin(pool).await?;
    alone_in(&mut transaction, format!("attempts#{}#{}#{}", new.key.tenant, new.quiz, new.user)).await?;
    let started = match is_current(&mut transaction, &new).await? {
        None => Started::Unknown,
        Some(is_current) => match open(&mut transaction, &new).await? {
            Some(open) => Started::Open(open),
            None if is_current => begin(&mut transaction, new, attempts_max).await?,
            None => Started::Changed,
        },
    };
    transaction.commit().await?;
    Ok(started)
}

async fn begin(connection: &mut PgConnection, new: NewAttempt, attempts_max: Option<u32>) -> sqlx::Result<Started> {
    let (begun, alike) = begun(connection, &new).await?;
    if attempts_max.is_some_and(|max| alike >= max) {
        return Ok(Started::Exhausted);
    }
    let attempt = new.numbered(begun + 1);
    insert(connection, &attempt).await?;
    Ok(Started::New(attempt))
}

/// Whether the quiz is published with the attempt's edition; `None`: it is not there. It cannot change until the transaction is over.
async fn is_current(connection: &mut PgConnection, new: &NewAttempt) -> sqlx::Result<Option<bool>> {
    let found = once("SELECT state, edition FROM viva.quizzes WHERE tenant = $1 AND quiz = $2 FOR SHARE")
        .bind(new.key.tenant.as_str())
        .bind(new.quiz.as_str())
        .fetch_optional(connection)
        .await?;
    let Some(row) = found else { return Ok(None) };
    let is_published = text(&row, "state")? == QuizState::Published.as_str();
    Ok(Some(is_published && maybe_small(&row, "edition")? == Some(new.edition)))
}

async fn open(connection: &mut PgConnection, new: &NewAttempt) -> sqlx::Result<Option<Attempt>> {
    let found = once(concat!(
        "SELECT ",
        columns!(),
        " FROM viva.attempts WHERE tenant = $1 AND quiz = $2 AND usr = $3 AND state = 'open'"
    ))
    .bind(new.key.tenant.as_str())
    .bind(new.quiz.as_str())
    .bind(new.user.as_str())
    .fetch_optional(connection)
    .await?;
    found.as_ref().map(read).transpose()
}

/// How many there are, and how many of them are previews or not, as this one is.
async fn begun(connection: &mut PgConnection, new: &NewAttempt) -> sqlx::Result<(u32, u32)> {
    let row = once(
        "SELECT count(*) AS begun, count(*) FILTER (WHERE preview = $4) AS alike FROM viva.attempts \
         WHERE tenant = $1 AND quiz = $2 AND usr = $3",
    )
    .bind(new.key.tenant.as_str())
    .bind(new.quiz.as_str())
    .bind(new.user.as_str())
    .bind(new.preview)
    .fetch_one(connection)
    .await?;
    Ok((small(&row, "begun")?, small(&row, "alike")?))
}

async fn insert(connection: &mut PgConnection, attempt: &Attempt) -> sqlx::Result<()> {
    let Attempt { key, quiz, course, user, number, edition, preview, seed, state, started, due, .. } = attempt;
    once(
        "INSERT INTO viva.attempts (tenant, attempt, quiz, course, usr, number, edition, preview, seed, state, started, due, revision, \
         sitting) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::json)",
    )
    .bind(key.tenant.as_str())
    .bind(key.attempt.as_str())
    .bind(quiz.as_str())
    .bind(course.as_str())
    .bind(user.as_str())
    .bind(i64::from(*number))
    .bind(i64::from(*edition))
    .bind(*preview)
    .bind(seed.cast_signed())
    .bind(state.as_str())
    .bind(signed(started.0))
    .bind(due.map(|due| signed(due.0)))
    .bind(signed(attempt.revision))
    .bind(&attempt.sitting_json)
    .execute(connection)
    .await
    .map(drop)
}

pub(super) async fn save(pool: &PgPool, key: &AttemptKey, revision: u64, sitting: &str) -> sqlx::Result<Changed> {
    let mut transaction = Claims::of_tenant(&key.tenant).begin(pool).await?;
    let row = once(concat!(
        "UPDATE viva.attempts SET sitting = $4::json, revision = revision + 1 \
         WHERE tenant = $1 AND attempt = $2 AND revision = $3 AND state = 'open' RETURNING ",
        columns!()
    ))
    .bind(key.tenant.as_str())
    .bind(key.attempt.as_str())
    .bind(signed(revision))
    .bind(sitting)
    .fetch_optional(&mut *transaction)
    .await?;
    let changed = match row {
        Some(row) => Changed::Made(read(&row)?),
        None => Changed::Not(select(&mut transaction, key).await?),
    };
    transaction.commit().await?;
    Ok(changed)
}

/// Marks and what they show, where the attempt is as it was seen.
pub(super) async fn put(
    pool: &PgPool,
    key: &AttemptKey,
    revision: u64,
    marks: &Marks,
    occasion: Occasion,
) -> sqlx::Result<Changed> {
    let Marks { sitting_json, points, max, pending, observations, at } = marks;
    let state = if *pending { AttemptState::Pending } else { AttemptState::Marked };
    let mut transaction = Claims::of_tenant(&key.tenant).begin(pool).await?;
    let row = once(concat!(
        "UPDATE viva.attempts SET state = $5, submitted = COALESCE(submitted, $6), points = $7, max = $8, revision = revision + 1, \
         sitting = $9::json WHERE tenant = $1 AND attempt = $2 AND revision = $3 AND (state = 'open') = $4 RETURNING ",
        columns!()
    ))
    .bind(key.tenant.as_str())
    .bind(key.attempt.as_str())
    .bind(signed(revision))
    .bind(occasion == Occasion::Submitting)
    .bind(state.as_str())
    .bind(signed(at.0))
    .bind(*points)
    .bind(*max)
    .bind(sitting_json)
    .fetch_optional(&mut *transaction)
    .await?;
    let changed = match row {
        Some(row) => {
            let attempt = read(&row)?;
            evidence::put(&mut transaction, &key.tenant, &attempt.course, &attempt.user, observations).await?;
            Changed::Made(attempt)
        }
        None => Changed::Not(select(&mut transaction, key).await?),
    };
    transaction.commit().await?;
    Ok(changed)
}
