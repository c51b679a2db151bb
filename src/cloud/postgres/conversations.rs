//! Conversations. Whoever changes one waits for whoever else does, so that numbers have no gap and a deletion is not overtaken, and whoever
//! asks for something waits for all that the same user asks for, so that no more gets in than the quota has room for; row-level
//! security holds each request to the one user.

mod reading;
mod submitting;
mod writing;

use super::Database;
use super::database::DatabaseError;
use super::position::{NotOurs, Position};
use crate::ports::clock::UnixMs;
use crate::ports::conversations::{
    ChatQuota, ChatsInUse, Conversation, ConversationPage, ConversationQuery, Conversations, ConversationsError, Entry,
    Filed, Numbered, Onlooker, Rating, ReplyId, Request, SubmitError, Submitted,
};
use crate::ports::ids::{ConnectionId, SessionKey, TenantId, UserId};
use async_trait::async_trait;
use std::sync::Arc;

#[derive(Debug)]
pub struct PostgresConversations {
    database: Arc<Database>,
}

impl PostgresConversations {
    pub fn new(database: Arc<Database>) -> Self {
        Self { database }
    }
}

#[async_trait]
impl Conversations for PostgresConversations {
    async fn submit(
        &self,
        key: &SessionKey,
        request: Request,
        quota: &ChatQuota,
        now: UnixMs,
    ) -> Result<Submitted, SubmitError> {
        let pool = self.database.pool().await.map_err(ConversationsError::from)?;
        submitting::submit(&pool, key, &request, quota, now).await.map_err(failed)?
    }

    async fn in_use(&self, tenant: &TenantId, user: &UserId) -> Result<ChatsInUse, ConversationsError> {
        reading::in_use(&self.database.pool().await?, tenant, user).await.map_err(failed)
    }

    async fn requests_after(
        &self,
        key: &SessionKey,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Numbered>, ConversationsError> {
        reading::requests_after(&self.database.pool().await?, key, after, limit).await.map_err(failed)
    }

    async fn file(&self, key: &SessionKey, filed: Filed, now: UnixMs) -> Result<(), ConversationsError> {
        writing::file(&self.database.pool().await?, key, &filed, now).await.map_err(failed)
    }

    async fn entitle(&self, key: &SessionKey, title: &str) -> Result<(), ConversationsError> {
        writing::entitle(&self.database.pool().await?, key, title).await.map_err(failed)
    }

    async fn rate(&self, key: &SessionKey, reply: &ReplyId, rating: Rating) -> Result<bool, ConversationsError> {
        writing::rate(&self.database.pool().await?, key, reply, rating).await.map_err(failed)
    }

    async fn get(&self, key: &SessionKey) -> Result<Option<Conversation>, ConversationsError> {
        reading::get(&self.database.pool().await?, key).await.map_err(failed)
    }

    async fn history(
        &self,
        key: &SessionKey,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Entry>, ConversationsError> {
        reading::history(&self.database.pool().await?, key, before, limit).await.map_err(failed)
    }

    async fn list(&self, query: ConversationQuery) -> Result<ConversationPage, ConversationsError> {
        let before = query.cursor.as_deref().map(Position::decode).transpose()?;
        reading::list(&self.database.pool().await?, &query, before).await.map_err(failed)
    }

    async fn overdue(&self, before: UnixMs, limit: usize) -> Result<Vec<SessionKey>, ConversationsError> {
        reading::overdue(&self.database.pool().await?, before, limit).await.map_err(failed)
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), ConversationsError> {
        writing::delete(&self.database.pool().await?, key).await.map_err(failed)
    }

    async fn bind(
        &self,
        key: &SessionKey,
        connection: &ConnectionId,
        head_seq: u64,
    ) -> Result<Option<ConnectionId>, ConversationsError> {
        writing::bind(&self.database.pool().await?, key, connection, head_seq).await.map_err(failed)
    }

    async fn unbind(&self, key: &SessionKey, connection: &ConnectionId) -> Result<(), ConversationsError> {
        writing::unbind(&self.database.pool().await?, key, connection).await.map_err(failed)
    }

    async fn bound(&self, key: &SessionKey) -> Result<Vec<Onlooker>, ConversationsError> {
        reading::bound(&self.database.pool().await?, key).await.map_err(failed)
    }
}

impl From<DatabaseError> for ConversationsError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Full => Self::Full,
            DatabaseError::Failed(message) => Self::Failed(message),
        }
    }
}

impl From<NotOurs> for ConversationsError {
    fn from(_: NotOurs) -> Self {
        Self::Cursor
    }
}

fn failed(error: sqlx::Error) -> ConversationsError {
    DatabaseError::from(error).into()
}
