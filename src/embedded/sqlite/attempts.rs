//! Attempts, kept by the database. Each is begun, saved and marked in a transaction of its own, and what its marks show of skills is stored
//! in the same. What was answered is not read here.

use super::documents::unreadable;
use super::error::DbError;
use super::position::{NotOurs, Position, page};
use super::quizzes::{counted, parts};
use super::rows::Batch;
use super::{Store, evidence};
use crate::config::limits::LIST_PAGE_MAX;
use crate::ports::attempts::{
    Attempt, AttemptFilter, AttemptKey, AttemptPage, AttemptQuery, AttemptState, Attempts, AttemptsError, Marks,
    NewAttempt, Started, Submitted,
};
use crate::ports::clock::UnixMs;
use crate::ports::ids::{AttemptId, CourseId, QuizId, TenantId, UserId};
use crate::ports::quizzes::QuizKey;
use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

#[async_trait]
impl Attempts for Store {
    async fn start(&self, new: NewAttempt, attempts_max: Option<u32>) -> Result<Started, AttemptsError> {
        Ok(self.writer.write(move |batch: &mut Batch<'_>| start(batch.db, &new, attempts_max)).await?)
    }

    async fn get(&self, key: &AttemptKey) -> Result<Option<Attempt>, AttemptsError> {
        let key = key.clone();
        Ok(self.readers.read(move |db| Ok(select(db, &key)?)).await?)
    }

    async fn save(&self, key: &AttemptKey, revision: u64, sitting_json: String) -> Result<Attempt, AttemptsError> {
        let key = key.clone();
        let save = move |batch: &mut Batch<'_>| {
            let mut update = batch.db.prepare_cached(
                "UPDATE attempts SET sitting = ?4, revision = revision + 1 \
                 WHERE tenant = ?1 AND attempt = ?2 AND revision = ?3 AND state = 'open'",
            )?;
            let (tenant, attempt) = (key.tenant.as_str(), key.attempt.as_str());
            let saved = update.execute(params![tenant, attempt, counted(revision), sitting_json])?;
            Ok((saved > 0, select(batch.db, &key)?))
        };
        match self.writer.write(save).await? {
            (_, None) => Err(AttemptsError::Unknown),
            (true, Some(attempt)) => Ok(attempt),
            (false, Some(attempt)) if attempt.state == AttemptState::Open => Err(AttemptsError::Stale),
            (false, Some(_)) => Err(AttemptsError::Closed),
        }
    }

    async fn submit(&self, key: &AttemptKey, revision: u64, marks: Marks) -> Result<Submitted, AttemptsError> {
        let key = key.clone();
        let submit = move |batch: &mut Batch<'_>| {
            let submitted = put(batch.db, &key, revision, &marks, Occasion::Submitting)?;
            Ok((submitted, select(batch.db, &key)?))
        };
        match self.writer.write(submit).await? {
            (_, None) => Err(AttemptsError::Unknown),
            (true, Some(attempt)) => Ok(Submitted::Now(attempt)),
            (false, Some(attempt)) if attempt.state == AttemptState::Open => Err(AttemptsError::Stale),
            (false, Some(attempt)) => Ok(Submitted::Before(attempt)),
        }
    }

    async fn mark(&self, key: &AttemptKey, revision: u64, marks: Marks) -> Result<Attempt, AttemptsError> {
        let key = key.clone();
        let mark = move |batch: &mut Batch<'_>| {
            let marked = put(batch.db, &key, revision, &marks, Occasion::Marking)?;
            Ok((marked, select(batch.db, &key)?))
        };
        match self.writer.write(mark).await? {
            (_, None) => Err(AttemptsError::Unknown),
            (true, Some(attempt)) => Ok(attempt),
            (false, Some(_)) => Err(AttemptsError::Stale),
        }
    }

    async fn list(&self, query: AttemptQuery) -> Result<AttemptPage, AttemptsError> {
        let before = query.cursor.as_deref().map(Position::decode).transpose()?;
        Ok(self.readers.read(move |db| list(db, &query, before)).await?)
    }

    async fn overdue(&self, quiz: &QuizKey, now: UnixMs, limit: usize) -> Result<Vec<Attempt>, AttemptsError> {
        let quiz = quiz.clone();
        let overdue = move |db: &Connection| {
            let sql = format!(
                "SELECT {COLUMNS} FROM attempts WHERE tenant = ?1 AND quiz = ?2 AND state = 'open' AND due <= ?3 \
                 ORDER BY due, attempt LIMIT ?4"
            );
            let mut select = db.prepare_cached(&sql)?;
            let (tenant, quiz) = parts(&quiz);
            let rows = select.query_map(params![tenant, quiz, now.0, limit], read)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        };
        Ok(self.readers.read(overdue).await?)
    }
}

fn start(db: &Connection, new: &NewAttempt, attempts_max: Option<u32>) -> rusqlite::Result<Started> {
    let (tenant, quiz, user) = (new.key.tenant.as_str(), new.quiz.as_str(), new.user.as_str());
    let current: Option<bool> = db
        .prepare_cached("SELECT state = 'published' AND edition IS ?3 FROM quizzes WHERE tenant = ?1 AND quiz = ?2")?
        .query_row(params![tenant, quiz, new.edition], |row| row.get(0))
        .optional()?;
    let Some(is_current) = current else { return Ok(Started::Unknown) };
    let sql = format!("SELECT {COLUMNS} FROM attempts WHERE tenant = ?1 AND quiz = ?2 AND usr = ?3 AND state = 'open'");
    if let Some(open) = db.prepare_cached(&sql)?.query_row([tenant, quiz, user], read).optional()? {
        return Ok(Started::Open(open));
    }
    if !is_current {
        return Ok(Started::Changed);
    }
    let (begun, alike): (u32, u32) = db
        .prepare_cached(
            "SELECT COUNT(*), COUNT(*) FILTER (WHERE preview = ?4) FROM attempts WHERE tenant = ?1 AND quiz = ?2 AND usr = ?3",
        )?
        .query_row(params![tenant, quiz, user, new.preview], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if attempts_max.is_some_and(|max| alike >= max) {
        return Ok(Started::Exhausted);
    }
    let attempt = new.clone().numbered(begun + 1);
    insert(db, &attempt)?;
    Ok(Started::New(attempt))
}

fn insert(db: &Connection, attempt: &Attempt) -> rusqlite::Result<()> {
    let Attempt { key, quiz, course, user, number, edition, preview, seed, state, started, due, .. } = attempt;
    let mut insert = db.prepare_cached(
        "INSERT INTO attempts (tenant, attempt, quiz, course, usr, number, edition, preview, seed, state, started, due, revision, \
         sitting) VALUES (:tenant, :attempt, :quiz, :course, :usr, :number, :edition, :preview, :seed, :state, :started, :due, \
         :revision, :sitting)",
    )?;
    insert
        .execute(named_params! {
            ":tenant": key.tenant.as_str(), ":attempt": key.attempt.as_str(), ":quiz": quiz.as_str(),
            ":course": course.as_str(), ":usr": user.as_str(), ":number": number, ":edition": edition,
            ":preview": preview, ":seed": seed.cast_signed(), ":state": state.as_str(), ":started": started.0,
            ":due": due.map(|due| due.0), ":revision": attempt.revision, ":sitting": attempt.sitting_json,
        })
        .map(drop)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Occasion {
    Submitting,
    Marking,
}

/// Marks and what they show, where the attempt is as it was seen.
fn put(db: &Connection, key: &AttemptKey, revision: u64, marks: &Marks, occasion: Occasion) -> rusqlite::Result<bool> {
    let Marks { sitting_json, points, max, pending, observations, at } = marks;
    let mut update = db.prepare_cached(
        "UPDATE attempts SET state = :state, submitted = COALESCE(submitted, :at), points = :points, max = :max, \
         revision = revision + 1, sitting = :sitting \
         WHERE tenant = :tenant AND attempt = :attempt AND revision = :revision AND (state = 'open') = :submitting \
         RETURNING course, usr",
    )?;
    let state = if *pending { AttemptState::Pending } else { AttemptState::Marked };
    let whose = update
        .query_row(
            named_params! {
                ":state": state.as_str(), ":at": at.0, ":points": points, ":max": max, ":sitting": sitting_json,
                ":tenant": key.tenant.as_str(), ":attempt": key.attempt.as_str(), ":revision": counted(revision),
                ":submitting": occasion == Occasion::Submitting,
            },
            |row| Ok((CourseId::new(row.get::<_, String>(0)?), UserId::new(row.get::<_, String>(1)?))),
        )
        .optional()?;
    let Some((course, user)) = whose else { return Ok(false) };
    evidence::put(db, &key.tenant, &course, &user, observations)?;
    Ok(true)
}

fn select(db: &Connection, key: &AttemptKey) -> rusqlite::Result<Option<Attempt>> {
    let sql = format!("SELECT {COLUMNS} FROM attempts WHERE tenant = ?1 AND attempt = ?2");
    db.prepare_cached(&sql)?.query_row([key.tenant.as_str(), key.attempt.as_str()], read).optional()
}

fn list(db: &Connection, query: &AttemptQuery, before: Option<Position>) -> Result<AttemptPage, DbError> {
    let limit = query.limit.clamp(1, LIST_PAGE_MAX);
    let AttemptFilter { user, edition, states, previews } = &query.filter;
    let states: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
    let sql = format!(
        "SELECT {COLUMNS} FROM attempts WHERE tenant = :tenant AND quiz = :quiz \
         AND (:usr IS NULL OR usr = :usr) AND (:edition IS NULL OR edition = :edition) AND (:previews OR preview = 0) \
         AND (:states = '[]' OR state IN (SELECT value FROM json_each(:states))) \
         AND (:started IS NULL OR started < :started OR (started = :started AND attempt > :after)) \
         ORDER BY started DESC, attempt LIMIT :limit"
    );
    let mut select = db.prepare_cached(&sql)?;
    let rows = select.query_map(
        named_params! {
            ":tenant": query.quiz.tenant.as_str(), ":quiz": query.quiz.quiz.as_str(),
            ":usr": user.as_ref().map(UserId::as_str), ":edition": edition, ":previews": previews,
            ":states": serde_json::to_string(&states)?,
            ":started": before.as_ref().map(|position| position.at),
            ":after": before.as_ref().map(|position| position.name.as_str()), ":limit": limit + 1,
        },
        read,
    )?;
    let (attempts, cursor) = page(rows, limit, |last| Position::new(last.started, last.key.attempt.as_str()))?;
    Ok(AttemptPage { attempts, cursor })
}

const COLUMNS: &str = "tenant, attempt, quiz, course, usr, number, edition, preview, seed, state, started, due, submitted, points, \
     max, revision, sitting";

fn read(row: &Row<'_>) -> rusqlite::Result<Attempt> {
    let text = |column: &str| row.get::<_, String>(column);
    let state = row.get_ref("state")?.as_str()?;
    Ok(Attempt {
        key: AttemptKey { tenant: TenantId::new(text("tenant")?), attempt: AttemptId::new(text("attempt")?) },
        quiz: QuizId::new(text("quiz")?),
        course: CourseId::new(text("course")?),
        user: UserId::new(text("usr")?),
        number: row.get("number")?,
        edition: row.get("edition")?,
        preview: row.get("preview")?,
        seed: row.get::<_, i64>("seed")?.cast_unsigned(),
        state: AttemptState::of(state).ok_or_else(|| unreadable("state"))?,
        started: UnixMs(row.get("started")?),
        due: row.get::<_, Option<u64>>("due")?.map(UnixMs),
        submitted: row.get::<_, Option<u64>>("submitted")?.map(UnixMs),
        points: row.get("points")?,
        max: row.get("max")?,
        sitting_json: row.get("sitting")?,
        revision: row.get("revision")?,
    })
}

impl From<NotOurs> for AttemptsError {
    fn from(_: NotOurs) -> Self {
        Self::Cursor
    }
}
