//! Attempts. Whoever begins one for a user at a quiz waits for whoever else does, so that numbers have no gap; everything else is one
//! conditional update on the row's revision, with what its marks show of skills in the same transaction. What was answered is not read here.

mod reading;
mod writing;

use super::Database;
use super::database::DatabaseError;
use super::position::{NotOurs, Position};
use crate::ports::attempts::{
    Attempt, AttemptKey, AttemptPage, AttemptQuery, AttemptState, Attempts, AttemptsError, Marks, NewAttempt, Started,
    Submitted,
};
use crate::ports::clock::UnixMs;
use crate::ports::quizzes::QuizKey;
use async_trait::async_trait;
use std::sync::Arc;
use writing::{Changed, Occasion};

#[derive(Debug)]
pub struct PostgresAttempts {
    database: Arc<Database>,
}

impl PostgresAttempts {
    pub fn new(database: Arc<Database>) -> Self {
        Self { database }
    }
}

#[async_trait]
impl Attempts for PostgresAttempts {
    async fn start(&self, new: NewAttempt, attempts_max: Option<u32>) -> Result<Started, AttemptsError> {
        writing::start(&self.database.pool().await?, new, attempts_max).await.map_err(failed)
    }

    async fn get(&self, key: &AttemptKey) -> Result<Option<Attempt>, AttemptsError> {
        reading::get(&self.database.pool().await?, key).await.map_err(failed)
    }

    async fn save(&self, key: &AttemptKey, revision: u64, sitting_json: String) -> Result<Attempt, AttemptsError> {
        let pool = self.database.pool().await?;
        match writing::save(&pool, key, revision, &sitting_json).await.map_err(failed)? {
            Changed::Made(attempt) => Ok(attempt),
            Changed::Not(None) => Err(AttemptsError::Unknown),
            Changed::Not(Some(attempt)) if attempt.state == AttemptState::Open => Err(AttemptsError::Stale),
            Changed::Not(Some(_)) => Err(AttemptsError::Closed),
        }
    }

    async fn submit(&self, key: &AttemptKey, revision: u64, marks: Marks) -> Result<Submitted, AttemptsError> {
        let pool = self.database.pool().await?;
        match writing::put(&pool, key, revision, &marks, Occasion::Submitting).await.map_err(failed)? {
            Changed::Made(attempt) => Ok(Submitted::Now(attempt)),
            Changed::Not(None) => Err(AttemptsError::Unknown),
            Changed::Not(Some(attempt)) if attempt.state == AttemptState::Open => Err(AttemptsError::Stale),
            Changed::Not(Some(attempt)) => Ok(Submitted::Before(attempt)),
        }
    }

    async fn mark(&self, key: &AttemptKey, revision: u64, marks: Marks) -> Result<Attempt, AttemptsError> {
        let pool = self.database.pool().await?;
        match writing::put(&pool, key, revision, &marks, Occasion::Marking).await.map_err(failed)? {
            Changed::Made(attempt) => Ok(attempt),
            Changed::Not(None) => Err(AttemptsError::Unknown),
            Changed::Not(Some(_)) => Err(AttemptsError::Stale),
        }
    }

    async fn list(&self, query: AttemptQuery) -> Result<AttemptPage, AttemptsError> {
        let before = query.cursor.as_deref().map(Position::decode).transpose()?;
        reading::list(&self.database.pool().await?, &query, before).await.map_err(failed)
    }

    async fn overdue(&self, quiz: &QuizKey, now: UnixMs, limit: usize) -> Result<Vec<Attempt>, AttemptsError> {
        reading::overdue(&self.database.pool().await?, quiz, now, limit).await.map_err(failed)
    }
}

impl From<DatabaseError> for AttemptsError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Full => Self::Full,
            DatabaseError::Failed(message) => Self::Failed(message),
        }
    }
}

impl From<NotOurs> for AttemptsError {
    fn from(_: NotOurs) -> Self {
        Self::Cursor
    }
}

fn failed(error: sqlx::Error) -> AttemptsError {
    DatabaseError::from(error).into()
}
