//! Quizzes as they are looked up, listed, and found to be worked on.

use crate::cloud::postgres::columns::{
    maybe_small, maybe_unsigned, moment, no_such, signed, small, text, unreadable, unsigned,
};
use crate::cloud::postgres::position::{Position, page};
use crate::cloud::postgres::request::{Asked, Claims, once};
use crate::config::limits::LIST_PAGE_MAX;
use crate::ports::clock::UnixMs;
use crate::ports::ids::{CourseId, DocumentId, QuizId, TenantId, UserId};
use crate::ports::quizzes::{Given, Quiz, QuizKey, QuizPage, QuizQuery, QuizState, QuizSummary, SourceVersion};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, Row};

macro_rules! summary_columns {
    () => {
        "tenant, quiz, course, owner, title, state, edition, given_title, given_items, items, sources::text AS sources, work_due, \
         version, created, updated"
    };
}

macro_rules! columns {
    () => {
        "tenant, quiz, course, owner, title, state, edition, given_title, given_items, items, sources::text AS sources, work_due, \
         version, created, updated, paper::text AS paper"
    };
}
pub(super) use columns;

pub(super) async fn get(pool: &PgPool, key: &QuizKey) -> sqlx::Result<Option<Quiz>> {
    let found = Claims::of_tenant(&key.tenant).one(pool, by_key(key)).await?;
    found.as_ref().map(read).transpose()
}

pub(super) async fn select(connection: &mut PgConnection, key: &QuizKey) -> sqlx::Result<Option<Quiz>> {
    let found = by_key(key).fetch_optional(connection).await?;
    found.as_ref().map(read).transpose()
}

fn by_key(key: &QuizKey) -> Asked<'_> {
    once(concat!("SELECT ", columns!(), " FROM viva.quizzes WHERE tenant = $1 AND quiz = $2"))
        .bind(key.tenant.as_str())
        .bind(key.quiz.as_str())
}

/// From each course as many as the page may hold, by its own index; of all those the newest.
pub(super) async fn list(pool: &PgPool, query: &QuizQuery, before: Option<Position>) -> sqlx::Result<QuizPage> {
    let limit = query.limit.clamp(1, LIST_PAGE_MAX);
    let names = |courses: &[CourseId]| courses.iter().map(|course| course.as_str().to_owned()).collect::<Vec<_>>();
    let courses = query.courses.iter().map(CourseId::as_str);
    let asked = once(concat!(
        "SELECT newest.* FROM (SELECT DISTINCT unnest($2::text[]) AS of_course) AS wanted, LATERAL (SELECT ",
        summary_columns!(),
        " FROM viva.quizzes WHERE tenant = $1 AND course = wanted.of_course \
         AND (wanted.of_course <> ALL ($3::text[]) OR (edition IS NOT NULL AND state <> 'draft')) \
         AND ($4::bigint IS NULL OR created < $4 OR (created = $4 AND quiz > $5)) \
         ORDER BY created DESC, quiz LIMIT $6) AS newest ORDER BY created DESC, quiz LIMIT $6",
    ))
    .bind(query.tenant.as_str())
    .bind(names(&query.courses))
    .bind(names(&query.published_only))
    .bind(before.as_ref().map(|position| position.at))
    .bind(before.as_ref().map(|position| position.name.as_str()))
    .bind(signed(limit as u64 + 1));
    let rows = Claims::of_courses(&query.tenant, courses).all(pool, asked).await?;
    let quizzes = rows.iter().map(read_summary).collect::<sqlx::Result<Vec<_>>>()?;
    let (quizzes, cursor) = page(quizzes, limit, |last| Position::new(last.created, last.key.quiz.as_str()));
    Ok(QuizPage { quizzes, cursor })
}

pub(super) async fn edition(pool: &PgPool, key: &QuizKey, edition: u32) -> sqlx::Result<Option<String>> {
    let asked = once(
        "SELECT content::text AS content FROM viva.quiz_editions WHERE tenant = $1 AND quiz = $2 AND edition = $3",
    )
    .bind(key.tenant.as_str())
    .bind(key.quiz.as_str())
    .bind(i64::from(edition));
    let row = Claims::of_tenant(&key.tenant).one(pool, asked).await?;
    row.map(|row| text(&row, "content")).transpose()
}

/// In all tenants, by a role that sees nothing but that somebody waits.
pub(super) async fn waiting(pool: &PgPool, now: UnixMs, limit: usize) -> sqlx::Result<Vec<QuizKey>> {
    let asked =
        once("SELECT tenant, quiz FROM viva.quizzes WHERE work_due <= $1 ORDER BY work_due, tenant, quiz LIMIT $2")
            .bind(signed(now.0))
            .bind(signed(limit as u64));
    let rows = Claims::of_upkeep().all(pool, asked).await?;
    rows.iter().map(read_key).collect()
}

pub(super) fn read(row: &PgRow) -> sqlx::Result<Quiz> {
    Ok(Quiz { summary: read_summary(row)?, paper_json: text(row, "paper")? })
}

fn read_key(row: &PgRow) -> sqlx::Result<QuizKey> {
    Ok(QuizKey { tenant: TenantId::new(text(row, "tenant")?), quiz: QuizId::new(text(row, "quiz")?) })
}

fn read_given(row: &PgRow) -> sqlx::Result<Option<Given>> {
    let Some(edition) = maybe_small(row, "edition")? else { return Ok(None) };
    Ok(Some(Given { edition, title: text(row, "given_title")?, items: small(row, "given_items")? }))
}

fn read_summary(row: &PgRow) -> sqlx::Result<QuizSummary> {
    let state = text(row, "state")?;
    let sources: Vec<(String, u64)> = serde_json::from_str(row.try_get("sources")?).map_err(unreadable)?;
    let source = |(document, version)| SourceVersion { document: DocumentId::new(document), version };
    Ok(QuizSummary {
        key: read_key(row)?,
        course: CourseId::new(text(row, "course")?),
        owner: UserId::new(text(row, "owner")?),
        title: text(row, "title")?,
        state: QuizState::of(&state).ok_or_else(|| no_such("state of a quiz", &state))?,
        given: read_given(row)?,
        items: small(row, "items")?,
        sources: sources.into_iter().map(source).collect(),
        work_due: maybe_unsigned(row, "work_due")?.map(UnixMs),
        version: unsigned(row, "version")?,
        created: moment(row, "created")?,
        updated: moment(row, "updated")?,
    })
}
