//! Conversations as they are read: requests for the worker, history, lists and onlookers for everybody else.

use super::{parts, unreadable};
use crate::config::limits::LIST_PAGE_MAX;
use crate::embedded::sqlite::error::DbError;
use crate::embedded::sqlite::journal::read_key;
use crate::embedded::sqlite::position::{Position, page};
use crate::ports::clock::UnixMs;
use crate::ports::conversations::{
    Conversation, ConversationPage, ConversationQuery, Due, Entry, MessageId, Numbered, Onlooker, Rating, ReplyId,
    ReplyState, Said,
};
use crate::ports::ids::{ConnectionId, CourseId, SessionKey};
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

pub(super) fn requests_after(
    db: &Connection,
    key: &SessionKey,
    after: u64,
    limit: usize,
) -> Result<Vec<Numbered>, DbError> {
    let (tenant, user, session) = parts(key);
    let mut select = db.prepare_cached(
        "SELECT number, request FROM chat_requests WHERE tenant = ?1 AND usr = ?2 AND session = ?3 AND number > ?4 \
         ORDER BY number LIMIT ?5",
    )?;
    let rows = select.query_map(params![tenant, user, session, after, limit], |row| {
        let json: String = row.get(1)?;
        Ok(Numbered { number: row.get(0)?, request: serde_json::from_str(&json).map_err(unreadable)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn get(db: &Connection, key: &SessionKey) -> Result<Option<Conversation>, DbError> {
    let (tenant, user, session) = parts(key);
    let sql = format!("SELECT {CONVERSATION} FROM conversations WHERE tenant = ?1 AND usr = ?2 AND session = ?3");
    Ok(db.prepare_cached(&sql)?.query_row([tenant, user, session], conversation).optional()?)
}

pub(super) fn history(
    db: &Connection,
    key: &SessionKey,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<Entry>, DbError> {
    let (tenant, user, session) = parts(key);
    let mut select = db.prepare_cached(
        "SELECT number, created, reply, message, attempt, said, state, text, details, rating FROM chat_replies \
         WHERE tenant = ?1 AND usr = ?2 AND session = ?3 AND (?4 IS NULL OR number < ?4) ORDER BY number DESC LIMIT ?5",
    )?;
    let rows = select.query_map(params![tenant, user, session, before, limit], entry)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Of one's own conversations those whose title or talk holds all the words.
pub(super) fn list(
    db: &Connection,
    query: &ConversationQuery,
    before: Option<&Position>,
) -> Result<ConversationPage, DbError> {
    let limit = query.limit.clamp(1, LIST_PAGE_MAX);
    let words: Vec<String> =
        query.text.iter().flat_map(|text| text.split_whitespace()).map(str::to_lowercase).collect();
    let words = serde_json::to_string(&words).map_err(|error| DbError::Failed(error.to_string()))?;
    let sql = format!(
        "SELECT {CONVERSATION} FROM conversations AS c WHERE tenant = :tenant AND usr = :usr \
         AND (:course IS NULL OR course = :course) \
         AND NOT EXISTS (SELECT 1 FROM json_each(:words) AS word WHERE instr(c.title_folded, word.value) = 0 \
             AND NOT EXISTS (SELECT 1 FROM chat_replies AS r WHERE r.tenant = c.tenant AND r.usr = c.usr \
                 AND r.session = c.session AND instr(r.folded, word.value) > 0)) \
         AND (:updated IS NULL OR updated < :updated OR (updated = :updated AND session > :after)) \
         ORDER BY updated DESC, session LIMIT :limit"
    );
    let mut select = db.prepare_cached(&sql)?;
    let rows = select.query_map(
        named_params! {
            ":tenant": query.tenant.as_str(),
            ":usr": query.user.as_str(),
            ":course": query.course.as_ref().map(CourseId::as_str),
            ":words": words,
            ":updated": before.map(|position| position.at),
            ":after": before.map(|position| position.name.as_str()),
            ":limit": limit + 1,
        },
        conversation,
    )?;
    let (conversations, cursor) = page(rows, limit, |last| Position::new(last.updated, last.key.session.as_str()))?;
    Ok(ConversationPage { conversations, cursor })
}

pub(super) fn overdue(db: &Connection, before: UnixMs, limit: usize) -> Result<Vec<SessionKey>, DbError> {
    let mut select = db.prepare_cached(
        "SELECT tenant, usr, session FROM chat_replies WHERE state = 'due' AND created < ?1 \
         GROUP BY tenant, usr, session ORDER BY MIN(created) LIMIT ?2",
    )?;
    let rows = select.query_map(params![before.0, limit], read_key)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn bound(db: &Connection, key: &SessionKey) -> Result<Vec<Onlooker>, DbError> {
    let (tenant, user, session) = parts(key);
    let mut select = db.prepare_cached(
        "SELECT connection, bind_no, head_seq FROM chat_bindings WHERE tenant = ?1 AND usr = ?2 AND session = ?3 \
         ORDER BY bind_no",
    )?;
    let rows = select.query_map([tenant, user, session], |row| {
        Ok(Onlooker {
            connection: ConnectionId::new(row.get::<_, String>(0)?),
            bind_no: row.get(1)?,
            head_seq: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn conversation(row: &Row<'_>) -> rusqlite::Result<Conversation> {
    Ok(Conversation {
        key: read_key(row)?,
        title: row.get("title")?,
        course: row.get::<_, Option<String>>("course")?.map(CourseId::new),
        created: UnixMs(row.get("created")?),
        updated: UnixMs(row.get("updated")?),
        messages: row.get("messages")?,
    })
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let said: Option<String> = row.get("said")?;
    let state: String = row.get("state")?;
    let rating: Option<String> = row.get("rating")?;
    Ok(Entry {
        number: row.get("number")?,
        created: UnixMs(row.get("created")?),
        said: said.map(|said| serde_json::from_str::<Said>(&said)).transpose().map_err(unreadable)?,
        due: Due {
            reply: ReplyId::new(row.get::<_, String>("reply")?),
            message: MessageId::new(row.get::<_, String>("message")?),
            attempt: row.get("attempt")?,
        },
        state: ReplyState::of(&state).ok_or_else(|| no_such("state", &state))?,
        text: row.get("text")?,
        details: row.get("details")?,
        rating: rating.map(|rating| Rating::of(&rating).ok_or_else(|| no_such("rating", &rating))).transpose()?,
    })
}

fn no_such(what: &str, word: &str) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnName(format!("no {what} is called {word}"))
}

const CONVERSATION: &str = "tenant, usr, session, title, course, created, updated, messages";
