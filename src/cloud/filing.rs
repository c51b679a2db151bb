//! Reports as they are on AWS: written where a session lives, at once; filed in Postgres a moment later by who reads the sessions' stream;
//! listed and reviewed there.
//!
//! What files them is `handlers::filing`.

use crate::ports::ids::SessionKey;
use crate::ports::journal::SessionState;
use crate::ports::reports::{
    NewReview, Reports, ReportsError, Review, Reviewed, SessionSummary, SummaryPage, SummaryQuery,
};
use async_trait::async_trait;

/// `fresh` keeps what was just written; `filed` has everything that was filed.
#[derive(Debug)]
pub struct FiledReports<F, P> {
    fresh: F,
    filed: P,
}

impl<F: Reports, P: Reports> FiledReports<F, P> {
    pub fn new(fresh: F, filed: P) -> Self {
        Self { fresh, filed }
    }
}

#[async_trait]
impl<F: Reports, P: Reports> Reports for FiledReports<F, P> {
    async fn put(&self, summary: SessionSummary) -> Result<(), ReportsError> {
        self.fresh.put(summary).await
    }

    async fn put_report(&self, key: &SessionKey, report_json: String) -> Result<(), ReportsError> {
        self.fresh.put_report(key, report_json).await
    }

    async fn get(&self, key: &SessionKey) -> Result<Option<(SessionSummary, Option<String>)>, ReportsError> {
        match self.fresh.get(key).await? {
            Some((summary, report)) if report.is_some() || summary.state == SessionState::Open => {
                Ok(Some((summary, report)))
            }
            // Expired where it was fresh, in part or as a whole.
            fresh => Ok(self.filed.get(key).await?.or(fresh)),
        }
    }

    async fn list(&self, query: SummaryQuery) -> Result<SummaryPage, ReportsError> {
        self.filed.list(query).await
    }

    /// A review of what is not filed yet files the summary that it is about.
    async fn review(&self, key: &SessionKey, review: NewReview) -> Result<Reviewed, ReportsError> {
        if self.filed.get(key).await?.is_none()
            && let Some((summary, _)) = self.fresh.get(key).await?
        {
            self.filed.put(summary).await?;
        }
        self.filed.review(key, review).await
    }

    async fn reviews(&self, key: &SessionKey) -> Result<Vec<Review>, ReportsError> {
        self.filed.reviews(key).await
    }

    /// First where what is filed late would come back.
    async fn delete(&self, key: &SessionKey) -> Result<(), ReportsError> {
        self.filed.delete(key).await?;
        self.fresh.delete(key).await
    }
}
