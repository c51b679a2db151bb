//! When to look at an inbox again: shortly before the next frame is due, seldom where nothing comes. Pure; time is passed in.

use crate::config::limits::{FEED_POLL_EARLY_MS, FEED_POLL_IDLE_MS_MAX, FEED_POLL_MS_MAX, FEED_POLL_MS_MIN};

/// What is known of the rhythm in which a client speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pace {
    came_at_ms: Option<u64>,
    /// From one frame to the next, smoothed.
    every_ms: u64,
    /// Looks in a row that found nothing.
    in_vain: u32,
}

impl Pace {
    /// So many numbers were new at this moment.
    pub(super) fn came(&mut self, count: u64, now_ms: u64) {
        if let Some(before) = self.came_at_ms
            && count > 0
        {
            let each = (now_ms.saturating_sub(before) / count).min(FEED_POLL_MS_MAX);
            self.every_ms = if self.every_ms == 0 { each } else { (3 * self.every_ms + each) / 4 };
        }
        self.came_at_ms = Some(now_ms);
        self.in_vain = 0;
    }

    /// A look found nothing new; so long to wait until the next.
    pub(super) fn wait_ms(&mut self, now_ms: u64) -> u64 {
        self.in_vain = self.in_vain.saturating_add(1);
        if self.in_vain > LOOKS_BEFORE_IDLE {
            let more = u64::from(self.in_vain - LOOKS_BEFORE_IDLE).min(8) * FEED_POLL_MS_MIN;
            return (FEED_POLL_MS_MAX + more).min(FEED_POLL_IDLE_MS_MAX);
        }
        let Some(came_at) = self.came_at_ms else { return FEED_POLL_MS_MAX };
        let due = came_at + self.every_ms;
        due.saturating_sub(FEED_POLL_EARLY_MS).saturating_sub(now_ms).clamp(FEED_POLL_MS_MIN, FEED_POLL_MS_MAX)
    }
}

/// About two seconds at the longest wait.
const LOOKS_BEFORE_IDLE: u32 = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_look_is_shortly_before_the_next_frame_is_due() {
        let mut pace = Pace::default();
        for frame in 0..20 {
            pace.came(1, frame * 200);
        }
        assert_eq!(pace.wait_ms(19 * 200), 200 - FEED_POLL_EARLY_MS);
        assert_eq!(pace.wait_ms(19 * 200 + 190), FEED_POLL_MS_MIN);
    }

    #[test]
    fn where_nothing_comes_looks_become_seldom() {
        let mut pace = Pace::default();
        let waits: Vec<u64> = (0..100).map(|look| pace.wait_ms(look * 250)).collect();
        assert_eq!(waits[0], FEED_POLL_MS_MAX);
        assert_eq!(waits[99], FEED_POLL_IDLE_MS_MAX);
        assert!(waits.iter().all(|wait| (FEED_POLL_MS_MIN..=FEED_POLL_IDLE_MS_MAX).contains(wait)));
        pace.came(1, 25_000);
        assert!(pace.wait_ms(25_000) <= FEED_POLL_MS_MAX);
    }
}
