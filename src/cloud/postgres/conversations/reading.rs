//! Conversations as they are read: requests for the worker, history, lists and onlookers for everybody else.

use crate::cloud::postgres::columns::{moment, no_such, signed, small, text, unreadable, unsigned, words};
use crate::cloud::postgres::position::{Position, page};
use crate::cloud::postgres::request::{Claims, Role, of_session, once};
use crate::config::limits::LIST_PAGE_MAX;
use crate::ports::clock::UnixMs;
use crate::ports::conversations::{
    ChatsInUse, Conversation, ConversationPage, ConversationQuery, Due, Entry, MessageId, Numbered, Onlooker, Rating,
    ReplyId, ReplyState,
};
use crate::ports::ids::{ConnectionId, CourseId, SessionId, SessionKey, TenantId, UserId};
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};

pub(super) async fn requests_after(
    pool: &PgPool,
    key: &SessionKey,
    after: u64,
    limit: usize,
) -> sqlx::Result<Vec<Numbered>> {
    let sql = "SELECT number, request::text FROM viva.chat_requests \
         WHERE tenant = $1 AND usr = $2 AND session = $3 AND number > $4 ORDER BY number LIMIT $5";
    let mut transaction = Claims::of_session(Role::App, key).begin(pool).await?;
    let rows = of_session(sql, key).bind(signed(after)).bind(signed(limit as u64)).fetch_all(&mut *transaction).await?;
    transaction.commit().await?;
    let read = |row: &PgRow| {
        let request = serde_json::from_str(row.try_get("request")?).map_err(unreadable)?;
        Ok(Numbered { number: unsigned(row, "number")?, request })
    };
    rows.iter().map(read).collect()
}

pub(super) async fn get(pool: &PgPool, key: &SessionKey) -> sqlx::Result<Option<Conversation>> {
    let sql = "SELECT tenant, usr, session, title, course, created, updated, messages FROM viva.conversations \
         WHERE tenant = $1 AND usr = $2 AND session = $3";
    let mut transaction = Claims::of_session(Role::App, key).begin(pool).await?;
    let row = of_session(sql, key).fetch_optional(&mut *transaction).await?;
    transaction.commit().await?;
    row.as_ref().map(conversation).transpose()
}

pub(super) async fn history(
    pool: &PgPool,
    key: &SessionKey,
    before: Option<u64>,
    limit: usize,
) -> sqlx::Result<Vec<Entry>> {
    let sql = "SELECT number, created, reply, message, attempt, said::text, state, text, details::text, rating FROM viva.chat_replies \
         WHERE tenant = $1 AND usr = $2 AND session = $3 AND number < $4 ORDER BY number DESC LIMIT $5";
    let mut transaction = Claims::of_session(Role::App, key).begin(pool).await?;
    let rows = of_session(sql, key)
        .bind(before.map_or(i64::MAX, signed))
        .bind(signed(limit as u64))
        .fetch_all(&mut *transaction)
        .await?;
    transaction.commit().await?;
    rows.iter().map(entry).collect()
}

pub(super) async fn in_use(pool: &PgPool, tenant: &TenantId, user: &UserId) -> sqlx::Result<ChatsInUse> {
    let mut transaction = Claims::of_user(tenant, user).begin(pool).await?;
    let row = once(
        "SELECT (SELECT count(*) FROM viva.conversations WHERE tenant = $1 AND usr = $2) AS conversations, \
         (SELECT count(*) FROM viva.chat_replies WHERE tenant = $1 AND usr = $2 AND state = 'due') AS all_replies_due",
    )
    .bind(tenant.as_str())
    .bind(user.as_str())
    .fetch_one(&mut *transaction)
    .await?;
    transaction.commit().await?;
    read_in_use(&row)
}

pub(super) fn read_in_use(row: &PgRow) -> sqlx::Result<ChatsInUse> {
    Ok(ChatsInUse { conversations: unsigned(row, "conversations")?, replies_due: unsigned(row, "all_replies_due")? })
}

/// Of one's own conversations those whose title or talk holds all the words.
pub(super) async fn list(
    pool: &PgPool,
    query: &ConversationQuery,
    before: Option<Position>,
) -> sqlx::Result<ConversationPage> {
    let limit = query.limit.clamp(1, LIST_PAGE_MAX);
    let asked = once(
        "SELECT tenant, usr, session, title, course, created, updated, messages FROM viva.conversations AS c \
         WHERE tenant = $1 AND usr = $2 AND ($3::text IS NULL OR course = $3) \
         AND NOT EXISTS (SELECT FROM unnest($4::text[]) AS word WHERE strpos(c.title_folded, word) = 0 \
             AND NOT EXISTS (SELECT FROM viva.chat_replies AS r WHERE r.tenant = c.tenant AND r.usr = c.usr \
                 AND r.session = c.session AND strpos(r.folded, word) > 0)) \
         AND ($5::bigint IS NULL OR updated < $5 OR (updated = $5 AND session > $6)) \
         ORDER BY updated DESC, session LIMIT $7",
    )
    .bind(query.tenant.as_str())
    .bind(query.user.as_str())
    .bind(query.course.as_ref().map(CourseId::as_str))
    .bind(words(query.text.as_deref()))
    .bind(before.as_ref().map(|position| position.at))
    .bind(before.as_ref().map(|position| position.name.as_str()))
    .bind(signed(limit as u64 + 1));
    let rows = Claims::of_user(&query.tenant, &query.user).all(pool, asked).await?;
    let conversations = rows.iter().map(conversation).collect::<sqlx::Result<Vec<_>>>()?;
    let (conversations, cursor) =
        page(conversations, limit, |last| Position::new(last.updated, last.key.session.as_str()));
    Ok(ConversationPage { conversations, cursor })
}

/// In all tenants, by a role that sees nothing but that something is due.
pub(super) async fn overdue(pool: &PgPool, before: UnixMs, limit: usize) -> sqlx::Result<Vec<SessionKey>> {
    let asked = once(
        "SELECT tenant, usr, session FROM viva.chat_replies WHERE state = 'due' AND created < $1 \
         GROUP BY tenant, usr, session ORDER BY min(created), tenant, usr, session LIMIT $2",
    )
    .bind(signed(before.0))
    .bind(signed(limit as u64));
    let rows = Claims::of_upkeep().all(pool, asked).await?;
    rows.iter().map(session).collect()
}

pub(super) async fn bound(pool: &PgPool, key: &SessionKey) -> sqlx::Result<Vec<Onlooker>> {
    let sql = "SELECT connection, bind_no, head_seq FROM viva.chat_bindings \
         WHERE tenant = $1 AND usr = $2 AND session = $3 ORDER BY bind_no";
    let mut transaction = Claims::of_session(Role::App, key).begin(pool).await?;
    let rows = of_session(sql, key).fetch_all(&mut *transaction).await?;
    transaction.commit().await?;
    let read = |row: &PgRow| {
        Ok(Onlooker {
            connection: ConnectionId::new(text(row, "connection")?),
            bind_no: unsigned(row, "bind_no")?,
            head_seq: unsigned(row, "head_seq")?,
        })
    };
    rows.iter().map(read).collect()
}

fn session(row: &PgRow) -> sqlx::Result<SessionKey> {
    Ok(SessionKey::new(
        TenantId::new(text(row, "tenant")?),
        UserId::new(text(row, "usr")?),
        SessionId::new(text(row, "session")?),
    ))
}

fn conversation(row: &PgRow) -> sqlx::Result<Conversation> {
    Ok(Conversation {
        key: session(row)?,
        title: text(row, "title")?,
        course: row.try_get::<Option<String>, _>("course")?.map(CourseId::new),
        created: moment(row, "created")?,
        updated: moment(row, "updated")?,
        messages: small(row, "messages")?,
    })
}

fn entry(row: &PgRow) -> sqlx::Result<Entry> {
    let said: Option<&str> = row.try_get("said")?;
    let state = text(row, "state")?;
    let rating: Option<String> = row.try_get("rating")?;
    let rating = rating.map(|rating| Rating::of(&rating).ok_or_else(|| no_such("rating", &rating)));
    Ok(Entry {
        number: unsigned(row, "number")?,
        created: moment(row, "created")?,
        said: said.map(serde_json::from_str).transpose().map_err(unreadable)?,
        due: Due {
            reply: ReplyId::new(text(row, "reply")?),
            message: MessageId::new(text(row, "message")?),
            attempt: small(row, "attempt")?,
        },
        state: ReplyState::of(&state).ok_or_else(|| no_such("state of a reply", &state))?,
        text: text(row, "text")?,
        details: row.try_get("details")?,
        rating: rating.transpose()?,
    })
}
