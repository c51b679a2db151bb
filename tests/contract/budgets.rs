//! What every [`Budgets`] does.

use crate::fixtures::key;
use viva::ports::budgets::{
    Allowance, BudgetLimits, Budgets, Exhausted, Reserved, Resource, Spent, Totals, Used, Whose,
};
use viva::ports::ids::TenantId;

macro_rules! budgets_contract {
    ($make:path) => {
        contract!(
            budgets,
            $make,
            [
                what_sessions_use_adds_up_by_user_and_by_tenant,
                what_is_booked_again_or_is_less_changes_nothing,
                after_midnight_only_what_is_new_counts_for_the_new_day,
                a_session_takes_one_place_however_often_it_starts,
                a_place_that_is_given_back_is_free_for_another_and_for_the_day_alone,
                each_limit_of_user_and_tenant_refuses_and_leaves_nothing,
                of_many_at_once_no_more_are_granted_than_may_be,
                of_many_at_once_every_booking_counts
            ]
        );
    };
}

const DAY: u64 = 20_000;

fn spent(recognizer_ms: u64, tokens: u64) -> Spent {
    Spent { recognizer_ms, tokens }
}

fn used(sessions_open: u64, recognizer_ms: u64, tokens: u64) -> Used {
    Used { sessions_open, spent: spent(recognizer_ms, tokens) }
}

fn up_to(sessions_open_max: u64) -> BudgetLimits {
    let allowance = Allowance { sessions_open_max, ..Allowance::default() };
    BudgetLimits { user: allowance, tenant: Allowance::default() }
}

pub(crate) async fn what_sessions_use_adds_up_by_user_and_by_tenant(budgets: &dyn Budgets) {
    let (ada, again, bob) = (key("ada", "a"), key("ada", "b"), key("bob", "a"));
    let mut elsewhere = key("ada", "a");
    elsewhere.tenant = TenantId::new("other");
    let totals = budgets.book(&ada, DAY, spent(500, 0)).await.unwrap();
    assert_eq!(totals, Totals { user: used(0, 500, 0), tenant: used(0, 500, 0) });
    let totals = budgets.book(&again, DAY, spent(250, 90)).await.unwrap();
    assert_eq!(totals, Totals { user: used(0, 750, 90), tenant: used(0, 750, 90) });
    let totals = budgets.book(&bob, DAY, spent(1, 2)).await.unwrap();
    assert_eq!(totals, Totals { user: used(0, 1, 2), tenant: used(0, 751, 92) });
    let totals = budgets.book(&elsewhere, DAY, spent(7, 7)).await.unwrap();
    assert_eq!(totals, Totals { user: used(0, 7, 7), tenant: used(0, 7, 7) });
}

pub(crate) async fn what_is_booked_again_or_is_less_changes_nothing(budgets: &dyn Budgets) {
    let key = key("ada", "a");
    let expected =
        |recognizer_ms, tokens| Totals { user: used(0, recognizer_ms, tokens), tenant: used(0, recognizer_ms, tokens) };
    assert_eq!(budgets.book(&key, DAY, Spent::default()).await.unwrap(), Totals::default());
    assert_eq!(budgets.book(&key, DAY, spent(10, 20)).await.unwrap(), expected(10, 20));
    assert_eq!(budgets.book(&key, DAY, spent(10, 20)).await.unwrap(), expected(10, 20));
    assert_eq!(budgets.book(&key, DAY, spent(4, 30)).await.unwrap(), expected(10, 30));
    assert_eq!(budgets.book(&key, DAY, Spent::default()).await.unwrap(), expected(10, 30));
    assert_eq!(budgets.book(&key, DAY, spent(15, 30)).await.unwrap(), expected(15, 30));
}

pub(crate) async fn after_midnight_only_what_is_new_counts_for_the_new_day(budgets: &dyn Budgets) {
    let key = key("ada", "a");
    budgets.book(&key, DAY, spent(100, 10)).await.unwrap();
    let totals = budgets.book(&key, DAY + 1, spent(130, 10)).await.unwrap();
    assert_eq!(totals, Totals { user: used(0, 30, 0), tenant: used(0, 30, 0) });
    let totals = budgets.book(&key, DAY, Spent::default()).await.unwrap();
    assert_eq!(totals, Totals { user: used(0, 100, 10), tenant: used(0, 100, 10) });
}

pub(crate) async fn a_session_takes_one_place_however_often_it_starts(budgets: &dyn Budgets) {
    let (first, second, bobs) = (key("ada", "a"), key("ada", "b"), key("bob", "a"));
    let full = Exhausted { whose: Whose::User, resource: Resource::SessionsOpen };
    // What was booked before its start does not make it an old session.
    budgets.book(&first, DAY, spent(1, 1)).await.unwrap();
    for _ in 0..3 {
        assert_eq!(budgets.reserve(&first, DAY, &up_to(1)).await.unwrap(), Reserved::Granted);
    }
    assert_eq!(budgets.reserve(&second, DAY, &up_to(1)).await.unwrap(), Reserved::Refused(full));
    assert_eq!(budgets.reserve(&bobs, DAY, &up_to(1)).await.unwrap(), Reserved::Granted);
    let totals = budgets.book(&first, DAY, Spent::default()).await.unwrap();
    assert_eq!(totals, Totals { user: used(1, 1, 1), tenant: used(2, 1, 1) });
}

pub(crate) async fn a_place_that_is_given_back_is_free_for_another_and_for_the_day_alone(budgets: &dyn Budgets) {
    let (first, second, third) = (key("ada", "a"), key("ada", "b"), key("ada", "c"));
    budgets.release(&first).await.unwrap();
    budgets.reserve(&first, DAY, &up_to(1)).await.unwrap();
    // A place that was forgotten is no burden on the next day.
    assert_eq!(budgets.reserve(&third, DAY + 1, &up_to(1)).await.unwrap(), Reserved::Granted);
    budgets.book(&first, DAY + 1, spent(5, 5)).await.unwrap();
    for _ in 0..2 {
        budgets.release(&first).await.unwrap();
    }
    assert_eq!(budgets.reserve(&second, DAY, &up_to(1)).await.unwrap(), Reserved::Granted);
    // Its start, late and once more, takes nobody's place.
    assert_eq!(budgets.reserve(&first, DAY, &up_to(1)).await.unwrap(), Reserved::Granted);
    let totals = budgets.book(&second, DAY, Spent::default()).await.unwrap();
    assert_eq!(totals, Totals { user: used(1, 0, 0), tenant: used(1, 0, 0) });
    // What it had used stays.
    let totals = budgets.book(&first, DAY + 1, spent(5, 5)).await.unwrap();
    assert_eq!(totals, Totals { user: used(1, 5, 5), tenant: used(1, 5, 5) });
}

pub(crate) async fn each_limit_of_user_and_tenant_refuses_and_leaves_nothing(budgets: &dyn Budgets) {
    let running = key("ada", "running");
    budgets.reserve(&running, DAY, &BudgetLimits::default()).await.unwrap();
    budgets.book(&running, DAY, spent(1_000, 100)).await.unwrap();
    let room = Allowance { sessions_open_max: 2, recognizer_ms_per_day: 1_001, tokens_per_day: 101 };
    let none = [
        (Resource::SessionsOpen, Allowance { sessions_open_max: 1, ..room }),
        (Resource::Recognizer, Allowance { recognizer_ms_per_day: 1_000, ..room }),
        (Resource::Tokens, Allowance { tokens_per_day: 100, ..room }),
    ];
    for (resource, tight) in none {
        let of_user = BudgetLimits { user: tight, tenant: room };
        let refused = budgets.reserve(&key("ada", "next"), DAY, &of_user).await.unwrap();
        assert_eq!(refused, Reserved::Refused(Exhausted { whose: Whose::User, resource }));
        let of_tenant = BudgetLimits { user: room, tenant: tight };
        let refused = budgets.reserve(&key("bob", "next"), DAY, &of_tenant).await.unwrap();
        assert_eq!(refused, Reserved::Refused(Exhausted { whose: Whose::Tenant, resource }));
    }
    let totals = budgets.book(&running, DAY, Spent::default()).await.unwrap();
    assert_eq!(totals, Totals { user: used(1, 1_000, 100), tenant: used(1, 1_000, 100) });
    let limits = BudgetLimits { user: room, tenant: room };
    assert_eq!(budgets.reserve(&key("ada", "next"), DAY, &limits).await.unwrap(), Reserved::Granted);
}

pub(crate) async fn of_many_at_once_no_more_are_granted_than_may_be(budgets: &dyn Budgets) {
    let keys: Vec<_> = (0..20).map(|nth| key("ada", &format!("s{nth}"))).collect();
    let limits = up_to(5);
    let reserved = futures::future::join_all(keys.iter().map(|key| budgets.reserve(key, DAY, &limits))).await;
    let granted = reserved.into_iter().filter(|reserved| matches!(reserved, Ok(Reserved::Granted))).count();
    assert_eq!(granted, 5);
    let totals = budgets.book(&keys[0], DAY, Spent::default()).await.unwrap();
    assert_eq!(totals, Totals { user: used(5, 0, 0), tenant: used(5, 0, 0) });
}

pub(crate) async fn of_many_at_once_every_booking_counts(budgets: &dyn Budgets) {
    let keys: Vec<_> = (0..20).map(|nth| key(&format!("u{}", nth % 4), &format!("s{nth}"))).collect();
    let totals = futures::future::join_all(keys.iter().map(|key| budgets.book(key, DAY, spent(10, 100)))).await;
    assert!(totals.iter().all(Result::is_ok), "{totals:?}");
    let totals = budgets.book(&keys[0], DAY, Spent::default()).await.unwrap();
    assert_eq!(totals, Totals { user: used(0, 50, 500), tenant: used(0, 200, 2_000) });
}
