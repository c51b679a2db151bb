//! What the session uses up of its user's and its tenant's day: booked every turn, and told to the core when little is left.
//!
//! What is booked is what the session has used in all, so that a worker that books again what its predecessor booked adds nothing.

use crate::config::limits::BUDGET_LOW_PERCENT;
use crate::interview::event::Budget;
use crate::ports::budgets::{BudgetError, BudgetLimits, Budgets, Spent, Totals};
use crate::ports::clock::UnixMs;
use crate::ports::ids::SessionKey;
use futures::future::BoxFuture;
use std::task::{Context, Poll, ready};

pub(super) struct Spending<'d> {
    budgets: &'d dyn Budgets,
    key: &'d SessionKey,
    limits: BudgetLimits,
    /// Still to be booked.
    owed: Option<Spent>,
    booking: Option<(Spent, BoxFuture<'d, Result<Totals, BudgetError>>)>,
}

impl std::fmt::Debug for Spending<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spending").field("owed", &self.owed).finish_non_exhaustive()
    }
}

impl<'d> Spending<'d> {
    pub(super) fn new(budgets: &'d dyn Budgets, key: &'d SessionKey, limits: BudgetLimits) -> Self {
        Self { budgets, key, limits, owed: None, booking: None }
    }

    /// Books what the session has used in all.
    pub(super) fn book(&mut self, in_all: Spent, now: UnixMs) {
        self.owed = Some(in_all);
        self.go_on(now);
    }

    pub(super) fn is_idle(&self) -> bool {
        self.booking.is_none()
    }

    /// What is left of the budgets that run low.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, now: UnixMs) -> Poll<Vec<(Budget, u64)>> {
        let Some((spent, booking)) = &mut self.booking else { return Poll::Pending };
        let spent = *spent;
        let booked = ready!(booking.as_mut().poll(cx));
        self.booking = None;
        match booked {
            Ok(totals) => {
                self.go_on(now);
                Poll::Ready(low(&self.limits, &totals))
            }
            Err(error) => {
                tracing::warn!(%error, "a turn could not be booked; it is booked with the next");
                self.owed.get_or_insert(spent);
                Poll::Ready(Vec::new())
            }
        }
    }

    fn go_on(&mut self, now: UnixMs) {
        if self.booking.is_none()
            && let Some(in_all) = self.owed.take()
        {
            self.booking = Some((in_all, self.budgets.book(self.key, now.day(), in_all)));
        }
    }
}

/// What is left, at the user's or the tenant's, whichever is less.
fn low(limits: &BudgetLimits, totals: &Totals) -> Vec<(Budget, u64)> {
    let [mut audio, mut tokens] = [None::<u64>, None];
    for (whose, allowance, used) in [("user", &limits.user, &totals.user), ("tenant", &limits.tenant, &totals.tenant)] {
        let both = [
            ("audio", &mut audio, allowance.recognizer_ms_per_day, used.spent.recognizer_ms),
            ("tokens", &mut tokens, allowance.tokens_per_day, used.spent.tokens),
        ];
        let mut ratio = 0.0_f64;
        for (budget, least, limit, used) in both {
            ratio = ratio.max(used as f64 / limit.max(1) as f64);
            if let Some(left) = left(limit, used) {
                tracing::warn!(budget, of = whose, used, limit, "a budget of the day runs low");
                *least = Some(least.map_or(left, |least| least.min(left)));
            }
        }
        metrics::gauge!("viva_budget_used_ratio", "whose" => whose).set(ratio);
    }
    let low = [(Budget::Audio, audio), (Budget::Tokens, tokens)];
    low.into_iter().filter_map(|(budget, left)| Some((budget, left?))).collect()
}

fn left(limit: u64, used: u64) -> Option<u64> {
    let left = limit.saturating_sub(used);
    (left <= limit / 100 * BUDGET_LOW_PERCENT + limit % 100 * BUDGET_LOW_PERCENT / 100).then_some(left)
}

#[cfg(test)]
mod tests {
    use super::{left, low};
    use crate::interview::event::Budget;
    use crate::ports::budgets::{Allowance, BudgetLimits, Spent, Totals, UNLIMITED, Used};

    #[test]
    fn what_is_left_is_told_from_a_fifth_on() {
        assert_eq!(left(UNLIMITED, 1_000_000), None);
        assert_eq!(left(1_000, 799), None);
        assert_eq!(left(1_000, 800), Some(200));
        assert_eq!(left(1_000, 2_000), Some(0));
        assert_eq!(left(7, 6), Some(1));
        assert_eq!(left(0, 0), Some(0));
    }

    #[test]
    fn the_tenant_may_have_less_left_than_the_user() {
        let limits = BudgetLimits {
            user: Allowance { tokens_per_day: 1_000, ..Allowance::default() },
            tenant: Allowance { tokens_per_day: 5_000, ..Allowance::default() },
        };
        let used = |tokens| Used { sessions_open: 1, spent: Spent { recognizer_ms: 9, tokens } };
        let totals = Totals { user: used(900), tenant: used(4_950) };
        assert_eq!(low(&limits, &totals), [(Budget::Tokens, 50)]);
        assert_eq!(low(&limits, &Totals { user: used(900), tenant: used(900) }), [(Budget::Tokens, 100)]);
        assert_eq!(low(&limits, &Totals::default()), []);
    }
}
