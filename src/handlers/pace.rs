//! How fast one connection may speak: messages a second, and audio in media time; and how fast a user may ask things of REST. Pure; time is
//! passed in.

use crate::config::limits::{
    MEDIA_BURST_MS, MEDIA_RATE_MAX, MESSAGES_PER_SECOND_MAX, REQUESTS_BURST_S, REQUESTS_PACED_USERS,
};
use crate::ports::clock::UnixMs;
use crate::ports::ids::{TenantId, UserId};
use std::collections::HashMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaceLimits {
    pub messages_per_second: u64,
    /// Times real time.
    pub media_rate: u64,
    pub media_burst_ms: u64,
}

impl Default for PaceLimits {
    fn default() -> Self {
        Self {
            messages_per_second: MESSAGES_PER_SECOND_MAX,
            media_rate: MEDIA_RATE_MAX,
            media_burst_ms: MEDIA_BURST_MS,
        }
    }
}

/// Two buckets that fill with time.
#[derive(Clone, Debug)]
pub struct Pace {
    messages: Bucket,
    media: Bucket,
}

/// Too fast: again after so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooFast {
    pub retry_after_ms: u64,
}

impl Pace {
    pub fn new(limits: PaceLimits, now: UnixMs) -> Self {
        let PaceLimits { messages_per_second, media_rate, media_burst_ms } = limits;
        Self {
            messages: Bucket::new(messages_per_second * 2 * UNITS, messages_per_second * UNITS / 1_000, now),
            media: Bucket::new(media_burst_ms * UNITS, media_rate * UNITS, now),
        }
    }

    pub fn message(&mut self, now: UnixMs) -> Result<(), TooFast> {
        self.messages.take(UNITS, now)
    }

    /// Audio of so much media time.
    pub fn audio(&mut self, media_ms: u64, now: UnixMs) -> Result<(), TooFast> {
        self.media.take(media_ms * UNITS, now)
    }
}

/// A bucket for each user who asked lately. Whoever's is full is as good as one who never asked, and may be forgotten.
#[derive(Clone, Debug)]
pub struct RequestPace {
    per_second: u64,
    users: HashMap<(TenantId, UserId), Bucket>,
    /// How many are remembered before those who may be forgotten are looked for.
    remembered_max: usize,
}

impl RequestPace {
    pub fn new(per_second: u64) -> Self {
        Self { per_second, users: HashMap::new(), remembered_max: REQUESTS_PACED_USERS }
    }

    pub fn request(&mut self, tenant: &TenantId, user: &UserId, now: UnixMs) -> Result<(), TooFast> {
        let who = (tenant.clone(), user.clone());
        if self.users.len() >= self.remembered_max && !self.users.contains_key(&who) {
            self.users.retain(|_, bucket| !bucket.is_full(now));
            // Where nobody could be forgotten, the next look comes only when there are twice as many.
            self.remembered_max = (self.users.len() * 2).max(REQUESTS_PACED_USERS);
        }
        let full = || {
            let per_second = self.per_second.saturating_mul(UNITS);
            Bucket::new(per_second.saturating_mul(REQUESTS_BURST_S), per_second / 1_000, now)
        };
        self.users.entry(who).or_insert_with(full).take(UNITS, now)
    }
}

#[derive(Clone, Debug)]
struct Bucket {
    level: u64,
    capacity: u64,
    per_ms: u64,
    filled: UnixMs,
}

impl Bucket {
    fn new(capacity: u64, per_ms: u64, now: UnixMs) -> Self {
        Self { level: capacity, capacity, per_ms: per_ms.max(1), filled: now }
    }

    fn level(&self, now: UnixMs) -> u64 {
        let filled = now.since_ms(self.filled).saturating_mul(self.per_ms);
        self.level.saturating_add(filled).min(self.capacity)
    }

    fn is_full(&self, now: UnixMs) -> bool {
        self.level(now) == self.capacity
    }

    fn take(&mut self, amount: u64, now: UnixMs) -> Result<(), TooFast> {
        self.level = self.level(now);
        self.filled = now;
        match self.level.checked_sub(amount) {
            Some(level) => {
                self.level = level;
                Ok(())
            }
            None => Err(TooFast { retry_after_ms: (amount - self.level).div_ceil(self.per_ms).max(1) }),
        }
    }
}

/// So that a bucket may fill by less than one in a millisecond.
const UNITS: u64 = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: PaceLimits = PaceLimits { messages_per_second: 10, media_rate: 4, media_burst_ms: 1_000 };

    #[test]
    fn twice_a_seconds_messages_may_come_at_once_and_then_one_at_a_time() {
        let mut pace = Pace::new(LIMITS, UnixMs(0));
        for _ in 0..20 {
            assert_eq!(pace.message(UnixMs(0)), Ok(()));
        }
        assert_eq!(pace.message(UnixMs(0)), Err(TooFast { retry_after_ms: 100 }));
        assert_eq!(pace.message(UnixMs(99)), Err(TooFast { retry_after_ms: 1 }));
        assert_eq!(pace.message(UnixMs(100)), Ok(()));
        assert_eq!(pace.message(UnixMs(100)), Err(TooFast { retry_after_ms: 100 }));
    }

    #[test]
    fn audio_may_come_four_times_as_fast_as_it_was_spoken() {
        let mut pace = Pace::new(LIMITS, UnixMs(0));
        assert_eq!(pace.audio(1_000, UnixMs(0)), Ok(()));
        assert_eq!(pace.audio(400, UnixMs(0)), Err(TooFast { retry_after_ms: 100 }));
        assert_eq!(pace.audio(400, UnixMs(100)), Ok(()));
        assert_eq!(pace.audio(400, UnixMs(200)), Ok(()));
        assert_eq!(pace.audio(1, UnixMs(200)), Err(TooFast { retry_after_ms: 1 }));
    }

    fn asks(pace: &mut RequestPace, user: &str, at: u64) -> Result<(), TooFast> {
        pace.request(&TenantId::new("school"), &UserId::new(user), UnixMs(at))
    }

    #[test]
    fn each_user_has_a_pace_of_their_own() {
        let mut pace = RequestPace::new(2);
        for _ in 0..2 * REQUESTS_BURST_S {
            assert_eq!(asks(&mut pace, "ann", 0), Ok(()));
        }
        assert_eq!(asks(&mut pace, "ann", 0), Err(TooFast { retry_after_ms: 500 }));
        assert_eq!(asks(&mut pace, "bob", 0), Ok(()));
        assert_eq!(asks(&mut pace, "ann", 500), Ok(()));
        let elsewhere = pace.request(&TenantId::new("academy"), &UserId::new("ann"), UnixMs(500));
        assert_eq!(elsewhere, Ok(()), "who is called the same in another tenant is another");
    }

    #[test]
    fn whoever_is_slow_is_forgotten_and_whoever_is_not_is_not() {
        let mut pace = RequestPace::new(1);
        for number in 0..REQUESTS_PACED_USERS {
            assert_eq!(asks(&mut pace, &format!("early-{number}"), 0), Ok(()));
        }
        for _ in 0..REQUESTS_BURST_S {
            assert_eq!(asks(&mut pace, "early-0", 1_000), Ok(()));
        }
        assert_eq!(asks(&mut pace, "late", 1_000), Ok(()));
        assert_eq!(pace.users.len(), 2);
        assert!(asks(&mut pace, "early-0", 1_000).is_err());
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing() {
        let mut pace = Pace::new(LIMITS, UnixMs(1_000));
        assert_eq!(pace.audio(1_000, UnixMs(1_000)), Ok(()));
        assert!(pace.audio(1, UnixMs(500)).is_err());
    }
}
