//! How much one user, and one tenant, may use.

use crate::config::environment::{ConfigError, Environment};
use crate::config::limits::{BUDGET_RECOGNIZER_SECONDS, BUDGET_SESSIONS_OPEN, BUDGET_TOKENS};
use crate::ports::budgets::{Allowance, BudgetLimits, UNLIMITED};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetsConfig {
    pub user: BudgetConfig,
    pub tenant: BudgetConfig,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetConfig {
    /// `VIVA_BUDGET_SESSIONS_OPEN`, `VIVA_BUDGET_TENANT_SESSIONS_OPEN`: sessions that may be open at once.
    pub sessions_open_max: u64,
    /// `VIVA_BUDGET_RECOGNIZER_SECONDS`, `VIVA_BUDGET_TENANT_RECOGNIZER_SECONDS`: seconds of speech recognized on a day (UTC).
    pub recognizer_seconds_max: u64,
    /// `VIVA_BUDGET_TOKENS`, `VIVA_BUDGET_TENANT_TOKENS`: tokens of the text model on a day (UTC).
    pub tokens_max: u64,
}

impl BudgetsConfig {
    /// A tenant has no limit where none is set.
    pub fn read(environment: &Environment) -> Result<Self, ConfigError> {
        let max = u64::from(u32::MAX);
        Ok(Self {
            user: BudgetConfig {
                sessions_open_max: environment.number("VIVA_BUDGET_SESSIONS_OPEN", BUDGET_SESSIONS_OPEN, 1, max)?,
                recognizer_seconds_max: environment.number(
                    "VIVA_BUDGET_RECOGNIZER_SECONDS",
                    BUDGET_RECOGNIZER_SECONDS,
                    0,
                    max,
                )?,
                tokens_max: environment.number("VIVA_BUDGET_TOKENS", BUDGET_TOKENS, 0, UNLIMITED)?,
            },
            tenant: BudgetConfig {
                sessions_open_max: environment.number("VIVA_BUDGET_TENANT_SESSIONS_OPEN", max, 1, max)?,
                recognizer_seconds_max: environment.number("VIVA_BUDGET_TENANT_RECOGNIZER_SECONDS", max, 0, max)?,
                tokens_max: environment.number("VIVA_BUDGET_TENANT_TOKENS", UNLIMITED, 0, UNLIMITED)?,
            },
        })
    }

    pub fn limits(&self) -> BudgetLimits {
        BudgetLimits { user: self.user.allowance(), tenant: self.tenant.allowance() }
    }
}

impl BudgetConfig {
    fn allowance(&self) -> Allowance {
        Allowance {
            sessions_open_max: self.sessions_open_max,
            recognizer_ms_per_day: self.recognizer_seconds_max.saturating_mul(1_000),
            tokens_per_day: self.tokens_max,
        }
    }
}
