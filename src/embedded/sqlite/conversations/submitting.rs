//! Numbering a request: in one transaction with whatever it rests on.

use super::{parts, unreadable};
use crate::chat::machine::title_of;
use crate::config::limits::{CHAT_REPLIES_DUE_MAX, CHAT_REQUESTS_MAX};
use crate::ports::clock::UnixMs;
use crate::ports::conversations::{Ask, Due, MessageId, ReplyId, Request, Said, SubmitError, Submitted};
use crate::ports::ids::SessionKey;
use rusqlite::{Connection, OptionalExtension, params};

type Refused<T> = rusqlite::Result<Result<T, SubmitError>>;

pub(super) fn submit(db: &Connection, key: &SessionKey, request: &Request, now: UnixMs) -> Refused<Submitted> {
    let (tenant, user, session) = parts(key);
    let is_deleted = db
        .prepare_cached("SELECT 1 FROM deleted_conversations WHERE tenant = ?1 AND usr = ?2 AND session = ?3")?
        .exists([tenant, user, session])?;
    if is_deleted {
        return Ok(Err(SubmitError::Deleted));
    }
    let last: Option<u64> = db
        .prepare_cached("SELECT requests FROM conversations WHERE tenant = ?1 AND usr = ?2 AND session = ?3")?
        .query_row([tenant, user, session], |row| row.get(0))
        .optional()?;
    let number = last.unwrap_or_default() + 1;
    let name = name_of(&request.ask, number);
    if let Some((number, stored)) = named(db, key, &name)? {
        if stored.ask != request.ask {
            return Ok(Err(SubmitError::Exists));
        }
        return Ok(Ok(Submitted { number, reply: due(&request.ask, number), is_new: false }));
    }
    if let Err(refused) = check(db, key, request, last)? {
        return Ok(Err(refused));
    }
    if last.is_none() {
        create(db, key, &request.ask, now)?;
    }
    let json = serde_json::to_string(request).map_err(unreadable)?;
    db.prepare_cached(
        "INSERT INTO chat_requests (tenant, usr, session, number, name, request) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![tenant, user, session, number, name, json])?;
    note(db, key, &request.ask, number, now)?;
    Ok(Ok(Submitted { number, reply: due(&request.ask, number), is_new: true }))
}

/// Whether what the request rests on is there, and whether there is room for it.
fn check(db: &Connection, key: &SessionKey, request: &Request, last: Option<u64>) -> Refused<()> {
    let may_create = matches!(request.ask, Ask::Send { parent: None, .. });
    let Some(last) = last else {
        return Ok(if may_create { Ok(()) } else { Err(SubmitError::Unknown) });
    };
    let known = match &request.ask {
        Ask::Send { parent: None, .. } | Ask::Rename { .. } => true,
        Ask::Send { parent: Some(reply), .. } | Ask::Stop { reply } => has_reply(db, key, reply)?,
        Ask::Edit { replaces, .. } => attempts(db, key, replaces)? > 0,
        Ask::Regenerate { message, attempt } => {
            let before = attempts(db, key, message)?;
            before > 0 && *attempt == before + 1
        }
    };
    if !known {
        return Ok(Err(SubmitError::MessageUnknown));
    }
    if last >= CHAT_REQUESTS_MAX {
        return Ok(Err(SubmitError::Exceeded));
    }
    if due(&request.ask, 0).is_some() && replies_due(db, key)? >= CHAT_REPLIES_DUE_MAX as u64 {
        return Ok(Err(SubmitError::RepliesDue));
    }
    Ok(Ok(()))
}

/// What a request is called by the client's ids: a message's attempt, or a reply's stop. Renaming twice is renaming twice.
fn name_of(ask: &Ask, number: u64) -> String {
    match ask {
        Ask::Send { message, .. } | Ask::Edit { message, .. } => format!("{message}/1"),
        Ask::Regenerate { message, attempt } => format!("{message}/{attempt}"),
        Ask::Stop { reply } => format!("stop/{reply}"),
        Ask::Rename { .. } => format!("rename/{number}"),
    }
}

fn due(ask: &Ask, number: u64) -> Option<Due> {
    let (message, attempt) = match ask {
        Ask::Send { message, .. } | Ask::Edit { message, .. } => (message, 1),
        Ask::Regenerate { message, attempt } => (message, *attempt),
        Ask::Stop { .. } | Ask::Rename { .. } => return None,
    };
    Some(Due { reply: ReplyId::of(number), message: message.clone(), attempt })
}

fn named(db: &Connection, key: &SessionKey, name: &str) -> rusqlite::Result<Option<(u64, Request)>> {
    let (tenant, user, session) = parts(key);
    let found: Option<(u64, String)> = db
        .prepare_cached(
            "SELECT number, request FROM chat_requests WHERE tenant = ?1 AND usr = ?2 AND session = ?3 AND name = ?4",
        )?
        .query_row([tenant, user, session, name], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    found.map(|(number, json)| Ok((number, serde_json::from_str(&json).map_err(unreadable)?))).transpose()
}

fn has_reply(db: &Connection, key: &SessionKey, reply: &ReplyId) -> rusqlite::Result<bool> {
    let (tenant, user, session) = parts(key);
    db.prepare_cached("SELECT 1 FROM chat_replies WHERE tenant = ?1 AND usr = ?2 AND session = ?3 AND reply = ?4")?
        .exists([tenant, user, session, reply.as_str()])
}

/// How often an answer to a message was asked for; 0: there is no such message.
fn attempts(db: &Connection, key: &SessionKey, message: &MessageId) -> rusqlite::Result<u32> {
    let (tenant, user, session) = parts(key);
    db.prepare_cached(
        "SELECT COALESCE(MAX(attempt), 0) FROM chat_replies WHERE tenant = ?1 AND usr = ?2 AND session = ?3 AND message = ?4",
    )?
    .query_row([tenant, user, session, message.as_str()], |row| row.get(0))
}

fn replies_due(db: &Connection, key: &SessionKey) -> rusqlite::Result<u64> {
    let (tenant, user, session) = parts(key);
    db.prepare_cached(
        "SELECT COUNT(*) FROM chat_replies WHERE tenant = ?1 AND usr = ?2 AND session = ?3 AND state = 'due'",
    )?
    .query_row([tenant, user, session], |row| row.get(0))
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

/// What the conversation shows of a request from now on.
fn note(db: &Connection, key: &SessionKey, ask: &Ask, number: u64, now: UnixMs) -> rusqlite::Result<()> {
    let (tenant, user, session) = parts(key);
    if let Some(Due { reply, message, attempt }) = due(ask, number) {
        let said = said(ask);
        let folded = said.as_ref().map(|said| said.text.to_lowercase()).unwrap_or_default();
        let said = said.as_ref().map(serde_json::to_string).transpose().map_err(unreadable)?;
        db.prepare_cached(
            "INSERT INTO chat_replies (tenant, usr, session, number, reply, message, attempt, said, state, text, created, folded) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'due', '', ?9, ?10)",
        )?
        .execute(params![
            tenant,
            user,
            session,
            number,
            reply.as_str(),
            message.as_str(),
            attempt,
            said,
            now.0,
            folded
        ])?;
    }
    if let Ask::Rename { title } = ask {
        db.prepare_cached(
            "UPDATE conversations SET title = ?4, title_folded = ?5, title_given = 1 \
             WHERE tenant = ?1 AND usr = ?2 AND session = ?3",
        )?
        .execute(params![tenant, user, session, title, title.to_lowercase()])?;
    }
    let messages = i64::from(said(ask).is_some());
    db.prepare_cached(
        "UPDATE conversations SET requests = ?4, messages = messages + ?5, updated = ?6 \
         WHERE tenant = ?1 AND usr = ?2 AND session = ?3",
    )?
    .execute(params![tenant, user, session, number, messages, now.0])
    .map(drop)
}

fn said(ask: &Ask) -> Option<Said> {
    match ask {
        Ask::Send { message: _, parent, text, asked } => {
            Some(Said { text: text.clone(), parent: parent.clone(), replaces: None, asked: asked.clone() })
        }
        Ask::Edit { message: _, replaces, text } => {
            Some(Said { text: text.clone(), parent: None, replaces: Some(replaces.clone()), asked: None })
        }
        Ask::Regenerate { .. } | Ask::Stop { .. } | Ask::Rename { .. } => None,
    }
}
