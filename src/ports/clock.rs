//! The wall clock as a role, so that tests own time. Waiting is tokio's (`tokio::time`), whose clock a test can pause.

use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixMs(pub u64);

impl UnixMs {
    pub fn plus_ms(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Days since the Unix epoch (UTC).
    pub fn day(self) -> u64 {
        self.0 / DAY_MS
    }

    /// Until the day (UTC) is over.
    pub fn ms_left_of_day(self) -> u64 {
        DAY_MS - self.0 % DAY_MS
    }

    /// Milliseconds from `earlier` to `self`; 0 when the clock went back.
    pub fn since_ms(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Milliseconds of a day.
const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

pub trait Clock: Send + Sync {
    fn now(&self) -> UnixMs;
}
