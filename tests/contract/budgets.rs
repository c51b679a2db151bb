//! What every [`Budgets`] does.

use viva::ports::budgets::{BudgetKey, Budgets, Spent};
use viva::ports::ids::{TenantId, UserId};

macro_rules! budgets_contract {
    ($make:path) => {
        contract!(
            budgets,
            $make,
            [
                amounts_add_up_by_user_and_day,
                adding_nothing_reads,
                of_many_at_once_every_one_counts_and_sees_its_own_total
            ]
        );
    };
}

fn key(user: &str, day: u64) -> BudgetKey {
    BudgetKey { tenant: TenantId::new("default"), user: UserId::new(user), day }
}

pub(crate) async fn amounts_add_up_by_user_and_day(budgets: &dyn Budgets) {
    let first = Spent { sessions: 1, recognizer_ms: 500, tokens: 0 };
    assert_eq!(budgets.add(&key("ada", 20_000), first).await.unwrap(), first);
    let second = Spent { sessions: 0, recognizer_ms: 250, tokens: 90 };
    let total = Spent { sessions: 1, recognizer_ms: 750, tokens: 90 };
    assert_eq!(budgets.add(&key("ada", 20_000), second).await.unwrap(), total);
    assert_eq!(budgets.add(&key("ada", 20_001), second).await.unwrap(), second);
    assert_eq!(budgets.add(&key("bob", 20_000), second).await.unwrap(), second);
    let mut elsewhere = key("ada", 20_000);
    elsewhere.tenant = TenantId::new("other");
    assert_eq!(budgets.add(&elsewhere, second).await.unwrap(), second);
}

pub(crate) async fn adding_nothing_reads(budgets: &dyn Budgets) {
    assert_eq!(budgets.add(&key("ada", 1), Spent::default()).await.unwrap(), Spent::default());
    let spent = Spent { sessions: 2, recognizer_ms: 3, tokens: 4 };
    budgets.add(&key("ada", 1), spent).await.unwrap();
    assert_eq!(budgets.add(&key("ada", 1), Spent::default()).await.unwrap(), spent);
}

pub(crate) async fn of_many_at_once_every_one_counts_and_sees_its_own_total(budgets: &dyn Budgets) {
    let one = Spent { sessions: 1, recognizer_ms: 10, tokens: 100 };
    let key = key("ada", 7);
    let totals = futures::future::join_all((0..100).map(|_| budgets.add(&key, one))).await;
    let mut seen: Vec<u64> = totals.into_iter().map(|total| total.unwrap().sessions).collect();
    seen.sort_unstable();
    assert_eq!(seen, (1..=100).collect::<Vec<_>>());
    let total = Spent { sessions: 100, recognizer_ms: 1_000, tokens: 10_000 };
    assert_eq!(budgets.add(&key, Spent::default()).await.unwrap(), total);
}
