//! Items: attributes by name, put together and read again with errors that name what is wrong.

use super::table::TableError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use bytes::Bytes;
use std::collections::HashMap;

pub(super) type Item = HashMap<String, AttributeValue>;

pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(super) fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(super) fn binary(value: Bytes) -> AttributeValue {
    AttributeValue::B(Blob::new(value))
}

/// Attributes by name; those without a value are left out.
pub(super) fn item<const N: usize>(attributes: [(&str, Option<AttributeValue>); N]) -> Item {
    attributes.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// Values of an expression by their names without the colon.
pub(super) fn values<const N: usize>(values: [(&str, AttributeValue); N]) -> Item {
    values.into_iter().map(|(name, value)| (format!(":{name}"), value)).collect()
}

pub(super) fn text_of<'i>(item: &'i Item, name: &str) -> Result<&'i str, TableError> {
    optional_text_of(item, name)?.ok_or_else(|| missing(name))
}

pub(super) fn optional_text_of<'i>(item: &'i Item, name: &str) -> Result<Option<&'i str>, TableError> {
    let Some(value) = item.get(name) else { return Ok(None) };
    value.as_s().map(|text| Some(text.as_str())).map_err(|_| missing(name))
}

pub(super) fn number_of(item: &Item, name: &str) -> Result<u64, TableError> {
    optional_number_of(item, name)?.ok_or_else(|| missing(name))
}

pub(super) fn optional_number_of(item: &Item, name: &str) -> Result<Option<u64>, TableError> {
    let Some(value) = item.get(name) else { return Ok(None) };
    let digits = value.as_n().map_err(|_| missing(name))?;
    digits.parse().map(Some).map_err(|_| missing(name))
}

/// A set of texts, which is not there when it is empty.
pub(super) fn texts_of<'i>(item: &'i Item, name: &str) -> Result<&'i [String], TableError> {
    let Some(value) = item.get(name) else { return Ok(&[]) };
    value.as_ss().map(Vec::as_slice).map_err(|_| missing(name))
}

/// What an attribute may be a mark for, whatever its value.
pub(super) fn has(item: &Item, name: &str) -> bool {
    item.contains_key(name)
}

/// Bytes of an item as DynamoDB counts them, within a few; the sum is what its limits and prices go by.
pub(super) fn bytes_of(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + value_bytes(value)).sum()
}

fn value_bytes(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(digits) => digits.len() / 2 + 2,
        AttributeValue::B(blob) => blob.as_ref().len(),
        AttributeValue::L(list) => 3 + list.iter().map(|value| value_bytes(value) + 1).sum::<usize>(),
        AttributeValue::Ss(set) => set.iter().map(String::len).sum(),
        _ => 1,
    }
}

fn missing(name: &str) -> TableError {
    TableError::Failed(format!("an item has no readable attribute {name}"))
}
