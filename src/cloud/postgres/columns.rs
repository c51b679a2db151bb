//! Columns of a row as the ports' types, and back.

use crate::ports::clock::UnixMs;
use sqlx::Row;
use sqlx::postgres::PgRow;

pub(super) fn text(row: &PgRow, column: &str) -> sqlx::Result<String> {
    row.try_get(column)
}

pub(super) fn moment(row: &PgRow, column: &str) -> sqlx::Result<UnixMs> {
    unsigned(row, column).map(UnixMs)
}

pub(super) fn unsigned(row: &PgRow, column: &str) -> sqlx::Result<u64> {
    u64::try_from(row.try_get::<i64, _>(column)?).map_err(unreadable)
}

pub(super) fn small(row: &PgRow, column: &str) -> sqlx::Result<u32> {
    u32::try_from(row.try_get::<i64, _>(column)?).map_err(unreadable)
}

pub(super) fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}

/// No such word is stored by us.
pub(super) fn no_such(what: &str, word: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("no {what} is called {word}").into())
}

/// Postgres' numbers are signed.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Postgres' texts hold no NUL.
pub(super) fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

pub(super) fn maybe_small(row: &PgRow, column: &str) -> sqlx::Result<Option<u32>> {
    row.try_get::<Option<i64>, _>(column)?.map(u32::try_from).transpose().map_err(unreadable)
}

pub(super) fn maybe_unsigned(row: &PgRow, column: &str) -> sqlx::Result<Option<u64>> {
    row.try_get::<Option<i64>, _>(column)?.map(u64::try_from).transpose().map_err(unreadable)
}

/// Words to search for, folded as what is searched is.
pub(super) fn words(text: Option<&str>) -> Vec<String> {
    text.into_iter().flat_map(str::split_whitespace).map(|word| storable(&word.to_lowercase())).collect()
}
