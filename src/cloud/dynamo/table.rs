//! One table over the wire: requests with time-outs, retries and backoff, and answers without what has expired.
//!
//! What the items mean is not known here.

use super::item::{Item, number_of, text};
use super::request::{Consistency, Given, Order, Page, Range, Update, names_in};
use crate::cloud::aws::Aws;
use crate::config::limits::{
    DYNAMO_ATTEMPT_MS_MAX, DYNAMO_ATTEMPTS_MAX, DYNAMO_BATCH_ITEMS, DYNAMO_BATCH_KEYS, DYNAMO_OPERATION_MS_MAX,
    DYNAMO_RETRY_MS, DYNAMO_RETRY_MS_MAX,
};
use crate::ports::clock::{Clock, UnixMs};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    self, DeleteRequest, KeysAndAttributes, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
    WriteRequest,
};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Why a request did nothing, or nobody knows what it did.
#[derive(Debug, thiserror::Error)]
pub(super) enum TableError {
    /// The condition did not hold; the item that stood in the way, unless none was there.
    #[error("the condition does not hold")]
    Refused(Option<Item>),
    #[error("{0}")]
    Failed(String),
}

pub(super) struct Table {
    client: Client,
    name: String,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Table {
    pub(super) fn new(aws: &Aws, name: &str, clock: Arc<dyn Clock>) -> Self {
        let retries = RetryConfig::standard()
            .with_max_attempts(DYNAMO_ATTEMPTS_MAX)
            .with_initial_backoff(Duration::from_millis(DYNAMO_RETRY_MS))
            .with_max_backoff(Duration::from_millis(DYNAMO_RETRY_MS_MAX));
        let config = aws.of_service("DYNAMODB");
        let timeouts = config.timeout_config().map(TimeoutConfig::to_builder).unwrap_or_default();
        let timeouts = timeouts
            .operation_attempt_timeout(Duration::from_millis(DYNAMO_ATTEMPT_MS_MAX))
            .operation_timeout(Duration::from_millis(DYNAMO_OPERATION_MS_MAX));
        let config = config.to_builder().retry_config(retries).timeout_config(timeouts.build()).build();
        Self { client: Client::new(&config), name: name.to_owned(), clock }
    }

    pub(super) fn now(&self) -> UnixMs {
        self.clock.now()
    }

    /// The `ttl` of what is kept for so long from now on.
    pub(super) fn ttl(&self, kept_ms: u64) -> aws_sdk_dynamodb::types::AttributeValue {
        super::item::number(self.now().plus_ms(kept_ms).0 / 1_000)
    }

    /// The moment of now as `ttl` counts it; what is not beyond it has expired.
    pub(super) fn now_seconds(&self) -> u64 {
        self.now().0 / 1_000
    }

    /// The item with these keys, as the last write that was answered has left it.
    pub(super) async fn get(&self, pk: &str, sk: &str) -> Result<Option<Item>, TableError> {
        let request = self.client.get_item().table_name(&self.name).consistent_read(true);
        let got = request.set_key(Some(keys(pk, sk))).send().await.map_err(|error| failed("GetItem", &error))?;
        Ok(got.item.filter(|item| self.is_live(item)))
    }

    pub(super) async fn put(
        &self,
        item: Item,
        condition: Option<&str>,
        values: Option<Item>,
    ) -> Result<(), TableError> {
        let request = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .set_expression_attribute_names(names_in(condition.as_slice()))
            .set_expression_attribute_values(values)
            .set_condition_expression(condition.map(str::to_owned))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(refused)) => self.refused(refused.item.clone()),
                _ => failed("PutItem", &error),
            }),
        }
    }

    pub(super) async fn update(&self, update: Update<'_>, given: Given) -> Result<Item, TableError> {
        let Update { pk, sk, change, condition, values } = update;
        let request = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(keys(pk, sk)))
            .update_expression(change)
            .set_condition_expression(condition.map(str::to_owned))
            .set_expression_attribute_names(names_in(&[change, condition.unwrap_or_default()]))
            .set_expression_attribute_values((!values.is_empty()).then_some(values))
            .return_values(match given {
                Given::Before => ReturnValue::AllOld,
                Given::After => ReturnValue::AllNew,
            })
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match request.send().await {
            Ok(updated) => Ok(updated.attributes.unwrap_or_default()),
            Err(error) => Err(match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(refused)) => self.refused(refused.item.clone()),
                _ => failed("UpdateItem", &error),
            }),
        }
    }

    /// Removes an item; what it was.
    pub(super) async fn remove(&self, pk: &str, sk: &str) -> Result<Option<Item>, TableError> {
        let request = self.client.delete_item().table_name(&self.name).set_key(Some(keys(pk, sk)));
        let removed = request.return_values(ReturnValue::AllOld).send().await;
        let removed = removed.map_err(|error: SdkError<DeleteItemError, _>| failed("DeleteItem", &error))?;
        Ok(removed.attributes.filter(|item| self.is_live(item)))
    }

    /// One page of a range.
    pub(super) async fn page(&self, range: &Range<'_>, start: Option<Item>) -> Result<Page, TableError> {
        let condition = "#pk = :pk AND #sk BETWEEN :from AND :through";
        let Range { pk, from, through, order, consistency, limit, wanted } = range;
        let request = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression(condition)
            .set_expression_attribute_names(names_in(&[condition, wanted.unwrap_or_default()]))
            .expression_attribute_values(":pk", text(*pk))
            .expression_attribute_values(":from", text(from))
            .expression_attribute_values(":through", text(through))
            .scan_index_forward(*order == Order::Ascending)
            .consistent_read(*consistency == Consistency::Strong)
            .set_limit(limit.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX)))
            .set_projection_expression(wanted.map(str::to_owned))
            .set_exclusive_start_key(start);
        let page = request.send().await.map_err(|error| failed("Query", &error))?;
        let items = page.items.unwrap_or_default().into_iter().filter(|item| self.is_live(item)).collect();
        Ok(Page { items, next: page.last_evaluated_key.filter(|key| !key.is_empty()) })
    }

    /// All of a range, over as many pages as it takes.
    pub(super) async fn all(&self, range: &Range<'_>) -> Result<Vec<Item>, TableError> {
        let (mut items, mut start) = (Vec::new(), None);
        loop {
            let page = self.page(range, start.take()).await?;
            items.extend(page.items);
            start = page.next;
            if start.is_none() {
                return Ok(items);
            }
        }
    }

    /// Keys of an index whose range key is a number not beyond `through`, lowest first.
    pub(super) async fn indexed(
        &self,
        index: Index<'_>,
        through: u64,
        start: Option<Item>,
    ) -> Result<Page, TableError> {
        let condition = format!("#{} = :hash AND #{} <= :through", index.hash_name, index.range_name);
        let request = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(index.name)
            .set_expression_attribute_names(names_in(&[&condition]))
            .key_condition_expression(condition)
            .expression_attribute_values(":hash", text(index.hash))
            .expression_attribute_values(":through", super::item::number(through))
            .set_exclusive_start_key(start);
        let page = request.send().await.map_err(|error| failed("Query", &error))?;
        let next = page.last_evaluated_key.filter(|key| !key.is_empty());
        Ok(Page { items: page.items.unwrap_or_default(), next })
    }

    /// The items with these keys, in no order; those that are not there are left out.
    pub(super) async fn get_all(&self, wanted: Vec<Item>) -> Result<Vec<Item>, TableError> {
        let mut found = Vec::new();
        for chunk in wanted.chunks(DYNAMO_BATCH_KEYS) {
            let mut left = chunk.to_vec();
            let mut backoff = Backoff::default();
            while !left.is_empty() {
                let keys = KeysAndAttributes::builder().set_keys(Some(left)).consistent_read(true).build();
                let keys = keys.map_err(|error| TableError::Failed(error.to_string()))?;
                let request = self.client.batch_get_item().request_items(&self.name, keys);
                let got = request.send().await.map_err(|error| failed("BatchGetItem", &error))?;
                let items = got.responses.into_iter().flatten().flat_map(|(_, items)| items);
                found.extend(items.filter(|item| self.is_live(item)));
                let unprocessed = got.unprocessed_keys.and_then(|mut tables| tables.remove(&self.name));
                left = unprocessed.map(|keys| keys.keys).unwrap_or_default();
                if !left.is_empty() {
                    backoff.wait("BatchGetItem").await?;
                }
            }
        }
        Ok(found)
    }

    /// Removes the items with these keys.
    pub(super) async fn remove_all(&self, keys: Vec<Item>) -> Result<(), TableError> {
        for chunk in keys.chunks(DYNAMO_BATCH_ITEMS) {
            let requests = chunk.iter().map(|key| {
                let delete = DeleteRequest::builder().set_key(Some(key.clone())).build()?;
                Ok(WriteRequest::builder().delete_request(delete).build())
            });
            let requests: Result<Vec<_>, aws_sdk_dynamodb::error::BuildError> = requests.collect();
            let mut left = requests.map_err(|error| TableError::Failed(error.to_string()))?;
            let mut backoff = Backoff::default();
            while !left.is_empty() {
                let request = self.client.batch_write_item().request_items(&self.name, left);
                let written = request.send().await.map_err(|error| failed("BatchWriteItem", &error))?;
                let unprocessed = written.unprocessed_items.and_then(|mut tables| tables.remove(&self.name));
                left = unprocessed.unwrap_or_default();
                if !left.is_empty() {
                    backoff.wait("BatchWriteItem").await?;
                }
            }
        }
        Ok(())
    }

    /// All of the writes or none. `Refused` tells of the first whose condition does not hold.
    pub(super) async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<(), TableError> {
        let mut backoff = Backoff::default();
        loop {
            let request = self.client.transact_write_items().set_transact_items(Some(writes.clone()));
            let Err(error) = request.send().await else { return Ok(()) };
            let reasons = match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    cancelled.cancellation_reasons()
                }
                _ => return Err(failed("TransactWriteItems", &error)),
            };
            if let Some(refused) = reasons.iter().find(|reason| reason.code() == Some("ConditionalCheckFailed")) {
                return Err(self.refused(refused.item.clone()));
            }
            let passes = |code: &str| {
                matches!(code, "TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded")
            };
            if !reasons.iter().filter_map(|reason| reason.code()).any(passes) {
                return Err(failed("TransactWriteItems", &error));
            }
            // Another's transaction, or too many at once: it passes.
            backoff.wait("TransactWriteItems").await?;
        }
    }

    /// An update as a part of a transaction.
    pub(super) fn updating(&self, update: Update<'_>) -> Result<TransactWriteItem, TableError> {
        let Update { pk, sk, change, condition, values } = update;
        let update = types::Update::builder()
            .table_name(&self.name)
            .set_key(Some(keys(pk, sk)))
            .update_expression(change)
            .set_condition_expression(condition.map(str::to_owned))
            .set_expression_attribute_names(names_in(&[change, condition.unwrap_or_default()]))
            .set_expression_attribute_values((!values.is_empty()).then_some(values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|error| TableError::Failed(error.to_string()))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    pub(super) fn is_live(&self, item: &Item) -> bool {
        // Where the expiry is unreadable or was not asked for, the item counts.
        number_of(item, "ttl").is_ok_and(|ttl| ttl > self.now_seconds()) || !item.contains_key("ttl")
    }

    fn refused(&self, item: Option<Item>) -> TableError {
        TableError::Refused(item.filter(|item| self.is_live(item)))
    }
}

/// A secondary index and the one partition of it that is meant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Index<'i> {
    pub(super) name: &'i str,
    pub(super) hash_name: &'i str,
    pub(super) hash: &'i str,
    pub(super) range_name: &'i str,
}

pub(super) fn keys(pk: &str, sk: &str) -> Item {
    HashMap::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])
}

/// Waits that double, each with up to its half taken off at random so that those who were refused together do not come back together.
#[derive(Debug, Default)]
struct Backoff {
    waits: u32,
}

impl Backoff {
    async fn wait(&mut self, operation: &str) -> Result<(), TableError> {
        if self.waits >= DYNAMO_ATTEMPTS_MAX {
            return Err(TableError::Failed(format!("{operation}: throttled")));
        }
        let whole_ms = (DYNAMO_RETRY_MS << self.waits).min(DYNAMO_RETRY_MS_MAX);
        self.waits += 1;
        let mut random = [0; 2];
        if let Err(error) = getrandom::fill(&mut random) {
            tracing::debug!(%error, "waits are spread less");
        }
        let off_ms = whole_ms / 2 * u64::from(u16::from_le_bytes(random)) / u64::from(u16::MAX);
        tokio::time::sleep(Duration::from_millis(whole_ms - off_ms)).await;
        Ok(())
    }
}

/// What went wrong, without the items that the request spoke of.
fn failed<E, R>(operation: &str, error: &SdkError<E, R>) -> TableError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    TableError::Failed(match error.as_service_error() {
        Some(service) => {
            let code = service.code().unwrap_or("unknown error");
            format!("{operation}: {code}: {}", service.message().unwrap_or_default())
        }
        None => format!("{operation}: {}", DisplayErrorContext(error)),
    })
}
