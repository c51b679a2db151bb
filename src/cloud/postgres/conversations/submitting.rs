//! Numbering a request: all that it rests on is read in one statement, all that it changes is written in one more, and nobody else numbers a
//! request of the conversation between them.

use super::reading::read_in_use;
use crate::chat::admitting::{self, Known};
use crate::chat::machine::title_of;
use crate::cloud::postgres::columns::{maybe_unsigned, signed, small, storable, unreadable, unsigned};
use crate::cloud::postgres::request::{Claims, Role, alone, alone_in, of_session};
use crate::ports::clock::UnixMs;
use crate::ports::conversations::{Ask, ChatQuota, Numbered, Request, SubmitError, Submitted};
use crate::ports::ids::SessionKey;
use sqlx::{PgConnection, PgPool, Row};

pub(super) async fn submit(
    pool: &PgPool,
    key: &SessionKey,
    request: &Request,
    quota: &ChatQuota,
    now: UnixMs,
) -> sqlx::Result<Result<Submitted, SubmitError>> {
    let mut transaction = Claims::of_session(Role::App, key).begin(pool).await?;
    alone_in(&mut transaction, format!("conversations#{}#{}", key.tenant, key.user)).await?;
    alone(&mut transaction, key).await?;
    let known = known(&mut transaction, key, &request.ask).await?;
    let submitted = match admitting::admit(&request.ask, known, quota) {
        Ok(submitted) => submitted,
        Err(refused) => {
            transaction.rollback().await?;
            return Ok(Err(refused));
        }
    };
    if submitted.is_new {
        note(&mut transaction, key, request, &submitted, now).await?;
        if let Ask::Rename { title } = &request.ask {
            rename(&mut transaction, key, title).await?;
        }
    }
    transaction.commit().await?;
    Ok(Ok(submitted))
}

async fn known(connection: &mut PgConnection, key: &SessionKey, ask: &Ask) -> sqlx::Result<Known> {
    let (reply, message) = admitting::rests_on(ask);
    let sql = "SELECT EXISTS (SELECT FROM viva.deleted_conversations WHERE tenant = $1 AND usr = $2 AND session = $3) AS is_deleted, \
         (SELECT requests FROM viva.conversations WHERE tenant = $1 AND usr = $2 AND session = $3) AS last, \
         same.number AS same_number, same.request::text AS same_request, \
         EXISTS (SELECT FROM viva.chat_replies WHERE tenant = $1 AND usr = $2 AND session = $3 AND reply = $5) AS has_reply, \
         (SELECT COALESCE(max(attempt), 0) FROM viva.chat_replies \
             WHERE tenant = $1 AND usr = $2 AND session = $3 AND message = $6) AS attempts, \
         (SELECT count(*) FROM viva.chat_replies WHERE tenant = $1 AND usr = $2 AND session = $3 AND state = 'due') AS replies_due, \
         (SELECT count(*) FROM viva.conversations WHERE tenant = $1 AND usr = $2) AS conversations, \
         (SELECT count(*) FROM viva.chat_replies WHERE tenant = $1 AND usr = $2 AND state = 'due') AS all_replies_due \
         FROM (SELECT) AS always LEFT JOIN viva.chat_requests AS same \
             ON same.tenant = $1 AND same.usr = $2 AND same.session = $3 AND same.name = $4";
    let row = of_session(sql, key)
        .bind(admitting::name(ask))
        .bind(reply.map(|reply| reply.as_str()))
        .bind(message.map(|message| message.as_str()))
        .fetch_one(connection)
        .await?;
    let same = match (maybe_unsigned(&row, "same_number")?, row.try_get::<Option<&str>, _>("same_request")?) {
        (Some(number), Some(json)) => {
            Some(Numbered { number, request: serde_json::from_str(json).map_err(unreadable)? })
        }
        _ => None,
    };
    Ok(Known {
        is_deleted: row.try_get("is_deleted")?,
        last: maybe_unsigned(&row, "last")?,
        same,
        has_reply: row.try_get("has_reply")?,
        attempts: small(&row, "attempts")?,
        replies_due: unsigned(&row, "replies_due")?,
        in_use: read_in_use(&row)?,
    })
}

/// The request, and what the conversation shows of it from now on; the first makes the conversation.
async fn note(
    connection: &mut PgConnection,
    key: &SessionKey,
    request: &Request,
    submitted: &Submitted,
    now: UnixMs,
) -> sqlx::Result<()> {
    let ask = &request.ask;
    let (title, course) = match ask {
        Ask::Send { text, asked, .. } => {
            let course = asked.as_ref().and_then(|asked| asked.course.as_ref());
            (title_of(text), course.map(|course| course.as_str()))
        }
        Ask::Edit { .. } | Ask::Regenerate { .. } | Ask::Stop { .. } | Ask::Rename { .. } => (String::new(), None),
    };
    let said = admitting::said(ask);
    let folded = said.as_ref().map(|said| storable(&said.text.to_lowercase())).unwrap_or_default();
    let due = submitted.reply.as_ref();
    let sql = "WITH conversation AS ( \
             INSERT INTO viva.conversations AS kept (tenant, usr, session, title, title_folded, title_given, course, created, updated, \
                 requests, messages) VALUES ($1, $2, $3, $5, $6, false, $7, $8, $8, $4, $9) \
             ON CONFLICT (tenant, usr, session) DO UPDATE SET requests = excluded.requests, \
                 messages = kept.messages + excluded.messages, updated = excluded.updated), \
         asked AS ( \
             INSERT INTO viva.chat_requests (tenant, usr, session, number, name, request) VALUES ($1, $2, $3, $4, $10, $11::json)) \
         INSERT INTO viva.chat_replies (tenant, usr, session, number, reply, message, attempt, said, state, text, created, folded) \
         SELECT $1, $2, $3, $4, $12, $13, $14, $15::json, 'due', '', $8, $16 WHERE $12::text IS NOT NULL";
    of_session(sql, key)
        .bind(signed(submitted.number))
        .bind(&title)
        .bind(title.to_lowercase())
        .bind(course)
        .bind(signed(now.0))
        .bind(i64::from(said.is_some()))
        .bind(admitting::name(ask))
        .bind(serde_json::to_string(request).map_err(unreadable)?)
        .bind(due.map(|due| due.reply.as_str()))
        .bind(due.map(|due| due.message.as_str()))
        .bind(due.map(|due| i64::from(due.attempt)))
        .bind(said.as_ref().map(serde_json::to_string).transpose().map_err(unreadable)?)
        .bind(folded)
        .execute(connection)
        .await
        .map(drop)
}

async fn rename(connection: &mut PgConnection, key: &SessionKey, title: &str) -> sqlx::Result<()> {
    let title = storable(title);
    let sql = "UPDATE viva.conversations SET title = $4, title_folded = $5, title_given = true \
         WHERE tenant = $1 AND usr = $2 AND session = $3";
    of_session(sql, key).bind(&title).bind(title.to_lowercase()).execute(connection).await.map(drop)
}
