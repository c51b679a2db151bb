//! The budgets, kept by the database.

use super::Store;
use super::rows::Batch;
use crate::ports::budgets::{BudgetError, BudgetKey, Budgets, Spent};
use async_trait::async_trait;
use rusqlite::{OptionalExtension, Row, params};

#[async_trait]
impl Budgets for Store {
    async fn add(&self, key: &BudgetKey, spent: Spent) -> Result<Spent, BudgetError> {
        let key = key.clone();
        if spent == Spent::default() {
            let read = move |db: &rusqlite::Connection| {
                let mut select = db.prepare_cached(
                    "SELECT sessions, recognizer_ms, tokens FROM budgets WHERE tenant = ?1 AND usr = ?2 AND day = ?3",
                )?;
                let total = select.query_row(params![key.tenant.as_str(), key.user.as_str(), key.day], total);
                Ok(total.optional()?.unwrap_or_default())
            };
            return Ok(self.readers.read(read).await?);
        }
        let add = move |batch: &mut Batch<'_>| {
            let mut add = batch.db.prepare_cached(
                "INSERT INTO budgets (tenant, usr, day, sessions, recognizer_ms, tokens) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
                 ON CONFLICT (tenant, usr, day) DO UPDATE SET sessions = sessions + excluded.sessions, \
                 recognizer_ms = recognizer_ms + excluded.recognizer_ms, tokens = tokens + excluded.tokens \
                 RETURNING sessions, recognizer_ms, tokens",
            )?;
            let Spent { sessions, recognizer_ms, tokens } = spent;
            let row = params![key.tenant.as_str(), key.user.as_str(), key.day, sessions, recognizer_ms, tokens];
            add.query_row(row, total)
        };
        Ok(self.writer.write(add).await?)
    }
}

fn total(row: &Row<'_>) -> rusqlite::Result<Spent> {
    Ok(Spent { sessions: row.get(0)?, recognizer_ms: row.get(1)?, tokens: row.get(2)? })
}
