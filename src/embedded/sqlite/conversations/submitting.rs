//! Numbering a request: in one transaction with whatever it rests on.

use super::{parts, unreadable};
use crate::chat::admitting::{self, Known};
use crate::chat::machine::title_of;
use crate::ports::clock::UnixMs;
use crate::ports::conversations::{Ask, ChatQuota, ChatsInUse, Due, Numbered, Request, SubmitError, Submitted};
use crate::ports::ids::{SessionKey, TenantId, UserId};
use rusqlite::{Connection, OptionalExtension, params};

type Refused<T> = rusqlite::Result<Result<T, SubmitError>>;

pub(super) fn submit(
    db: &Connection,
    key: &SessionKey,
    request: &Request,
    quota: &ChatQuota,
    now: UnixMs,
) -> Refused<Submitted> {
    let known = known(db, key, &request.ask)?;
    let is_first = known.last.is_none();
    let submitted = match admitting::admit(&request.ask, known, quota) {
        Ok(submitted) => submitted,
        Err(refused) => return Ok(Err(refused)),
    };
    if submitted.is_new {
        if is_first {
            create(db, key, &request.ask, now)?;
        }
        note(db, key, request, &submitted, now)?;
    }
    Ok(Ok(submitted))
}

fn known(db: &Connection, key: &SessionKey, ask: &Ask) -> rusqlite::Result<Known> {
    let (tenant, user, session) = parts(key);
    let (reply, message) = admitting::rests_on(ask);
    let mut known = db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM deleted_conversations WHERE tenant = ?1 AND usr = ?2 AND session = ?3), \
             (SELECT requests FROM conversations WHERE tenant = ?1 AND usr = ?2 AND session = ?3), \
             EXISTS (SELECT 1 FROM chat_replies WHERE tenant = ?1 AND usr = ?2 AND session = ?3 AND reply = ?4), \
             (SELECT COALESCE(MAX(attempt), 0) FROM chat_replies \
                 WHERE tenant = ?1 AND usr = ?2 AND session = ?3 AND message = ?5), \
             (SELECT COUNT(*) FROM chat_replies WHERE tenant = ?1 AND usr = ?2 AND session = ?3 AND state = 'due')",
        )?
        .query_row(
            params![tenant, user, session, reply.map(|reply| reply.as_str()), message.map(|message| message.as_str())],
            |row| {
                Ok(Known {
                    is_deleted: row.get(0)?,
                    last: row.get(1)?,
                    same: None,
                    has_reply: row.get(2)?,
                    attempts: row.get(3)?,
                    replies_due: row.get(4)?,
                    in_use: ChatsInUse::default(),
                })
            },
        )?;
    known.in_use = in_use(db, &key.tenant, &key.user)?;
    if let Some(name) = admitting::name(ask) {
        known.same = named(db, key, &name)?;
    }
    Ok(known)
}

pub(super) fn in_use(db: &Connection, tenant: &TenantId, user: &UserId) -> rusqlite::Result<ChatsInUse> {
    db.prepare_cached(
        "SELECT (SELECT COUNT(*) FROM conversations WHERE tenant = ?1 AND usr = ?2), \
         (SELECT COUNT(*) FROM chat_replies WHERE tenant = ?1 AND usr = ?2 AND state = 'due')",
    )?
    .query_row([tenant.as_str(), user.as_str()], |row| {
        Ok(ChatsInUse { conversations: row.get(0)?, replies_due: row.get(1)? })
    })
}

fn named(db: &Connection, key: &SessionKey, name: &str) -> rusqlite::Result<Option<Numbered>> {
    let (tenant, user, session) = parts(key);
    let found: Option<(u64, String)> = db
        .prepare_cached(
            "SELECT number, request FROM chat_requests WHERE tenant = ?1 AND usr = ?2 AND session = ?3 AND name = ?4",
        )?
        .query_row([tenant, user, session, name], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let read = |(number, json): (u64, String)| {
        Ok(Numbered { number, request: serde_json::from_str(&json).map_err(unreadable)? })
    };
    found.map(read).transpose()
}

fn create(db: &Connection, key: &SessionKey, ask: &Ask, now: UnixMs) -> rusqlite::Result<()> {
    let Ask::Send { text, asked, .. } = ask else { return Ok(()) };
    let (tenant, user, session) = parts(key);
    let title = title_of(text);
    let course = asked.as_ref().and_then(|asked| asked.course.as_ref()).map(|course| course.as_str());
    db.prepare_cached(
        "INSERT INTO conversations (tenant, usr, session, title, title_folded, title_given, course, created, updated, requests, \
         messages) VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, ?7, 0, 0)",
    )?
    .execute(params![tenant, user, session, title, title.to_lowercase(), course, now.0])
    .map(drop)
}

/// The request, and what the conversation shows of it from now on.
fn note(
    db: &Connection,
    key: &SessionKey,
    request: &Request,
    submitted: &Submitted,
    now: UnixMs,
) -> rusqlite::Result<()> {
    let (tenant, user, session) = parts(key);
    let (ask, number) = (&request.ask, submitted.number);
    let name = admitting::name(ask).unwrap_or_else(|| format!("rename/{number}"));
    let json = serde_json::to_string(request).map_err(unreadable)?;
    db.prepare_cached(
        "INSERT INTO chat_requests (tenant, usr, session, number, name, request) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![tenant, user, session, number, name, json])?;
    let said = admitting::said(ask);
    if let Some(Due { reply, message, attempt }) = &submitted.reply {
        let folded = said.as_ref().map(|said| said.text.to_lowercase()).unwrap_or_default();
        let (reply, message) = (reply.as_str(), message.as_str());
        let said = said.as_ref().map(serde_json::to_string).transpose().map_err(unreadable)?;
        db.prepare_cached(
            "INSERT INTO chat_replies (tenant, usr, session, number, reply, message, attempt, said, state, text, created, folded) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'due', '', ?9, ?10)",
        )?
        .execute(params![tenant, user, session, number, reply, message, attempt, said, now.0, folded])?;
    }
    if let Ask::Rename { title } = ask {
        db.prepare_cached(
            "UPDATE conversations SET title = ?4, title_folded = ?5, title_given = 1 \
             WHERE tenant = ?1 AND usr = ?2 AND session = ?3",
        )?
        .execute(params![tenant, user, session, title, title.to_lowercase()])?;
    }
    let messages = i64::from(said.is_some());
    db.prepare_cached(
        "UPDATE conversations SET requests = ?4, messages = messages + ?5, updated = ?6 \
         WHERE tenant = ?1 AND usr = ?2 AND session = ?3",
    )?
    .execute(params![tenant, user, session, number, messages, now.0])
    .map(drop)
}
