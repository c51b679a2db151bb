//! How much one user may use.

use crate::config::environment::{ConfigError, Environment};
use crate::config::limits::{BUDGET_RECOGNIZER_SECONDS, BUDGET_SESSIONS_OPEN, BUDGET_TOKENS};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetsConfig {
    /// `VIVA_BUDGET_SESSIONS_OPEN`: sessions that a user may have open at once.
    pub sessions_open_max: u64,
    /// `VIVA_BUDGET_RECOGNIZER_SECONDS`: seconds of speech recognized for a user on a day (UTC).
    pub recognizer_seconds_max: u64,
    /// `VIVA_BUDGET_TOKENS`: tokens of the text model for a user on a day (UTC).
    pub tokens_max: u64,
}

impl BudgetsConfig {
    pub fn read(environment: &Environment) -> Result<Self, ConfigError> {
        let max = u64::from(u32::MAX);
        Ok(Self {
            sessions_open_max: environment.number("VIVA_BUDGET_SESSIONS_OPEN", BUDGET_SESSIONS_OPEN, 1, max)?,
            recognizer_seconds_max: environment.number(
                "VIVA_BUDGET_RECOGNIZER_SECONDS",
                BUDGET_RECOGNIZER_SECONDS,
                0,
                max,
            )?,
            tokens_max: environment.number("VIVA_BUDGET_TOKENS", BUDGET_TOKENS, 0, u64::MAX / 2)?,
        })
    }
}
