//! Summaries and reports while they are fresh: two items in the session's partition, which the table's stream brings to where they are filed.
//!
//! They are read one by one alone; lists and reviews belong to where they are filed.

use super::item::{Item, bytes_of, has, item, number, number_of, optional_text_of, text, text_of};
use super::keys::partition;
use super::row::{kind_of, kind_text, state_of, state_text};
use super::table::{Table, TableError, keys};
use crate::cloud::aws::Aws;
use crate::config::limits::{DYNAMO_ITEM_BYTES_MAX, SESSION_ITEMS_KEPT_MS, TOMBSTONE_KEPT_MS};
use crate::ports::clock::{Clock, UnixMs};
use crate::ports::ids::SessionKey;
use crate::ports::reports::{
    NewReview, Reports, ReportsError, Review, Reviewed, SessionSummary, SummaryPage, SummaryQuery,
};
use async_trait::async_trait;
use std::sync::Arc;

const SUMMARY: &str = "summary";
const REPORT: &str = "report";
const NOT_GONE: &str = "attribute_not_exists(#gone)";

#[derive(Debug)]
pub struct DynamoReports {
    table: Table,
}

impl DynamoReports {
    pub fn new(aws: &Aws, table: &str, clock: Arc<dyn Clock>) -> Self {
        Self { table: Table::new(aws, table, clock) }
    }

    /// Replaces an item, unless the session was deleted.
    async fn replace(&self, item: Item) -> Result<(), ReportsError> {
        let bytes = bytes_of(&item);
        if bytes > DYNAMO_ITEM_BYTES_MAX {
            let message = format!("a report of {bytes} bytes is larger than an item of {DYNAMO_ITEM_BYTES_MAX}");
            return Err(ReportsError::Failed(message));
        }
        match self.table.put(item, Some(NOT_GONE), None).await {
            Ok(()) | Err(TableError::Refused(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn there(&self, key: &SessionKey, sk: &str) -> Result<Option<Item>, ReportsError> {
        Ok(self.table.get(&partition(key), sk).await?.filter(|item| !has(item, "gone")))
    }
}

#[async_trait]
impl Reports for DynamoReports {
    async fn put(&self, summary: SessionSummary) -> Result<(), ReportsError> {
        let SessionSummary { key, kind, state, title, course, created, updated, questions, duration_ms, usage_json } =
            summary;
        let item = item([
            ("pk", Some(text(partition(&key)))),
            ("sk", Some(text(SUMMARY))),
            ("kind", Some(text(kind_text(kind)))),
            ("state", Some(text(state_text(state)))),
            ("title", Some(text(title))),
            ("course", course.map(text)),
            ("created", Some(number(created.0))),
            ("updated", Some(number(updated.0))),
            ("questions", Some(number(u64::from(questions)))),
            ("durationMs", Some(number(duration_ms))),
            ("usage", usage_json.map(text)),
            ("ttl", Some(self.table.ttl(SESSION_ITEMS_KEPT_MS))),
        ]);
        self.replace(item).await
    }

    async fn put_report(&self, key: &SessionKey, report_json: String) -> Result<(), ReportsError> {
        let item = item([
            ("pk", Some(text(partition(key)))),
            ("sk", Some(text(REPORT))),
            ("report", Some(text(report_json))),
            ("ttl", Some(self.table.ttl(SESSION_ITEMS_KEPT_MS))),
        ]);
        self.replace(item).await
    }

    async fn get(&self, key: &SessionKey) -> Result<Option<(SessionSummary, Option<String>)>, ReportsError> {
        let Some(summary) = self.there(key, SUMMARY).await? else { return Ok(None) };
        let report = self.there(key, REPORT).await?;
        let report = report.map(|item| text_of(&item, "report").map(str::to_owned)).transpose()?;
        Ok(Some((summary_of(key, &summary)?, report)))
    }

    async fn list(&self, _: SummaryQuery) -> Result<SummaryPage, ReportsError> {
        Err(filed_alone("listed"))
    }

    async fn review(&self, _: &SessionKey, _: NewReview) -> Result<Reviewed, ReportsError> {
        Err(filed_alone("reviewed"))
    }

    async fn reviews(&self, _: &SessionKey) -> Result<Vec<Review>, ReportsError> {
        Err(filed_alone("reviewed"))
    }

    /// Leaves tombstones, so that a worker that comes late brings nothing back.
    async fn delete(&self, key: &SessionKey) -> Result<(), ReportsError> {
        let pk = partition(key);
        for sk in [SUMMARY, REPORT] {
            let mut gone = keys(&pk, sk);
            gone.extend(item([("gone", Some(number(1))), ("ttl", Some(self.table.ttl(TOMBSTONE_KEPT_MS)))]));
            self.table.put(gone, None, None).await?;
        }
        Ok(())
    }
}

fn summary_of(key: &SessionKey, item: &Item) -> Result<SessionSummary, TableError> {
    Ok(SessionSummary {
        key: key.clone(),
        kind: kind_of(text_of(item, "kind")?)?,
        state: state_of(text_of(item, "state")?)?,
        title: text_of(item, "title")?.to_owned(),
        course: optional_text_of(item, "course")?.map(str::to_owned),
        created: UnixMs(number_of(item, "created")?),
        updated: UnixMs(number_of(item, "updated")?),
        questions: u32::try_from(number_of(item, "questions")?)
            .map_err(|_| TableError::Failed("a summary's questions are out of range".into()))?,
        duration_ms: number_of(item, "durationMs")?,
        usage_json: optional_text_of(item, "usage")?.map(str::to_owned),
    })
}

fn filed_alone(what: &str) -> ReportsError {
    ReportsError::Failed(format!("fresh reports are not {what}: only those that are filed are"))
}

impl From<TableError> for ReportsError {
    fn from(error: TableError) -> Self {
        Self::Failed(error.to_string())
    }
}
