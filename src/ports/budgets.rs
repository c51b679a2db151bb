//! What each user and each tenant has used on a day (UTC), and how many sessions they have open.
//!
//! Everything is counted by session, so that whatever is said twice (a start that is sent again, a booking by the successor of a killed
//! worker) counts once.

use crate::ports::ids::SessionKey;
use async_trait::async_trait;

/// Amounts that add up over a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    pub recognizer_ms: u64,
    pub tokens: u64,
}

/// What one user, or one tenant, stands at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Sessions that took their place on that day and have not given it back.
    pub sessions_open: u64,
    pub spent: Spent,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub user: Used,
    pub tenant: Used,
}

/// What one user, or one tenant, may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    pub sessions_open_max: u64,
    pub recognizer_ms_per_day: u64,
    pub tokens_per_day: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetLimits {
    pub user: Allowance,
    pub tenant: Allowance,
}

/// As far as all of them allow: no number that is stored is larger.
pub const UNLIMITED: u64 = i64::MAX as u64;

impl Default for Allowance {
    /// Without a limit.
    fn default() -> Self {
        Self { sessions_open_max: UNLIMITED, recognizer_ms_per_day: UNLIMITED, tokens_per_day: UNLIMITED }
    }
}

impl Default for BudgetLimits {
    /// Without a limit.
    fn default() -> Self {
        Self { user: Allowance::default(), tenant: Allowance::default() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    User,
    Tenant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    SessionsOpen,
    Recognizer,
    Tokens,
}

/// What stands in the way of another session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted {
    pub whose: Whose,
    pub resource: Resource,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// The session has its place, now or since an earlier try.
    Granted,
    /// Nothing was changed.
    Refused(Exhausted),
}

/// Contract: all three are atomic, and repeating one changes nothing. `day` counts days since the Unix epoch. A place belongs to the day on
/// which it was taken, so that one that is never given back is forgotten with its day.
#[async_trait]
pub trait Budgets: Send + Sync {
    /// Takes a place for the session where its user and its tenant, on that day, are below every limit. A session that has a place, or
    /// has given one back, is granted without counting again.
    async fn reserve(&self, key: &SessionKey, day: u64, limits: &BudgetLimits) -> Result<Reserved, BudgetError>;

    /// The session has used so much in all. What is more than was booked for it before counts for `day`; less, or the same, changes
    /// nothing, so that booking nothing reads. Answers where user and tenant stand on that day.
    async fn book(&self, key: &SessionKey, day: u64, in_all: Spent) -> Result<Totals, BudgetError>;

    /// Gives the session's place back, if it has one.
    async fn release(&self, key: &SessionKey) -> Result<(), BudgetError>;
}

/// Books the tokens that a session has used in all. `None`: they could not be booked; they are with the next, so that nobody waits for the books.
pub async fn book_tokens(budgets: &dyn Budgets, key: &SessionKey, day: u64, tokens: u64) -> Option<Totals> {
    let booked = budgets.book(key, day, Spent { recognizer_ms: 0, tokens }).await;
    booked.inspect_err(|error| tracing::warn!(%error, "used tokens could not be booked; they are with the next")).ok()
}

#[derive(Debug, thiserror::Error)]
pub enum BudgetError {
    #[error("the budgets could not be read or written: {0}")]
    Failed(String),
}

impl Allowance {
    /// What stands in the way of another session, if anything does.
    pub fn exhausted(&self, used: &Used) -> Option<Resource> {
        if used.sessions_open >= self.sessions_open_max {
            Some(Resource::SessionsOpen)
        } else if used.spent.recognizer_ms >= self.recognizer_ms_per_day {
            Some(Resource::Recognizer)
        } else if used.spent.tokens >= self.tokens_per_day {
            Some(Resource::Tokens)
        } else {
            None
        }
    }
}

impl BudgetLimits {
    /// Whether user and tenant have tokens left.
    pub fn leave_tokens(&self, totals: &Totals) -> bool {
        totals.user.spent.tokens < self.user.tokens_per_day && totals.tenant.spent.tokens < self.tenant.tokens_per_day
    }

    /// What stands in the way of another session, if anything does; the user's own first.
    pub fn exhausted(&self, totals: &Totals) -> Option<Exhausted> {
        let of = |whose, allowance: &Allowance, used| {
            allowance.exhausted(used).map(|resource| Exhausted { whose, resource })
        };
        of(Whose::User, &self.user, &totals.user).or_else(|| of(Whose::Tenant, &self.tenant, &totals.tenant))
    }
}
