//! What each user and tenant has used on a day (UTC).

use crate::ports::ids::{TenantId, UserId};
use async_trait::async_trait;

/// Amounts; added up per user and day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    pub sessions: u64,
    pub recognizer_ms: u64,
    pub tokens: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BudgetKey {
    pub tenant: TenantId,
    pub user: UserId,
    /// Days since the Unix epoch.
    pub day: u64,
}

/// Contract: `add` is atomic and answers the totals after it; adding nothing reads.
#[async_trait]
pub trait Budgets: Send + Sync {
    async fn add(&self, key: &BudgetKey, spent: Spent) -> Result<Spent, BudgetError>;
}

#[derive(Debug, thiserror::Error)]
pub enum BudgetError {
    #[error("the budgets could not be read or written: {0}")]
    Failed(String),
}
