//! The parts of the world that keep what is left of a session: recordings, summaries, reports, and what was spent.

use crate::world::World;
use async_trait::async_trait;
use bytes::Bytes;
use std::time::Duration;
use tokio::task::yield_now;
use viva::ports::budgets::{BudgetError, BudgetLimits, Budgets, Reserved, Spent, Totals};
use viva::ports::feed::Feed;
use viva::ports::ids::SessionKey;
use viva::ports::journal::{Journal, SessionState};
use viva::ports::objects::{ObjectError, ObjectKey, ObjectMeta, Objects, SignedUpload, UploadTerms};
use viva::ports::reports::{
    NewReview, Reports, ReportsError, Review, Reviewed, SessionSummary, SummaryPage, SummaryQuery,
};

#[async_trait]
impl Objects for World {
    async fn put(&self, key: &ObjectKey, content_type: &str, content: Bytes) -> Result<(), ObjectError> {
        yield_now().await;
        if self.state().deletes_while_recording {
            Journal::delete(self, &crate::world::key()).await.expect("it is there");
            Feed::delete(self, &crate::world::key()).await.expect("it is there");
            self.state().objects.clear();
            // The worker learns of it and ends before the file is written.
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
        self.state().objects.insert(key.0.clone(), (content_type.to_owned(), content));
        yield_now().await;
        Ok(())
    }

    async fn meta(&self, key: &ObjectKey) -> Result<Option<ObjectMeta>, ObjectError> {
        let found = self.state().objects.get(&key.0).cloned();
        Ok(found.map(|(content_type, content)| ObjectMeta { bytes: content.len() as u64, content_type }))
    }

    async fn get(&self, key: &ObjectKey, _: u64, _: u64) -> Result<Bytes, ObjectError> {
        self.state().objects.get(&key.0).map(|(_, content)| content.clone()).ok_or(ObjectError::NotFound)
    }

    async fn signed_url(&self, key: &ObjectKey, _: Duration) -> Result<String, ObjectError> {
        Ok(key.0.clone())
    }

    async fn signed_upload(&self, _: &ObjectKey, _: &UploadTerms, _: Duration) -> Result<SignedUpload, ObjectError> {
        Err(ObjectError::Failed("nobody uploads in an interview".into()))
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), ObjectError> {
        self.state().objects.remove(&key.0);
        Ok(())
    }
}

#[async_trait]
impl Reports for World {
    async fn put(&self, summary: SessionSummary) -> Result<(), ReportsError> {
        yield_now().await;
        self.state().shown.0 += usize::from(summary.state != SessionState::Open);
        self.state().summary = Some(summary);
        yield_now().await;
        Ok(())
    }

    async fn put_report(&self, _: &SessionKey, report_json: String) -> Result<(), ReportsError> {
        yield_now().await;
        self.state().shown.1 += 1;
        self.state().report = Some(report_json);
        yield_now().await;
        Ok(())
    }

    async fn get(&self, _: &SessionKey) -> Result<Option<(SessionSummary, Option<String>)>, ReportsError> {
        let state = self.state();
        Ok(state.summary.clone().map(|summary| (summary, state.report.clone())))
    }

    async fn list(&self, _: SummaryQuery) -> Result<SummaryPage, ReportsError> {
        Ok(SummaryPage::default())
    }

    async fn review(&self, _: &SessionKey, _: NewReview) -> Result<Reviewed, ReportsError> {
        Ok(Reviewed::Unknown)
    }

    async fn reviews(&self, _: &SessionKey) -> Result<Vec<Review>, ReportsError> {
        Ok(Vec::new())
    }

    async fn delete(&self, _: &SessionKey) -> Result<(), ReportsError> {
        Ok(())
    }
}

#[async_trait]
impl Budgets for World {
    async fn reserve(&self, _: &SessionKey, _: u64, _: &BudgetLimits) -> Result<Reserved, BudgetError> {
        self.state().place_held = true;
        Ok(Reserved::Granted)
    }

    async fn book(&self, _: &SessionKey, _: u64, in_all: Spent) -> Result<Totals, BudgetError> {
        yield_now().await;
        let totals = {
            let mut state = self.state();
            state.booked.recognizer_ms = state.booked.recognizer_ms.max(in_all.recognizer_ms);
            state.booked.tokens = state.booked.tokens.max(in_all.tokens);
            let mut used = state.used_before;
            used.spent.recognizer_ms += state.booked.recognizer_ms;
            used.spent.tokens += state.booked.tokens;
            Totals { user: used, tenant: used }
        };
        yield_now().await;
        Ok(totals)
    }

    async fn release(&self, _: &SessionKey) -> Result<(), BudgetError> {
        yield_now().await;
        self.state().place_held = false;
        Ok(())
    }
}
