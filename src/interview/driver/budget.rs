//! What the session uses up of its user's day: booked every turn, and told to the core when little is left.
//!
//! Booking is not idempotent: a worker that is killed between booking and going on may have booked a turn's worth that nobody reads.

use crate::config::limits::BUDGET_LOW_PERCENT;
use crate::interview::driver::{Settings, day};
use crate::interview::event::Budget;
use crate::ports::budgets::{BudgetError, BudgetKey, Budgets, Spent};
use crate::ports::clock::UnixMs;
use crate::ports::ids::SessionKey;
use futures::future::BoxFuture;
use std::task::{Context, Poll, ready};

pub(super) struct Spending<'d> {
    budgets: &'d dyn Budgets,
    key: &'d SessionKey,
    settings: Settings,
    owed: Spent,
    booking: Option<(Spent, BoxFuture<'d, Result<Spent, BudgetError>>)>,
}

impl std::fmt::Debug for Spending<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spending").field("owed", &self.owed).finish_non_exhaustive()
    }
}

impl<'d> Spending<'d> {
    pub(super) fn new(budgets: &'d dyn Budgets, key: &'d SessionKey, settings: Settings) -> Self {
        Self { budgets, key, settings, owed: Spent::default(), booking: None }
    }

    /// Books what was used since the last time.
    pub(super) fn book(&mut self, recognizer_ms: u64, tokens: u64, now: UnixMs) {
        self.owed.recognizer_ms += recognizer_ms;
        self.owed.tokens += tokens;
        if self.booking.is_none() && self.owed != Spent::default() {
            let spent = std::mem::take(&mut self.owed);
            let SessionKey { tenant, user, .. } = self.key;
            let key = BudgetKey { tenant: tenant.clone(), user: user.clone(), day: day(now) };
            let budgets = self.budgets;
            self.booking = Some((spent, Box::pin(async move { budgets.add(&key, spent).await })));
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.booking.is_none()
    }

    /// What is left of the budgets that run low.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Vec<(Budget, u64)>> {
        let Some((spent, booking)) = &mut self.booking else { return Poll::Pending };
        let spent = *spent;
        let booked = ready!(booking.as_mut().poll(cx));
        self.booking = None;
        match booked {
            Ok(totals) => {
                let audio = left(self.settings.recognizer_ms_per_day, totals.recognizer_ms);
                let tokens = left(self.settings.tokens_per_day, totals.tokens);
                let low = [(Budget::Audio, audio), (Budget::Tokens, tokens)];
                Poll::Ready(low.into_iter().filter_map(|(budget, left)| Some((budget, left?))).collect())
            }
            Err(error) => {
                tracing::warn!(%error, "a turn could not be booked; it is booked with the next");
                self.owed.recognizer_ms += spent.recognizer_ms;
                self.owed.tokens += spent.tokens;
                Poll::Ready(Vec::new())
            }
        }
    }
}

fn left(limit: Option<u64>, used: u64) -> Option<u64> {
    let limit = limit?;
    let left = limit.saturating_sub(used);
    (left * 100 <= limit * BUDGET_LOW_PERCENT).then_some(left)
}

#[cfg(test)]
mod tests {
    use super::left;

    #[test]
    fn what_is_left_is_told_from_a_fifth_on() {
        assert_eq!(left(None, 1_000), None);
        assert_eq!(left(Some(1_000), 799), None);
        assert_eq!(left(Some(1_000), 800), Some(200));
        assert_eq!(left(Some(1_000), 2_000), Some(0));
    }
}
