//! Attempts as they are looked up, listed, and found to be over time.

use crate::cloud::postgres::columns::{maybe_unsigned, moment, no_such, signed, small, text, unsigned};
use crate::cloud::postgres::position::{Position, page};
use crate::cloud::postgres::request::{Asked, Claims, once};
use crate::config::limits::LIST_PAGE_MAX;
use crate::ports::attempts::{Attempt, AttemptFilter, AttemptKey, AttemptPage, AttemptQuery, AttemptState};
use crate::ports::clock::UnixMs;
use crate::ports::ids::{AttemptId, CourseId, QuizId, TenantId, UserId};
use crate::ports::quizzes::QuizKey;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, Row};

macro_rules! columns {
    () => {
        "tenant, attempt, quiz, course, usr, number, edition, preview, seed, state, started, due, submitted, points, max, revision, \
         sitting::text AS sitting"
    };
}
pub(super) use columns;

pub(super) async fn get(pool: &PgPool, key: &AttemptKey) -> sqlx::Result<Option<Attempt>> {
    let found = Claims::of_tenant(&key.tenant).one(pool, by_key(key)).await?;
    found.as_ref().map(read).transpose()
}

pub(super) async fn select(connection: &mut PgConnection, key: &AttemptKey) -> sqlx::Result<Option<Attempt>> {
    let found = by_key(key).fetch_optional(connection).await?;
    found.as_ref().map(read).transpose()
}

fn by_key(key: &AttemptKey) -> Asked<'_> {
    once(concat!("SELECT ", columns!(), " FROM viva.attempts WHERE tenant = $1 AND attempt = $2"))
        .bind(key.tenant.as_str())
        .bind(key.attempt.as_str())
}

pub(super) async fn list(pool: &PgPool, query: &AttemptQuery, before: Option<Position>) -> sqlx::Result<AttemptPage> {
    let limit = query.limit.clamp(1, LIST_PAGE_MAX);
    let AttemptFilter { user, edition, states, previews } = &query.filter;
    let asked = once(concat!(
        "SELECT ",
        columns!(),
        " FROM viva.attempts WHERE tenant = $1 AND quiz = $2 AND ($3::text IS NULL OR usr = $3) \
         AND ($4::bigint IS NULL OR edition = $4) AND (cardinality($5::text[]) = 0 OR state = ANY ($5)) AND ($6 OR NOT preview) \
         AND ($7::bigint IS NULL OR started < $7 OR (started = $7 AND attempt > $8)) \
         ORDER BY started DESC, attempt LIMIT $9",
    ))
    .bind(query.quiz.tenant.as_str())
    .bind(query.quiz.quiz.as_str())
    .bind(user.as_ref().map(UserId::as_str))
    .bind(edition.map(i64::from))
    .bind(states.iter().map(|state| state.as_str()).collect::<Vec<_>>())
    .bind(*previews)
    .bind(before.as_ref().map(|position| position.at))
    .bind(before.as_ref().map(|position| position.name.as_str()))
    .bind(signed(limit as u64 + 1));
    let rows = Claims::of_tenant(&query.quiz.tenant).all(pool, asked).await?;
    let attempts = rows.iter().map(read).collect::<sqlx::Result<Vec<_>>>()?;
    let (attempts, cursor) = page(attempts, limit, |last| Position::new(last.started, last.key.attempt.as_str()));
    Ok(AttemptPage { attempts, cursor })
}

pub(super) async fn overdue(pool: &PgPool, quiz: &QuizKey, now: UnixMs, limit: usize) -> sqlx::Result<Vec<Attempt>> {
    let asked = once(concat!(
        "SELECT ",
        columns!(),
        " FROM viva.attempts WHERE tenant = $1 AND quiz = $2 AND state = 'open' AND due <= $3 ORDER BY due, attempt LIMIT $4",
    ))
    .bind(quiz.tenant.as_str())
    .bind(quiz.quiz.as_str())
    .bind(signed(now.0))
    .bind(signed(limit as u64));
    let rows = Claims::of_tenant(&quiz.tenant).all(pool, asked).await?;
    rows.iter().map(read).collect()
}

pub(super) fn read(row: &PgRow) -> sqlx::Result<Attempt> {
    let state = text(row, "state")?;
    Ok(Attempt {
        key: AttemptKey { tenant: TenantId::new(text(row, "tenant")?), attempt: AttemptId::new(text(row, "attempt")?) },
        quiz: QuizId::new(text(row, "quiz")?),
        course: CourseId::new(text(row, "course")?),
        user: UserId::new(text(row, "usr")?),
        number: small(row, "number")?,
        edition: small(row, "edition")?,
        preview: row.try_get("preview")?,
        seed: row.try_get::<i64, _>("seed")?.cast_unsigned(),
        state: AttemptState::of(&state).ok_or_else(|| no_such("state of an attempt", &state))?,
        started: moment(row, "started")?,
        due: maybe_unsigned(row, "due")?.map(UnixMs),
        submitted: maybe_unsigned(row, "submitted")?.map(UnixMs),
        points: row.try_get("points")?,
        max: row.try_get("max")?,
        sitting_json: text(row, "sitting")?,
        revision: unsigned(row, "revision")?,
    })
}
