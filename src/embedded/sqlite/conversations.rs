//! Conversations, kept by the database: the port's methods, each a transaction of its own.

mod reading;
mod submitting;

use super::Store;
use super::position::{NotOurs, Position};
use super::rows::Batch;
use crate::ports::clock::UnixMs;
use crate::ports::conversations::{
    ChatQuota, ChatsInUse, Conversation, ConversationPage, ConversationQuery, Conversations, ConversationsError, Entry,
    Filed, Numbered, Onlooker, Rating, ReplyId, Request, SubmitError, Submitted,
};
use crate::ports::ids::{ConnectionId, SessionKey, TenantId, UserId};
use async_trait::async_trait;
use protocol::v1::limits::CHAT_CONNECTIONS_MAX;
use rusqlite::{OptionalExtension, params};

#[async_trait]
impl Conversations for Store {
    async fn submit(
        &self,
        key: &SessionKey,
        request: Request,
        quota: &ChatQuota,
        now: UnixMs,
    ) -> Result<Submitted, SubmitError> {
        let (key, quota) = (key.clone(), *quota);
        let submit = move |batch: &mut Batch<'_>| submitting::submit(batch.db, &key, &request, &quota, now);
        self.writer.write(submit).await.map_err(ConversationsError::from)?
    }

    async fn in_use(&self, tenant: &TenantId, user: &UserId) -> Result<ChatsInUse, ConversationsError> {
        let (tenant, user) = (tenant.clone(), user.clone());
        Ok(self.readers.read(move |db| Ok(submitting::in_use(db, &tenant, &user)?)).await?)
    }

    async fn requests_after(
        &self,
        key: &SessionKey,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Numbered>, ConversationsError> {
        let key = key.clone();
        Ok(self.readers.read(move |db| reading::requests_after(db, &key, after, limit)).await?)
    }

    async fn file(&self, key: &SessionKey, filed: Filed, now: UnixMs) -> Result<(), ConversationsError> {
        let key = key.clone();
        let file = move |batch: &mut Batch<'_>| {
            let (tenant, user, session) = parts(&key);
            let Filed { reply, state, text, details } = &filed;
            let changed = batch
                .db
                .prepare_cached(
                    "UPDATE chat_replies SET state = ?5, text = ?6, details = ?7, folded = folded || ' ' || ?8 \
                     WHERE tenant = ?1 AND usr = ?2 AND session = ?3 AND reply = ?4 AND state = 'due'",
                )?
                .execute(params![
                    tenant,
                    user,
                    session,
                    reply.as_str(),
                    state.as_str(),
                    text,
                    details,
                    text.to_lowercase()
                ])?;
            if changed > 0 {
                touch(batch, &key, now)?;
            }
            Ok(())
        };
        Ok(self.writer.write(file).await?)
    }

    async fn entitle(&self, key: &SessionKey, title: &str) -> Result<(), ConversationsError> {
        let (key, title) = (key.clone(), title.to_owned());
        let entitle = move |batch: &mut Batch<'_>| {
            let (tenant, user, session) = parts(&key);
            batch
                .db
                .prepare_cached(
                    "UPDATE conversations SET title = ?4, title_folded = ?5 \
                     WHERE tenant = ?1 AND usr = ?2 AND session = ?3 AND title_given = 0",
                )?
                .execute(params![tenant, user, session, title, title.to_lowercase()])
                .map(drop)
        };
        Ok(self.writer.write(entitle).await?)
    }

    async fn rate(&self, key: &SessionKey, reply: &ReplyId, rating: Rating) -> Result<bool, ConversationsError> {
        let (key, reply) = (key.clone(), reply.clone());
        let rate = move |batch: &mut Batch<'_>| {
            let (tenant, user, session) = parts(&key);
            let changed = batch
                .db
                .prepare_cached(
                    "UPDATE chat_replies SET rating = ?5 WHERE tenant = ?1 AND usr = ?2 AND session = ?3 AND reply = ?4",
                )?
                .execute(params![tenant, user, session, reply.as_str(), rating.as_str()])?;
            Ok(changed > 0)
        };
        Ok(self.writer.write(rate).await?)
    }

    async fn get(&self, key: &SessionKey) -> Result<Option<Conversation>, ConversationsError> {
        let key = key.clone();
        Ok(self.readers.read(move |db| reading::get(db, &key)).await?)
    }

    async fn history(
        &self,
        key: &SessionKey,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Entry>, ConversationsError> {
        let key = key.clone();
        Ok(self.readers.read(move |db| reading::history(db, &key, before, limit)).await?)
    }

    async fn list(&self, query: ConversationQuery) -> Result<ConversationPage, ConversationsError> {
        let before = query.cursor.as_deref().map(Position::decode).transpose()?;
        Ok(self.readers.read(move |db| reading::list(db, &query, before.as_ref())).await?)
    }

    async fn overdue(&self, before: UnixMs, limit: usize) -> Result<Vec<SessionKey>, ConversationsError> {
        Ok(self.readers.read(move |db| reading::overdue(db, before, limit)).await?)
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), ConversationsError> {
        let key = key.clone();
        let delete = move |batch: &mut Batch<'_>| {
            let (tenant, user, session) = parts(&key);
            for table in ["conversations", "chat_requests", "chat_replies", "chat_bindings"] {
                let sql = format!("DELETE FROM {table} WHERE tenant = ?1 AND usr = ?2 AND session = ?3");
                batch.db.prepare_cached(&sql)?.execute([tenant, user, session])?;
            }
            batch
                .db
                .prepare_cached(
                    "INSERT OR IGNORE INTO deleted_conversations (tenant, usr, session) VALUES (?1, ?2, ?3)",
                )?
                .execute([tenant, user, session])
                .map(drop)
        };
        Ok(self.writer.write(delete).await?)
    }

    async fn bind(
        &self,
        key: &SessionKey,
        connection: &ConnectionId,
        head_seq: u64,
    ) -> Result<Option<ConnectionId>, ConversationsError> {
        let (key, connection) = (key.clone(), connection.clone());
        let bind = move |batch: &mut Batch<'_>| bind(batch, &key, &connection, head_seq);
        Ok(self.writer.write(bind).await?)
    }

    async fn unbind(&self, key: &SessionKey, connection: &ConnectionId) -> Result<(), ConversationsError> {
        let (key, connection) = (key.clone(), connection.clone());
        let unbind = move |batch: &mut Batch<'_>| {
            let (tenant, user, session) = parts(&key);
            batch
                .db
                .prepare_cached(
                    "DELETE FROM chat_bindings WHERE tenant = ?1 AND usr = ?2 AND session = ?3 AND connection = ?4",
                )?
                .execute([tenant, user, session, connection.as_str()])
                .map(drop)
        };
        Ok(self.writer.write(unbind).await?)
    }

    async fn bound(&self, key: &SessionKey) -> Result<Vec<Onlooker>, ConversationsError> {
        let key = key.clone();
        Ok(self.readers.read(move |db| reading::bound(db, &key)).await?)
    }
}

fn bind(
    batch: &mut Batch<'_>,
    key: &SessionKey,
    connection: &ConnectionId,
    head_seq: u64,
) -> rusqlite::Result<Option<ConnectionId>> {
    let (tenant, user, session) = parts(key);
    batch
        .db
        .prepare_cached(
            "INSERT OR REPLACE INTO chat_bindings (tenant, usr, session, connection, head_seq) SELECT ?1, ?2, ?3, ?4, ?5 \
             WHERE NOT EXISTS (SELECT 1 FROM deleted_conversations WHERE tenant = ?1 AND usr = ?2 AND session = ?3)",
        )?
        .execute(params![tenant, user, session, connection.as_str(), head_seq])?;
    let oldest: Option<(u64, String)> = batch
        .db
        .prepare_cached(
            "SELECT bind_no, connection FROM chat_bindings WHERE tenant = ?1 AND usr = ?2 AND session = ?3 \
             ORDER BY bind_no DESC LIMIT 1 OFFSET ?4",
        )?
        .query_row(params![tenant, user, session, CHAT_CONNECTIONS_MAX], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((bind_no, connection)) = oldest else { return Ok(None) };
    batch.db.prepare_cached("DELETE FROM chat_bindings WHERE bind_no = ?1")?.execute([bind_no])?;
    Ok(Some(ConnectionId::new(connection)))
}

/// The conversation has changed.
fn touch(batch: &Batch<'_>, key: &SessionKey, now: UnixMs) -> rusqlite::Result<()> {
    let (tenant, user, session) = parts(key);
    batch
        .db
        .prepare_cached("UPDATE conversations SET updated = ?4 WHERE tenant = ?1 AND usr = ?2 AND session = ?3")?
        .execute(params![tenant, user, session, now.0])
        .map(drop)
}

fn parts(key: &SessionKey) -> (&str, &str, &str) {
    (key.tenant.as_str(), key.user.as_str(), key.session.as_str())
}

/// What is stored as JSON and cannot be read is a fault of the store.
fn unreadable(error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
}

impl From<NotOurs> for ConversationsError {
    fn from(_: NotOurs) -> Self {
        Self::Cursor
    }
}
