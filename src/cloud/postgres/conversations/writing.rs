//! What is filed, titled, rated, bound and deleted.

use crate::cloud::postgres::columns::{signed, storable};
use crate::cloud::postgres::request::{Claims, Role, alone, of_session};
use crate::ports::clock::UnixMs;
use crate::ports::conversations::{Filed, Rating, ReplyId};
use crate::ports::ids::{ConnectionId, SessionKey};
use protocol::v1::limits::CHAT_CONNECTIONS_MAX;
use sqlx::{PgPool, Postgres, Row, Transaction};

/// A transaction that no other writer of the conversation shares time with.
async fn begin(pool: &PgPool, key: &SessionKey) -> sqlx::Result<Transaction<'static, Postgres>> {
    let mut transaction = Claims::of_session(Role::App, key).begin(pool).await?;
    alone(&mut transaction, key).await?;
    Ok(transaction)
}

pub(super) async fn file(pool: &PgPool, key: &SessionKey, filed: &Filed, now: UnixMs) -> sqlx::Result<()> {
    let Filed { reply, state, text, details } = filed;
    let text = storable(text);
    let sql = "WITH filed AS ( \
             UPDATE viva.chat_replies SET state = $5, text = $6, details = $7::json, folded = folded || ' ' || $8 \
             WHERE tenant = $1 AND usr = $2 AND session = $3 AND reply = $4 AND state = 'due' RETURNING 1) \
         UPDATE viva.conversations SET updated = $9 \
         WHERE tenant = $1 AND usr = $2 AND session = $3 AND EXISTS (SELECT FROM filed)";
    let mut transaction = begin(pool, key).await?;
    of_session(sql, key)
        .bind(reply.as_str())
        .bind(state.as_str())
        .bind(&text)
        .bind(details)
        .bind(text.to_lowercase())
        .bind(signed(now.0))
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await
}

pub(super) async fn entitle(pool: &PgPool, key: &SessionKey, title: &str) -> sqlx::Result<()> {
    let title = storable(title);
    let sql = "UPDATE viva.conversations SET title = $4, title_folded = $5 \
         WHERE tenant = $1 AND usr = $2 AND session = $3 AND NOT title_given";
    let mut transaction = begin(pool, key).await?;
    of_session(sql, key).bind(&title).bind(title.to_lowercase()).execute(&mut *transaction).await?;
    transaction.commit().await
}

pub(super) async fn rate(pool: &PgPool, key: &SessionKey, reply: &ReplyId, rating: Rating) -> sqlx::Result<bool> {
    let sql = "UPDATE viva.chat_replies SET rating = $5 WHERE tenant = $1 AND usr = $2 AND session = $3 AND reply = $4";
    let mut transaction = begin(pool, key).await?;
    let done = of_session(sql, key).bind(reply.as_str()).bind(rating.as_str()).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(done.rows_affected() > 0)
}

pub(super) async fn delete(pool: &PgPool, key: &SessionKey) -> sqlx::Result<()> {
    let mut transaction = begin(pool, key).await?;
    for sql in [
        "INSERT INTO viva.deleted_conversations (tenant, usr, session) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        "DELETE FROM viva.chat_bindings WHERE tenant = $1 AND usr = $2 AND session = $3",
        "DELETE FROM viva.chat_replies WHERE tenant = $1 AND usr = $2 AND session = $3",
        "DELETE FROM viva.chat_requests WHERE tenant = $1 AND usr = $2 AND session = $3",
        "DELETE FROM viva.conversations WHERE tenant = $1 AND usr = $2 AND session = $3",
    ] {
        of_session(sql, key).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

/// A new binding has a new number: it replaces the one that the connection may have had.
pub(super) async fn bind(
    pool: &PgPool,
    key: &SessionKey,
    connection: &ConnectionId,
    head_seq: u64,
) -> sqlx::Result<Option<ConnectionId>> {
    let remove = "DELETE FROM viva.chat_bindings WHERE tenant = $1 AND usr = $2 AND session = $3 AND connection = $4";
    let add = "INSERT INTO viva.chat_bindings (tenant, usr, session, connection, head_seq) SELECT $1, $2, $3, $4, $5 \
         WHERE NOT EXISTS (SELECT FROM viva.deleted_conversations WHERE tenant = $1 AND usr = $2 AND session = $3)";
    let make_room = "DELETE FROM viva.chat_bindings WHERE tenant = $1 AND usr = $2 AND session = $3 AND bind_no IN ( \
             SELECT bind_no FROM viva.chat_bindings WHERE tenant = $1 AND usr = $2 AND session = $3 \
             ORDER BY bind_no DESC OFFSET $4) RETURNING connection";
    let mut transaction = begin(pool, key).await?;
    of_session(remove, key).bind(connection.as_str()).execute(&mut *transaction).await?;
    of_session(add, key).bind(connection.as_str()).bind(signed(head_seq)).execute(&mut *transaction).await?;
    let row =
        of_session(make_room, key).bind(signed(CHAT_CONNECTIONS_MAX as u64)).fetch_optional(&mut *transaction).await?;
    transaction.commit().await?;
    row.map(|row| Ok(ConnectionId::new(row.try_get::<String, _>("connection")?))).transpose()
}

pub(super) async fn unbind(pool: &PgPool, key: &SessionKey, connection: &ConnectionId) -> sqlx::Result<()> {
    let sql = "DELETE FROM viva.chat_bindings WHERE tenant = $1 AND usr = $2 AND session = $3 AND connection = $4";
    let mut transaction = begin(pool, key).await?;
    of_session(sql, key).bind(connection.as_str()).execute(&mut *transaction).await?;
    transaction.commit().await
}
