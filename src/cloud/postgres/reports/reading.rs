//! What is listed and opened.

use crate::cloud::postgres::columns::{moment, no_such, signed, small, unreadable, unsigned, words};
use crate::cloud::postgres::request::{Claims, Role, once};
use crate::config::limits::LIST_PAGE_MAX;
use crate::ports::clock::UnixMs;
use crate::ports::ids::{SessionId, SessionKey, TenantId, UserId};
use crate::ports::journal::{SessionKind, SessionState};
use crate::ports::reports::{ReportsError, Review, SessionSummary, SummaryPage, SummaryQuery};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Postgres, Row, Transaction};

pub(super) async fn get(pool: &PgPool, key: &SessionKey) -> sqlx::Result<Option<(SessionSummary, Option<String>)>> {
    let asked = once(
        "SELECT tenant, usr, session, kind, state, title, course, created, updated, questions, duration_ms, usage::text, report::text \
         FROM viva.summaries LEFT JOIN viva.reports USING (tenant, usr, session) \
         WHERE tenant = $1 AND usr = $2 AND session = $3",
    )
    .bind(key.tenant.as_str())
    .bind(key.user.as_str())
    .bind(key.session.as_str());
    let found = Claims::of_session(Role::App, key).one(pool, asked).await?;
    found.map(|row| Ok((read(&row)?, row.try_get("report")?))).transpose()
}

pub(super) async fn reviews(pool: &PgPool, key: &SessionKey) -> sqlx::Result<Vec<Review>> {
    let asked = once(
        "SELECT criterion, revision, reviewer, rating, comment, at FROM viva.reviews \
         WHERE tenant = $1 AND usr = $2 AND session = $3 ORDER BY at, criterion COLLATE \"C\", revision",
    )
    .bind(key.tenant.as_str())
    .bind(key.user.as_str())
    .bind(key.session.as_str());
    let rows = Claims::of_session(Role::App, key).all(pool, asked).await?;
    rows.iter().map(read_review).collect()
}

/// The last one of a criterion, within whatever is being written.
pub(super) async fn last_review(
    transaction: &mut Transaction<'static, Postgres>,
    key: &SessionKey,
    criterion: &str,
) -> sqlx::Result<Option<Review>> {
    let row = once(
        "SELECT criterion, revision, reviewer, rating, comment, at FROM viva.reviews \
         WHERE tenant = $1 AND usr = $2 AND session = $3 AND criterion = $4 ORDER BY revision DESC LIMIT 1",
    )
    .bind(key.tenant.as_str())
    .bind(key.user.as_str())
    .bind(key.session.as_str())
    .bind(criterion)
    .fetch_optional(&mut **transaction)
    .await?;
    row.as_ref().map(read_review).transpose()
}

/// When the last one of the session was said, within whatever is being written.
pub(super) async fn newest_review(
    transaction: &mut Transaction<'static, Postgres>,
    key: &SessionKey,
) -> sqlx::Result<Option<UnixMs>> {
    let row =
        once("SELECT at FROM viva.reviews WHERE tenant = $1 AND usr = $2 AND session = $3 ORDER BY at DESC LIMIT 1")
            .bind(key.tenant.as_str())
            .bind(key.user.as_str())
            .bind(key.session.as_str())
            .fetch_optional(&mut **transaction)
            .await?;
    row.as_ref().map(|row| moment(row, "at")).transpose()
}

fn read_review(row: &PgRow) -> sqlx::Result<Review> {
    Ok(Review {
        criterion: row.try_get("criterion")?,
        revision: u32::try_from(row.try_get::<i32, _>("revision")?).map_err(unreadable)?,
        rating: u8::try_from(row.try_get::<i16, _>("rating")?).map_err(unreadable)?,
        comment: row.try_get("comment")?,
        reviewer: UserId::new(row.try_get::<String, _>("reviewer")?),
        at: moment(row, "at")?,
    })
}

pub(super) async fn list(pool: &PgPool, query: &SummaryQuery, before: Option<Position>) -> sqlx::Result<SummaryPage> {
    let limit = query.limit.clamp(1, LIST_PAGE_MAX);
    let asked = once(
        "SELECT tenant, usr, session, kind, state, title, course, created, updated, questions, duration_ms, usage::text \
         FROM viva.summaries WHERE tenant = $1 AND ($2::text IS NULL OR usr = $2) AND ($3::text[] IS NULL OR course = ANY ($3)) \
         AND NOT EXISTS (SELECT FROM unnest($4::text[]) AS word WHERE strpos(title_folded, word) = 0) \
         AND ($5::bigint IS NULL OR created < $5 OR (created = $5 AND (usr COLLATE \"C\", session COLLATE \"C\") > ($6, $7))) \
         ORDER BY created DESC, usr COLLATE \"C\", session COLLATE \"C\" LIMIT $8",
    )
    .bind(query.tenant.as_str())
    .bind(query.user.as_ref().map(UserId::as_str))
    .bind(query.courses.as_deref())
    .bind(words(query.text.as_deref()))
    .bind(before.as_ref().map(|position| position.created))
    .bind(before.as_ref().map(|position| position.user.as_str()))
    .bind(before.as_ref().map(|position| position.session.as_str()))
    .bind(signed(limit as u64 + 1));
    let rows = claims_of(query).all(pool, asked).await?;
    let mut sessions = rows.iter().map(read).collect::<sqlx::Result<Vec<_>>>()?;
    let more = sessions.len() > limit;
    sessions.truncate(limit);
    let cursor = sessions.last().filter(|_| more).map(|last| Position::of(last).encode());
    Ok(SummaryPage { sessions, cursor })
}

/// A teacher's list is held to the courses, a user's own to the user; only a question about the whole tenant goes further.
fn claims_of(query: &SummaryQuery) -> Claims<'_> {
    let tenant = &query.tenant;
    match (&query.courses, &query.user) {
        (Some(courses), _) => Claims::of_taught(tenant, courses.iter().map(String::as_str)),
        (None, Some(user)) => Claims::of_user(tenant, user),
        (None, None) => Claims::of_tenant(tenant),
    }
}

fn read(row: &PgRow) -> sqlx::Result<SessionSummary> {
    let text = |column: &str| row.try_get::<String, _>(column);
    Ok(SessionSummary {
        key: SessionKey::new(
            TenantId::new(text("tenant")?),
            UserId::new(text("usr")?),
            SessionId::new(text("session")?),
        ),
        kind: kind_of(&text("kind")?)?,
        state: state_of(&text("state")?)?,
        title: text("title")?,
        course: row.try_get("course")?,
        created: moment(row, "created")?,
        updated: moment(row, "updated")?,
        questions: small(row, "questions")?,
        duration_ms: unsigned(row, "duration_ms")?,
        usage_json: row.try_get("usage")?,
    })
}

pub(super) fn kind_text(kind: SessionKind) -> &'static str {
    match kind {
        SessionKind::Interview => "interview",
        SessionKind::Chat => "chat",
    }
}

fn kind_of(text: &str) -> sqlx::Result<SessionKind> {
    match text {
        "interview" => Ok(SessionKind::Interview),
        "chat" => Ok(SessionKind::Chat),
        other => Err(no_such("kind of session", other)),
    }
}

pub(super) fn state_text(state: SessionState) -> &'static str {
    match state {
        SessionState::Open => "open",
        SessionState::Finished => "finished",
        SessionState::Abandoned => "abandoned",
        SessionState::Deleted => "deleted",
    }
}

fn state_of(text: &str) -> sqlx::Result<SessionState> {
    [SessionState::Open, SessionState::Finished, SessionState::Abandoned, SessionState::Deleted]
        .into_iter()
        .find(|state| state_text(*state) == text)
        .ok_or_else(|| no_such("state of a session", text))
}

/// The last session of a page.
pub(super) struct Position {
    created: i64,
    user: String,
    session: String,
}

impl Position {
    fn of(summary: &SessionSummary) -> Self {
        let SessionSummary { key, created, .. } = summary;
        Self { created: signed(created.0), user: key.user.to_string(), session: key.session.to_string() }
    }

    fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}\n{}\n{}", self.created, self.session, self.user))
    }

    pub(super) fn decode(cursor: &str) -> Result<Self, ReportsError> {
        let text = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let text = text.filter(|text| !text.contains('\0')).ok_or(ReportsError::Cursor)?;
        let mut parts = text.splitn(3, '\n');
        let (Some(created), Some(session), Some(user)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(ReportsError::Cursor);
        };
        let created = created.parse().ok().filter(|created: &i64| *created >= 0).ok_or(ReportsError::Cursor)?;
        Ok(Self { created, user: user.to_owned(), session: session.to_owned() })
    }
}
