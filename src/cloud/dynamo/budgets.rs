//! What users and tenants used, in the table of budgets: one item for each user and day, one for each tenant and day, and one for each session
//! that says what was counted for it, so that nothing counts twice.
//!
//! Whatever concerns all three changes in one transaction. Items expire with the days that budgets are kept.

use super::item::{Item, has, number, optional_number_of, values};
use super::keys::{of_tenant, of_user, partition};
use super::request::{Given, Update};
use super::table::{Table, TableError};
use crate::cloud::aws::Aws;
use crate::config::limits::{BUDGET_DAYS_KEPT, DYNAMO_BUDGET_ATTEMPTS_MAX};
use crate::ports::budgets::{Allowance, BudgetError, BudgetLimits, Budgets, Reserved, Spent, Totals, Used};
use crate::ports::clock::Clock;
use crate::ports::ids::SessionKey;
use async_trait::async_trait;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use std::sync::Arc;

#[derive(Debug)]
pub struct DynamoBudgets {
    table: Table,
}

/// The partitions that a session counts in.
struct Accounts {
    session: String,
    user: String,
    tenant: String,
}

impl Accounts {
    fn of(key: &SessionKey) -> Self {
        Self {
            session: format!("session#{}", partition(key)),
            user: format!("user#{}", of_user(&key.tenant, &key.user)),
            tenant: format!("tenant#{}", of_tenant(&key.tenant)),
        }
    }
}

impl DynamoBudgets {
    pub fn new(aws: &Aws, table: &str, clock: Arc<dyn Clock>) -> Self {
        Self { table: Table::new(aws, table, clock) }
    }

    async fn totals(&self, accounts: &Accounts, day: u64) -> Result<Totals, TableError> {
        let sk = day_sk(day);
        let (user, tenant) =
            futures::future::try_join(self.table.get(&accounts.user, &sk), self.table.get(&accounts.tenant, &sk))
                .await?;
        Ok(Totals { user: used_of(user.as_ref())?, tenant: used_of(tenant.as_ref())? })
    }

    fn ttl(&self) -> AttributeValue {
        self.table.ttl(BUDGET_DAYS_KEPT * DAY_MS)
    }

    /// One more place taken of a day, where all of its limits allow.
    fn taking(&self, pk: &str, day: u64, allowance: &Allowance) -> Result<TransactWriteItem, TableError> {
        let sk = day_sk(day);
        let values = values([
            ("one", number(1)),
            ("ttl", self.ttl()),
            ("openMax", number(allowance.sessions_open_max)),
            ("msMax", number(allowance.recognizer_ms_per_day)),
            ("tokensMax", number(allowance.tokens_per_day)),
        ]);
        self.table.updating(Update {
            pk,
            sk: &sk,
            change: "SET #ttl = :ttl ADD #open :one",
            condition: Some(
                "(attribute_not_exists(#open) OR #open < :openMax) AND (attribute_not_exists(#ms) OR #ms < :msMax) AND \
                 (attribute_not_exists(#tokens) OR #tokens < :tokensMax)",
            ),
            values,
        })
    }

    fn adding(&self, pk: &str, day: u64, spent: Spent) -> Result<TransactWriteItem, TableError> {
        let values =
            values([("ms", number(spent.recognizer_ms)), ("tokens", number(spent.tokens)), ("ttl", self.ttl())]);
        let change = "SET #ttl = :ttl ADD #ms :ms, #tokens :tokens";
        self.table.updating(Update { pk, sk: &day_sk(day), change, condition: None, values })
    }

    fn giving_back(&self, pk: &str, day: u64) -> Result<TransactWriteItem, TableError> {
        let values = values([("less", AttributeValue::N("-1".to_owned())), ("ttl", self.ttl())]);
        let change = "SET #ttl = :ttl ADD #open :less";
        self.table.updating(Update { pk, sk: &day_sk(day), change, condition: None, values })
    }

    async fn try_reserve(
        &self,
        accounts: &Accounts,
        day: u64,
        limits: &BudgetLimits,
    ) -> Result<Option<Reserved>, TableError> {
        let place = self.table.updating(Update {
            pk: &accounts.session,
            sk: SESSION,
            change: "SET #place = :day, #ttl = :ttl",
            condition: Some("attribute_not_exists(#place)"),
            values: values([("day", number(day)), ("ttl", self.ttl())]),
        })?;
        let writes = vec![
            place,
            self.taking(&accounts.user, day, &limits.user)?,
            self.taking(&accounts.tenant, day, &limits.tenant)?,
        ];
        match self.table.transact(writes).await {
            Ok(()) => Ok(Some(Reserved::Granted)),
            Err(TableError::Refused(_)) => {
                let session = self.table.get(&accounts.session, SESSION).await?;
                if session.is_some_and(|session| has(&session, "place")) {
                    return Ok(Some(Reserved::Granted));
                }
                // Nothing in the way any more: another was in between.
                Ok(limits.exhausted(&self.totals(accounts, day).await?).map(Reserved::Refused))
            }
            Err(error) => Err(error),
        }
    }

    /// What a session booked is known as long as somebody looks after it: a conversation goes on after months.
    async fn keep(&self, accounts: &Accounts, known: Option<&Item>) -> Result<(), TableError> {
        let expires = known.map(|item| optional_number_of(item, "ttl")).transpose()?.flatten();
        let half_s = BUDGET_DAYS_KEPT * DAY_MS / 2_000;
        if expires.is_none_or(|expires| expires > self.table.now_seconds() + half_s) {
            return Ok(());
        }
        let (change, condition) = ("SET #ttl = :ttl", Some("attribute_exists(#pk)"));
        let values = values([("ttl", self.ttl())]);
        let update = Update { pk: &accounts.session, sk: SESSION, change, condition, values };
        match self.table.update(update, Given::After).await {
            Ok(_) | Err(TableError::Refused(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// `false`: another booked in between.
    async fn try_book(&self, accounts: &Accounts, day: u64, in_all: Spent) -> Result<bool, TableError> {
        let known = self.table.get(&accounts.session, SESSION).await?;
        let booked = spent_of(known.as_ref())?;
        let new = Spent {
            recognizer_ms: in_all.recognizer_ms.saturating_sub(booked.recognizer_ms),
            tokens: in_all.tokens.saturating_sub(booked.tokens),
        };
        if new == Spent::default() {
            self.keep(accounts, known.as_ref()).await?;
            return Ok(true);
        }
        let was = if booked == Spent::default() {
            "(attribute_not_exists(#ms) OR #ms = :msWas) AND (attribute_not_exists(#tokens) OR #tokens = :tokensWas)"
        } else {
            "#ms = :msWas AND #tokens = :tokensWas"
        };
        let session = self.table.updating(Update {
            pk: &accounts.session,
            sk: SESSION,
            change: "SET #ms = :ms, #tokens = :tokens, #ttl = :ttl",
            condition: Some(was),
            values: values([
                ("ms", number(booked.recognizer_ms + new.recognizer_ms)),
                ("tokens", number(booked.tokens + new.tokens)),
                ("msWas", number(booked.recognizer_ms)),
                ("tokensWas", number(booked.tokens)),
                ("ttl", self.ttl()),
            ]),
        })?;
        let writes = vec![session, self.adding(&accounts.user, day, new)?, self.adding(&accounts.tenant, day, new)?];
        match self.table.transact(writes).await {
            Ok(()) => Ok(true),
            Err(TableError::Refused(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

#[async_trait]
impl Budgets for DynamoBudgets {
    async fn reserve(&self, key: &SessionKey, day: u64, limits: &BudgetLimits) -> Result<Reserved, BudgetError> {
        let accounts = Accounts::of(key);
        // A day of which nothing is stored yet meets every condition, also a limit of nothing.
        if let Some(exhausted) = limits.exhausted(&Totals::default()) {
            return Ok(Reserved::Refused(exhausted));
        }
        for _ in 0..DYNAMO_BUDGET_ATTEMPTS_MAX {
            if let Some(reserved) = self.try_reserve(&accounts, day, limits).await? {
                return Ok(reserved);
            }
        }
        Err(BudgetError::Failed("too many reserved at once".to_owned()))
    }

    async fn book(&self, key: &SessionKey, day: u64, in_all: Spent) -> Result<Totals, BudgetError> {
        let accounts = Accounts::of(key);
        for _ in 0..DYNAMO_BUDGET_ATTEMPTS_MAX {
            if self.try_book(&accounts, day, in_all).await? {
                return Ok(self.totals(&accounts, day).await?);
            }
        }
        Err(BudgetError::Failed("too many booked at once".to_owned()))
    }

    async fn release(&self, key: &SessionKey) -> Result<(), BudgetError> {
        let accounts = Accounts::of(key);
        let Some(session) = self.table.get(&accounts.session, SESSION).await? else { return Ok(()) };
        let Some(day) = optional_number_of(&session, "place")?.filter(|_| !has(&session, "returned")) else {
            return Ok(());
        };
        let returned = self.table.updating(Update {
            pk: &accounts.session,
            sk: SESSION,
            change: "SET #returned = :one, #ttl = :ttl",
            condition: Some("attribute_exists(#place) AND attribute_not_exists(#returned)"),
            values: values([("one", number(1)), ("ttl", self.ttl())]),
        })?;
        let writes = vec![returned, self.giving_back(&accounts.user, day)?, self.giving_back(&accounts.tenant, day)?];
        match self.table.transact(writes).await {
            Ok(()) | Err(TableError::Refused(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn used_of(item: Option<&Item>) -> Result<Used, TableError> {
    let sessions_open = item.map(|item| optional_number_of(item, "open")).transpose()?.flatten().unwrap_or(0);
    Ok(Used { sessions_open, spent: spent_of(item)? })
}

fn spent_of(item: Option<&Item>) -> Result<Spent, TableError> {
    let number = |name| Ok(item.map(|item| optional_number_of(item, name)).transpose()?.flatten().unwrap_or(0));
    Ok(Spent { recognizer_ms: number("ms")?, tokens: number("tokens")? })
}

fn day_sk(day: u64) -> String {
    format!("day#{day}")
}

const SESSION: &str = "session";
const DAY_MS: u64 = 86_400_000;

impl From<TableError> for BudgetError {
    fn from(error: TableError) -> Self {
        Self::Failed(error.to_string())
    }
}
