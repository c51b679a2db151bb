//! How many quizzes people may have.

use crate::config::environment::{ConfigError, Environment};
use crate::config::limits::{USER_QUIZZES_MAKING_MAX, USER_QUIZZES_MAX};
use crate::ports::quizzes::QuizQuota;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuizzesConfig {
    /// `VIVA_QUIZZES_PER_USER`: quizzes that one user has made.
    pub quizzes_max: u64,
    /// `VIVA_QUIZZES_MAKING_PER_USER`: quizzes of one user whose items are being made.
    pub making_max: u64,
}

impl QuizzesConfig {
    pub fn read(environment: &Environment) -> Result<Self, ConfigError> {
        let number = |name, default| environment.number(name, default, 0, i64::MAX as u64);
        Ok(Self {
            quizzes_max: number("VIVA_QUIZZES_PER_USER", USER_QUIZZES_MAX)?,
            making_max: number("VIVA_QUIZZES_MAKING_PER_USER", USER_QUIZZES_MAKING_MAX)?,
        })
    }

    pub fn quota(&self) -> QuizQuota {
        QuizQuota { quizzes_max: self.quizzes_max, making_max: self.making_max }
    }
}
