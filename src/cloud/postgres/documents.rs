//! Documents: every change is one conditional update on the row's revision. A list is held to the courses that it names; everything else to
//! its tenant.

mod reading;
mod writing;

pub(super) use reading::content;

use super::Database;
use super::database::DatabaseError;
use super::position::{NotOurs, Position};
use crate::ports::clock::UnixMs;
use crate::ports::documents::{
    Document, DocumentKey, DocumentPage, DocumentQuery, DocumentState, Documents, DocumentsError, NewDocument,
    Replacement, Step, Stored,
};
use crate::ports::ids::{TenantId, UserId};
use async_trait::async_trait;
use std::sync::Arc;

#[derive(Debug)]
pub struct PostgresDocuments {
    database: Arc<Database>,
}

impl PostgresDocuments {
    pub fn new(database: Arc<Database>) -> Self {
        Self { database }
    }
}

/// What became of a change.
enum Changed {
    Made(Document),
    /// It was not made; this is what is there.
    Not(Option<Document>),
}

#[async_trait]
impl Documents for PostgresDocuments {
    async fn create(&self, new: NewDocument) -> Result<Document, DocumentsError> {
        alive(writing::create(&self.database.pool().await?, &new).await.map_err(failed)?)
    }

    async fn get(&self, key: &DocumentKey) -> Result<Option<Document>, DocumentsError> {
        let found = reading::get(&self.database.pool().await?, key).await.map_err(failed)?;
        Ok(found.filter(|document| document.state != DocumentState::Deleted))
    }

    async fn list(&self, query: DocumentQuery) -> Result<DocumentPage, DocumentsError> {
        let before = query.cursor.as_deref().map(Position::decode).transpose()?;
        reading::list(&self.database.pool().await?, &query, before).await.map_err(failed)
    }

    async fn advance(&self, key: &DocumentKey, revision: u64, step: Step) -> Result<Document, DocumentsError> {
        changed(writing::advance(&self.database.pool().await?, key, revision, &step).await.map_err(failed)?)
    }

    async fn replace(
        &self,
        key: &DocumentKey,
        revision: u64,
        replacement: Replacement,
    ) -> Result<Document, DocumentsError> {
        changed(writing::replace(&self.database.pool().await?, key, revision, &replacement).await.map_err(failed)?)
    }

    async fn delete(&self, key: &DocumentKey, at: UnixMs) -> Result<Option<Document>, DocumentsError> {
        writing::delete(&self.database.pool().await?, key, at).await.map_err(failed)
    }

    async fn purged(&self, key: &DocumentKey) -> Result<(), DocumentsError> {
        writing::purged(&self.database.pool().await?, key).await.map_err(failed)
    }

    async fn unfinished(&self, limit: usize) -> Result<Vec<Document>, DocumentsError> {
        reading::unfinished(&self.database.pool().await?, limit).await.map_err(failed)
    }

    async fn stored_by(&self, tenant: &TenantId, owner: &UserId) -> Result<Stored, DocumentsError> {
        reading::stored_by(&self.database.pool().await?, tenant, owner).await.map_err(failed)
    }
}

fn alive(found: Option<Document>) -> Result<Document, DocumentsError> {
    match found {
        None => Err(DocumentsError::Unknown),
        Some(document) if document.state == DocumentState::Deleted => Err(DocumentsError::Deleted),
        Some(document) => Ok(document),
    }
}

fn changed(changed: Changed) -> Result<Document, DocumentsError> {
    match changed {
        Changed::Made(document) => Ok(document),
        Changed::Not(found) => alive(found).and(Err(DocumentsError::Stale)),
    }
}

impl From<DatabaseError> for DocumentsError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Full => Self::Full,
            DatabaseError::Failed(message) => Self::Failed(message),
        }
    }
}

impl From<NotOurs> for DocumentsError {
    fn from(_: NotOurs) -> Self {
        Self::Cursor
    }
}

fn failed(error: sqlx::Error) -> DocumentsError {
    DatabaseError::from(error).into()
}
