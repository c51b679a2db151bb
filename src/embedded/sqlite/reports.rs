//! Summaries, reports and reviews, kept by the database.

use super::error::DbError;
use super::journal::read_key;
use super::outbox;
use super::position::{NotOurs, Position, page};
use super::rows::{self, Batch};
use super::{Announcing, Store};
use crate::config::limits::LIST_PAGE_MAX;
use crate::ports::announcements::InterviewFinished;
use crate::ports::clock::UnixMs;
use crate::ports::ids::{SessionKey, UserId};
use crate::ports::reports::{
    NewReview, Reports, ReportsError, Review, Reviewed, SessionSummary, SummaryPage, SummaryQuery,
};
use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

mod reviews;

pub(super) use reviews::all as reviews_of;

#[async_trait]
impl Reports for Store {
    async fn put(&self, summary: SessionSummary) -> Result<(), ReportsError> {
        let finished = InterviewFinished::of(&summary).filter(|_| self.announcing == Announcing::On);
        let now = self.clock.now();
        let put_all = move |batch: &mut Batch<'_>| {
            put(batch, &summary)?;
            finished.as_ref().map_or(Ok(false), |finished| outbox::note(batch, finished, now))
        };
        if self.writer.write(put_all).await? {
            self.noted.notify_one();
        }
        Ok(())
    }

    async fn put_report(&self, key: &SessionKey, report_json: String) -> Result<(), ReportsError> {
        let key = key.clone();
        let put = move |batch: &mut Batch<'_>| {
            if is_deleted(batch, &key)? {
                return Ok(());
            }
            let mut put = batch.db.prepare_cached(
                "INSERT INTO reports (tenant, usr, session, report) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (tenant, usr, session) DO UPDATE SET report = excluded.report",
            )?;
            let (tenant, user, session) = parts(&key);
            put.execute(params![tenant, user, session, report_json]).map(drop)
        };
        Ok(self.writer.write(put).await?)
    }

    async fn get(&self, key: &SessionKey) -> Result<Option<(SessionSummary, Option<String>)>, ReportsError> {
        let key = key.clone();
        Ok(self.readers.read(move |db| get(db, &key)).await?)
    }

    async fn list(&self, query: SummaryQuery) -> Result<SummaryPage, ReportsError> {
        let before = query.cursor.as_deref().map(After::decode).transpose()?;
        Ok(self.readers.read(move |db| list(db, &query, before)).await?)
    }

    async fn review(&self, key: &SessionKey, review: NewReview) -> Result<Reviewed, ReportsError> {
        let key = key.clone();
        Ok(self.writer.write(move |batch: &mut Batch<'_>| reviews::add(batch, &key, review.clone())).await?)
    }

    async fn reviews(&self, key: &SessionKey) -> Result<Vec<Review>, ReportsError> {
        let key = key.clone();
        Ok(self.readers.read(move |db| reviews::all(db, &key)).await?)
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), ReportsError> {
        let key = key.clone();
        let delete = move |batch: &mut Batch<'_>| {
            let (tenant, user, session) = parts(&key);
            for table in ["summaries", "reports", "reviews", "announcements"] {
                let sql = format!("DELETE FROM {table} WHERE tenant = ?1 AND usr = ?2 AND session = ?3");
                batch.db.prepare_cached(&sql)?.execute([tenant, user, session])?;
            }
            batch
                .db
                .prepare_cached("INSERT OR IGNORE INTO deleted_summaries (tenant, usr, session) VALUES (?1, ?2, ?3)")?
                .execute([tenant, user, session])
                .map(drop)
        };
        Ok(self.writer.write(delete).await?)
    }
}

fn put(batch: &mut Batch<'_>, summary: &SessionSummary) -> rusqlite::Result<()> {
    if is_deleted(batch, &summary.key)? {
        return Ok(());
    }
    let mut put = batch.db.prepare_cached(
        "INSERT OR REPLACE INTO summaries (tenant, usr, session, kind, state, title, title_folded, course, created, updated, \
         questions, duration_ms, usage) VALUES (:tenant, :usr, :session, :kind, :state, :title, :title_folded, :course, :created, \
         :updated, :questions, :duration_ms, :usage)",
    )?;
    let SessionSummary { key, kind, state, title, course, created, updated, questions, duration_ms, usage_json } =
        summary;
    put.execute(named_params! {
        ":tenant": key.tenant.as_str(),
        ":usr": key.user.as_str(),
        ":session": key.session.as_str(),
        ":kind": rows::kind_text(*kind),
        ":state": rows::state_text(*state),
        ":title": title,
        ":title_folded": title.to_lowercase(),
        ":course": course,
        ":created": created.0,
        ":updated": updated.0,
        ":questions": questions,
        ":duration_ms": duration_ms,
        ":usage": usage_json,
    })
    .map(drop)
}

pub(super) fn is_deleted(batch: &Batch<'_>, key: &SessionKey) -> rusqlite::Result<bool> {
    let (tenant, user, session) = parts(key);
    batch
        .db
        .prepare_cached("SELECT 1 FROM deleted_summaries WHERE tenant = ?1 AND usr = ?2 AND session = ?3")?
        .exists([tenant, user, session])
}

const SUMMARY: &str =
    "tenant, usr, session, kind, state, title, course, created, updated, questions, duration_ms, usage";

pub(super) fn get(db: &Connection, key: &SessionKey) -> Result<Option<(SessionSummary, Option<String>)>, DbError> {
    let (tenant, user, session) = parts(key);
    let sql = format!("SELECT {SUMMARY} FROM summaries WHERE tenant = ?1 AND usr = ?2 AND session = ?3");
    let Some(summary) = db.prepare_cached(&sql)?.query_row([tenant, user, session], read).optional()? else {
        return Ok(None);
    };
    let report = db
        .prepare_cached("SELECT report FROM reports WHERE tenant = ?1 AND usr = ?2 AND session = ?3")?
        .query_row([tenant, user, session], |row| row.get(0))
        .optional()?;
    Ok(Some((summary, report)))
}

pub(super) fn list(db: &Connection, query: &SummaryQuery, before: Option<After>) -> Result<SummaryPage, DbError> {
    let limit = query.limit.clamp(1, LIST_PAGE_MAX);
    let courses = query.courses.as_ref().map(|courses| json(courses)).transpose()?;
    let words: Vec<String> =
        query.text.iter().flat_map(|text| text.split_whitespace()).map(str::to_lowercase).collect();
    let sql = format!(
        "SELECT {SUMMARY} FROM summaries WHERE tenant = :tenant \
         AND (:usr IS NULL OR usr = :usr) \
         AND (:courses IS NULL OR course IN (SELECT value FROM json_each(:courses))) \
         AND NOT EXISTS (SELECT 1 FROM json_each(:words) WHERE instr(title_folded, value) = 0) \
         AND (:created IS NULL OR created < :created OR (created = :created AND (usr, session) > (:after_usr, :after_session))) \
         ORDER BY created DESC, usr, session LIMIT :limit"
    );
    let mut select = db.prepare_cached(&sql)?;
    let rows = select.query_map(
        named_params! {
            ":tenant": query.tenant.as_str(),
            ":usr": query.user.as_ref().map(UserId::as_str),
            ":courses": courses,
            ":words": json(&words)?,
            ":created": before.as_ref().map(|after| after.created),
            ":after_usr": before.as_ref().map(|after| after.user.as_str()),
            ":after_session": before.as_ref().map(|after| after.session.as_str()),
            ":limit": limit + 1,
        },
        read,
    )?;
    let (sessions, cursor) = page(rows, limit, position_of)?;
    Ok(SummaryPage { sessions, cursor })
}

fn read(row: &Row<'_>) -> rusqlite::Result<SessionSummary> {
    Ok(SessionSummary {
        key: read_key(row)?,
        kind: rows::kind_of(row.get_ref("kind")?.as_str()?)?,
        state: rows::state_of(row.get_ref("state")?.as_str()?)?,
        title: row.get("title")?,
        course: row.get("course")?,
        created: UnixMs(row.get("created")?),
        updated: UnixMs(row.get("updated")?),
        questions: row.get("questions")?,
        duration_ms: row.get("duration_ms")?,
        usage_json: row.get("usage")?,
    })
}

fn parts(key: &SessionKey) -> (&str, &str, &str) {
    (key.tenant.as_str(), key.user.as_str(), key.session.as_str())
}

fn json(words: &[String]) -> Result<String, DbError> {
    serde_json::to_string(words).map_err(|error| DbError::Failed(error.to_string()))
}

fn position_of(summary: &SessionSummary) -> Position {
    Position::new(summary.created, format!("{}\n{}", summary.key.session, summary.key.user))
}

/// Where the page before ended: moment, session and user.
pub(super) struct After {
    created: u64,
    session: String,
    user: String,
}

impl After {
    pub(super) fn decode(cursor: &str) -> Result<Self, ReportsError> {
        let Position { at: created, name } = Position::decode(cursor)?;
        let (session, user) = name.split_once('\n').ok_or(NotOurs)?;
        Ok(Self { created, session: session.to_owned(), user: user.to_owned() })
    }
}

impl From<NotOurs> for ReportsError {
    fn from(_: NotOurs) -> Self {
        Self::Cursor
    }
}
