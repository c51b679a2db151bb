//! Summaries, reports and reviews: the port's methods, each a transaction of its own.

mod reading;
mod writing;

use super::Database;
use super::database::DatabaseError;
use crate::ports::ids::SessionKey;
use crate::ports::reports::{
    NewReview, Reports, ReportsError, Review, Reviewed, SessionSummary, SummaryPage, SummaryQuery,
};
use async_trait::async_trait;
use reading::Position;
use std::sync::Arc;

#[derive(Debug)]
pub struct PostgresReports {
    database: Arc<Database>,
}

impl PostgresReports {
    pub fn new(database: Arc<Database>) -> Self {
        Self { database }
    }
}

impl From<DatabaseError> for ReportsError {
    fn from(error: DatabaseError) -> Self {
        Self::Failed(error.to_string())
    }
}

fn failed(error: sqlx::Error) -> ReportsError {
    DatabaseError::from(error).into()
}

#[async_trait]
impl Reports for PostgresReports {
    async fn put(&self, summary: SessionSummary) -> Result<(), ReportsError> {
        writing::put(&self.database.pool().await?, &summary).await.map_err(failed)
    }

    async fn put_report(&self, key: &SessionKey, report_json: String) -> Result<(), ReportsError> {
        writing::put_report(&self.database.pool().await?, key, &report_json).await.map_err(failed)
    }

    async fn get(&self, key: &SessionKey) -> Result<Option<(SessionSummary, Option<String>)>, ReportsError> {
        reading::get(&self.database.pool().await?, key).await.map_err(failed)
    }

    async fn list(&self, query: SummaryQuery) -> Result<SummaryPage, ReportsError> {
        let before = query.cursor.as_deref().map(Position::decode).transpose()?;
        reading::list(&self.database.pool().await?, &query, before).await.map_err(failed)
    }

    async fn review(&self, key: &SessionKey, review: NewReview) -> Result<Reviewed, ReportsError> {
        writing::review(&self.database.pool().await?, key, review).await.map_err(failed)
    }

    async fn reviews(&self, key: &SessionKey) -> Result<Vec<Review>, ReportsError> {
        reading::reviews(&self.database.pool().await?, key).await.map_err(failed)
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), ReportsError> {
        writing::delete(&self.database.pool().await?, key).await.map_err(failed)
    }
}
