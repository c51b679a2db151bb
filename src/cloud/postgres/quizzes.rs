//! Quizzes: every change is one conditional update on the row's version. A list is held to the courses that it names, and its role may read
//! no more of a quiz than the list shows; everything else is held to its tenant. What a quiz holds is not read here.

mod reading;
mod writing;

use super::Database;
use super::database::DatabaseError;
use super::position::{NotOurs, Position};
use crate::ports::clock::UnixMs;
use crate::ports::ids::{TenantId, UserId};
use crate::ports::quizzes::{
    Created, NewQuiz, Queued, Quiz, QuizChange, QuizKey, QuizPage, QuizQuery, QuizQuota, Quizzes, QuizzesError,
};
use crate::ports::uploads::Idempotency;
use async_trait::async_trait;
use std::sync::Arc;

#[derive(Debug)]
pub struct PostgresQuizzes {
    database: Arc<Database>,
}

impl PostgresQuizzes {
    pub fn new(database: Arc<Database>) -> Self {
        Self { database }
    }
}

/// What became of a change.
enum Changed<T> {
    Made(T),
    /// The quiz is not as it was seen.
    Stale,
    Unknown,
}

impl<T> Changed<T> {
    fn made(self) -> Result<T, QuizzesError> {
        match self {
            Self::Made(made) => Ok(made),
            Self::Stale => Err(QuizzesError::Stale),
            Self::Unknown => Err(QuizzesError::Unknown),
        }
    }
}

#[async_trait]
impl Quizzes for PostgresQuizzes {
    async fn create(
        &self,
        new: NewQuiz,
        idempotency: Option<Idempotency>,
        quota: &QuizQuota,
    ) -> Result<Created, QuizzesError> {
        let pool = self.database.pool().await?;
        let created = writing::create(&pool, &new, idempotency.as_ref(), quota).await.map_err(failed)?;
        created.ok_or_else(|| QuizzesError::Failed("the id was used before".into()))
    }

    async fn begun(
        &self,
        tenant: &TenantId,
        owner: &UserId,
        idempotency: &Idempotency,
    ) -> Result<Option<Created>, QuizzesError> {
        writing::begun(&self.database.pool().await?, tenant, owner, idempotency).await.map_err(failed)
    }

    async fn get(&self, key: &QuizKey) -> Result<Option<Quiz>, QuizzesError> {
        reading::get(&self.database.pool().await?, key).await.map_err(failed)
    }

    async fn list(&self, query: QuizQuery) -> Result<QuizPage, QuizzesError> {
        let before = query.cursor.as_deref().map(Position::decode).transpose()?;
        reading::list(&self.database.pool().await?, &query, before).await.map_err(failed)
    }

    async fn change(&self, key: &QuizKey, version: u64, change: QuizChange) -> Result<Quiz, QuizzesError> {
        writing::change(&self.database.pool().await?, key, version, &change).await.map_err(failed)?.made()
    }

    async fn queue(
        &self,
        key: &QuizKey,
        version: u64,
        change: QuizChange,
        quota: &QuizQuota,
    ) -> Result<Queued, QuizzesError> {
        writing::queue(&self.database.pool().await?, key, version, &change, quota).await.map_err(failed)?.made()
    }

    async fn edition(&self, key: &QuizKey, edition: u32) -> Result<Option<String>, QuizzesError> {
        reading::edition(&self.database.pool().await?, key, edition).await.map_err(failed)
    }

    async fn delete(&self, key: &QuizKey, version: u64) -> Result<(), QuizzesError> {
        match writing::delete(&self.database.pool().await?, key, version).await.map_err(failed)? {
            Changed::Made(()) | Changed::Unknown => Ok(()),
            Changed::Stale => Err(QuizzesError::Stale),
        }
    }

    async fn waiting(&self, now: UnixMs, limit: usize) -> Result<Vec<QuizKey>, QuizzesError> {
        reading::waiting(&self.database.pool().await?, now, limit).await.map_err(failed)
    }
}

impl From<DatabaseError> for QuizzesError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Full => Self::Full,
            DatabaseError::Failed(message) => Self::Failed(message),
        }
    }
}

impl From<NotOurs> for QuizzesError {
    fn from(_: NotOurs) -> Self {
        Self::Cursor
    }
}

fn failed(error: sqlx::Error) -> QuizzesError {
    DatabaseError::from(error).into()
}
