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

    /// Year, month and day, UTC (H. Hinnant, "chrono-compatible low-level date algorithms").
    pub fn civil_date(self) -> (u64, u64, u64) {
        let days = self.0 / 86_400_000 + 719_468;
        let era = days / 146_097;
        let day_of_era = days % 146_097;
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        (year_of_era + era * 400 + u64::from(month <= 2), month, day)
    }

    /// `2026-11-23T06:08:00.250Z` (RFC 3339).
    pub fn rfc3339(self) -> String {
        let (year, month, day) = self.civil_date();
        let (seconds, ms) = (self.0 / 1_000, self.0 % 1_000);
        let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
    }
}

/// Milliseconds of a day.
const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

pub trait Clock: Send + Sync {
    fn now(&self) -> UnixMs;
}
