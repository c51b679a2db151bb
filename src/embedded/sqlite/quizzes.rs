//! Quizzes, kept by the database. Every change is one conditional update on the row's version; the quota is asked in the transaction that
//! admits. What a quiz holds is not read here.

use super::Store;
use super::documents::unreadable;
use super::error::DbError;
use super::position::{NotOurs, Position, page};
use super::rows::Batch;
use crate::config::limits::LIST_PAGE_MAX;
use crate::ports::clock::UnixMs;
use crate::ports::ids::{CourseId, DocumentId, QuizId, TenantId, UserId};
use crate::ports::quizzes::{
    Created, Given, NewQuiz, Queued, Quiz, QuizChange, QuizKey, QuizPage, QuizQuery, QuizQuota, QuizState, QuizSummary,
    Quizzes, QuizzesError, SourceVersion,
};
use crate::ports::uploads::Idempotency;
use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

#[async_trait]
impl Quizzes for Store {
    async fn create(
        &self,
        new: NewQuiz,
        idempotency: Option<Idempotency>,
        quota: &QuizQuota,
    ) -> Result<Created, QuizzesError> {
        let quota = *quota;
        let create = move |batch: &mut Batch<'_>| create(batch.db, &new, idempotency.as_ref(), &quota);
        let created = self.writer.write(create).await?;
        created.ok_or_else(|| QuizzesError::Failed("the id was used before".into()))
    }

    async fn begun(
        &self,
        tenant: &TenantId,
        owner: &UserId,
        idempotency: &Idempotency,
    ) -> Result<Option<Created>, QuizzesError> {
        let (tenant, owner, idempotency) = (tenant.clone(), owner.clone(), idempotency.clone());
        Ok(self.readers.read(move |db| Ok(begun(db, &tenant, &owner, &idempotency)?)).await?)
    }

    async fn get(&self, key: &QuizKey) -> Result<Option<Quiz>, QuizzesError> {
        let key = key.clone();
        Ok(self.readers.read(move |db| Ok(select(db, &key)?)).await?)
    }

    async fn list(&self, query: QuizQuery) -> Result<QuizPage, QuizzesError> {
        let before = query.cursor.as_deref().map(Position::decode).transpose()?;
        Ok(self.readers.read(move |db| list(db, &query, before)).await?)
    }

    async fn change(&self, key: &QuizKey, version: u64, change: QuizChange) -> Result<Quiz, QuizzesError> {
        let key = key.clone();
        let take = move |batch: &mut Batch<'_>| {
            let taken = take(batch.db, &key, version, &change)?;
            Ok((taken, select(batch.db, &key)?))
        };
        of_change(self.writer.write(take).await?)
    }

    async fn queue(
        &self,
        key: &QuizKey,
        version: u64,
        change: QuizChange,
        quota: &QuizQuota,
    ) -> Result<Queued, QuizzesError> {
        let (key, making_max) = (key.clone(), quota.making_max);
        let queue = move |batch: &mut Batch<'_>| {
            if others_at_work(batch.db, &key)? >= making_max {
                return Ok(None);
            }
            let taken = take(batch.db, &key, version, &change)?;
            Ok(Some((taken, select(batch.db, &key)?)))
        };
        match self.writer.write(queue).await? {
            None => Ok(Queued::TooManyAtWork),
            Some(changed) => of_change(changed).map(Box::new).map(Queued::Now),
        }
    }

    async fn edition(&self, key: &QuizKey, edition: u32) -> Result<Option<String>, QuizzesError> {
        let key = key.clone();
        let edition = move |db: &Connection| {
            let mut select = db
                .prepare_cached("SELECT content FROM quiz_editions WHERE tenant = ?1 AND quiz = ?2 AND edition = ?3")?;
            let (tenant, quiz) = parts(&key);
            Ok(select.query_row(params![tenant, quiz, edition], |row| row.get(0)).optional()?)
        };
        Ok(self.readers.read(edition).await?)
    }

    async fn delete(&self, key: &QuizKey, version: u64) -> Result<(), QuizzesError> {
        let key = key.clone();
        let deleted = self.writer.write(move |batch: &mut Batch<'_>| delete(batch.db, &key, version)).await?;
        if deleted { Ok(()) } else { Err(QuizzesError::Stale) }
    }

    async fn waiting(&self, now: UnixMs, limit: usize) -> Result<Vec<QuizKey>, QuizzesError> {
        let waiting = move |db: &Connection| {
            let mut select = db.prepare_cached(
                "SELECT tenant, quiz FROM quizzes WHERE work_due <= ?1 ORDER BY work_due, tenant, quiz LIMIT ?2",
            )?;
            let rows = select.query_map(params![now.0, limit], read_key)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        };
        Ok(self.readers.read(waiting).await?)
    }
}

/// Whether a change was made, and the quiz as it is now.
fn of_change(changed: (bool, Option<Quiz>)) -> Result<Quiz, QuizzesError> {
    match changed {
        (true, Some(quiz)) => Ok(quiz),
        (false, Some(_)) => Err(QuizzesError::Stale),
        (_, None) => Err(QuizzesError::Unknown),
    }
}

/// What came of an earlier request with the same key.
fn begun(
    db: &Connection,
    tenant: &TenantId,
    owner: &UserId,
    Idempotency { key, fingerprint }: &Idempotency,
) -> rusqlite::Result<Option<Created>> {
    let sql = format!(
        "SELECT {COLUMNS}, paper, fingerprint FROM quizzes WHERE tenant = ?1 AND owner = ?2 AND idempotency_key = ?3"
    );
    let before = db
        .prepare_cached(&sql)?
        .query_row([tenant.as_str(), owner.as_str(), key], |row| Ok((read(row)?, row.get::<_, String>("fingerprint")?)))
        .optional()?;
    Ok(before.map(|(before, known)| if known == *fingerprint { Created::Same(before) } else { Created::Conflict }))
}

/// Other quizzes of the quiz's owner whose items are being made.
fn others_at_work(db: &Connection, key: &QuizKey) -> rusqlite::Result<u64> {
    let (tenant, quiz) = parts(key);
    db.prepare_cached(
        "SELECT COUNT(work_due) FROM quizzes WHERE tenant = ?1 AND quiz <> ?2 \
         AND owner = (SELECT owner FROM quizzes WHERE tenant = ?1 AND quiz = ?2)",
    )?
    .query_row([tenant, quiz], |row| row.get(0))
}

/// `None`: another quiz has the id, or had it.
fn create(
    db: &Connection,
    new: &NewQuiz,
    idempotency: Option<&Idempotency>,
    quota: &QuizQuota,
) -> rusqlite::Result<Option<Created>> {
    let (tenant, quiz) = parts(&new.key);
    if let Some(idempotency) = idempotency
        && let Some(before) = begun(db, &new.key.tenant, &new.owner, idempotency)?
    {
        return Ok(Some(before));
    }
    let (quizzes, making, is_used): (u64, u64, bool) = db
        .prepare_cached(
            "SELECT COUNT(*), COUNT(work_due), EXISTS (SELECT 1 FROM deleted_quizzes WHERE tenant = ?1 AND quiz = ?3) \
             OR EXISTS (SELECT 1 FROM quizzes WHERE tenant = ?1 AND quiz = ?3) \
             FROM quizzes WHERE tenant = ?1 AND owner = ?2",
        )?
        .query_row([tenant, new.owner.as_str(), quiz], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    if quizzes >= quota.quizzes_max {
        return Ok(Some(Created::TooMany));
    }
    if new.draft.work_due.is_some() && making >= quota.making_max {
        return Ok(Some(Created::TooManyAtWork));
    }
    if is_used {
        return Ok(None);
    }
    insert(db, new, idempotency)?;
    Ok(select(db, &new.key)?.map(Created::New))
}

fn insert(db: &Connection, new: &NewQuiz, idempotency: Option<&Idempotency>) -> rusqlite::Result<()> {
    let NewQuiz { key, course, owner, draft } = new;
    let QuizChange { title, state, items, sources, work_due, paper_json, edition_json, at } = draft;
    let mut insert = db.prepare_cached(
        "INSERT INTO quizzes (tenant, quiz, course, owner, title, state, edition, given_title, given_items, items, sources, work_due, \
         version, idempotency_key, fingerprint, created, updated, paper) VALUES (:tenant, :quiz, :course, :owner, :title, :state, \
         iif(:published, 1, NULL), iif(:published, :title, NULL), iif(:published, :items, NULL), :items, :sources, :work_due, 1, :key, \
         :fingerprint, :at, :at, :paper)",
    )?;
    insert.execute(named_params! {
        ":tenant": key.tenant.as_str(), ":quiz": key.quiz.as_str(), ":course": course.as_str(), ":owner": owner.as_str(),
        ":title": title, ":state": state.as_str(), ":published": edition_json.is_some(), ":items": items,
        ":sources": sources_json(sources)?, ":work_due": work_due.map(|due| due.0),
        ":key": idempotency.map(|idempotency| &idempotency.key),
        ":fingerprint": idempotency.map(|idempotency| &idempotency.fingerprint), ":at": at.0, ":paper": paper_json,
    })?;
    publish(db, key, edition_json.as_deref())
}

/// One step, where the quiz is as it was seen.
fn take(db: &Connection, key: &QuizKey, version: u64, change: &QuizChange) -> rusqlite::Result<bool> {
    let QuizChange { title, state, items, sources, work_due, paper_json, edition_json, at } = change;
    let mut update = db.prepare_cached(
        "UPDATE quizzes SET title = :title, state = :state, edition = iif(:published, COALESCE(edition, 0) + 1, edition), \
         given_title = iif(:published, :title, given_title), given_items = iif(:published, :items, given_items), items = :items, sources = :sources, work_due = :work_due, version = version + 1, updated = :at, paper = :paper \
         WHERE tenant = :tenant AND quiz = :quiz AND version = :version",
    )?;
    let updated = update.execute(named_params! {
        ":title": title, ":state": state.as_str(), ":published": edition_json.is_some(), ":items": items,
        ":sources": sources_json(sources)?, ":work_due": work_due.map(|due| due.0), ":at": at.0, ":paper": paper_json,
        ":tenant": key.tenant.as_str(), ":quiz": key.quiz.as_str(), ":version": counted(version),
    })?;
    if updated > 0 {
        publish(db, key, edition_json.as_deref())?;
    }
    Ok(updated > 0)
}

/// Keeps what students are given as the edition that the quiz's row counts.
fn publish(db: &Connection, key: &QuizKey, content: Option<&str>) -> rusqlite::Result<()> {
    let Some(content) = content else { return Ok(()) };
    let (tenant, quiz) = parts(key);
    db.prepare_cached(
        "INSERT INTO quiz_editions (tenant, quiz, edition, content) \
         SELECT tenant, quiz, edition, ?3 FROM quizzes WHERE tenant = ?1 AND quiz = ?2",
    )?
    .execute([tenant, quiz, content])
    .map(drop)
}

/// `false`: the quiz is not as it was seen.
fn delete(db: &Connection, key: &QuizKey, version: u64) -> rusqlite::Result<bool> {
    let (tenant, quiz) = parts(key);
    let found: Option<i64> = db
        .prepare_cached("SELECT version FROM quizzes WHERE tenant = ?1 AND quiz = ?2")?
        .query_row([tenant, quiz], |row| row.get(0))
        .optional()?;
    match found {
        None => return Ok(true),
        Some(found) if found != counted(version) => return Ok(false),
        Some(_) => {}
    }
    for table in ["quizzes", "quiz_editions", "attempts"] {
        db.prepare_cached(&format!("DELETE FROM {table} WHERE tenant = ?1 AND quiz = ?2"))?.execute([tenant, quiz])?;
    }
    db.prepare_cached("INSERT INTO deleted_quizzes (tenant, quiz) VALUES (?1, ?2)")?.execute([tenant, quiz])?;
    Ok(true)
}

fn select(db: &Connection, key: &QuizKey) -> rusqlite::Result<Option<Quiz>> {
    let sql = format!("SELECT {COLUMNS}, paper FROM quizzes WHERE tenant = ?1 AND quiz = ?2");
    let (tenant, quiz) = parts(key);
    db.prepare_cached(&sql)?.query_row([tenant, quiz], read).optional()
}

fn list(db: &Connection, query: &QuizQuery, before: Option<Position>) -> Result<QuizPage, DbError> {
    let limit = query.limit.clamp(1, LIST_PAGE_MAX);
    let json = |courses: &[CourseId]| serde_json::to_string(courses);
    let sql = format!(
        "SELECT {COLUMNS} FROM quizzes WHERE tenant = :tenant AND course IN (SELECT value FROM json_each(:courses)) \
         AND (course NOT IN (SELECT value FROM json_each(:published_only)) OR (edition IS NOT NULL AND state <> 'draft')) \
         AND (:created IS NULL OR created < :created OR (created = :created AND quiz > :after)) \
         ORDER BY created DESC, quiz LIMIT :limit"
    );
    let mut select = db.prepare_cached(&sql)?;
    let rows = select.query_map(
        named_params! {
            ":tenant": query.tenant.as_str(), ":courses": json(&query.courses)?,
            ":published_only": json(&query.published_only)?,
            ":created": before.as_ref().map(|position| position.at),
            ":after": before.as_ref().map(|position| position.name.as_str()), ":limit": limit + 1,
        },
        read_summary,
    )?;
    let (quizzes, cursor) = page(rows, limit, |last| Position::new(last.created, last.key.quiz.as_str()))?;
    Ok(QuizPage { quizzes, cursor })
}

const COLUMNS: &str = "tenant, quiz, course, owner, title, state, edition, given_title, given_items, items, sources, work_due, \
     version, created, updated";

fn read(row: &Row<'_>) -> rusqlite::Result<Quiz> {
    Ok(Quiz { summary: read_summary(row)?, paper_json: row.get("paper")? })
}

fn read_key(row: &Row<'_>) -> rusqlite::Result<QuizKey> {
    Ok(QuizKey {
        tenant: TenantId::new(row.get::<_, String>("tenant")?),
        quiz: QuizId::new(row.get::<_, String>("quiz")?),
    })
}

fn read_summary(row: &Row<'_>) -> rusqlite::Result<QuizSummary> {
    let sources: Vec<(String, u64)> =
        serde_json::from_str(row.get_ref("sources")?.as_str()?).map_err(|_| unreadable("sources"))?;
    let source = |(document, version)| SourceVersion { document: DocumentId::new(document), version };
    Ok(QuizSummary {
        key: read_key(row)?,
        course: CourseId::new(row.get::<_, String>("course")?),
        owner: UserId::new(row.get::<_, String>("owner")?),
        title: row.get("title")?,
        state: QuizState::of(row.get_ref("state")?.as_str()?).ok_or_else(|| unreadable("state"))?,
        given: read_given(row)?,
        items: row.get("items")?,
        sources: sources.into_iter().map(source).collect(),
        work_due: row.get::<_, Option<u64>>("work_due")?.map(UnixMs),
        version: row.get("version")?,
        created: UnixMs(row.get("created")?),
        updated: UnixMs(row.get("updated")?),
    })
}

fn read_given(row: &Row<'_>) -> rusqlite::Result<Option<Given>> {
    let Some(edition) = row.get("edition")? else { return Ok(None) };
    Ok(Some(Given { edition, title: row.get("given_title")?, items: row.get("given_items")? }))
}

fn sources_json(sources: &[SourceVersion]) -> rusqlite::Result<String> {
    let pairs: Vec<_> = sources.iter().map(|source| (source.document.as_str(), source.version)).collect();
    serde_json::to_string(&pairs).map_err(|_| unreadable("sources"))
}

/// As the database counts; nothing is counted so far that the two differ.
pub(super) fn counted(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}

pub(super) fn parts(key: &QuizKey) -> (&str, &str) {
    (key.tenant.as_str(), key.quiz.as_str())
}

impl From<NotOurs> for QuizzesError {
    fn from(_: NotOurs) -> Self {
        Self::Cursor
    }
}
