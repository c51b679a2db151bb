//! A mark in a session's partition that its end was told, for longer than a stream repeats its records.

use super::item::{item, text};
use super::keys::partition;
use super::table::{Table, TableError};
use crate::cloud::aws::Aws;
use crate::config::limits::ANNOUNCED_KEPT_MS;
use crate::ports::announcements::{AnnounceError, Announced};
use crate::ports::clock::Clock;
use crate::ports::ids::SessionKey;
use async_trait::async_trait;
use std::sync::Arc;

const MARK: &str = "announced";

#[derive(Debug)]
pub struct DynamoAnnounced {
    table: Table,
}

impl DynamoAnnounced {
    pub fn new(aws: &Aws, table: &str, clock: Arc<dyn Clock>) -> Self {
        Self { table: Table::new(aws, table, clock) }
    }
}

#[async_trait]
impl Announced for DynamoAnnounced {
    async fn is_marked(&self, key: &SessionKey) -> Result<bool, AnnounceError> {
        Ok(self.table.get(&partition(key), MARK).await?.is_some())
    }

    async fn mark(&self, key: &SessionKey) -> Result<(), AnnounceError> {
        let mark = item([
            ("pk", Some(text(partition(key)))),
            ("sk", Some(text(MARK))),
            ("ttl", Some(self.table.ttl(ANNOUNCED_KEPT_MS))),
        ]);
        Ok(self.table.put(mark, None, None).await?)
    }
}

impl From<TableError> for AnnounceError {
    fn from(error: TableError) -> Self {
        Self::Failed(error.to_string())
    }
}
