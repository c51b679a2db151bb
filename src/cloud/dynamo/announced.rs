//! A mark in a session's partition that its end was told, for longer than a stream repeats its records.

use super::keys::partition;
use crate::cloud::aws::Aws;
use crate::config::limits::ANNOUNCED_KEPT_DAYS;
use crate::ports::announcements::{AnnounceError, Announced};
use crate::ports::clock::Clock;
use crate::ports::ids::SessionKey;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::types::AttributeValue;
use std::sync::Arc;

pub struct DynamoAnnounced {
    client: Client,
    table: String,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for DynamoAnnounced {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DynamoAnnounced").field("table", &self.table).finish_non_exhaustive()
    }
}

impl DynamoAnnounced {
    pub fn new(aws: &Aws, table: &str, clock: Arc<dyn Clock>) -> Self {
        Self { client: Client::new(&aws.of_service("DYNAMODB")), table: table.to_owned(), clock }
    }
}

#[async_trait]
impl Announced for DynamoAnnounced {
    async fn is_marked(&self, key: &SessionKey) -> Result<bool, AnnounceError> {
        let request = self.client.get_item().table_name(&self.table).consistent_read(true);
        let request =
            request.key("pk", AttributeValue::S(partition(key))).key("sk", AttributeValue::S(MARK.to_owned()));
        let got = request.send().await.map_err(|error| failed(&error))?;
        Ok(got.item.is_some())
    }

    async fn mark(&self, key: &SessionKey) -> Result<(), AnnounceError> {
        let ttl = self.clock.now().0 / 1_000 + ANNOUNCED_KEPT_DAYS * 24 * 3_600;
        let request = self.client.put_item().table_name(&self.table);
        let request =
            request.item("pk", AttributeValue::S(partition(key))).item("sk", AttributeValue::S(MARK.to_owned()));
        request.item("ttl", AttributeValue::N(ttl.to_string())).send().await.map_err(|error| failed(&error))?;
        Ok(())
    }
}

fn failed(error: &(impl std::error::Error + 'static)) -> AnnounceError {
    AnnounceError::Failed(DisplayErrorContext(error).to_string())
}

const MARK: &str = "announced";
